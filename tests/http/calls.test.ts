/** Values on their way from a request to argv: refused ones first, then each type in each format. */
import { describe, expect, test } from 'bun:test'
import { javascriptScript, pythonScript, startApp } from '../harness/app.ts'
import { type Answer, callIn, type Fields, formatNames, json, post } from './formats.ts'

const params = {
  text: { type: 'str' },
  count: { type: 'int', min: -10, max: 10 },
  ratio: { type: 'float' },
  on: { type: 'bool' },
  flag: { type: 'bool', action: 'store_true' },
  size: { type: 'choice', choices: ['small', 'large'] },
  dpi: { type: 'choice', choices: [72, 300] },
  data: { type: 'json' },
  page: { type: 'url' },
  names: { type: 'str', multiple: true },
  numbers: { type: 'int', multiple: true },
  code: { type: 'str', pattern: '^[A-Z]{2}\\d+$' },
  colour: { type: 'colour' },
}
const echo = 'console.log(JSON.stringify(args))'
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
const runsNow = async () => (await gateway.json<{ total: number }>('/api/runs?page_size=1')).body.total

describe('refused before anything is started', () => {
  const rows: [what: string, values: Fields, path: string, message: RegExp][] = [
    ['an unknown parameter', { nonsense: '1' }, '/nonsense', /is not a parameter; there are: text, count/],
    ['a name of the prototype', { constructor: '1' }, '/constructor', /is not a parameter/],
    ['a word for a whole number', { count: 'many' }, '/count', /whole number; got "many"/],
    ['a fraction for a whole number', { count: '1.5' }, '/count', /whole number/],
    ['a hexadecimal number', { count: '0x10' }, '/count', /whole number/],
    ['a number above max', { count: '11' }, '/count', /at most 10/],
    ['a number below min', { count: '-11' }, '/count', /at least -10/],
    ['Infinity', { ratio: 'Infinity' }, '/ratio', /must be a number/],
    ['NaN', { ratio: 'NaN' }, '/ratio', /must be a number/],
    ['a word that is no bool', { on: 'maybe' }, '/on', /true or false/],
    ['a value for a flag', { flag: 'perhaps' }, '/flag', /true or false/],
    ['something that is no choice', { size: 'medium' }, '/size', /one of "small", "large"/],
    ['a number that is no choice', { dpi: '100' }, '/dpi', /one of 72, 300/],
    ['broken JSON', { data: '{"a":' }, '/data', /must be JSON/],
    ['a script as address', { page: 'javascript:alert(1)' }, '/page', /must be an address/],
    ['a wrong item of a list', { numbers: ['1', 'two', '3'] }, '/numbers/1', /whole number/],
    ['a text beside its pattern', { code: 'ab1' }, '/code', /must match the pattern/],
    ['the same parameter twice', { text: ['a', 'b'] }, '/text', /must be a text/],
    ['a NUL character', { text: 'a\0b' }, '/text', /NUL/],
  ]
  const table = formatNames.flatMap((format) => rows.map((row) => [format, ...row] as const))
  test.each(table)('%s: %s', async (format, _what, values, path, message) => {
    const { status, body } = await callIn(gateway, jsSlug, format, values)
    expect({ status, code: body.code, type: body.error.type }).toEqual({ status: 422, code: 422, type: 'validation' })
    expect(body.error.details).toEqual([{ path, message: expect.stringMatching(message) }])
    expect(body.status).toBe('error')
    expect(body.run_id).toBeUndefined()
  })

  const wrongTypes: [string, unknown][] = [
    ['a number for a text', { text: 5 }],
    ['an object for a text', { text: {} }],
    ['true for a number', { count: true }],
    ['a list for a number', { count: [1] }],
    ['a number for a bool', { on: 2 }],
    ['a text for a list that has texts in lists', { names: [['a']] }],
    ['too large for a double', { count: 2 ** 53 }],
  ]
  test.each(wrongTypes)('JSON: %s', async (_what, value) => {
    const { status, body } = await post(gateway, jsSlug, value)
    expect([status, body.error.type]).toEqual([422, 'validation'])
  })

  test('every problem is told at once', async () => {
    const { body } = await post(gateway, jsSlug, { count: 99, size: 'x', other: 1 })
    expect(body.error.details?.map(({ path }) => path).sort()).toEqual(['/count', '/other', '/size'])
    expect(body.script_id).toBeGreaterThan(0)
  })

  test('what is required', async () => {
    const { status, body } = await post(gateway, 'needs', {})
    expect(status).toBe(422)
    expect(body.error.details).toEqual([{ path: '/who', message: 'is required' }])
  })

  test('an empty text from JSON is a text, null is left out', async () => {
    expect((await post(gateway, 'needs', { who: '' })).body.data).toContain('')
    expect((await post(gateway, 'needs', { who: null })).status).toBe(422)
  })

  const bodies: [what: string, init: RequestInit, status: number, message: RegExp][] = [
    ['malformed JSON', json('{"a":'), 400, /not valid JSON/],
    ['a JSON list', json('[1]'), 400, /must be a JSON object/],
    ['a JSON text', json('"x"'), 400, /must be a JSON object/],
    [
      'JSON that is not UTF-8',
      { ...json(''), body: new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]) },
      400,
      /JSON/,
    ],
    ['a member called __proto__', json('{"__proto__": {"text": "x"}}'), 400, /__proto__/],
    ['JSON nested too deep', json(`{"data":${'['.repeat(5000)}${']'.repeat(5000)}}`), 400, /nested deeper/],
    ['XML', { method: 'POST', headers: { 'content-type': 'text/xml' }, body: '<a/>' }, 400, /Content-Type "text\/xml"/],
    ['bytes of no type', { method: 'POST', body: new Uint8Array([1, 2]) }, 400, /no Content-Type/],
    [
      'multipart without a boundary',
      { method: 'POST', headers: { 'content-type': 'multipart/form-data' }, body: 'x' },
      400,
      /multipart/,
    ],
    [
      'multipart cut short',
      { method: 'POST', headers: { 'content-type': 'multipart/form-data; boundary=B' }, body: '--B\r\nContent-Disp' },
      400,
      /multipart/,
    ],
    [
      'JSON sent as a form',
      { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: '{"who":"x"}' },
      400,
      /Content-Type: application\/json/,
    ],
    [
      'another charset',
      { method: 'POST', headers: { 'content-type': 'application/json; charset=latin1' }, body: '{}' },
      400,
      /UTF-8/,
    ],
    ['a body over its limit', json(`{"text":"${'x'.repeat(17 * 1024 * 1024)}"}`), 413, /body_bytes_max/],
    ['a value longer than an argument', json({ text: 'x'.repeat(200_000) }), 422, /Pass it as a file/],
  ]
  test.each(bodies)('%s', async (_what, init, status, message) => {
    const answer = await gateway.json<Answer>(`/api/scripts/${jsSlug}/run`, init)
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code: status })
    expect(answer.body.error.type).toBe(status === 413 ? 'too_large' : 'validation')
    expect(answer.body.error.message).toMatch(message)
  })

  const addresses: [path: string, method: string, status: number, type: string][] = [
    ['/api/scripts/nobody/run', 'POST', 404, 'not_found'],
    ['/api/scripts/999/run', 'GET', 404, 'not_found'],
    ['/api/scripts/0/run', 'GET', 404, 'not_found'],
    ['/api/scripts/-1/run', 'GET', 404, 'not_found'],
    ['/api/scripts/1.0/run', 'GET', 404, 'not_found'],
    ['/api/scripts/__proto__/run', 'GET', 404, 'not_found'],
    ['/api/scripts/%00/run', 'GET', 404, 'not_found'],
    ['/api/scripts/%E0%A4%A/run', 'GET', 404, 'not_found'],
    ['/api/scripts/..%2f..%2fetc/run', 'GET', 404, 'not_found'],
    ['/api/scripts/plain/runs', 'GET', 404, 'not_found'],
    ['/api/scripts/plain/run', 'PUT', 405, 'validation'],
    ['/api/scripts/plain/run', 'DELETE', 405, 'validation'],
    ['/api/scripts/plain/run', 'OPTIONS', 405, 'validation'],
    ['/api/nothing', 'GET', 404, 'not_found'],
  ]
  test.each(addresses)('%s by %s is %d', async (path, method, status, type) => {
    const answer = await gateway.json<Answer>(path, { method })
    expect({ status: answer.status, code: answer.body.code, type: answer.body.error?.type }).toEqual({
      status,
      code: status,
      type,
    })
    if (status === 405) expect(answer.headers.get('allow')).toBe('GET, POST')
  })

  test('HEAD starts nothing', async () => {
    const response = await gateway.fetch('/api/scripts/plain/run', { method: 'HEAD' })
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('GET, POST')
  })

  test('none of them left a run', async () => {
    const before = await runsNow()
    await post(gateway, jsSlug, { count: 'x' })
    await gateway.fetch('/api/scripts/plain/run', { method: 'HEAD' })
    expect(await runsNow()).toBe(before)
    const { body } = await gateway.json<{ items: { script_id: number }[] }>('/api/runs?page_size=200')
    const needs = gateway.app.scripts().find(({ slug }) => slug === 'needs')!.id
    expect(body.items.every(({ script_id }) => script_id === needs)).toBe(true)
  })
})

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
