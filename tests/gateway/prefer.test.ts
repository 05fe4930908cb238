import { expect, test } from 'bun:test'
import { parsePrefer } from '../../src/http/prefer.ts'

const forever = Number.POSITIVE_INFINITY

test.each<[string | null, boolean, number, string | null]>([
  [null, false, forever, null],
  [null, true, 0, null],
  ['respond-async', false, 0, 'respond-async'],
  ['Respond-Async', false, 0, 'respond-async'],
  ['wait=3', false, 3000, 'wait=3'],
  ['respond-async, wait=10', false, 10_000, 'respond-async, wait=10'],
  ['wait="2"', false, 2000, 'wait=2'],
  ['wait=0', false, 0, 'wait=0'],
  ['wait=99999999', false, 86_400_000, 'wait=86400'],
  ['wait=-1', false, forever, null],
  ['handling=lenient', false, forever, null],
  ['wait=soon', true, 0, null],
])('Prefer %p, async %p: wait %d ms, applied %p', (header, isAsync, waitMs, applied) => {
  expect(parsePrefer(header, isAsync)).toEqual({ waitMs, applied })
})
