import { expect, test } from 'bun:test'
import { createCpuAccount } from '../../src/process/cpu-account.ts'
import type { ProcessStat } from '../../src/process/proc.ts'

/** pid, parent, own ms, ms of those it waited for; 10 is the first process, 1 is init. */
type Row = [number, number, number, number, string?]

const stat = ([pid, parent, ownMs, reapedMs, startTime = '1']: Row): ProcessStat => ({
  ...{ pid, parent, ownMs, reapedMs, startTime },
  ...{ group: 10, session: 10, threads: 1, residentBytes: 0, isKernel: false, isZombie: false },
})
const tree = (rows: Row[]) => new Map(rows.map((row) => [row[0], stat(row)]))

test.each<[string, Row[][], number[]]>([
  ['those that live are added up', [[[10, 1, 5, 0], [11, 10, 7, 0]]], [12]], // biome-ignore format: a table
  [
    'a child that was waited for counts once',
    [
      [
        [10, 1, 5, 0],
        [11, 10, 7, 0],
      ],
      [[10, 1, 6, 8]],
    ],
    [12, 14],
  ],
  ['a child that lived between two looks counts', [[[10, 1, 5, 0]], [[10, 1, 5, 30]]], [5, 35]],
  [
    'a child that nobody waits for counts with what was seen',
    [
      [
        [10, 1, 5, 0],
        [11, 10, 7, 0],
      ],
      [[10, 1, 5, 0]],
    ],
    [12, 12],
  ],
  [
    'many that nobody waits for add up',
    [
      [
        [10, 1, 5, 0],
        [11, 10, 7, 0],
      ],
      [
        [10, 1, 5, 0],
        [12, 10, 8, 0],
      ],
      [[10, 1, 5, 0]],
    ],
    [12, 20, 20],
  ],
  [
    'a grandchild goes to its grandparent with its parent',
    [
      [
        [10, 1, 1, 0],
        [11, 10, 2, 0],
        [12, 11, 4, 0],
      ],
      [[10, 1, 1, 6]],
    ],
    [7, 7],
  ],
  [
    'a daemon is nobody’s when it ends',
    [
      [
        [10, 1, 1, 0],
        [11, 1, 20, 0],
      ],
      [[10, 1, 2, 0]],
    ],
    [21, 22],
  ],
  [
    'a pid that came back is another process',
    [
      [
        [10, 1, 1, 0],
        [11, 10, 5, 0],
      ],
      [
        [10, 1, 1, 5],
        [11, 10, 2, 0, '2'],
      ],
    ],
    [6, 8],
  ],
  [
    'the first process is told at the end',
    [
      [
        [10, 1, 9, 0],
        [11, 1, 3, 0],
      ],
      [[11, 1, 4, 0]],
    ],
    [12, 13],
  ],
])('%s', (_, looks, expected) => {
  const account = createCpuAccount(10)
  expect(looks.map((rows) => account.look(tree(rows)))).toEqual(expected)
})

test('at the end what the system told takes the place of what was seen', () => {
  const account = createCpuAccount(10)
  account.look(tree([[10, 1, 5, 0], [11, 10, 7, 0]])) // biome-ignore format: a table
  account.look(tree([[10, 1, 5, 0]]))
  expect(account.end(9)).toBe(16)
  expect(account.end(2)).toBe(12) // never less than what was seen
})
