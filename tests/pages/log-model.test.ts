import { expect, test } from 'bun:test'

interface Model {
  lines: { seq: number; raw: string; stream: string }[]
  errors: number
  lastSeq: number
  add(records: object[]): number
  search(text: string, isShown: (line: { stream: string }) => boolean): { index: number; start: number; end: number }[]
  indexOf(seq: number): number
}

// Browser code has no types: its shape is told here.
const path = '../../public/js/log-model.js'
const { LogModel } = (await import(path)) as { LogModel: new () => Model }

const record = (seq: number, line: string, rest: object = {}) => ({
  seq,
  stream: 'stdout',
  ts: '2026-11-21T03:18:04.102Z',
  line,
  ...rest,
})
const all = () => true

test('what comes twice after a reconnection is there once', () => {
  const model = new LogModel()
  model.add([record(1, 'a'), record(2, 'b')])
  expect(model.add([record(1, 'a'), record(2, 'b'), record(3, 'c')])).toBe(2)
  expect(model.lines.map(({ raw }) => raw)).toEqual(['a', 'b', 'c'])
})

test('a continued line is joined, whatever the other stream says in between', () => {
  const model = new LogModel()
  model.add([record(1, 'long ', { continued: true }), record(2, 'oops', { stream: 'stderr' })])
  expect(model.add([record(3, 'line'), record(4, 'next')])).toBe(0)
  expect(model.lines.map(({ seq, raw }) => [seq, raw])).toEqual([
    [1, 'long line'],
    [2, 'oops'],
    [4, 'next'],
  ])
  expect(model.errors).toBe(1)
})

test('a search finds every match in what is shown, without its colours and in any case', () => {
  const model = new LogModel()
  model.add([record(1, '10%\r\u001b[32mOK\u001b[0m ok'), record(2, 'no'), record(3, 'ok', { stream: 'stderr' })])
  expect(model.search('ok', all)).toEqual([
    { index: 0, start: 0, end: 2 },
    { index: 0, start: 3, end: 5 },
    { index: 2, start: 0, end: 2 },
  ])
  expect(model.search('ok', ({ stream }) => stream === 'stderr')).toEqual([{ index: 2, start: 0, end: 2 }])
  expect(model.search('', all)).toEqual([])
})

test('a line is found by its number', () => {
  const model = new LogModel()
  model.add([record(1, 'a'), record(4, 'b'), record(9, 'c')])
  expect([model.indexOf(4), model.indexOf(9), model.indexOf(5)]).toEqual([1, 2, -1])
})
