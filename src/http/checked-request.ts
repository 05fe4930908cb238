/** Requests to addresses that somebody named, without lending them our place in the network. */
import { lookup as resolveName } from 'node:dns/promises'
import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP } from 'node:net'
import { type IpKind, kindOfIp } from './ip-kinds.ts'

export interface IpAddress {
  address: string
  family: number
}

/** Which addresses may be connected to. */
export interface AddressRules {
  allows(kind: IpKind): boolean
  /** Why none of the addresses of `hostname` is connected to, in words. */
  refusal(hostname: string, kinds: IpKind[]): string
  /** The system's name service, unless a test has its own. */
  resolve?: (hostname: string) => Promise<IpAddress[]>
}

export interface CheckedRequest {
  rules: AddressRules
  method?: string
  headers: Record<string, string>
  body?: string
  signal: AbortSignal
  /** Certificates to trust instead of the usual ones (PEM), for tests. */
  ca?: string
}

/**
 * What is wrong with an address or its server, in words. `kind`: no http(s) address, one that the rules refuse, a name
 * without an address, the network (`code` as Node.js or Bun name it), or the signal.
 */
export class RequestProblem extends Error {
  constructor(
    message: string,
    readonly kind: 'address' | 'refused' | 'name' | 'network' | 'aborted',
    readonly code = '',
  ) {
    super(message)
  }
}

/** The addresses of `hostname` (a name, or an address itself, an IPv6 one in brackets too) that may be connected to. Throws `RequestProblem`. */
export async function checkedAddresses(
  hostname: string,
  { allows, refusal, resolve = systemResolve }: AddressRules,
): Promise<IpAddress[]> {
  const host = hostname.replace(/^\[|\]$/g, '')
  const family = isIP(host)
  const unknown = () => new RequestProblem(`no address is known for "${host}"`, 'name')
  const addresses = family
    ? [{ address: host, family }]
    : await resolve(host).catch(() => {
        throw unknown()
      })
  if (addresses.length === 0) throw unknown()
  const kinds = addresses.map(({ address }) => kindOfIp(address))
  const allowed = addresses.filter((_, index) => allows(kinds[index]!))
  if (allowed.length === 0) throw new RequestProblem(refusal(host, kinds), 'refused')
  return allowed
}

const systemResolve = (hostname: string) => resolveName(hostname, { all: true })

/**
 * Resolves when the headers of the answer are there; redirects are answers too. The very address that was checked is
 * connected to: a name that changes in between cannot lead elsewhere. Throws `RequestProblem`.
 */
export async function requestChecked(
  url: URL,
  { rules, method = 'GET', headers, body, signal, ca }: CheckedRequest,
): Promise<IncomingMessage> {
  // URL has brought every spelling of an address (0x7f.1, 2130706433) to the usual one.
  const addresses = await race(checkedAddresses(url.hostname, rules), signal)
  const send = url.protocol === 'https:' ? requestHttps : requestHttp
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const request = send(url, {
    // No pooled connection: it was made to an address that was checked for somebody else.
    agent: false,
    method,
    signal,
    lookup: (_hostname, { all }, callback) =>
      all ? callback(null, addresses) : callback(null, addresses[0]!.address, addresses[0]!.family),
    headers: body === undefined ? headers : { ...headers, 'content-length': String(Buffer.byteLength(body)) },
    ...(ca === undefined ? {} : { ca }),
  })
  request.on('response', resolve).on('error', (error: NodeJS.ErrnoException) => reject(networkProblem(error)))
  let preliminary = 0
  request.on('information', () => {
    if (++preliminary <= preliminaryMax) return
    reject(new RequestProblem('the server sends preliminary answers and no other', 'network', 'HTTP_PRELIMINARY'))
    request.destroy()
  })
  request.end(body)
  return race(promise, signal)
}

/** Of 1xx a server may send any number before its answer (RFC 9110, 15.2), and reading them as fast as they come is all we would do. */
const preliminaryMax = 20

const networkProblem = (error: NodeJS.ErrnoException) => new RequestProblem(error.message, 'network', error.code)

/** The body as it comes; ends with `RequestProblem`, also when a server stops sending without closing. */
export async function* chunksOf(response: IncomingMessage, signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
  const chunks = response[Symbol.asyncIterator]()
  while (true) {
    const { done, value } = await race(chunks.next(), signal).catch((error: Error) => {
      throw error instanceof RequestProblem ? error : networkProblem(error)
    })
    if (done) break
    yield value
  }
  if (!response.complete) throw new RequestProblem('the connection ended before the file did', 'network')
}

/** Some waits do not end when the request is aborted (a name service that does not answer). */
export function race<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const abort = () => reject(new RequestProblem('it was given up', 'aborted'))
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  return Promise.race([promise, aborted]).finally(() => signal.removeEventListener('abort', abort))
}
