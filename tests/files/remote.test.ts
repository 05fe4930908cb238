import { afterAll, describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { type FetchOptions, fetchToFile } from '../../src/files/remote.ts'
import { disposableFolder, everythingIn, failureOf, subfolder } from './harness.ts'

const root = disposableFolder('remote')

const endless = () => new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(4096)) })
const silent = () =>
  new ReadableStream({
    start: (controller) => controller.enqueue(new Uint8Array(10)),
    pull: () => new Promise(() => {}),
  })

const answers: Record<string, (request: Request) => Response> = {
  '/a.txt': () => new Response('hello', { headers: { 'content-type': 'text/plain; charset=utf-8' } }),
  '/image': () => new Response('png', { headers: { 'content-type': 'image/png' } }),
  '/data': () => new Response('x', { headers: { 'content-type': 'application/octet-stream' } }),
  '/named': () => new Response('x', { headers: { 'content-disposition': 'attachment; filename="../../Été.csv"' } }),
  '/headers': (request) => Response.json(Object.fromEntries(request.headers)),
  '/missing': () => new Response('secret details', { status: 404 }),
  '/broken': () => new Response('secret details', { status: 500 }),
  '/nothing': () => new Response(null, { status: 204 }),
  '/once': () => Response.redirect('/a.txt'),
  '/loop': () => Response.redirect('/loop'),
  '/to-metadata': () => Response.redirect('http://169.254.169.254/latest'),
  '/to-file': () => Response.redirect('file:///etc/passwd'),
  '/nowhere': () => new Response(null, { status: 302 }),
  '/large': () => new Response('x'.repeat(2000)),
  '/endless': () => new Response(endless()),
  '/silent': () => new Response(silent()),
  '/%E5%86%99%20x.txt': () => new Response('x'),
}

const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  fetch: (request) => (answers[new URL(request.url).pathname] ?? answers['/missing']!)(request),
})
afterAll(() => server.stop(true))
const here = `http://127.0.0.1:${server.port}`

const fetchIt = (url: string, more: Partial<FetchOptions> = {}) =>
  fetchToFile(url, {
    path: '/image',
    folder: subfolder(root),
    bytesMax: 1000,
    timeoutMs: 10_000,
    allowPrivate: true,
    ...more,
  })

describe('a file is fetched', () => {
  const rows: [string, string, string, string][] = [
    ['under the last part of its address', '/a.txt?token=1', 'a.txt', 'text/plain'],
    ['with the extension of its type', '/image', 'image.png', 'image/png'],
    ['under the name that the server gives, made safe', '/named', 'Été.csv', expect.stringMatching(/^text\/plain/)],
    ['under a name in any language', '/%E5%86%99%20x.txt', '写 x.txt', expect.stringMatching(/^text\/plain/)],
    ['without a type that means nothing', '/data', 'data.bin', 'application/octet-stream'],
    ['where a redirect leads', '/once', 'a.txt', 'text/plain'],
  ]
  test.each(rows)('%s', async (_name, path, filename, contentType) => {
    const file = await fetchIt(here + path)
    expect(file).toMatchObject({ filename, contentType, size: readFileSync(file.path).length })
  })

  test('by name, from the address that the name service gave, with its name in Host', async () => {
    const file = await fetchIt(`http://files.test:${server.port}/headers`, {
      resolve: async () => [{ address: '127.0.0.1', family: 4 }],
    })
    expect(JSON.parse(readFileSync(file.path, 'utf8'))).toMatchObject({ host: `files.test:${server.port}` })
  })

  test('without credentials of any kind', async () => {
    const headers = JSON.parse(readFileSync((await fetchIt(`${here}/headers`)).path, 'utf8'))
    expect(Object.keys(headers).sort()).toEqual(['accept', 'accept-encoding', 'connection', 'host', 'user-agent'])
  })
})

describe('what cannot be fetched is a problem of the parameter and leaves nothing', () => {
  const rows: [string, string, RegExp, Partial<FetchOptions>?][] = [
    ['a missing page', `${here}/missing?key=secret`, /could not be fetched: 404 Not Found from http:[^?]+\/missing$/],
    ['a server at fault', `${here}/broken`, /500 Internal Server Error from/],
    ['no content', `${here}/nothing`, /204 No Content from/],
    ['a redirect to nowhere', `${here}/nowhere`, /302 Found from/],
    ['redirects without end', `${here}/loop`, /more than 5 redirects/],
    ['a redirect to the metadata of a cloud', `${here}/to-metadata`, /"169.254.169.254" is not a public address/],
    ['a redirect to a file', `${here}/to-file`, /only http and https are fetched, not file:/],
    ['another protocol', 'ftp://example.test/x', /only http and https/],
    ['no address', 'http://', /not a valid address/],
    ['an address with a password', 'http://ann:secret@example.test/', /user name or password is not fetched$/],
    ['a closed port', 'http://127.0.0.1:1/', /ECONNREFUSED/],
    ['a server that falls silent', `${here}/silent`, /it took more than 0.2 s/, { timeoutMs: 200 }],
    [
      'a name nobody knows',
      'http://nobody.test/',
      /no address is known for "nobody.test"/,
      { resolve: async () => [] },
    ],
    [
      'a name service that does not answer',
      'http://nobody.test/',
      /it took more than 0.1 s/,
      { resolve: () => new Promise(() => {}), timeoutMs: 100 },
    ],
    ['a request that was given up', `${here}/a.txt`, /it was given up/, { signal: AbortSignal.abort() }],
  ]
  test.each(rows.map(([name, url, message, more]) => [name, url, message, more ?? {}] as const))(
    '%s',
    async (_name, url, message, more) => {
      const folder = subfolder(root)
      const failure = await failureOf(() => fetchIt(url, { folder, ...more }))
      expect(failure.details).toEqual([{ path: '/image', message: expect.stringMatching(message) }])
      expect(failure.message).not.toContain('secret')
      expect(failure.status).toBe(422)
      expect(everythingIn(folder)).toEqual([])
    },
  )

  test.each(['/large', '/endless'])('too many bytes: %s', async (path) => {
    const folder = subfolder(root)
    const failure = await failureOf(() => fetchIt(here + path, { folder }))
    expect(failure.type).toBe('too_large')
    expect(failure.message).toMatch(/^image is larger than 1000 bytes/)
    expect(everythingIn(folder)).toEqual([])
  })
})

describe('nothing is fetched from our own network', () => {
  const spellings = [
    '127.0.0.1',
    '127.1',
    '0x7f.1',
    '2130706433',
    '0177.0.0.1',
    '127.0.0.1.',
    '①②⑦.0.0.1',
    '0.0.0.0',
    '10.0.0.1',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[64:ff9b::7f00:1]',
    '[2002:7f00:1::]',
    '[fe80::1]',
    '[fd00::1]',
    'localhost',
  ]
  test.each(spellings)('as %s', async (host) => {
    const failure = await failureOf(() => fetchIt(`http://${host}:${server.port}/a.txt`, { allowPrivate: false }))
    expect(failure.message).toMatch(/is not a public address/)
  })

  test('by a name that leads there', async () => {
    const resolve = async () => [{ address: '127.0.0.1', family: 4 }]
    const url = `http://public.test:${server.port}/a.txt`
    const failure = await failureOf(() => fetchIt(url, { allowPrivate: false, resolve }))
    expect(failure.message).toMatch(/"public.test" is not a public address \(the setting fetch_private_addresses\)/)
  })

  test('by a name that leads elsewhere when it is asked again', async () => {
    let asked = 0
    const resolve = async () => [{ address: asked++ === 0 ? '127.0.0.1' : '169.254.169.254', family: 4 }]
    await fetchIt(`http://rebound.test:${server.port}/a.txt`, { resolve })
    expect(asked).toBe(1)
  })
})
