/** Runs that wait for their packages: what becomes of them when the wait ends, whatever ends it. */
import { expect, test } from 'bun:test'
import type { PackagesState } from '../../src/dependencies/for-runs.ts'
import { createAside } from '../../src/runs/aside.ts'
import type { LiveRun } from '../../src/runs/live.ts'

const locked = Object.assign(new Error('database is locked'), { code: 'SQLITE_BUSY' })
const waitingFor = (until: Promise<unknown>): PackagesState & { state: 'waiting' } => {
  until.catch(() => {})
  return { state: 'waiting', installation: null, until }
}

/** `states`: what is answered each time that it is asked again. */
function setup(states: PackagesState[]) {
  const told: string[] = []
  const ended = Promise.withResolvers<void>()
  const run = { row: { id: 7, scriptId: 1 }, request: {}, log: { note: () => {} } } as unknown as LiveRun
  const tell = (what: string) => {
    told.push(what)
    ended.resolve()
  }
  const aside = createAside({
    packages: {
      check: () => states.shift()!,
      give() {
        throw new Error('nobody asks')
      },
    },
    ...{ scriptNow: () => null, look: () => {}, retryMs: 1 },
    enqueue: () => tell('enqueued'),
    fail: (_, error) => tell((error as Error).message),
  })
  return { aside, run, told, ended: ended.promise }
}

const isLocked = () => waitingFor(Promise.reject(locked))
test.each<[string, () => PackagesState & { state: 'waiting' }, () => PackagesState[], string]>([
  ['that have come', () => waitingFor(Promise.resolve()), () => [{ state: 'ready', environment: 'x' }], 'enqueued'],
  ['that do not come', () => waitingFor(Promise.reject(new Error('no such package'))), () => [], 'no such package'],
  ['while the database is locked for a moment', isLocked, () => [{ state: 'none' }], 'enqueued'],
  ['while the database is locked longer', isLocked, () => [isLocked(), { state: 'none' }], 'enqueued'],
])('packages %s', async (_, first, next, outcome) => {
  const { aside, run, told, ended } = setup(next())
  aside.add(run, first())
  expect(aside.size).toBe(1)
  await ended
  expect([told, aside.size]).toEqual([[outcome], 0])
})

test('one that is cancelled while the database is locked is not begun', async () => {
  const { aside, run, told } = setup([{ state: 'none' }])
  aside.add(run, isLocked())
  expect([aside.remove(7), aside.remove(7)]).toEqual([true, false])
  const later = Promise.withResolvers<void>()
  setTimeout(later.resolve, 20)
  await later.promise
  expect([told, aside.size]).toEqual([[], 0])
})
