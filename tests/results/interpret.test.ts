import { describe, expect, test } from 'bun:test'
import { interpret, interpretJson, type Meaning } from '../../src/results/interpret.ts'

const bytesOf = (content: string | number[]) =>
  typeof content === 'string' ? new TextEncoder().encode(content) : new Uint8Array(content)

const json = (data: unknown): Meaning => ({ type: 'json', data })
const text = (data: string): Meaning => ({ type: 'text', data })
const file = (extension: string): Meaning => ({ type: 'file', extension })

const png = [
  0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0, 0, 0, 1, 0, 0, 0, 1,
]
const jpg = [0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0]
const pretty = '{\n  "a": [\n    1,\n    {"b": "}"}\n  ]\n}'
const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)

type Row = [string, string | number[], Meaning]

describe('all of stdout is JSON:', () => {
  const rows: Row[] = [
    ['an object', '{"a":1}', json({ a: 1 })],
    ['a list', '[1,2]', json([1, 2])],
    ['pretty-printed', pretty, json({ a: [1, { b: '}' }] })],
    ['with a line break', '{"a":1}\n', json({ a: 1 })],
    ['with line breaks of Windows', '{\r\n"a":1\r\n}\r\n', json({ a: 1 })],
    ['with a byte order mark', '\ufeff{"a":1}', json({ a: 1 })],
    ['with white space around', ' \n\t[1] \n', json([1])],
    ['a number', '42\n', json(42)],
    ['a negative number', '-1.5e3', json(-1500)],
    ['a large whole number', '12345678901234567890', json(12345678901234567000)],
    ['a string', '"hello"', json('hello')],
    ['true', 'true\n', json(true)],
    ['null', 'null', json(null)],
    ['in any language', '{"名":"é"}', json({ 名: 'é' })],
    ['1,000 levels deep', deep(1000), json(JSON.parse(deep(1000)))],
    ['brackets in strings', `"${'['.repeat(5000)}"`, json('['.repeat(5000))],
    ['quotes in strings', '{"a":"\\"{\\\\"}', json({ a: '"{\\' })],
  ]
  test.each(rows)('%s', async (_name, stdout, expected) => expect(await interpret(bytesOf(stdout))).toEqual(expected))
})

describe('stdout ends with JSON:', () => {
  const rows: Row[] = [
    ['on the last line', 'starting\ndone\n{"a":1}\n', json({ a: 1 })],
    ['pretty-printed', `starting\n${pretty}\n\n`, json({ a: [1, { b: '}' }] })],
    ['a list', 'log\n[1,\n2]', json([1, 2])],
    ['with line breaks of Windows', 'log\r\n{\r\n"a":1}\r\n', json({ a: 1 })],
    ['the last of several', '{"a":1}\n{"a":2}\n', json({ a: 2 })],
    [
      'the outermost that begins a line',
      '[\n[1,2],\n[3,4]\n]',
      json([
        [1, 2],
        [3, 4],
      ]),
    ],
    ['the outermost, after a log', 'log\n[\n{"a":1},\n{"b":2}\n]\n', json([{ a: 1 }, { b: 2 }])],
    [
      'objects that begin lines inside',
      'log\n{"rows":[\n{"a":1},\n{"a":2}\n]}\n',
      json({ rows: [{ a: 1 }, { a: 2 }] }),
    ],
    ['blank lines inside', 'log\n{\n\n"a":1\n\n}', json({ a: 1 })],
    ['a log with quotes and brackets', 'it\'s "odd\n]}\n[x\n{"a":1}', json({ a: 1 })],
    ['a log that looks like its beginning', '{\n[\n{"a":1}', json({ a: 1 })],
    ['after bytes that are no UTF-8', [0x4d, 0xfc, 0x0a, ...bytesOf('{"a":1}')], json({ a: 1 })],
    [
      'many lines that begin with a bracket',
      `x\n[\n${'[1],\n'.repeat(1000)}[2]\n]`,
      json([...Array(1000).fill([1]), [2]]),
    ],
  ]
  test.each(rows)('%s', async (_name, stdout, expected) => expect(await interpret(bytesOf(stdout))).toEqual(expected))
})

describe('stdout is text:', () => {
  const rows: [string, string][] = [
    ['nothing', ''],
    ['white space', ' \n\n'],
    ['a sentence', 'Hello, world!\n'],
    ['in any language', 'Füße, 写真, 👩‍🚀\n'],
    ['with colours', '\u001b[31mred\u001b[0m\n'],
    ['with a bell, a backspace and a return', '50%\r100%\b\u0007\n'],
    ['JSON in the middle', '{"a":1}\ndone\n'],
    ['JSON that begins in a line', 'result: {"a":1}\n'],
    ['JSON that is indented', 'log\n  {"a":1}\n'],
    ['JSON that begins in an earlier line', 'x {"a":\n1}'],
    ['JSON that is cut', '{"a":1'],
    ['JSON of Python', "{'a': 1}\n"],
    ['JSON of Python after a log', "log\n{'a': True}"],
    ['a number after a log', 'log\n42\n'],
    ['not a number', 'nan\n'],
    ['a log with brackets', '[INFO] started\n[INFO] done [ok]\n'],
    ['a string without end', 'log\n{"a\n"}'],
    ['only closing brackets', ']]]}}}\n'],
    ['only opening brackets', '[[[{{{'],
    ['an address', 'https://example.test/{id}'],
    ['HTML', '<!doctype html><p>hi</p>\n'],
    ['SVG', '<svg xmlns="http://www.w3.org/2000/svg"></svg>'],
    ['XML', '<?xml version="1.0"?><a/>'],
    ['CSV', 'a,b\n1,2\n'],
    ['what begins like a bitmap', 'BM is a company'],
    ['what begins like a program', 'MZ and others'],
    ['what begins like music', 'ID3 tags are old'],
    ['what begins like an archive', 'BZh, PK or Rar!'],
    ['what begins like a picture', 'GIF89a is a format'],
    ['a NUL without a signature', 'a\u0000b'],
    ['nested too deep', deep(1001)],
    ['nested far too deep', deep(100_000)],
    ['nested far too deep after a log', `log\n${deep(100_000)}`],
    ['100,000 brackets', '['.repeat(100_000)],
    ['100,000 lines of brackets', '[\n'.repeat(100_000)],
    ['100,000 lines of brackets, closed once', `${'[\n'.repeat(100_000)}x]`],
  ]
  test.each(rows)('%s', async (_name, stdout) => expect(await interpret(bytesOf(stdout))).toEqual(text(stdout)))
  test('without its byte order mark', async () => expect(await interpret(bytesOf('\ufeffhi'))).toEqual(text('hi')))
})

describe('stdout is a file:', () => {
  const rows: Row[] = [
    ['PNG', png, file('.png')],
    ['JPEG', jpg, file('.jpg')],
    ['GIF', [...bytesOf('GIF89a'), 1, 0, 1, 0, 0x80, 0, 0], file('.gif')],
    ['ZIP', [...bytesOf('PK\u0003\u0004'), 20, 0, 0, 0, 0, 0], file('.zip')],
    ['gzip', [0x1f, 0x8b, 8, 0, 0, 0, 0, 0], file('.gz')],
    ['WebP', [...bytesOf('RIFF'), 1, 0, 0, 0, ...bytesOf('WEBPVP8 ')], file('.webp')],
    ['PDF, all of it text', '%PDF-1.4\n1 0 obj\nendobj\n', file('.pdf')],
    ['PostScript', '%!PS-Adobe-3.0\nshowpage\n', file('.ps')],
    ['RTF', '{\\rtf1\\ansi hi}', file('.rtf')],
    ['a bitmap', [...bytesOf('BM'), 0x46, 0, 0, 0, 0, 0, 0, 0, 0x36, 0, 0, 0, 40, 0, 0, 0], file('.bmp')],
    ['music', [...bytesOf('ID3'), 3, 0, 0, 0, 0, 0, 0, 0xff, 0xfb, 0x90, 0], file('.mp3')],
    ['bytes that nobody knows', [0, 1, 2, 0xff, 0xfe, 0xfd], file('.bin')],
    [
      'a text in an old encoding',
      [...bytesOf('Gr'), 0xfc, 0xdf, ...bytesOf('e aus K'), 0xf6, ...bytesOf('ln\n')],
      file('.txt'),
    ],
    ['a picture of which only the signature is there', png.slice(0, 8), file('.bin')],
    ['a ZIP that is cut in its first name', [...bytesOf('PK\u0003\u0004'), 20, 0], file('.zip')],
  ]
  test.each(rows)('%s', async (_name, stdout, expected) => expect(await interpret(bytesOf(stdout))).toEqual(expected))
})

describe('after a failure only JSON counts:', () => {
  test.each<[string, string, unknown]>([
    ['at the end', 'log\n{"error":"x"}', { error: 'x' }],
    ['all of it', '[1]', [1]],
    ['none', 'log\n', undefined],
    ['nothing', '', undefined],
  ])('%s', (_name, stdout, data) => expect(interpretJson(bytesOf(stdout))?.data).toEqual(data))
})

test('16 MiB of hostile lines are read in one pass', async () => {
  const rows = ['[\n', '{"a":\n', '"\n', '[1],\n']
  for (const row of rows) {
    const stdout = bytesOf(`x${row.repeat(Math.floor((16 * 1024 * 1024) / row.length))}]`)
    const start = performance.now()
    await interpret(stdout)
    expect(performance.now() - start).toBeLessThan(2000)
  }
})
