/** Who may not call: other names, other sites. And the settings: all of a change or nothing of it. */
import { describe, expect, test } from 'bun:test'
import { connect } from 'node:net'
import { javascriptScript, startApp } from '../harness/app.ts'
import { type Answer, json } from './formats.ts'

const gateway = await startApp({ 'js/ok.js': javascriptScript({}, 'console.log(1)') })
const port = new URL(gateway.url).port

/** One request as it is, with headers that `fetch` would not send. Answers its first line. */
function raw(head: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(head))
    socket.on('data', (data) => {
      resolve(data.toString().split('\r\n')[0]!)
      socket.destroy()
    })
    socket.on('error', reject)
    socket.on('close', () => resolve('closed'))
  })
}
const statusFor = async (path: string, headers: Record<string, string>, method = 'GET') => {
  const lines = Object.entries({ connection: 'close', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
  return Number((await raw(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`)).split(' ')[1])
}

describe('another Host is refused: a name that an attacker can point at this machine', () => {
  test.each([
    ['evil.example', 403],
    [`evil.example:${port}`, 403],
    ['localhost.evil.example', 403],
    ['127.0.0.1.evil.example', 403],
    ['127.evil.example', 403],
    ['169.254.169.254', 403],
    ['0.0.0.0', 403],
    [`localhost:${port}`, 200],
    [`LOCALHOST:${port}`, 200],
    ['127.0.0.1', 200],
    [`[::1]:${port}`, 200],
  ])('%s: %d', async (host, status) => {
    for (const path of ['/api/runs', '/health', '/api/scripts/ok/run'])
      expect([path, await statusFor(path, { host })]).toEqual([path, status])
  })

  test.each([
    ['none', 'GET /health HTTP/1.1\r\n\r\n'],
    ['none, as an old client', 'GET /health HTTP/1.0\r\n\r\n'],
    ['two', 'GET /health HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n'],
    ['one that is no name', 'GET /health HTTP/1.1\r\nHost: a/b\r\n\r\n'],
  ])('%s: 400', async (_, head) => {
    expect(await raw(head)).toMatch(/^HTTP\/1.1 400 /)
  })

  test('the name in BASE_URL is ours', async () => {
    expect(await statusFor('/api/runs', { host: 'scripts.example.com' })).toBe(403)
    await gateway.json('/api/settings', { ...json({ base_url: 'https://scripts.example.com' }), method: 'PUT' })
    expect(await statusFor('/api/runs', { host: 'scripts.example.com' })).toBe(200)
    const origin = { host: '127.0.0.1', origin: 'https://scripts.example.com' }
    expect(await statusFor('/api/scripts/ok/run', origin)).toBe(200)
    await gateway.json('/api/settings', { ...json({ base_url: null }), method: 'PUT' })
    expect(await statusFor('/api/runs', { host: 'scripts.example.com' })).toBe(403)
  })
})

describe('a page of another origin is refused', () => {
  const host = `localhost:${port}`
  const rows: [headers: Record<string, string>, status: number][] = [
    [{ origin: 'https://evil.example' }, 403],
    [{ origin: 'null' }, 403],
    [{ origin: 'nonsense' }, 403],
    [{ origin: 'http://localhost.evil.example' }, 403],
    [{ origin: `http://localhost:${Number(port) + 1}` }, 403],
    [{ origin: `http://evil.example:${port}` }, 403],
    [{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, 403],
    [{ 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' }, 403],
    [{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }, 403],
    [{ origin: `http://localhost:${port}` }, 200],
    [{ origin: `http://localhost:${port}`, 'sec-fetch-site': 'same-origin' }, 200],
    [{ 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }, 200],
    [{}, 200],
  ]
  test.each(rows)('%j: %d', async (headers, status) => {
    expect(await statusFor('/api/scripts/ok/run', { host, ...headers })).toBe(status)
    expect(await statusFor('/api/scripts/ok/run', { host, ...headers, 'content-length': '0' }, 'POST')).toBe(status)
  })

  test('a link from elsewhere opens a page, and changes nothing', async () => {
    const link = { host, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }
    expect(await statusFor('/', link)).toBe(200)
    expect(await statusFor('/settings', { ...link, 'content-length': '0' }, 'POST')).toBe(403)
  })

  test('nobody is told that other origins may read', async () => {
    const response = await gateway.fetch('/api/runs')
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
  })

  test('the refusal has the shape of every error', async () => {
    const { status, body } = await gateway.json<Answer>('/api/runs', { headers: { origin: 'https://evil.example' } })
    expect([status, body.code, body.error.type]).toEqual([403, 403, 'forbidden'])
  })
})

describe('settings', () => {
  interface Setting {
    name: string
    value: unknown
    source: string
    type: string
  }
  const all = async () =>
    new Map((await gateway.json<{ items: Setting[] }>('/api/settings')).body.items.map((one) => [one.name, one]))
  const put = (value: unknown, method = 'PUT') => gateway.json<Answer>('/api/settings', { ...json(value), method })

  const refused: [value: unknown, path: string][] = [
    [{ timeout_min: 5, nonsense: 1 }, '/nonsense'],
    [{ timeout_min: 5, run_slots: 'many' }, '/run_slots'],
    [{ timeout_min: 5, run_slots: 0 }, '/run_slots'],
    [{ timeout_min: 5, run_slots: 1.5 }, '/run_slots'],
    [{ timeout_min: 5, port: 9000 }, '/port'],
    [{ timeout_min: 5, base_url: 'not an address' }, '/base_url'],
    [{ timeout_min: 5, base_url: 'javascript:alert(1)' }, '/base_url'],
    [{ timeout_min: 5, log_level: 'loud' }, '/log_level'],
    [{ timeout_min: 5, constructor: 1 }, '/constructor'],
  ]
  test.each(refused)('%j is a 422, and nothing is changed', async (value, path) => {
    const before = await all()
    for (const method of ['PUT', 'PATCH']) {
      const { status, body } = await put(value, method)
      expect([status, body.error.type, body.error.details?.map((detail) => detail.path)]).toEqual([
        422,
        'validation',
        [path],
      ])
    }
    expect(await all()).toEqual(before)
  })

  test.each([
    ['{"timeout_min":', 400],
    ['[]', 422],
    ['5', 422],
    ['null', 422],
    ['', 400],
    ['{"timeout_min":{"a":1}}', 422],
  ])('the body %s is refused', async (body, status) => {
    expect((await put(body)).status).toBe(status)
  })

  test('a body over its limit is refused before it is read', async () => {
    const { status, body } = await put(`{"base_url":"${'x'.repeat(17 * 1024 * 1024)}"}`)
    expect([status, body.error.type]).toEqual([413, 'too_large'])
  })

  test('several at once, from their texts too; null goes back', async () => {
    expect(
      (await put({ timeout_min: '0.5', fetch_private_addresses: 'yes', scan_ignore_patterns: 'a, b' })).status,
    ).toBe(200)
    const changed = await all()
    expect(changed.get('timeout_min')).toMatchObject({ value: 0.5, source: 'database' })
    expect(changed.get('fetch_private_addresses')).toMatchObject({ value: true })
    expect(changed.get('scan_ignore_patterns')).toMatchObject({ value: ['a', 'b'] })
    await put({ timeout_min: null, fetch_private_addresses: null, scan_ignore_patterns: null })
    expect((await all()).get('timeout_min')).toMatchObject({ value: 10, source: 'default' })
  })

  test('the API document follows the address', async () => {
    const servers = async () => (await gateway.json<{ servers: unknown }>('/openapi.json')).body.servers
    await servers()
    await put({ base_url: 'https://scripts.example.com' })
    expect(await servers()).toContainEqual({ url: 'https://scripts.example.com' })
    await put({ base_url: null })
    expect(await servers()).not.toContainEqual({ url: 'https://scripts.example.com' })
  })
})
