/** Processes that have given up everything that tells whose they are: a gateway of its own, which has no other children. */
import { afterAll, describe, expect, test } from 'bun:test'
import { levels } from '../../src/isolation/model.ts'
import type { Run } from '../../src/runs/model.ts'
import { toldPython } from '../harness/app.ts'
import { eventually } from '../harness/folder.ts'
import { alive, begin, goneWith, printed, problemOf, startApart } from './hostile-lab.ts'
import { childrenOfTree, forkBomb, tree } from './hostile-tree.ts'

const stops: (() => Promise<unknown>)[] = []
afterAll(() => Promise.all(stops.map((stop) => stop())))

const processesMax = 20

const scripts = {
  ...tree('python/tree.py'),
  ...toldPython('python/bomb.py', { token: { type: 'str' } }, forkBomb),
  'python/.bomb.policy.json': `{"limits": {"timeout_min": 0.25, "processes_max": ${processesMax}}}`,
  ...toldPython('python/waits.py', { token: { type: 'str' } }, 'print("waiting", flush=True); time.sleep(30)'),
}

const problems = await Promise.all(levels.map(async (level) => [level, await problemOf(level)] as const))

describe.each(problems)('%s', (level, reason) => {
  if (reason) console.warn(`SKIPPED: orphans under ${level}: ${reason}`)

  test.skipIf(reason !== null)(
    'whose tree it is that was left is known when the others have ended, at the latest',
    async () => {
      const gateway = await apart(level)
      const other = await begin(gateway, 'tree', { how: 'wait' })
      await printed(gateway, other.id, 'up')
      const left = await begin(gateway, 'tree', { how: 'leave at once' })
      expect((await gateway.finished(left.id)).status).toBe('success')
      expect(alive(other.token).length).toBeGreaterThan(childrenOfTree) // nobody else's is taken for it
      await gateway.json(`/api/runs/${other.id}/cancel`, { method: 'POST' })
      expect((await gateway.finished(other.id)).status).toBe('cancelled')
      await goneWith(other.token)
      await goneWith(left.token)
      await eventually('no dead process waits to be asked about', () => zombiesOf(gateway.child.pid).length === 0)
    },
  )
})

test('a fork bomb of which nobody knows whose it is, since another run goes on, ends for itself', async () => {
  const gateway = await apart('plain') // where there is no other user, nothing tells them apart
  const other = await begin(gateway, 'waits')
  const { id, token } = await begin(gateway, 'bomb')
  // It may be over its limit while it grows: then some of it has been seen before it had lost its parent.
  const isOver = async () => (await gateway.json<Run>(`/api/runs/${id}`)).body.finished_at !== null
  const log = async () => (await gateway.fetch(`/api/runs/${id}/logs`)).text()
  await eventually('it has grown', async () => (await log()).includes('grown') || (await isOver()))
  await eventually(
    'of 64 there are those that count for it, and as many that count for none',
    () => alive(token).length <= 2 * processesMax,
  )
  await gateway.json(`/api/runs/${id}/cancel`, { method: 'POST' })
  await gateway.json(`/api/runs/${other.id}/cancel`, { method: 'POST' })
  await goneWith(token)
  for (const one of [id, other.id]) expect((await gateway.finished(one)).status).toMatch(/cancelled|killed/)
})

test('what a run has left is not put down to one that goes on', async () => {
  const gateway = await apart('plain')
  const other = await begin(gateway, 'waits')
  await printed(gateway, other.id, 'waiting')
  const left = await begin(gateway, 'tree', { how: 'leave at once' })
  expect((await gateway.finished(left.id)).status).toBe('success')
  await Bun.sleep(700) // two looks at the least
  expect(alive(left.token).length).toBeGreaterThan(0)
  await gateway.json(`/api/runs/${other.id}/cancel`, { method: 'POST' })
  expect((await gateway.finished(other.id)).processes_peak).toBe(1)
  await goneWith(left.token)
})

async function apart(level: (typeof levels)[number]) {
  const gateway = await startApart(level, scripts)
  stops.push(() => {
    gateway.child.kill('SIGKILL')
    return gateway.child.exited
  })
  return gateway
}

/** Its children that are dead and were never asked about. */
const zombiesOf = (pid: number) =>
  Bun.spawnSync(['ps', '--ppid', String(pid), '-o', 'stat=,pid=,args='])
    .stdout.toString()
    .split('\n')
    .filter((line) => line.startsWith('Z'))
