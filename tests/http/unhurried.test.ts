/** How long a request may take to arrive, over real sockets. Bun looks at its connections every four seconds. */
import { afterAll, describe, expect, test } from 'bun:test'
import { connect } from 'node:net'
import { GatewayError } from '../../src/errors.ts'
import { bodyChunks } from '../../src/files/chunks.ts'
import { unhurried, unhurriedBodies } from '../../src/http/unhurried.ts'

describe('the connection is held open', () => {
  const rows: [string, () => Response, string][] = [
    ['until there is an answer', () => new Response('ok'), 'ok'],
    [
      'until something is thrown',
      () => {
        throw new Error('thrown')
      },
      'thrown',
    ],
  ]
  test.each(rows)('%s', async (_, answer, expected) => {
    const said: (number | string)[] = []
    const request = new Request('http://localhost/', { method: 'POST' })
    const given = unhurried(
      request,
      (one, sec) => void said.push(one === request ? sec : 'another'),
      async () => {
        await Promise.resolve()
        said.push('acts')
        return answer()
      },
    )
    expect(
      await given.then(
        (response) => response.text(),
        ({ message }: Error) => message,
      ),
    ).toBe(expected)
    expect(said).toEqual([0, 'acts', 30])
  })

  test('for nothing without a body', () => {
    const around = unhurriedBodies(() => {
      throw new Error('touched')
    }) as unknown as (fetch: () => string) => (request: Request) => string
    expect(around(() => 'ok')(new Request('http://localhost/'))).toBe('ok')
  })
})

/** What came until the connection was closed, and after how long. */
function drip(port: number, path: string, { bytes = 100, everyMs = 500, forMs = 6000, tillClosed = false } = {}) {
  const { promise, resolve } = Promise.withResolvers<{ text: string; closedMs: number | null }>()
  const socket = connect(port, '127.0.0.1')
  const startMs = performance.now()
  let text = ''
  const finish = (closedMs: number | null) => {
    clearInterval(timer)
    clearTimeout(end)
    socket.destroy()
    resolve({ text, closedMs })
  }
  const end = setTimeout(() => finish(null), forMs)
  socket.write(`POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${bytes}\r\n\r\n`)
  let sent = 0
  const timer = setInterval(() => {
    if (sent++ < bytes) socket.write('a')
  }, everyMs)
  socket.on('data', (chunk) => {
    text += chunk
    if (!tillClosed) finish(null)
  })
  socket.on('close', () => finish(performance.now() - startMs))
  socket.on('error', () => {})
  return promise
}

test('a body may take longer than a connection may be silent, and nothing else may', async () => {
  const answer = async (request: Request) => {
    const { pathname } = new URL(request.url)
    if (pathname !== '/unread') for await (const _chunk of bodyChunks(request));
    return new Response(`done ${pathname}`)
  }
  // As listen() in app.ts, with a second in place of thirty.
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    idleTimeout: 1,
    fetch: (request, self) =>
      unhurried(
        request,
        (one, sec) => self.timeout(one, Math.min(1, sec)),
        () => answer(request),
      ),
  })
  afterAll(() => server.stop(true))
  const [slow, unread, idle] = await Promise.all([
    drip(server.port!, '/slow', { bytes: 11, forMs: 15_000 }),
    drip(server.port!, '/unread', { bytes: 1000, forMs: 15_000, tillClosed: true }),
    drip(server.port!, '/idle', { bytes: 1, forMs: 15_000, tillClosed: true }),
  ])
  expect(slow.text).toContain('done /slow')
  expect(unread).toEqual({ text: expect.stringContaining('done /unread'), closedMs: expect.any(Number) })
  expect(idle).toEqual({ text: expect.stringContaining('done /idle'), closedMs: expect.any(Number) })
}, 20_000)

describe('a body that', () => {
  const limits = { silenceMsMax: 400, graceMs: 800, bytesPerSecMin: 100 }
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    async fetch(request) {
      let size = 0
      try {
        for await (const chunk of bodyChunks(request, request.signal, limits)) {
          size += chunk.length
          if (request.url.endsWith('/busy')) await Bun.sleep(300) // our disk is slow, not the client
        }
        return new Response(`got ${size}`)
      } catch (error) {
        if (error instanceof GatewayError)
          return new Response(`${error.status} after ${size}`, { headers: error.headers })
        throw error
      }
    },
  })
  afterAll(() => server.stop(true))

  const rows: [string, string, Parameters<typeof drip>[2], RegExp][] = [
    ['stops is given up', '/', { everyMs: 10_000, forMs: 3000 }, /408 after 0/],
    ['trickles is given up', '/', { everyMs: 100, forMs: 4000 }, /408 after \d\d?\b/],
    ['is slow, but not that slow, arrives', '/', { everyMs: 5, forMs: 4000 }, /got 100/],
    ['waits for us arrives', '/busy', { bytes: 8, everyMs: 100, forMs: 5000 }, /got 8/],
  ]
  test.each(rows)('%s', async (_, path, options, expected) => {
    expect((await drip(server.port!, path, options)).text).toMatch(expected)
  })
})
