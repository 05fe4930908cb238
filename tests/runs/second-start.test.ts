/** A second start while the script is running: parallel, queue, skip, replace. */
import { expect, test } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Run } from '../../src/runs/model.ts'
import { placeOf } from '../../src/runs/second-start.ts'
import { pythonScript, startApp } from '../harness/app.ts'
import { eventually } from '../harness/folder.ts'

const endless = pythonScript({}, 'print("begun")\ntime.sleep(60)')
const policies = {
  beside: { queue: { second_start: 'parallel' } },
  twice: { queue: { slots: 2 } },
  waits: { queue: { second_start: 'queue' } },
  skips: { queue: { second_start: 'skip' } },
  replaces: { queue: { second_start: 'replace' } },
  urgent: { queue: { priority: 10 } },
}
const files = Object.entries(policies).flatMap(([name, policy]) => [
  [`python/${name}.py`, endless],
  [`python/.${name}.policy.json`, JSON.stringify(policy)],
])
const app = await startApp({ ...Object.fromEntries(files), 'python/usual.py': endless }, { run_slots: 3 })

const start = async (name: string) => {
  const { status, body, headers } = await app.json<{ run_id: number; error: { type: string; message: string } }>(
    `/api/scripts/${name}/run`,
    { method: 'POST', headers: { prefer: 'respond-async' } },
  )
  return { status, headers, id: body.run_id, error: body.error }
}
const get = async (id: number) => (await app.json<Run>(`/api/runs/${id}`)).body
const states = async (...ids: number[]) => Promise.all(ids.map(async (id) => (await get(id)).status))
const isRunning = (id: number) => eventually(`run ${id} runs`, async () => (await get(id)).status === 'running')
async function endAll(...ids: number[]) {
  for (const id of ids.reverse()) await app.json(`/api/runs/${id}/cancel`, { method: 'POST' })
  for (const id of ids) await app.finished(id)
}

test('parallel: it runs beside the first', async () => {
  const ids = [(await start('beside')).id, (await start('beside')).id]
  expect(await states(...ids)).toEqual(['running', 'running'])
  await endAll(...ids)
})

test('slots of its own: as many at once, the next one waits and says where', async () => {
  const ids = [(await start('twice')).id, (await start('twice')).id, (await start('twice')).id]
  expect(await states(...ids)).toEqual(['running', 'running', 'queued'])
  expect(await get(ids[2]!)).toMatchObject({ queue_position: 1, queue_ms: null })
  await endAll(ids[0]!)
  await isRunning(ids[2]!)
  expect((await get(ids[2]!)).queue_ms).toBeGreaterThan(0)
  await endAll(ids[1]!, ids[2]!)
})

test('queue: it waits for the first, whatever slots are free', async () => {
  const [first, second] = [await start('waits'), await start('waits')]
  expect(await states(first.id, second.id)).toEqual(['running', 'queued'])
  await endAll(first.id)
  await isRunning(second.id)
  await endAll(second.id)
})

test('skip: it is refused with the run that goes on, and leaves no run', async () => {
  const first = await start('skips')
  const second = await start('skips')
  expect([second.status, second.error.type]).toEqual([409, 'conflict'])
  expect(second.error.message).toContain(`Run ${first.id}`)
  expect(second.headers.get('content-location')).toBe(`/api/runs/${first.id}`)
  expect((await app.json<{ total: number }>(`/api/runs?status=queued`)).body.total).toBe(0)
  await endAll(first.id)
  const third = await start('skips')
  expect(third.status).toBe(202)
  await endAll(third.id)
})

test('replace: the first is ended, then the second runs, and a third takes the place of both', async () => {
  const [first, second, third] = [await start('replaces'), await start('replaces'), await start('replaces')]
  expect(await app.finished(first.id)).toMatchObject({
    status: 'cancelled',
    reason: expect.stringContaining(`run ${second.id}`),
  })
  expect(await app.finished(second.id)).toMatchObject({
    status: 'cancelled',
    reason: expect.stringContaining(`run ${third.id}`),
  })
  await isRunning(third.id)
  await endAll(third.id)
})

test('replace: one that waits is replaced in its turn, ever again, and not by the last in the queue', async () => {
  const holders = [(await start('usual')).id, (await start('usual')).id, (await start('usual')).id]
  const [replaced, other] = [await start('replaces'), await start('usual')]
  const [next, last] = [await start('replaces'), await start('replaces')]
  expect(await states(replaced.id, next.id, last.id)).toEqual(['cancelled', 'cancelled', 'queued'])
  expect([(await get(last.id)).queue_position, (await get(other.id)).queue_position]).toEqual([1, 2])
  await endAll(...holders, other.id, last.id)
})

test('replace: of the turn that it was given and those of what it replaces, it has the first', () => {
  const one = (id: number, status: 'queued' | 'running', place?: number) =>
    ({ row: { id, status }, request: { place } }) as unknown as Parameters<typeof placeOf>[0][number]
  expect(placeOf([], undefined)).toBeUndefined()
  expect(placeOf([one(1, 'running')], undefined)).toBeUndefined()
  expect(placeOf([one(1, 'running'), one(9, 'queued', 4)], 8)).toBe(4)
  expect(placeOf([one(9, 'queued')], 8)).toBe(8)
})

test('priority: it goes before those that came earlier', async () => {
  const holders = [(await start('usual')).id, (await start('usual')).id, (await start('usual')).id]
  const [late, soon] = [await start('usual'), await start('urgent')]
  expect([(await get(late.id)).queue_position, (await get(soon.id)).queue_position]).toEqual([2, 1])
  await endAll(holders[0]!)
  await isRunning(soon.id)
  expect(await states(late.id)).toEqual(['queued'])
  await endAll(holders[1]!, holders[2]!, soon.id, late.id)
})

test('a policy that changes while a run waits counts when it begins', async () => {
  const [first, second] = [await start('waits'), await start('waits')]
  writeFileSync(
    join(app.scriptsDir, 'python/.waits.policy.json'),
    JSON.stringify({ queue: { second_start: 'parallel' } }),
  )
  await isRunning(second.id) // nobody has to ask
  await endAll(first.id, second.id)
})
