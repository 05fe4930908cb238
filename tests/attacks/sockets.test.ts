/** Clients that do not speak HTTP as it is meant: each is answered or hung up on, and nobody else notices. */
import { afterAll, describe, expect, test } from 'bun:test'
import { pythonScript, startApp } from '../harness/app.ts'
import { eventually } from '../harness/folder.ts'
import { leftovers } from '../http/leftovers.ts'
import { openMany, sendRaw } from './raw.ts'

const echo = pythonScript({ text: { type: 'str' }, doc: { type: 'file' } }, 'print(json.dumps(args))')
const gateway = await startApp({ 'python/echo.py': echo }, { body_bytes_max: 65_536, upload_bytes_max: 65_536 })
const run = '/api/scripts/echo/run'

const host = 'Host: localhost\r\nConnection: close\r\n'
const form = 'Content-Type: application/x-www-form-urlencoded\r\n'
const json = 'Content-Type: application/json\r\n'
const smuggled = `GET /api/settings HTTP/1.1\r\n${host}\r\n`
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`

/** Two servers that read one of these in two ways would see two requests: each is refused, and nothing after it is read. */
describe('what could be read in two ways is refused, with all that follows:', () => {
  const rows: [string, string][] = [
    ['a length and chunks', `${form}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['chunks and a length', `${form}Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n`],
    ['two lengths', `${form}Content-Length: 0\r\nContent-Length: 7\r\n\r\n`],
    ['a list of lengths', `${form}Content-Length: 0, 7\r\n\r\n`],
    ['a negative length', `${form}Content-Length: -1\r\n\r\n`],
    ['a length with a sign', `${form}Content-Length: +3\r\n\r\na=1`],
    ['a length in hexadecimal', `${form}Content-Length: 0x3\r\n\r\na=1`],
    ['a length of 30 digits', `${form}Content-Length: ${'9'.repeat(30)}\r\n\r\na=1`],
    ['a length with a space before its colon', `${form}Content-Length : 3\r\n\r\na=1`],
    ['chunks with a space before their colon', `${form}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`],
    ['an encoding nobody knows', `${form}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
    ['chunks that are not the last encoding', `${form}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`],
    ['two encodings', `${form}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n`],
    ['an encoding on a folded line', `${form}Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n`],
    ['a folded line', `${form}X-A: 1\r\n 2\r\n\r\n`],
    ['a line without a colon', `${form}nonsense\r\n\r\n`],
    ['a return in a header', `${form}X-A: a\rb\r\n\r\n`],
    ['a NUL in a header', `${form}X-A: a\0b\r\n\r\n`],
    ['a chunk that is no number', `${form}Transfer-Encoding: chunked\r\n\r\nzz\r\n`],
    ['a chunk of 20 digits', `${form}Transfer-Encoding: chunked\r\n\r\n${'f'.repeat(20)}\r\n`],
    ['a chunk that is longer than it says', `${form}Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n`],
    [
      'a chunk with an endless extension',
      `${form}Transfer-Encoding: chunked\r\n\r\n1;${'a'.repeat(70_000)}\r\na\r\n0\r\n\r\n`,
    ],
    ['a newline alone', `\n${smuggled}`],
  ]
  test.each(rows)('%s', async (_, rest) => {
    const { status, answers, isClosed, text } = await sendRaw(
      gateway.url,
      `POST ${run} HTTP/1.1\r\n${host}${rest}${smuggled}`,
    )
    expect({ status: [0, 400, 413, 431].includes(status) ? 'refused' : status, isClosed }).toEqual({
      status: 'refused',
      isClosed: true,
    })
    expect(answers).toBeLessThanOrEqual(1)
    expect(text).not.toContain('"items"')
  })
})

describe('answered, and the connection closed:', () => {
  const rows: [string, string, number[]][] = [
    ['a header of 100 KB', `GET /health HTTP/1.1\r\n${host}X-A: ${'a'.repeat(100_000)}\r\n\r\n`, [431]],
    ['5,000 headers', `GET /health HTTP/1.1\r\n${host}${'X-A: 1\r\n'.repeat(5000)}\r\n`, [431]],
    ['an address of 100 KB', `GET /${'a'.repeat(100_000)} HTTP/1.1\r\n${host}\r\n`, [414, 431]],
    ['an address of 10 KB', `GET /${'a'.repeat(10_000)} HTTP/1.1\r\n${host}\r\n`, [404]],
    ['a query with 3,000 names', `GET ${run}?${'a=1&'.repeat(3000)} HTTP/1.1\r\n${host}\r\n`, [413]],
    ['a method of 5 KB', `${'A'.repeat(5000)} / HTTP/1.1\r\n${host}\r\n`, [0, 400, 404, 405, 431]],
    ['a method nobody knows', `BREW /health HTTP/1.1\r\n${host}\r\n`, [0, 400, 404, 405]],
    ['no host', 'GET /health HTTP/1.1\r\nConnection: close\r\n\r\n', [400]],
    ['two hosts', `GET /health HTTP/1.1\r\n${host}Host: evil.example\r\n\r\n`, [400, 403]],
    ['a host with a path', `GET /health HTTP/1.1\r\nHost: localhost/evil\r\nConnection: close\r\n\r\n`, [400, 403]],
    ['a host with a user', `GET /health HTTP/1.1\r\nHost: evil@localhost\r\nConnection: close\r\n\r\n`, [400, 403]],
    ['an address of another server', `GET http://evil.example/health HTTP/1.1\r\n${host}\r\n`, [200, 400, 403, 404]],
    ['a proxy request', `CONNECT evil.example:443 HTTP/1.1\r\n${host}\r\n`, [400, 403, 404, 405]],
    ['another version of HTTP', `GET /health HTTP/3.7\r\n${host}\r\n`, [400, 505]],
    ['the version before', 'GET /health\r\n\r\n', [400, 505]],
    ['the version after', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', [400, 505]],
    ['a greeting in TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', [0, 400]],
    ['an address that is no address', `GET /%ff%fe/%00/%zz HTTP/1.1\r\n${host}\r\n`, [400, 404]],
    ['a script that is no name', `GET /api/scripts/%00%ff/run HTTP/1.1\r\n${host}\r\n`, [400, 404, 422]],
    ['a body cut off', `POST ${run} HTTP/1.1\r\n${host}${json}Content-Length: 100\r\n\r\n{"text":`, [0, 400]],
    [
      'a body longer than it says',
      `POST ${run} HTTP/1.1\r\n${host}${json}Content-Length: 2\r\n\r\n{}{"text":"b"}`,
      [200],
    ],
    [
      'a body over its limit, announced',
      `POST ${run} HTTP/1.1\r\n${host}${json}Content-Length: 99999999\r\n\r\n{`,
      [413],
    ],
    [
      'a body over its limit, in chunks',
      `POST ${run} HTTP/1.1\r\n${host}${json}Transfer-Encoding: chunked\r\n\r\n${chunk('['.repeat(60_000)).repeat(3)}0\r\n\r\n`,
      [413],
    ],
    [
      'a body packed with gzip',
      `POST ${run} HTTP/1.1\r\n${host}${json}Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b`,
      [400, 415],
    ],
  ]
  test.each(rows)('%s', async (_, bytes, statuses) => {
    const { status, isClosed } = await sendRaw(gateway.url, bytes, {
      isHalfClosed: bytes.includes('{"text":') && !bytes.includes('"b"'),
    })
    expect(statuses).toContain(status)
    expect(isClosed).toBe(true)
  })
})

const multipart = (body: string, boundary = 'b') =>
  `POST ${run} HTTP/1.1\r\n${host}Content-Type: multipart/form-data; boundary=${boundary}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
const field = (name: string, value: string, more = '') =>
  `--b\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${value}\r\n`

describe('a hostile multipart form is answered, and nothing of it stays:', () => {
  const end = '--b--\r\n'
  const rows: [string, string, number[]][] = [
    ['2,000 fields', multipart(field('a', '1').repeat(2000) + end), [413]],
    ['60 files', multipart(field('doc', 'x', '; filename="x"').repeat(60) + end), [413, 422]],
    ['a field over the limit', multipart(field('text', 'x'.repeat(70_000)) + end), [413]],
    ['a file over the limit', multipart(field('doc', 'x'.repeat(70_000), '; filename="x"') + end), [413]],
    ['a name of 20 KB', multipart(field('n'.repeat(20_000), '1') + end), [400, 413]],
    ['no name', multipart(`--b\r\nContent-Disposition: form-data\r\n\r\n1\r\n${end}`), [400]],
    ['headers of a part without end', multipart(`--b\r\n${'X-A: 1\r\n'.repeat(5000)}`), [400, 413]],
    ['a header of a part of 60 KB', multipart(`--b\r\nX-A: ${'a'.repeat(60_000)}\r\n\r\n1\r\n${end}`), [200, 400, 413]],
    ['no end', multipart(field('text', 'x')), [400]],
    ['no boundary', multipart(field('text', 'x') + end, ''), [400]],
    ['a boundary of 5 KB', multipart(field('text', 'x') + end, 'b'.repeat(5000)), [400]],
    [
      'a form in the form',
      multipart(
        `--b\r\nContent-Disposition: form-data; name="text"\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\nContent-Disposition: attachment; filename="../x"\r\n\r\n1\r\n--c--\r\n${end}`,
      ),
      [200, 400, 422],
    ],
    ['the name __proto__', multipart(field('__proto__', '{"polluted":1}') + end), [400]],
    ['the file __proto__', multipart(field('__proto__', 'x', '; filename="x"') + end), [400, 422]],
    ['a name with a path into an object', multipart(field('constructor[prototype][polluted]', '1') + end), [422]],
  ]
  test.each(rows)('%s', async (_, bytes, statuses) => {
    expect(statuses).toContain((await sendRaw(gateway.url, bytes)).status)
    await eventually('nothing stays', () => leftovers(gateway.dataDir).length === 0)
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })
})

test('500 connections that say nothing, half a header or half a body do not keep others waiting', async () => {
  const heads = [
    '',
    'GET /health HTTP/1.1\r\nHost: local',
    `POST ${run} HTTP/1.1\r\nHost: localhost\r\n${json}Content-Length: 1000\r\n\r\n{"text":`,
    'GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n',
    'GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n',
  ]
  const sockets = (await Promise.all(heads.map((head) => openMany(gateway.url, 100, head)))).flat()
  afterAll(() => {
    for (const socket of sockets) socket.destroy()
  })
  const startMs = performance.now()
  for (let n = 0; n < 20; n++) expect((await gateway.fetch('/health')).status).toBe(200)
  expect((await gateway.json(`${run}?text=served`)).body).toMatchObject({ data: { text: 'served' } })
  expect(performance.now() - startMs).toBeLessThan(5000)
  for (const socket of sockets) socket.destroy()
})

test('after all of it the gateway is well, and has run only what it was asked', async () => {
  expect((await gateway.json('/health')).body).toMatchObject({ status: 'ok' })
  const { body } = await gateway.json<{ items: { params: unknown; status: string }[] }>('/api/runs')
  expect(body.items.filter(({ status }) => status !== 'success')).toEqual([])
})
