/** Any lines of a log, and what stands in it: the same as whoever reads all of it finds, while it is written and after. */
import { describe, expect, test } from 'bun:test'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { closedLogCursor, type LogCursor } from '../../src/logs/log-cursor.ts'
import { createLogIndexes } from '../../src/logs/log-index.ts'
import { readRange } from '../../src/logs/log-range.ts'
import { searchLog } from '../../src/logs/log-search.ts'
import type { Segment } from '../../src/logs/log-store.ts'
import { noMask } from '../../src/logs/mask.ts'
import type { LogLine, Stream } from '../../src/logs/model.ts'
import { createRunLog } from '../../src/logs/run-log.ts'

const count = 12_000

function write(bytesMax: number) {
  const path = join(mkdtempSync(join(tmpdir(), 'range-')), 'run.log')
  const log = createRunLog({ path, bytesMax, now: () => 0, mask: () => noMask })
  for (let i = 1; i <= count; i += 10) {
    const stream = i % 2000 === 1001 || i > count - 100 ? 'stderr' : 'stdout'
    const lines = Array.from({ length: 10 }, (_, k) => `line ${i + k} \x1b[32mOK\x1b[0m ${'x'.repeat(30)}\n`)
    log.append(stream, Buffer.from(lines.join('')))
  }
  return { log, path }
}

function readAll(cursor: LogCursor): LogLine[] {
  const all: LogLine[] = []
  for (let lines = cursor.next(5000); lines.length > 0; lines = cursor.next(5000)) all.push(...lines)
  return all
}

const logs = [
  ['whole', 100_000_000],
  ['cut', 300_000],
] as const

for (const [kind, bytesMax] of logs)
  for (const state of ['being written', 'closed'] as const)
    describe(`a ${kind} log, ${state}`, () => {
      const { log, path } = write(bytesMax)
      if (state === 'closed') log.close()
      const indexes = createLogIndexes()
      const segments = async () => log.segments() ?? [await indexes.of(path)]
      const all = readAll(log.cursor(0))
      const gap = all.findIndex(({ stream }) => stream === 'system')
      const seqs = (lines: LogLine[]) => lines.map(({ seq }) => seq)

      test.each([1, 2, 500, 4_000, 6_000, 9_000, count - 3, count, count + 1])('before line %d', async (before) => {
        const { items, last, left_out } = await readRange(segments, { before, count: 700 })
        expect(seqs(items)).toEqual(seqs(all.filter(({ seq }) => seq < before).slice(-700)))
        expect(last).toBe(count)
        expect(left_out).toEqual(gap === -1 ? null : { from: all[gap - 1]!.seq + 1, to: all[gap]!.seq - 1 })
      })

      test.each([0, 1, 500, 4_000, 6_000, 9_000, count, count + 1])('from line %d', async (from) => {
        const { items } = await readRange(segments, { from, count: 700 })
        expect(seqs(items)).toEqual(seqs(all.filter(({ seq }) => seq >= from).slice(0, 700)))
      })

      test.each<[Stream, number]>([
        ['stderr', 25],
        ['stderr', 1000],
        ['system', 10],
        ['stdout', 300],
      ])('of %s alone, %d lines', async (stream, wanted) => {
        const own = all.filter((line) => line.stream === stream)
        const [back, on] = [
          await readRange(segments, { before: 11_950, count: wanted, stream }),
          await readRange(segments, { from: 3_005, count: wanted, stream }),
        ]
        expect(seqs(back.items)).toEqual(seqs(own.filter(({ seq }) => seq < 11_950).slice(-wanted)))
        expect(seqs(on.items)).toEqual(seqs(own.filter(({ seq }) => seq >= 3_005).slice(0, wanted)))
        if (stream === 'stderr') expect(back.errors).toBe(own.length)
      })

      test.each<[string, Stream | undefined]>([
        ['LINE 77', undefined],
        ['11 ok x', undefined],
        ['ok', 'stderr'],
        ['2026', undefined],
      ])('every line with %j is found, however little is looked through at a time', async (text, stream) => {
        const found: number[] = []
        let after = 0
        for (let rounds = 0; ; rounds++) {
          const answer = await searchLog(segments, { text, after, stream }, { linesMax: 100, ms: 0 })
          found.push(...answer.items.map(({ seq }) => seq))
          after = answer.searched_to
          if (answer.is_complete) break
          expect(rounds).toBeLessThan(1000)
        }
        const plain = (line: string) => line.replaceAll(/\x1b\[\d+m/g, '').toLowerCase()
        const expected = all.filter((one) => !stream || one.stream === stream)
        expect(found).toEqual(seqs(expected.filter(({ line }) => plain(line).includes(text.toLowerCase()))))
        expect(after).toBe(count)
      })
    })

test('whoever comes back to a closed log reads on from the mark before his place', async () => {
  const { log, path } = write(100_000_000)
  log.close()
  const index = await createLogIndexes().of(path)
  expect(index.marks.length).toBeGreaterThan(5)
  const mark = index.marks[3]!
  expect(closedLogCursor(path, mark.seq + 4, mark).next(1)[0]?.seq).toBe(mark.seq + 5)
})

test('a line that stands twice in a line counts twice, and long lines come fewer at a time', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'range-')), 'run.log')
  const log = createRunLog({ path, bytesMax: 1e9, now: () => 0, mask: () => noMask })
  const segments = async () => log.segments() ?? []
  log.append('stdout', Buffer.from('ab AB\r ab\n'))
  for (let i = 0; i < 300; i++) log.append('stdout', Buffer.from(`${'y'.repeat(16_000)}\n`))
  const found = await searchLog(segments, { text: 'aB', after: 0 })
  expect(found).toEqual({ items: [{ seq: 1, count: 1 }], searched_to: 301, is_complete: true })
  const [first, last] = [await readRange(segments, { from: 1, count: 300 }), await readRange(segments, { count: 300 })]
  expect(first.items.length).toBeLessThan(140)
  expect([first.items[0]?.seq, last.items.at(-1)?.seq, last.items.length]).toEqual([1, 301, first.items.length - 1])
})

test('files that went while they were read are asked for again', async () => {
  const { log, path } = write(300_000)
  const before = structuredClone(log.segments()!) as Segment[]
  log.close()
  const indexes = createLogIndexes()
  const asked = [before, [await indexes.of(path)]]
  const { items } = await readRange(async () => asked.shift()!, { before: count + 1, count: 20, stream: 'stderr' })
  expect(items.map(({ seq }) => seq)).toEqual(Array.from({ length: 20 }, (_, i) => count - 19 + i))
})
