/**
 * Somebody else's web server on loopback, which fails in every way there is. What it does is the first part of the path
 * (`/gone/any/thing`), or `mode`, once that is set; else it says yes. It speaks over bare sockets: no server would do these things.
 */
import { createServer, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { gzipSync } from 'node:zlib'
import { cert, key } from './certificate.ts'
import { eventually } from './folder.ts'

export interface Received {
  method: string
  path: string
  /** Names in lower case. */
  headers: Record<string, string>
  body: string
  at: number
}

export interface Receiver {
  port: number
  /** `http://127.0.0.1:PORT/` and `path`. */
  url(path?: string): string
  requests: Received[]
  /** Waits until there are `count` requests in all. */
  arrived(count?: number): Promise<Received[]>
  /** For every request from now on, whatever its path; null: by the path again. */
  mode: Behaviour | null
  /** Of a behaviour for which that counts: as told in `to_other`. */
  other: string
  close(): Promise<void>
}

type Act = (socket: Socket, request: Received, receiver: Receiver) => void

const answer = (status: string, body = '', headers: string[] = []) =>
  [`HTTP/1.1 ${status}`, `content-length: ${Buffer.byteLength(body)}`, 'connection: close', ...headers, '', body].join(
    '\r\n',
  )

const says =
  (status: string, body = '', ...headers: string[]): Act =>
  (socket) =>
    socket.end(answer(status, body, headers))

const leads =
  (status: string, to: (receiver: Receiver) => string): Act =>
  (socket, _request, receiver) =>
    socket.end(answer(status, 'elsewhere', [`location: ${to(receiver)}`]))

const behaviours = {
  ok: says('200 OK', 'ok'),
  no_content: says('204 No Content'),
  error: says('500 Internal Server Error', 'boom'),
  unavailable: says('503 Service Unavailable', '', 'retry-after: 120'),
  not_found: says('404 Not Found', 'no such hook'),
  forbidden: says('403 Forbidden', 'invalid_token'),
  bad_request: says('400 Bad Request', '{"message": "invalid"}'),
  timed_out: says('408 Request Timeout'),
  gone: says('410 Gone'),
  too_many: says('429 Too Many Requests', 'slow down', 'retry-after: 7'),
  too_many_for_ever: says('429 Too Many Requests', '', 'retry-after: 99999999'),
  too_many_of_telegram: says('429 Too Many Requests', '{"ok":false,"parameters":{"retry_after":14}}'),
  too_many_until: (socket) =>
    socket.end(answer('429 Too Many Requests', '', ['retry-after: Fri, 01 Jan 2027 00:01:00 GMT'])),
  strange_status: says('299 Whatever', 'fine'),
  silent: () => {},
  slow_headers: (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx-more: '),
  slow_body: (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nbegun'),
  slow_error: (socket) => socket.write('HTTP/1.1 500 Oh\r\ncontent-length: 100\r\n\r\nbegun'),
  /** A byte now and then, so that no limit on silence helps. */
  drip: (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nx-more: ')
    const timer = setInterval(() => socket.write('x'), 10)
    socket.on('close', () => clearInterval(timer))
  },
  closes: (socket) => socket.destroy(),
  closes_in_headers: (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-le'),
  closes_in_answer: (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nhalf of it'),
  garbage: (socket) => socket.end('\x00\x01SSH-2.0-nothing\r\n\r\n'),
  huge: (socket) => socket.end(answer('200 OK', 'x'.repeat(2_000_000))),
  huge_headers: (socket) => socket.end(answer('200 OK', 'ok', [`x-much: ${'x'.repeat(1_000_000)}`])),
  endless: (socket) => {
    socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n')
    const chunk = `1000\r\n${'x'.repeat(4096)}\r\n`
    const more = () => {
      while (!socket.destroyed && socket.write(chunk));
    }
    socket.on('drain', more)
    more()
  },
  /** A million letters in a thousand bytes. */
  packed: (socket) => {
    const body = gzipSync('x'.repeat(1_000_000))
    socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${body.length}\r\n\r\n`)
    socket.end(body)
  },
  hinted: (socket) => socket.end(`HTTP/1.1 103 Early Hints\r\n\r\n${answer('200 OK', 'ok')}`),
  hints_for_ever: (socket) => {
    const chunk = 'HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n'.repeat(100)
    const more = () => {
      while (!socket.destroyed && socket.write(chunk));
    }
    socket.on('drain', more)
    more()
  },
  /** Keeps the connection and lets it die: a second request over it would get nothing. */
  keep_alive_dies: (socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: keep-alive\r\n\r\nok', () => socket.destroy())
  },
  echo: (socket, { path, headers }) => socket.end(answer('500 Oh', `Cannot POST ${path} ${JSON.stringify(headers)}`)),
  temporary: leads('307 Temporary Redirect', () => '/ok/after'),
  permanent: leads('308 Permanent Redirect', () => '/ok/after'),
  found: leads('302 Found', () => '/ok/after'),
  moved: leads('301 Moved Permanently', () => '/ok/after'),
  see_other: leads('303 See Other', () => '/ok/after'),
  loop: leads('307 Temporary Redirect', () => '/loop'),
  /** In a spelling that is refused even where link-local addresses are allowed: nobody's metadata is asked for by a test. */
  to_metadata: leads('307 Temporary Redirect', () => 'http://[::ffff:169.254.169.254]/latest/meta-data'),
  to_file: leads('307 Temporary Redirect', () => 'file:///etc/passwd'),
  to_nowhere: says('307 Temporary Redirect'),
  to_other: leads('307 Temporary Redirect', (receiver) => receiver.other),
} satisfies Record<string, Act>

export type Behaviour = keyof typeof behaviours

/** Every way in which it does not say yes in time. */
export const failures = [
  ...(['error', 'unavailable', 'not_found', 'forbidden', 'bad_request', 'timed_out', 'gone', 'too_many'] as const),
  ...(['silent', 'slow_headers', 'slow_error', 'drip', 'closes', 'closes_in_headers', 'garbage'] as const),
  ...(['loop', 'to_metadata', 'to_file', 'to_nowhere'] as const),
] satisfies Behaviour[]

/** Listens on a free port of 127.0.0.1; with `tls` for hook.test. */
export async function createReceiver({ tls = false } = {}): Promise<Receiver> {
  const sockets = new Set<Socket>()
  const serve = (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy())
    readRequest(socket, (request) => {
      receiver.requests.push(request)
      behaviours[receiver.mode ?? behaviourOf(request.path)](socket, request, receiver)
    })
  }
  const server = tls ? createTlsServer({ key, cert }, serve) : createServer(serve)
  server.on('tlsClientError', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const receiver: Receiver = {
    port,
    url: (path = '') => `http://127.0.0.1:${port}/${path}`,
    requests: [],
    arrived: async (count = 1) => {
      await eventually(`${count} requests`, () => receiver.requests.length >= count)
      return receiver.requests
    },
    mode: null,
    other: '',
    close: () => {
      for (const socket of sockets) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
  return receiver
}

function behaviourOf(path: string): Behaviour {
  const name = path.split(/[/?]/)[1] ?? ''
  return Object.hasOwn(behaviours, name) ? (name as Behaviour) : 'ok'
}

/** One request of a connection: what comes after it is not looked at. */
function readRequest(socket: Socket, done: (request: Received) => void) {
  let bytes: Buffer = Buffer.alloc(0)
  let isDone = false
  socket.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk])
    // As servers do with TLS on a port without it.
    if (bytes[0] === 0x16) return socket.end(answer('400 Bad Request'))
    const end = bytes.indexOf('\r\n\r\n')
    if (isDone || end === -1) return
    const [first = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n')
    const headers = Object.fromEntries(lines.map((line) => [nameOf(line), line.slice(line.indexOf(':') + 1).trim()]))
    const body = bytes.subarray(end + 4)
    if (body.length < Number(headers['content-length'] ?? 0)) return
    isDone = true
    const [method = '', path = ''] = first.split(' ')
    done({ method, path, headers, body: body.toString(), at: Date.now() })
  })
}

const nameOf = (line: string) => line.slice(0, line.indexOf(':')).toLowerCase()
