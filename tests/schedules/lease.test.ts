/** Of gateways that use one database by mistake, one schedules. */
import { expect, test } from 'bun:test'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '../../src/db/open.ts'
import { createLease } from '../../src/schedules/lease.ts'
import { createSchedulerStore } from '../../src/schedules/store.ts'
import { scheduler } from '../../src/schedules/table.ts'
import { tempFolder } from '../harness/folder.ts'

const folder = tempFolder()
let count = 0

/** Two gateways on one database; `at` is milliseconds of a clock that both share. */
function two(isAlive = (_pid: number) => true) {
  const path = join(folder, `${++count}`, 'gateway.db')
  const [one, other] = [openDatabase(path), openDatabase(path)]
  const times = { uptimeMs: 0 }
  const lease = (db: typeof one, owner: string) =>
    createLease({ store: createSchedulerStore(db), owner, uptimeMs: () => times.uptimeMs, isAlive })
  const end = () => {
    for (const db of [one, other]) db.$client.close()
  }
  return { db: one, first: lease(one, 'first'), second: lease(other, 'second'), times, end }
}

test('the first one has it, and the other one knows who', () => {
  const { first, second, times, end } = two()
  expect(first.hold(1000)).toBe(true)
  expect(second.hold(1000)).toBe(false)
  expect(second.other()).toEqual({ host: hostname(), pid: process.pid, seenAt: 1000 })
  for (times.uptimeMs = 0; times.uptimeMs < 120_000; times.uptimeMs += 1000) {
    expect(first.hold(1000 + times.uptimeMs)).toBe(true)
    expect(second.hold(1000 + times.uptimeMs)).toBe(false)
  }
  end()
})

test('one that is silent for 20 s has lost it, whatever the clocks say, and learns so', () => {
  const { first, second, times, end } = two()
  first.hold(9e12) // far ahead
  second.hold(1000)
  times.uptimeMs = 19_999
  expect(second.hold(1000)).toBe(false)
  times.uptimeMs = 25_000
  expect(second.hold(1000)).toBe(true)
  expect(second.other()).toBeNull()
  expect(first.hold(1000)).toBe(false)
  expect(first.other()).toMatchObject({ seenAt: 1000 })
  end()
})

test('one of this machine that is gone is not waited for; one of another machine is', () => {
  const { db, second, times, end } = two(() => false)
  const gone = { id: 1, owner: 'gone', host: hostname(), pid: 999_999, takenAt: 1, seenAt: 1 }
  db.insert(scheduler).values(gone).run()
  expect(second.hold(1000)).toBe(true)
  second.drop()
  expect(db.select().from(scheduler).all()).toEqual([])
  db.insert(scheduler)
    .values({ ...gone, host: 'elsewhere' })
    .run()
  times.uptimeMs = 6000
  expect(second.hold(1000)).toBe(false)
  times.uptimeMs = 27_000
  expect(second.hold(1000)).toBe(true)
  end()
})

test('given back, it is free at once; only its holder can give it back', () => {
  const { db, first, second, times, end } = two()
  first.hold(1000)
  second.hold(1000)
  second.drop()
  expect(db.select().from(scheduler).all()).toHaveLength(1)
  first.drop()
  times.uptimeMs = 6000
  expect(second.hold(1000)).toBe(true)
  end()
})
