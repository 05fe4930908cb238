import { afterAll, describe, expect, test } from 'bun:test'
import { mkdirSync, realpathSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { GatewayError } from '../../src/errors.ts'
import { resolveInside, serveFile } from '../../src/files/static.ts'
import { disposableFolder, failureOf, subfolder } from './harness.ts'

const root = realpathSync(disposableFolder('static'))
const served = subfolder(root)
const outside = subfolder(root)
mkdirSync(join(served, 'sub dir'))
writeFileSync(join(served, 'digits.txt'), '0123456789')
writeFileSync(join(served, 'empty.txt'), '')
writeFileSync(join(served, 'sub dir', 'Été 100%.txt'), 'x')
writeFileSync(join(outside, 'secret.txt'), 'secret')
symlinkSync(join(outside, 'secret.txt'), join(served, 'link.txt'))
symlinkSync(outside, join(served, 'way'))
symlinkSync(join(served, 'digits.txt'), join(served, 'inner.txt'))
symlinkSync('loop', join(served, 'loop'))
writeFileSync(`${served}-beside`, 'beside')

describe('a path from outside', () => {
  const inside: [string, string][] = [
    ['digits.txt', 'digits.txt'],
    ['sub%20dir/%C3%89t%C3%A9%20100%25.txt', 'sub dir/Été 100%.txt'],
    ['sub dir/Été 100%25.txt', 'sub dir/Été 100%.txt'],
    ['inner.txt', 'digits.txt'],
  ]
  test.each(inside)('%s is found', (path, file) => expect(resolveInside(served, path)).toBe(join(served, file)))

  const name = outside.split('/').pop()
  const refused = [
    '',
    '/',
    '.',
    '..',
    './digits.txt',
    '/digits.txt',
    'digits.txt/',
    'sub dir//x',
    `../${name}/secret.txt`,
    `%2e%2e/${name}/secret.txt`,
    `.%2E/${name}/secret.txt`,
    `..%2f${name}%2fsecret.txt`,
    `..%5c${name}%5csecret.txt`,
    `..\\${name}\\secret.txt`,
    `%252e%252e/${name}/secret.txt`,
    `sub dir/../../${name}/secret.txt`,
    `..%c0%af${name}/secret.txt`,
    `..%00/${name}/secret.txt`,
    `${outside}/secret.txt`,
    `%2f${outside.slice(1)}/secret.txt`,
    `../${served.split('/').pop()}-beside`,
    'digits.txt%00.png',
    'digits.txt\0',
    '%',
    '%zz',
    'link.txt',
    'way/secret.txt',
    'loop',
    'missing',
    'x'.repeat(5000),
  ]
  test.each(refused)('%p is refused', (path) => expect(resolveInside(served, path)).toBeNull())

  test('is refused when the root is missing', () => expect(resolveInside(join(root, 'nowhere'), 'a')).toBeNull())
})

// Over a real server: what it does to a Response on the way out is part of the answer.
const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  fetch(request) {
    const url = new URL(request.url)
    try {
      return serveFile(request, join(served, decodeURIComponent(url.pathname)))
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error
      return new Response(error.message, { status: error.status, headers: error.headers })
    }
  },
})
afterAll(() => server.stop(true))

const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(`http://127.0.0.1:${server.port}/${path}`, { headers, method })

const modified = new Date('2026-01-02T03:04:05Z')
utimesSync(join(served, 'digits.txt'), modified, modified)
const etag = (await ask('digits.txt')).headers.get('etag')!
const httpDate = modified.toUTCString()

describe('a file is answered', () => {
  const rows: [string, string, Record<string, string>, number, string, Record<string, string | null>][] = [
    ['whole', 'digits.txt', {}, 200, '0123456789', { 'content-length': '10', 'accept-ranges': 'bytes' }],
    ['when it is empty', 'empty.txt', {}, 200, '', { 'content-length': '0' }],
    ['from the start', 'digits.txt', { range: 'bytes=0-3' }, 206, '0123', { 'content-range': 'bytes 0-3/10' }],
    ['from the middle on', 'digits.txt', { range: 'bytes=7-' }, 206, '789', { 'content-range': 'bytes 7-9/10' }],
    ['up to its end only', 'digits.txt', { range: 'bytes=8-99' }, 206, '89', { 'content-length': '2' }],
    ['by its end', 'digits.txt', { range: 'bytes=-2' }, 206, '89', { 'content-range': 'bytes 8-9/10' }],
    ['by more than its end', 'digits.txt', { range: 'bytes=-99' }, 206, '0123456789', { 'content-length': '10' }],
    ['whole for two ranges', 'digits.txt', { range: 'bytes=0-1,3-4' }, 200, '0123456789', {}],
    ['whole for a range upside down', 'digits.txt', { range: 'bytes=5-2' }, 200, '0123456789', {}],
    ['whole for a range of nothing', 'digits.txt', { range: 'bytes=-' }, 200, '0123456789', {}],
    ['whole for another unit', 'digits.txt', { range: 'lines=1-2' }, 200, '0123456789', {}],
    ['in part when it is still the same', 'digits.txt', { range: 'bytes=0-0', 'if-range': etag }, 206, '0', {}],
    ['in part when it is as old', 'digits.txt', { range: 'bytes=0-0', 'if-range': httpDate }, 206, '0', {}],
    ['whole when it is not the same', 'digits.txt', { range: 'bytes=0-0', 'if-range': '"x"' }, 200, '0123456789', {}],
    ['not again when known', 'digits.txt', { 'if-none-match': etag }, 304, '', { etag, 'content-type': null }],
    ['not again when one is known', 'digits.txt', { 'if-none-match': `"x", W/${etag}` }, 304, '', {}],
    ['not again when not newer', 'digits.txt', { 'if-modified-since': httpDate }, 304, '', {}],
    ['again when newer', 'digits.txt', { 'if-modified-since': new Date(0).toUTCString() }, 200, '0123456789', {}],
    [
      'again when the name of the content differs',
      'digits.txt',
      { 'if-none-match': '"x"', 'if-modified-since': httpDate },
      200,
      '0123456789',
      {},
    ],
    ['again for a date that is none', 'digits.txt', { 'if-modified-since': 'soon' }, 200, '0123456789', {}],
    [
      'not beyond its end',
      'digits.txt',
      { range: 'bytes=10-' },
      416,
      'The range is outside of the file, which has 10 bytes.',
      { 'content-range': 'bytes */10' },
    ],
    [
      'not for its last no bytes',
      'digits.txt',
      { range: 'bytes=-0' },
      416,
      'The range is outside of the file, which has 10 bytes.',
      {},
    ],
    [
      'not for a range of an empty one',
      'empty.txt',
      { range: 'bytes=0-0' },
      416,
      'The range is outside of the file, which has 0 bytes.',
      {},
    ],
    ['not when it is a folder', 'sub%20dir', {}, 404, 'There is no file "sub dir".', {}],
    ['not when it is missing', 'missing', {}, 404, 'There is no file "missing".', {}],
  ]
  test.each(rows)('%s', async (_name, path, sent, status, body, headers) => {
    const response = await ask(path, sent)
    expect(response.status).toBe(status)
    expect(await response.text()).toBe(body)
    for (const [name, value] of Object.entries(headers))
      expect([name, response.headers.get(name)]).toEqual([name, value])
  })

  test('without its content to HEAD', async () => {
    const response = await ask('digits.txt', { range: 'bytes=0-1' }, 'HEAD')
    expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([200, '10', ''])
  })
})

describe('a browser', () => {
  const rows: [string, string, string][] = [
    ['photo.png', 'inline', 'image/png'],
    ['film.mp4', 'inline', 'video/mp4'],
    ['song.mp3', 'inline', 'audio/mpeg'],
    ['notes.txt', 'inline', 'text/plain; charset=utf-8'],
    ['data.json', 'inline', 'application/json; charset=utf-8'],
    ['paper.pdf', 'inline', 'application/pdf'],
    ['table.csv', 'attachment', 'text/csv; charset=utf-8'],
    ['page.html', 'attachment', 'text/html; charset=utf-8'],
    ['page.xhtml', 'attachment', 'text/html; charset=utf-8'],
    ['drawing.svg', 'attachment', 'image/svg+xml'],
    ['feed.xml', 'attachment', 'application/xml'],
    ['code.js', 'attachment', 'text/javascript; charset=utf-8'],
    ['what.ever', 'attachment', 'application/octet-stream'],
  ]
  test.each(rows)('takes %s as %s', (name, kind, contentType) => {
    const path = join(served, name)
    writeFileSync(path, 'x')
    const { headers } = serveFile(new Request('http://localhost/x'), path)
    expect(headers.get('content-disposition')).toBe(`${kind}; filename="${name}"; filename*=UTF-8''${name}`)
    expect(headers.get('content-type')).toBe(contentType)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-security-policy')).toMatch(
      name.endsWith('.pdf') ? /^default-src 'none'/ : /^sandbox; default-src 'none'/,
    )
  })

  const frame = { 'sec-fetch-dest': 'iframe', 'sec-fetch-site': 'same-origin' }
  test.each<[string, string, Record<string, string>, boolean]>([
    ['a frame in a page of ours', '?frame=1', frame, true],
    ['a frame that did not say so', '', frame, false],
    ['a page of its own', '?frame=1', { ...frame, 'sec-fetch-dest': 'document' }, false],
    ['a frame of somebody else', '?frame=1', { ...frame, 'sec-fetch-site': 'cross-site' }, false],
    ['a client that is no browser', '?frame=1', {}, false],
  ])('HTML is for %s, and has neither our origin nor the network', (_name, query, headers, isShown) => {
    const path = join(served, 'report.html')
    writeFileSync(path, '<p>x')
    const answer = serveFile(new Request(`http://localhost/x${query}`, { headers }), path)
    expect(answer.headers.get('content-disposition')).toStartWith(isShown ? 'inline' : 'attachment')
    const policy = answer.headers.get('content-security-policy')!
    expect(policy).toStartWith(isShown ? "sandbox allow-scripts; default-src 'none'" : "sandbox; default-src 'none'")
    expect(policy).not.toContain('allow-same-origin')
    if (isShown) expect(policy).toContain("frame-ancestors 'self'")
  })

  test('saves what it is asked to save, under the name that it is given', () => {
    const path = join(served, 'digits.txt')
    const asked = serveFile(new Request('http://localhost/x?download=1'), path)
    expect(asked.headers.get('content-disposition')).toMatch(/^attachment; filename="digits.txt"/)
    const named = serveFile(new Request('http://localhost/x'), path, { isDownload: true, filename: 'Été.html' })
    expect(named.headers.get('content-disposition')).toBe(
      `attachment; filename="_t_.html"; filename*=UTF-8''%C3%89t%C3%A9.html`,
    )
  })
})

test('a file that is missing is not found', async () => {
  expect((await failureOf(() => serveFile(new Request('http://localhost/x'), join(served, 'no')))).type).toBe(
    'not_found',
  )
})
