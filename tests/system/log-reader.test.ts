/** The gateway's own log is read from its end, found in, and followed over the files it is rotated through. */
import { afterAll, expect, test } from 'bun:test'
import { appendFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createLogReader, type LogPage } from '../../src/system/log-reader.ts'
import { tempFolder } from '../harness/folder.ts'

const folder = tempFolder()
const levels = [20, 30, 40, 50]
const line = (n: number, more = {}) => `${JSON.stringify({ level: levels[n % 4], n, msg: `entry ${n}`, ...more })}\n`
const lines = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => line(from + index)).join('')
const numbers = ({ items }: Pick<LogPage, 'items'>) => items.map(({ n, msg }) => n ?? msg)

/** 1 to 3 in the oldest file, 4 to 8, 9 to 12 and half a line in the newest. */
const file = join(folder, 'gateway.log')
writeFileSync(`${file}.2`, lines(1, 3))
writeFileSync(`${file}.1`, lines(4, 8))
writeFileSync(file, `${lines(9, 12)}{"level":30,"n":1`)
const reader = createLogReader(file)

test.each<[string, Parameters<typeof reader.last>[0], unknown[], boolean]>([
  ['the last ones', { lines: 3 }, [11, 12, '{"level":30,"n":1'], true],
  ['over the end of a file', { lines: 7 }, [7, 8, 9, 10, 11, 12, '{"level":30,"n":1'], true],
  ['more than there are', { lines: 100 }, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, '{"level":30,"n":1'], false],
  ['all, to the very first', { lines: 13 }, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, '{"level":30,"n":1'], false],
  ['bad ones; a line that was cut off may be one', { lines: 3, level: 'error' }, [7, 11, '{"level":30,"n":1'], true],
  ['what holds a text in whatever case', { lines: 9, q: 'ENTRY 1' }, [1, 10, 11, 12], false],
  ['both', { lines: 9, q: 'entry 1', level: 'warn' }, [10, 11], false],
  ['nothing', { lines: 9, q: 'nowhere' }, [], false],
])('%s', async (_, query, wanted, hasOlder) => {
  const page = await reader.last(query)
  expect(numbers(page)).toEqual(wanted)
  expect(page.before !== null).toBe(hasOlder)
})

test('pages go back to the first entry, none left out and none twice', async () => {
  const found: unknown[] = []
  let before: string | undefined
  do {
    const page = await reader.last({ lines: 5, before })
    found.unshift(...numbers(page))
    before = page.before ?? undefined
  } while (before !== undefined)
  expect(found).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, '{"level":30,"n":1'])
})

test.each([
  ['lines over the ends of what is read at once', 90_000],
  ['a line longer than what is read at once', 600_000],
])('%s', async (_, chars) => {
  const long = join(folder, `long-${chars}.log`)
  writeFileSync(long, Array.from({ length: 12 }, (_, n) => line(n, { text: 'ü'.repeat(chars / 2) })).join(''))
  const page = await createLogReader(long).last({ lines: 12 })
  expect(numbers(page)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
  expect(page.before).toBeNull()
})

test('what is asked for before a place that is gone, or in a log that is not there, is nothing', async () => {
  expect(numbers(await reader.last({ lines: 3, before: '1-5' }))).toEqual([])
  expect(await createLogReader(join(folder, 'none.log')).last({ lines: 3 })).toEqual({
    ...{ items: [], before: null, position: '0-0' },
  })
})

const gone = new AbortController()
afterAll(() => gone.abort())

test('following: what is written, over a rotation, filtered, and resumed from a place', async () => {
  const growing = join(folder, 'growing.log')
  writeFileSync(growing, lines(1, 2))
  const own = createLogReader(growing)
  const { position } = await own.last({ lines: 1 })
  const stream = own.follow({ after: position, level: 'warn' }, gone.signal)
  appendFileSync(growing, lines(3, 7))
  const first = (await stream.next()).value!
  expect(numbers(first)).toEqual([3, 6, 7])

  appendFileSync(growing, line(10))
  renameSync(growing, `${growing}.1`)
  writeFileSync(growing, line(11))
  expect(numbers((await stream.next()).value!)).toEqual([10])
  expect(numbers((await stream.next()).value!)).toEqual([11])

  const again = own.follow({ after: first.position }, gone.signal)
  expect(numbers((await again.next()).value!)).toEqual([10])

  rmSync(`${growing}.1`)
  const late = own.follow({ after: first.position }, gone.signal)
  const news = late.next()
  await own.last({ lines: 1 }) // it has looked, and found its place gone
  const writing = setInterval(() => appendFileSync(growing, line(14)), 50)
  const { items, isReset } = (await news).value!
  clearInterval(writing)
  expect({ isReset, n: items[0]!.n }).toEqual({ isReset: true, n: 14 })
})
