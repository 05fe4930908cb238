/** A gateway that is killed again and again while a schedule is due each second: every second is there, and each was run once. */
import { Database } from 'bun:sqlite'
import { afterAll, expect, test } from 'bun:test'
import { join } from 'node:path'
import type { Schedule, SchedulerStatus } from '../../src/schedules/view-model.ts'
import { javascriptScript } from '../harness/app.ts'
import { eventually, tempFolder } from '../harness/folder.ts'
import { startOnDisk } from './disk-gateway.ts'

const folder = tempFolder()
const place = { dataDir: join(folder, 'data'), scriptsDir: join(folder, 'scripts') }
const begin = () =>
  startOnDisk({
    ...place,
    scripts: { 'js/tick.js': javascriptScript({}, 'process.stdout.write("tick")') },
    env: { DEPS_AUTO_INSTALL: 'false', ISOLATION: 'plain' },
  })
let gateway = await begin()
afterAll(() => gateway.kill())

const opened = new Database(join(place.dataDir, 'gateway.db'), { readonly: true })
afterAll(() => opened.close())
const rows = <T>(sql: string) => opened.query<T, []>(sql).all()
const count = () => rows<{ n: number }>('SELECT count(*) AS n FROM occurrences')[0]!.n

test('killed at three moments of its own, it loses no second and doubles none', async () => {
  const path = '/api/scripts/tick/schedules'
  const send = (method: string, to: string, value: object) =>
    gateway.ask(to, { method, body: JSON.stringify(value), headers: { 'content-type': 'application/json' } })
  const { status, body } = await send('POST', path, {
    ...{ cron_expression: '* * * * * *', timezone: 'UTC', overlap: 'parallel' },
    ...{ misfire: 'all', misfire_window_min: 600, misfire_max: 100 },
  })
  expect(status).toBe(201)
  for (let kill = 0; kill < 3; kill++) {
    const before = count()
    await eventually('another second was due', () => count() > before)
    // Where in the life of an occurrence it is then, nobody knows: nothing waits for this.
    const moment = performance.now() + Math.random() * 60
    while (performance.now() < moment) await new Promise(setImmediate)
    await gateway.kill()
    gateway = await begin()
  }
  const before = count()
  await eventually('it goes on', () => count() > before + 1)
  const { id } = body as unknown as Schedule
  expect((await send('PATCH', `${path}/${id}`, { enabled: false })).status).toBe(200)
  await eventually(
    'all are over',
    () => rows(`SELECT id FROM occurrences WHERE state NOT IN ('ran', 'failed', 'skipped', 'missed')`).length === 0,
  )

  const all = rows<{ due_at: number; state: string }>('SELECT due_at, state FROM occurrences ORDER BY due_at')
  const first = all[0]!.due_at
  expect(all.map(({ due_at }) => due_at)).toEqual(all.map((_, index) => first + index * 1000))
  expect(all.map(({ state }) => state)).toEqual(all.map(() => 'ran'))
  expect(rows('SELECT occurrence_id, attempt FROM runs GROUP BY 1, 2 HAVING count(*) > 1')).toEqual([])
  expect(rows('SELECT id FROM occurrences WHERE run_id NOT IN (SELECT id FROM runs) OR run_id IS NULL')).toEqual([])
  expect(rows('SELECT count(*) AS n FROM runs')).toEqual([{ n: all.length }])
  expect(rows(`SELECT id FROM runs WHERE status IN ('running', 'queued')`)).toEqual([])
}, 60_000)

test('a second gateway on the same database starts nothing, and says who does', async () => {
  const path = '/api/scripts/tick/schedules'
  gateway.child.kill('SIGTERM')
  await gateway.child.exited
  const other = new Database(join(place.dataDir, 'gateway.db'))
  other.run('PRAGMA busy_timeout = 5000')
  const renew = () =>
    other.run(
      `INSERT INTO scheduler (id, owner, host, pid, taken_at, seen_at) VALUES (1, 'theirs', 'elsewhere', 7, 1, ?)
       ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at`,
      [Date.now()],
    )
  renew()
  const renewing = setInterval(renew, 2000)
  gateway = await begin()
  const noted = count()
  try {
    const made = await gateway.ask(path, {
      method: 'POST',
      body: JSON.stringify({ cron_expression: '* * * * * *', timezone: 'UTC' }),
      headers: { 'content-type': 'application/json' },
    })
    expect(made.status).toBe(201)
    const status = async () => (await gateway.ask('/api/schedules/status')).body as unknown as SchedulerStatus
    await eventually('it knows of the other one', async () => (await status()).other)
    expect(await status()).toMatchObject({ is_scheduling: false, other: { host: 'elsewhere', pid: 7 } })
    await eventually('seconds were due', () => nextAt() < Date.now() - 1500)
    expect(count()).toBe(noted)
  } finally {
    clearInterval(renewing)
    other.close()
  }
}, 60_000)

const nextAt = () => rows<{ at: number }>('SELECT max(next_at) AS at FROM schedules')[0]!.at
