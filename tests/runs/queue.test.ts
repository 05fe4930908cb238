import { expect, test } from 'bun:test'
import { createQueue } from '../../src/runs/queue.ts'

function setup(slots: number, perScript = 0) {
  const queue = createQueue({ slots: () => slots, slotsOf: () => perScript })
  const begun: number[] = []
  const ask = (id: number, scriptId: number, priority = 0, place = id) => {
    if (queue.tryTake(scriptId, priority)) begun.push(id)
    else queue.add({ id, place, scriptId, priority, begin: () => begun.push(id) })
  }
  return { queue, begun, ask }
}

test('runs beyond the slots wait and begin in the order they came', () => {
  const { queue, begun, ask } = setup(2)
  for (const id of [1, 2, 3, 4]) ask(id, 1)
  expect([begun, queue.active, queue.length]).toEqual([[1, 2], 2, 2])
  expect([queue.position(3), queue.position(4), queue.position(1)]).toEqual([1, 2, 0])
  queue.release(1)
  expect(begun).toEqual([1, 2, 3])
})

test("a script at its own limit does not hold up another one's runs", () => {
  const { begun, ask, queue } = setup(2, 1)
  ask(1, 1)
  ask(2, 1)
  ask(3, 2)
  expect(begun).toEqual([1, 3])
  queue.release(2)
  expect(begun).toEqual([1, 3]) // a slot is free, but script 1 has its one
  queue.release(1)
  expect(begun).toEqual([1, 3, 2])
})

test('a waiting run can be taken out once', () => {
  const { begun, ask, queue } = setup(1)
  for (const id of [1, 2, 3]) ask(id, 1)
  expect([queue.remove(2), queue.remove(2), queue.remove(1)]).toEqual([true, false, false])
  queue.release(1)
  expect(begun).toEqual([1, 3])
})

test('a slot given back with nobody waiting is free', () => {
  const { queue } = setup(1)
  expect([queue.tryTake(1, 0), queue.tryTake(1, 0)]).toEqual([true, false])
  queue.release(1)
  expect([queue.active, queue.tryTake(1, 0)]).toEqual([0, true])
})

test('a higher priority begins first, and within one the order is kept', () => {
  const { begun, ask, queue } = setup(1)
  ask(1, 1)
  ask(2, 1)
  ask(3, 2, 5)
  ask(4, 1, 5)
  ask(5, 1, -1)
  ask(6, 2)
  expect([2, 3, 4, 5, 6].map(queue.position)).toEqual([3, 1, 2, 5, 4])
  for (let i = 0; i < 5; i++) queue.release(begun.at(-1) === 3 || begun.at(-1) === 6 ? 2 : 1)
  expect(begun).toEqual([1, 3, 4, 2, 6, 5])
})

test('one that has the turn of another goes where that would have gone', () => {
  const { begun, ask, queue } = setup(1)
  for (const id of [1, 2, 3]) ask(id, id)
  queue.remove(2)
  ask(4, 2, 0, 2)
  expect([4, 3].map(queue.position)).toEqual([1, 2])
  queue.release(1)
  queue.release(2)
  expect(begun).toEqual([1, 4, 3])
})

test('ten thousand that wait are begun, found and taken out without a search through all of them', () => {
  const { begun, ask, queue } = setup(1)
  for (let id = 1; id <= 10_000; id++) ask(id, id % 7)
  for (let id = 2; id <= 10_000; id += 2) queue.remove(id)
  expect([queue.length, queue.position(9_999)]).toEqual([4_999, 4_999])
  for (let id = 1; id < 9_999; id += 2) queue.release(id % 7)
  expect(begun).toEqual(Array.from({ length: 5_000 }, (_, i) => 2 * i + 1))
})

test('a hundred thousand that give their slot back at once, since they wait for their packages, are all asked', () => {
  const queue = createQueue({ slots: () => 1, slotsOf: () => 0 })
  let begun = 0
  const begin = () => {
    begun++
    queue.release(1)
  }
  for (let id = 1; id <= 100_000; id++) queue.add({ id, place: id, scriptId: 1, priority: 0, begin })
  queue.look()
  expect([begun, queue.active, queue.length]).toEqual([100_000, 0, 0])
})
