/** Calls that are refused before anything is started, in every format. */
import { describe, expect, test } from 'bun:test'
import { javascriptScript, startApp } from '../harness/app.ts'
import { type Answer, callIn, type Fields, formatNames, json, post } from './formats.ts'
import { echo, params } from './types.ts'

const gateway = await startApp({
  'js/types.js': javascriptScript(params, echo),
  'js/needs.js': javascriptScript({ who: { type: 'str', required: true } }, echo),
  'js/plain.js': javascriptScript({}, echo),
})
const jsSlug = 'types'
const runsNow = async () => (await gateway.json<{ total: number }>('/api/runs?page_size=1')).body.total

describe('a value', () => {
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
