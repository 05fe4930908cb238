import { describe, expect, test } from 'bun:test'

interface Line {
  seq: number
  end: number
  raw: string
  stream: string
}
interface Model {
  lines: Line[]
  after: number
  end: number
  last: number
  hasBefore: boolean
  hasAfter: boolean
  places: { all: number; before: number; after: number }
  know(range: { last: number; left_out: { from: number; to: number } | null }): void
  set(records: object[], after?: number): void
  append(records: object[]): void
  prepend(records: object[], after?: number): void
  keepStart(max: number): void
  keepEnd(max: number): void
  lineAt(seq: number): Line | undefined
  seqAt(place: number): number
}

// Browser code has no types: its shape is told here.
const path = '../../public/js/log-model.js'
const { LogWindow, matchesIn } = (await import(path)) as {
  LogWindow: new () => Model
  matchesIn(line: object, text: string): { start: number; end: number }[]
}

const record = (seq: number, line = `line ${seq}`, rest: object = {}) => ({
  seq,
  stream: 'stdout',
  ts: '2026-11-21T03:18:04.102Z',
  line,
  ...rest,
})
const records = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => record(from + i))
const seqs = ({ lines }: Model) => lines.map(({ seq }) => seq)

function opened(from: number, to: number, last = 1000, left_out: { from: number; to: number } | null = null): Model {
  const model = new LogWindow()
  model.know({ last, left_out })
  model.set(records(from, to))
  return model
}

test('what comes twice after a reconnection is there once', () => {
  const model = opened(1, 2)
  model.append(records(1, 3))
  expect(seqs(model)).toEqual([1, 2, 3])
})

test('it grows at both ends, and is cut at either', () => {
  const model = opened(500, 509)
  model.prepend(records(490, 499))
  model.append(records(510, 519))
  expect([seqs(model)[0], seqs(model).at(-1), model.after, model.end]).toEqual([490, 519, 489, 519])
  expect([model.hasBefore, model.hasAfter]).toEqual([true, true])
  model.keepEnd(15)
  model.keepStart(10)
  expect([seqs(model), model.after, model.end]).toEqual([records(505, 514).map(({ seq }) => seq), 504, 514])
  model.append(records(512, 516))
  expect(seqs(model).slice(-3)).toEqual([514, 515, 516])
})

describe('a line of several records', () => {
  const long = [record(1, 'long ', { continued: true }), record(2, 'oops', { stream: 'stderr' }), record(3, 'line')]

  test('is one, whatever the other stream says in between', () => {
    const model = new LogWindow()
    model.set(long.slice(0, 2))
    model.append([...long.slice(2), record(4, 'next')])
    expect(model.lines.map(({ seq, end, raw }) => [seq, end, raw])).toEqual([
      [1, 3, 'long line'],
      [2, 2, 'oops'],
      [4, 4, 'next'],
    ])
    expect(model.lineAt(3)).toBe(model.lines[0]!)
  })

  test('is put together when its beginning comes later', () => {
    const model = new LogWindow()
    model.set([...long.slice(1), record(4, 'next')])
    model.prepend(long.slice(0, 1))
    expect(model.lines.map(({ raw }) => raw)).toEqual(['long line', 'oops', 'next'])
  })

  test('comes again as it was after its end was dropped', () => {
    const model = new LogWindow()
    model.set([...long, record(4, 'next')])
    model.keepStart(2)
    expect(model.end).toBe(2)
    model.append([...long.slice(2), record(4, 'next')])
    expect(model.lines.map(({ raw }) => raw)).toEqual(['long line', 'oops', 'next'])
  })

  test('never grows beyond what can be shown, and keeps what a progress bar shows last', () => {
    const model = new LogWindow()
    model.set([record(1, 'x'.repeat(16_000), { continued: true })])
    for (let seq = 2; seq < 50; seq++) model.append([record(seq, 'y'.repeat(16_000), { continued: true })])
    expect(model.lines[0]!.raw.length).toBeLessThan(40_000)
    model.append([record(50, '\r100%')])
    expect(model.lines[0]!.raw).toBe('100%')
  })
})

test('what was left out of a log takes the room of one line', () => {
  const gap = { from: 101, to: 900 }
  const model = opened(1, 100, 1000, gap)
  model.append([record(901, '… left out', { stream: 'system' }), ...records(902, 1000)])
  expect(model.places).toEqual({ all: 200, before: 0, after: 0 })
  expect([model.seqAt(100), model.seqAt(101), model.seqAt(200)]).toEqual([100, 901, 1000])
  model.keepEnd(100)
  expect([model.after, model.places.before]).toEqual([100, 100])
  expect(opened(951, 1000, 1000, gap).places).toEqual({ all: 200, before: 150, after: 0 })
})

test('matches are in what is shown of a line, without its colours and in any case', () => {
  const of = (raw: string, text: string) => matchesIn({ raw }, text).map(({ start }) => start)
  expect(of('10%\r\u001b[32mOK\u001b[0m ok', 'ok')).toEqual([0, 3])
  expect([of('no', 'ok'), of('ok', '')]).toEqual([[], []])
})
