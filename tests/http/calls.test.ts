/** Values on their way from a request to argv: each type in each format. */
import { describe, expect, test } from 'bun:test'
import { javascriptScript, pythonScript, startApp } from '../harness/app.ts'
import { type Answer, callIn, type Fields, formatNames, json, post } from './formats.ts'
import { echo, params } from './types.ts'

const gateway = await startApp({
  'js/types.js': javascriptScript(params, echo),
  'js/needs.js': javascriptScript(
    {
      who: { type: 'str', required: true },
      greeting: { type: 'str', default: 'Hello' },
      times: { type: 'int', default: 2 },
    },
    echo,
  ),
  'js/plain.js': javascriptScript({}, echo),
  'js/async.js': javascriptScript({ async: { type: 'str' } }, echo),
  'js/payload.js': javascriptScript({ payload: { type: 'json' } }, echo),
  'python/types.py': pythonScript(params, 'print(json.dumps({"argv": sys.argv[1:], "args": args}))'),
})
const pythonSlug = gateway.app.scripts().find(({ runtime }) => runtime === 'python')!.slug
const jsSlug = gateway.app.scripts().find(({ filename }) => filename === 'types.js')!.slug

describe('converted to the declared type, in every format', () => {
  const rows: [values: Fields, argv: string[]][] = [
    [{ text: 'two words' }, ['--text', 'two words']],
    [
      { text: '"quotes" \'and\' `ticks` $HOME; rm -rf / | & \\' },
      ['--text', '"quotes" \'and\' `ticks` $HOME; rm -rf / | & \\'],
    ],
    [{ text: 'line one\r\nline two\ttab' }, ['--text', 'line one\r\nline two\ttab']],
    [{ text: 'żółw 漢字 🐢 ‮' }, ['--text', 'żółw 漢字 🐢 ‮']],
    [{ text: '100% a+b&c=d' }, ['--text', '100% a+b&c=d']],
    [{ text: '' }, ['--text', '']],
    [{ text: 'null' }, ['--text', 'null']],
    [{ count: '7' }, ['--count', '7']],
    [{ count: ' +7 ' }, ['--count', '7']],
    [{ count: '007' }, ['--count', '7']],
    [{ count: '' }, []],
    [{ ratio: '2.50' }, ['--ratio', '2.5']],
    [{ ratio: '.5' }, ['--ratio', '0.5']],
    [{ ratio: '1e-7' }, ['--ratio', '1e-7']],
    [{ on: 'true' }, ['--on', '1']],
    [{ on: 'Yes' }, ['--on', '1']],
    [{ on: '0' }, ['--on', '0']],
    [{ on: 'off' }, ['--on', '0']],
    [{ flag: '1' }, ['--flag']],
    [{ flag: 'false' }, []],
    [{ size: 'large' }, ['--size', 'large']],
    [{ dpi: '300' }, ['--dpi', '300']],
    [{ data: '{ "a" : [1, "zwei"] }' }, ['--data', '{"a":[1,"zwei"]}']],
    [{ data: 'null' }, ['--data', 'null']],
    [{ page: 'https://example.com/a?b=c&d=é#f' }, ['--page', 'https://example.com/a?b=c&d=é#f']],
    [{ names: ['a', 'b', 'a'] }, ['--names', 'a', '--names', 'b', '--names', 'a']],
    [{ names: ['one'] }, ['--names', 'one']],
    [{ numbers: ['3', '1'] }, ['--numbers', '3', '--numbers', '1']],
    [{ code: 'AB12' }, ['--code', 'AB12']],
    [{ colour: 'red' }, ['--colour', 'red']],
    [{ count: '2', text: 'in schema order' }, ['--text', 'in schema order', '--count', '2']],
  ]
  const table = formatNames.flatMap((format) => rows.map(([values, argv]) => [format, values, argv] as const))
  test.each(table)('%s %j', async (format, values, argv) => {
    const { status, body } = await callIn(gateway, jsSlug, format, values)
    expect(body.data).toEqual(argv)
    expect(status).toBe(200)
  })

  const typed: [unknown, string[]][] = [
    [{ count: -3, ratio: 1.5, on: true, flag: true }, ['--count', '-3', '--ratio', '1.5', '--on', '1', '--flag']],
    [{ on: false, flag: false }, ['--on', '0']],
    [{ data: { deep: [null, true, { x: 'é"' }] } }, ['--data', '{"deep":[null,true,{"x":"é\\""}]}']],
    [{ data: [] }, ['--data', '[]']],
    [{ data: null }, ['--data', 'null']],
    [{ names: [] }, []],
    [{ text: null, count: null }, []],
    [{ dpi: 72 }, ['--dpi', '72']],
    [{ names: 'single' }, ['--names', 'single']],
  ]
  test.each(typed)('JSON %j', async (value, argv) => {
    expect((await post(gateway, jsSlug, value)).body.data).toEqual(argv)
  })

  test('defaults are passed, in schema order', async () => {
    expect((await post(gateway, 'needs', { who: 'Ada' })).body.data).toEqual([
      ...['--who', 'Ada', '--greeting', 'Hello', '--times', '2'],
    ])
    expect((await post(gateway, 'needs', { times: 5, who: 'Ada', greeting: 'Hi' })).body.data).toEqual([
      ...['--who', 'Ada', '--greeting', 'Hi', '--times', '5'],
    ])
  })

  test('multipart: a field of the form and its payload come together', async () => {
    const body = new FormData()
    body.append('payload', '{"count": 3, "text": "from the payload"}')
    body.append('text', 'from the field')
    const answer = await gateway.json<Answer>(`/api/scripts/${jsSlug}/run`, { method: 'POST', body })
    expect(answer.body.data).toEqual(['--text', 'from the field', '--count', '3'])
  })

  test('a script may have parameters called async and payload', async () => {
    const own = await gateway.json<Answer>('/api/scripts/async/run?async=1')
    expect([own.status, own.body.data]).toEqual([200, ['--async', '1']])
    const body = new FormData()
    body.append('payload', '{"a":1}')
    const payload = await gateway.json<Answer>('/api/scripts/payload/run', { method: 'POST', body })
    expect(payload.body.data).toEqual(['--payload', '{"a":1}'])
  })

  test('a script without parameters takes a POST with no body at all, or an empty one', async () => {
    for (const init of [{ method: 'POST' }, json({}), json(''), { method: 'POST', body: new URLSearchParams() }])
      expect((await gateway.json<Answer>('/api/scripts/plain/run', init)).body.data).toEqual([])
  })

  test('a number and a slug lead to the same script', async () => {
    const { id } = gateway.app.scripts().find(({ slug }) => slug === 'plain')!
    const bySlug = await gateway.json<Answer>('/api/scripts/plain/run')
    const byNumber = await gateway.json<Answer>(`/api/scripts/${id}/run`)
    expect([bySlug.body.script_id, byNumber.body.script_id]).toEqual([id, id])
  })
})

describe('values that begin with a dash', () => {
  const values = { text: '--size', count: -5, names: ['-x', 'y', '---'] }

  test('reach argparse as flag=value', async () => {
    const { body } = await post(gateway, pythonSlug, values)
    expect(body.data).toEqual({
      argv: ['--text=--size', '--count=-5', '--names=-x', '--names', 'y', '--names=---'],
      args: expect.objectContaining({ text: '--size', count: '-5', names: ['-x', 'y', '---'] }),
    })
  })

  test('reach JavaScript as two elements', async () => {
    const { body } = await post(gateway, jsSlug, values)
    expect(body.data).toEqual(['--text', '--size', '--count', '-5', '--names', '-x', '--names', 'y', '--names', '---'])
  })
})

describe('argparse gets what was sent', () => {
  const rows: [unknown, Record<string, unknown>][] = [
    [{ text: 'żółw 漢字 🐢' }, { text: 'żółw 漢字 🐢' }],
    [{ text: '' }, { text: '' }],
    [{ text: 'a\nb' }, { text: 'a\nb' }],
    [
      { on: true, flag: true },
      { on: '1', flag: true },
    ],
    [{ data: { a: 'é' } }, { data: '{"a":"é"}' }],
    [{ names: ['a b', ''] }, { names: ['a b', ''] }],
  ]
  test.each(rows)('%j', async (value, args) => {
    const { body } = await post(gateway, pythonSlug, value)
    expect(body.data).toMatchObject({ args })
  })
})
