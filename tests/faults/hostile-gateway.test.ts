/** The gateway dies, is told to stop, loses its database or its clock while scripts run that will not go. */
import { Database } from 'bun:sqlite'
import { afterAll, describe, expect, test } from 'bun:test'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Level, levels } from '../../src/isolation/model.ts'
import type { Run } from '../../src/runs/model.ts'
import { pythonScript, startApp } from '../harness/app.ts'
import { eventually, tempFolder } from '../harness/folder.ts'
import { startOnDisk } from './disk-gateway.ts'
import { alive, goneWith, newToken, problemOf } from './hostile-lab.ts'
import { childrenOfTree, tree } from './hostile-tree.ts'

const killed: (() => void)[] = []
afterAll(() => {
  for (const kill of killed) kill()
})

async function startGateway(level: Level, folder: string, env: Record<string, string> = {}) {
  const places = { dataDir: join(folder, 'data'), scriptsDir: join(folder, 'scripts') }
  const given = { ISOLATION: level, KILL_GRACE_SEC: '0.3', ...env }
  const gateway = await startOnDisk({ ...places, scripts: tree('python/tree.py'), env: given })
  killed.push(() => gateway.child.kill('SIGKILL'))
  return gateway
}

type Gateway = Awaited<ReturnType<typeof startGateway>>

/** A run of each kind, and what all of them have on their command lines. */
async function beginTrees(gateway: Gateway, kinds: string[]) {
  const token = newToken()
  const ids: number[] = []
  for (const how of kinds) {
    const { body } = await gateway.ask(`/api/scripts/tree/run?async=1&token=${token}&how=${how}`)
    ids.push(body.run_id as number)
  }
  const logOf = async (id: number) => (await fetch(`${gateway.url}/api/runs/${id}/logs`)).text()
  for (const id of ids) await eventually(`run ${id} is up`, async () => (await logOf(id)) === 'up\n')
  expect(alive(token).length).toBeGreaterThan(kinds.length * childrenOfTree)
  return { token, ids }
}

const statusesOf = async (gateway: Gateway, ids: number[]) =>
  Promise.all(ids.map(async (id) => (await gateway.ask(`/api/runs/${id}`)).body.status))

const problems = await Promise.all(levels.map(async (level) => [level, await problemOf(level)] as const))

describe.each(problems)('%s: while trees run', (level, reason) => {
  const folder = tempFolder()
  if (reason) console.warn(`SKIPPED: the end of the gateway under ${level}: ${reason}`)

  test.skipIf(reason !== null)(
    'a kill -9 of the gateway leaves none after the start, a second SIGTERM at once',
    async () => {
      const first = await startGateway(level, folder)
      const left = await beginTrees(first, ['wait', 'ignore'])
      first.child.kill('SIGKILL')
      await first.child.exited
      const second = await startGateway(level, folder, { DRAIN_SEC: '60' })
      expect(alive(left.token)).toEqual([])
      expect(await statusesOf(second, left.ids)).toEqual(['interrupted', 'interrupted'])

      const { token, ids } = await beginTrees(second, ['ignore'])
      second.child.kill('SIGTERM')
      await eventually('it drains', async () => (await fetch(`${second.url}/ready`)).status === 503)
      const from = performance.now()
      second.child.kill('SIGTERM')
      expect(await second.child.exited).toBe(0)
      expect(performance.now() - from).toBeLessThan(5000)
      await goneWith(token)
      const db = new Database(join(folder, 'data/gateway.db'), { readonly: true })
      expect(db.query('SELECT status FROM runs WHERE id = ?').get(ids[0]!)).toEqual({ status: 'interrupted' })
      db.close()
    },
  )
})

const minute = 60_000
let offsetMs = 0
const clock = { now: () => Date.now() + offsetMs, sleep: (ms: number) => Bun.sleep(ms) }
/** Of what is outside, a script sees its own folder. */
const waiting = `while not os.path.exists(os.environ["SCRIPT_DIR"] + "/go"): time.sleep(0.02)`
const app = await startApp(
  {
    'python/waits.py': pythonScript({}, `${waiting}\nprint("done")`),
    'python/late.py': pythonScript({}, 'time.sleep(60)'),
    'python/.late.policy.json': '{"limits": {"timeout_min": 0.02}}',
    'python/hog.py': pythonScript({}, `${waiting}\nheld = []\nwhile True: held.append(b"x" * 2**20)`),
    'python/.hog.policy.json': '{"limits": {"memory_bytes_max": 67108864}}',
  },
  { run_slots: 3 },
  { clock },
)

const flag = join(app.scriptsDir, 'python/go')

async function start(script: string) {
  const { body } = await app.json<{ run_id: number }>(`/api/scripts/${script}/run?async=1`)
  return body.run_id
}

test('a clock that is set back and forth makes no time negative, and stops nobody early or late', async () => {
  const from = performance.now()
  const late = await start('late')
  const waits = [await start('waits'), await start('waits')]
  const queued = [await start('waits'), await start('late')] // there are three slots
  offsetMs = -60 * minute
  const timedOut = await app.finished(late)
  expect(timedOut).toMatchObject({ status: 'timeout', limit: { limit: 'time', max: 1.2 } })
  expect(performance.now() - from).toBeGreaterThan(1000)
  expect(timedOut.duration_ms).toBeWithin(1000, 10_000)
  offsetMs = 24 * 60 * minute
  expect((await app.json<Run>(`/api/runs/${waits[0]}`)).body.status).toBe('running')
  writeFileSync(flag, '')
  for (const id of [...waits, queued[0]!]) expect(await app.finished(id)).toMatchObject({ status: 'success' })
  expect(await app.finished(queued[1]!)).toMatchObject({ status: 'timeout' })
  for (const id of [late, ...waits, ...queued]) {
    const run = await app.finished(id)
    expect([id, run.duration_ms! >= 0 && run.duration_ms! < 30_000, run.queue_ms! >= 0]).toEqual([id, true, true])
  }
  offsetMs = 0
})

test('a run that is killed while another program holds the database is told so, and stored later', async () => {
  const other = new Database(join(app.dataDir, 'gateway.db'))
  try {
    if (existsSync(flag)) await Bun.file(flag).delete()
    const id = await start('hog')
    other.run('BEGIN EXCLUSIVE')
    writeFileSync(flag, '')
    const expected = { status: 'killed', limit: { limit: 'memory' }, error: { type: 'resource' } }
    expect(await app.finished(id)).toMatchObject(expected)
    other.run('ROLLBACK')
    const row = () => other.query<{ status: string }, [number]>('SELECT status FROM runs WHERE id = ?').get(id)
    await eventually('its end is stored', () => row()?.status === 'killed')
  } finally {
    other.close()
  }
})
