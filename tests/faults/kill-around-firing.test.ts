/**
 * What a kill -9 leaves on the disk before and after every write around the firing of a schedule: the database as it is
 * then is copied, and a new gateway starts on each copy. Whatever the moment, the occurrence fires once, every attempt of
 * it is made once, and nothing is passed over.
 */
import { expect, test } from 'bun:test'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type App, createApp } from '../../src/app.ts'
import { silentLog } from '../../src/log.ts'
import { isFinished, type Run } from '../../src/runs/model.ts'
import { javascriptScript } from '../harness/app.ts'
import { eventually, tempFolder } from '../harness/folder.ts'
import { unconfined } from '../harness/isolation.ts'

const folder = tempFolder()
const scriptsDir = join(folder, 'scripts')
mkdirSync(join(scriptsDir, 'js'), { recursive: true })
writeFileSync(
  join(scriptsDir, 'js/fails.js'),
  javascriptScript({ key: { type: 'str', secret: true } }, 'process.exit(3)'),
)

let now = Date.parse('2027-05-12T12:59:59Z')
const dueAt = Date.parse('2027-05-12T13:00:00Z')
const clock = { now: () => now, sleep: (ms: number) => Bun.sleep(ms) }
// No request leaves: such an address is refused. What counts is that a delivery was noted.
const environment = { auth: 'off', deps_auto_install: false, deps_offline: true, notify_url: 'http://127.0.0.1:9/' }
const open = (dataDir: string, checkpoint?: (stage: string) => void) =>
  createApp({ environment, dataDir, scriptsDir }, { log: silentLog(), clock, isolation: unconfined, checkpoint })

const snapshots: { stage: string; dir: string; now: number }[] = []
const dataDir = join(folder, 'data')
let isTaking = false
let lastHash = ''
const stages = new Set<string>()
const files = ['gateway.db', 'gateway.db-wal', 'secrets.key']

/** Nothing else writes meanwhile: the copy is what a kill at this moment would leave. */
function snapshot(stage: string) {
  if (!isTaking) return
  stages.add(stage)
  const hash = String(Bun.hash(Buffer.concat(files.map((name) => readFileSync(join(dataDir, name))))))
  if (hash === lastHash) return // nothing was written since
  lastHash = hash
  const dir = join(folder, `snapshot-${snapshots.length}`)
  mkdirSync(dir)
  for (const name of files) cpSync(join(dataDir, name), join(dir, name))
  snapshots.push({ stage, dir, now })
}

async function overAt(app: App, id: number) {
  const runs = () => app.runs.list({ scheduleId: id }, { limit: 100 }).reverse()
  const last = () => runs().at(-1)
  await eventually(
    'the first attempt has ended',
    () => last()?.retry_at ?? (runs().length > 1 && isFinished(last()!.status)),
  )
  const retryAt = last()?.retry_at
  if (retryAt) {
    now = Math.max(now, Date.parse(retryAt))
    app.lookAtSchedules()
  }
  await eventually(
    'the last attempt has ended',
    () => runs().length > 1 && isFinished(last()!.status) && !last()!.retry_at,
  )
  return runs()
}

test('a kill at any write around the firing of a schedule loses nothing and doubles nothing', async () => {
  const app = await open(dataDir, snapshot)
  await app.ready
  const scriptId = app.scripts()[0]!.id
  const { id } = await (
    await app.handle(
      new Request(`http://localhost/api/scripts/${scriptId}/schedules`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          cron_expression: '0 * * * *',
          params: { key: 'sesame' },
          retry: { count: 1, delay_sec: 60 },
        }),
      }),
    )
  ).json()
  isTaking = true
  now = dueAt
  app.lookAtSchedules()
  const whole = await overAt(app, id)
  isTaking = false
  await app.close(0)
  expect(whole.map(({ attempt, status }) => [attempt, status])).toEqual([
    [1, 'failed'],
    [2, 'failed'],
  ])
  for (const stage of [
    'claim',
    'claimed',
    'insert',
    'inserted',
    'occurrence became started',
    'end',
    'take retry',
    'retry taken',
    'occurrence became ran',
  ])
    expect(stages).toContain(stage)

  for (const { stage, dir, now: then } of snapshots) {
    now = then + 5000 // as long as the restart takes
    const again = await open(dir)
    try {
      await again.ready
      const runs = await overAt(again, id)
      check(stage, runs, await tracesOf(again, scriptId, id))
      expect([stage, await toldOf(again)]).toEqual([stage, [runs.at(-1)?.id ?? null]])
    } finally {
      await again.close(0)
    }
  }
}, 60_000)

async function tracesOf(app: App, scriptId: number, id: number) {
  const path = `http://localhost/api/scripts/${scriptId}/schedules/${id}/occurrences`
  return eventually('the occurrence is over', async () => {
    const { items } = await (await app.handle(new Request(path))).json()
    return items.every(({ state }: { state: string }) => state === 'ran') ? items : undefined
  })
}

/** Runs that somebody was told of. */
async function toldOf(app: App): Promise<(number | null)[]> {
  const { items } = await (await app.handle(new Request('http://localhost/api/deliveries'))).json()
  return items.map(({ run_id }: { run_id: number | null }) => run_id)
}

function check(stage: string, runs: Run[], traces: Record<string, unknown>[]) {
  expect([stage, traces]).toMatchObject([stage, [{ due_at: new Date(dueAt).toISOString(), state: 'ran', attempt: 2 }]])
  expect([stage, runs.map(({ attempt }) => attempt)]).toEqual([stage, [1, 2]])
  const [first, second] = runs
  expect([stage, first?.next_attempt_id, second?.first_attempt_id]).toEqual([stage, second?.id, first?.id])
  for (const { status } of runs)
    expect([stage, status]).toEqual([stage, expect.stringMatching(/^(failed|interrupted)$/)])
}
