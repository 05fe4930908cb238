/** From what a script prints or leaves behind to what its caller gets; the addresses really serve it. */
import { describe, expect, test } from 'bun:test'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { extract } from 'tar-stream'
import { javascriptScript, pythonScript, startApp } from '../harness/app.ts'
import { type Answer, post } from './formats.ts'

const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const prints = { text: { type: 'str', required: true } }
const names = [
  'plain.txt',
  'sp ace.csv',
  'żółw 漢字.json',
  'quote\'"s.txt',
  '#1?&=%41.txt',
  'page.html',
  'pic.svg',
  '-rf',
  'a..b',
  'no-ending',
]
const gateway = await startApp({
  'js/print.js': javascriptScript(prints, 'process.stdout.write(args[1])'),
  'python/bytes.py': pythonScript(
    { base64: { type: 'str', required: true } },
    'import base64; sys.stdout.buffer.write(base64.b64decode(args["base64"]))',
  ),
  'js/silent.js': javascriptScript({}, ''),
  'js/big.js': javascriptScript({}, "console.log(JSON.stringify('x'.repeat(200_000)))"),
  'js/leaves.js': `import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
${javascriptScript(
  {},
  `const dir = process.env.OUTPUT_DIR
for (const name of ${JSON.stringify(names)}) writeFileSync(dir + '/' + name, 'content of ' + name)
mkdirSync(dir + '/deep/er', { recursive: true })
writeFileSync(dir + '/deep/er/file.txt', 'deep')
symlinkSync('/etc/passwd', dir + '/link.txt')
symlinkSync('/etc', dir + '/folder')
console.log('done')`,
)}`,
})
const run = async (slug: string, values: unknown = {}) => (await post(gateway, slug, values)).body
const pathOf = (url: string) => url.slice(gateway.url.replace('127.0.0.1', 'localhost').length)
const open = (url: string, init?: RequestInit) => gateway.fetch(pathOf(url), init)

describe('stdout', () => {
  const rows: [stdout: string, type: string, data: unknown][] = [
    ['{"a": 1}', 'json', { a: 1 }],
    ['  [1, 2]\n\n', 'json', [1, 2]],
    ['"text"', 'json', 'text'],
    ['42', 'json', 42],
    ['null', 'json', null],
    ['true\n', 'json', true],
    ['working...\nstill\n{"done": true}\n', 'json', { done: true }],
    ['log\n{\n  "pretty": {\n    "x": []\n  }\n}\n', 'json', { pretty: { x: [] } }],
    ['log {"inside": 1}', 'text', 'log {"inside": 1}'],
    ['{"first": 1}\nthen text', 'text', '{"first": 1}\nthen text'],
    ['{"a": 1}\n{"b": 2}', 'json', { b: 2 }],
    ['{"broken": ', 'text', '{"broken": '],
    ['{"nan": NaN}', 'text', '{"nan": NaN}'],
    ['plain\ntext', 'text', 'plain\ntext'],
    ['<h1>no page</h1>', 'text', '<h1>no page</h1>'],
    ['<script>alert(1)</script>', 'text', '<script>alert(1)</script>'],
    ['{"__proto__": {"x": 1}}', 'json', JSON.parse('{"__proto__": {"x": 1}}')],
    ['żółw 🐢', 'text', 'żółw 🐢'],
  ]
  test.each(rows)('%j is %s', async (text, type, data) => {
    const { status, headers, body } = await post(gateway, 'print', { text })
    expect([status, body.status, body.type]).toEqual([200, 'success', type])
    expect(body.data).toEqual(data)
    expect(headers.get('content-type')).toStartWith('application/json')
    const { body: stored } = await gateway.json<{ result: unknown; files: unknown[] }>(`/api/runs/${body.run_id}`)
    expect([stored.result, stored.files]).toEqual([{ type, data }, []])
  })

  test('nothing is an empty text', async () => {
    expect(await run('silent')).toMatchObject({ type: 'text', data: '' })
  })

  const binaries: [what: string, base64: string, extension: string, contentType: string, kind: string][] = [
    ['a PNG', png, '.png', 'image/png', 'inline'],
    ['a PDF', btoa('%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n'), '.pdf', 'application/pdf', 'inline'],
    ['a ZIP', 'UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==', '.zip', 'application/zip', 'attachment'],
    ['no UTF-8', btoa('\xff\xfe\xfd\x00\x01'), '.bin', 'application/octet-stream', 'attachment'],
  ]
  test.each(binaries)('%s is a file', async (_what, base64, extension, contentType, kind) => {
    const body = await run('bytes', { base64 })
    const bytes = Buffer.from(base64, 'base64')
    expect<unknown>(body).toMatchObject({
      status: 'success',
      type: 'file',
      filename: `bytes${extension}`,
      size: bytes.length,
      content_type: contentType,
    })
    expect('files' in body).toBe(false)
    expect(pathOf(body.url)).toMatch(/^\/static\/bytes\/resources\/[^/]+\/bytes\.\w+$/)
    const response = await open(body.url)
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true)
    expect(response.headers.get('content-type')).toBe(contentType)
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(response.headers.get('content-disposition')).toStartWith(kind)
  })

  test('a long result is whole in the answer and in the run, and left out of the list', async () => {
    const body = await run('big')
    expect((body.data as string).length).toBe(200_000)
    const { body: stored } = await gateway.json<{ result: { data: string } }>(`/api/runs/${body.run_id}`)
    expect(stored.result.data.length).toBe(200_000)
    const list = await gateway.json<{ items: { id: number; result: unknown }[] }>('/api/runs')
    expect(list.body.items.find(({ id }) => id === body.run_id)?.result).toBeNull()
  })
})

describe('OUTPUT_DIR', () => {
  test('every regular file is listed with an address that serves it; links out of it are not', async () => {
    const body = await run('leaves')
    expect(body).toMatchObject({ type: 'text', data: 'done\n' })
    expect(body.files.map(({ filename }) => filename).sort()).toEqual([...names, 'deep/er/file.txt'].sort())
    for (const { filename, url, size } of body.files) {
      const response = await open(url)
      const text = await response.text()
      expect(text).toBe(filename === 'deep/er/file.txt' ? 'deep' : `content of ${filename}`)
      expect([filename, size]).toEqual([filename, Buffer.byteLength(text)])
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
      expect(response.headers.get('content-security-policy')).toContain('sandbox')
    }
  })

  test('all of it is one archive', async () => {
    const { run_id } = await run('leaves')
    const response = await gateway.fetch(`/api/runs/${run_id}/files`)
    expect([response.status, response.headers.get('content-encoding')]).toEqual([200, null])
    const tar = extract()
    tar.end(gunzipSync(await response.arrayBuffer()))
    const found: string[] = []
    for await (const entry of tar) {
      found.push(entry.header.name)
      entry.resume()
    }
    expect(found.sort()).toEqual([...names, 'deep/er/file.txt'].sort())
    const none = await gateway.json<Answer>(`/api/runs/${(await run('silent')).run_id}/files`)
    expect([none.status, none.body.error.type]).toEqual([404, 'not_found'])
  })

  test.each([
    ['events of the gateway', () => '/api/events', 'text/event-stream; charset=utf-8'],
    ['events of a run', (id: number) => `/api/runs/${id}/events`, 'text/event-stream; charset=utf-8'],
    ['the archive', (id: number) => `/api/runs/${id}/files`, 'application/gzip'],
  ])('HEAD is answered without making the stream, and with no length of it: %s', async (_, path, type) => {
    const { run_id } = await run('leaves')
    const { status, headers } = await gateway.fetch(path(run_id), { method: 'HEAD' })
    expect([status, headers.get('content-type'), headers.get('content-length')]).toEqual([200, type, null])
  })

  test('what a browser would run is offered for saving', async () => {
    const { files } = await run('leaves')
    for (const name of ['page.html', 'pic.svg']) {
      const response = await open(files.find(({ filename }) => filename === name)!.url)
      expect([name, response.headers.get('content-disposition')]).toEqual([name, expect.stringMatching(/^attachment/)])
    }
    const saved = await open(`${files.find(({ filename }) => filename === 'plain.txt')!.url}?download=1`)
    expect(saved.headers.get('content-disposition')).toStartWith('attachment')
  })
})

describe('/static', () => {
  const ranges: [range: string, status: number, text: string][] = [
    ['bytes=0-3', 206, 'cont'],
    ['bytes=-5', 206, 'n.txt'],
    ['bytes=11-', 206, 'plain.txt'],
    ['bytes=0-999', 206, 'content of plain.txt'],
    ['bytes=5-2', 200, 'content of plain.txt'],
    ['lines=0-3', 200, 'content of plain.txt'],
  ]
  test('byte ranges, conditional requests, HEAD', async () => {
    const { url } = (await run('leaves')).files.find(({ filename }) => filename === 'plain.txt')!
    for (const [range, status, text] of ranges) {
      const response = await open(url, { headers: { range } })
      expect([range, response.status, await response.text()]).toEqual([range, status, text])
    }
    const outside = await open(url, { headers: { range: 'bytes=99-' } })
    expect([outside.status, outside.headers.get('content-range')]).toEqual([416, 'bytes */20'])
    expect(((await outside.json()) as Answer).error.type).toBe('validation')
    const etag = (await open(url)).headers.get('etag')!
    expect((await open(url, { headers: { 'if-none-match': etag } })).status).toBe(304)
    const head = await open(url, { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '20'])
  })

  test('nothing outside of it, in no spelling, also not through a link', async () => {
    const inside = join(gateway.dataDir, 'static/mine/resources/20260101T000000000Z-1')
    mkdirSync(inside, { recursive: true })
    writeFileSync(join(inside, 'ok.txt'), 'ok')
    symlinkSync(join(gateway.dataDir, 'gateway.db'), join(inside, 'db.txt'))
    writeFileSync(join(gateway.dataDir, 'static/loose.txt'), 'of no run')
    mkdirSync(join(inside, '../20260101T000000000Z-2'))
    writeFileSync(join(inside, '../20260101T000000000Z-2/theirs.txt'), 'of another run')
    symlinkSync('../20260101T000000000Z-2/theirs.txt', join(inside, 'neighbour.txt'))
    const place = '/static/mine/resources/20260101T000000000Z-1'
    const paths = [
      '/static/',
      '/static/mine',
      '/static/../gateway.db',
      '/static/%2e%2e/gateway.db',
      '/static/..%2fgateway.db',
      '/static/mine/..%5c..%5cgateway.db',
      `${place}/..%5c..%5cgateway.db`,
      `${place}/../../../../gateway.db`,
      '/static//etc/passwd',
      `${place}/db.txt`,
      `${place}/neighbour.txt`,
      `${place}/ok.txt%00.png`,
      '/static/loose.txt',
      '/static/%E0%A4%A',
      `/static/${'x'.repeat(5000)}`,
    ]
    for (const path of paths) {
      const response = await gateway.fetch(path)
      expect([path, response.status]).toEqual([path, 404])
    }
    expect((await gateway.fetch(`${place}/ok.txt`)).status).toBe(200)
  })
})
