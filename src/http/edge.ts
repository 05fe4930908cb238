/**
 * What every request passes before its route, and every answer after: who sent it by which address, whether it may come in
 * at all, the base path, and the headers that all answers have. Around Elysia, which reads the path before any hook.
 */
import type { HigherOrderFunction } from 'elysia/types'
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import { createNetworks, readSender, type Sender } from './address.ts'
import { basePathOf, putBaseIntoHeaders, putBaseIntoMarkup, withoutBase } from './base-path.ts'
import { compressed } from './compress.ts'
import { allowReading, isPreflight, preflightResponse } from './cors.ts'
import { errorResponse } from './errors.ts'
import { createHostCheck, type Origin, originOf, refuseForeign } from './guard.ts'
import { addSecurityHeaders } from './security-headers.ts'

/** How a request came here. */
export interface Arrival extends Omit<Sender, 'scheme' | 'host'> {
  /** By which the client came, as far as a trusted proxy says; else as we were called. */
  scheme: 'http' | 'https'
  /** With its port. */
  host: string
  /** Whose page made it. */
  origin: Origin
  /** A page of an origin in `cors_origins`: it may call with a token, and never with what a browser sends by itself. */
  isListedOrigin: boolean
  /** Asks to become a WebSocket, to which no browser applies the rules of other requests. */
  isSocket: boolean
}

const arrivals = new WeakMap<Request, Arrival>()

/** Throws when the request did not come through the edge. */
export function arrivalOf(request: Request): Arrival {
  const arrival = arrivals.get(request)
  if (!arrival) throw new Error('a request reached its handler without passing the edge')
  return arrival
}

interface EdgeDeps {
  setting<K extends keyof Config>(name: K): Config[K]
  baseUrl(): string
  /** What Bun says of the socket; null for a request without one. */
  peerOf(request: Request): string | null
  log: Log
}

type Fetch = (request: Request) => Response | Promise<Response>

/** For Elysia's `wrap`: around whatever answers. Throws an Error when `trusted_proxies` holds what is no address. */
export function createEdge({ setting, baseUrl, peerOf, log }: EdgeDeps) {
  const proxies = createNetworks(setting('trusted_proxies'))
  const checkHost = createHostCheck({
    listensOn: setting('host'),
    baseUrl,
    allowedHosts: () => setting('allowed_hosts'),
  })

  /** Throws what refuses the request. */
  function admit(request: Request): Arrival {
    const { headers } = request
    const peer = peerOf(request)
    const sender = readSender(headers, peer, proxies)
    // Without a socket it is a call of our own, whose address is in it.
    const called = headers.get('host') ?? (peer === null ? (URL.parse(request.url)?.host ?? null) : null)
    checkHost(called)
    if (sender.host !== null) checkHost(sender.host)
    const host = sender.host ?? called!
    const origin = originOf(headers, { scheme: sender.scheme, host, baseUrl: baseUrl() })
    const isListedOrigin = origin === 'foreign' && setting('cors_origins').includes(headers.get('origin') ?? '')
    const isSocket = headers.has('upgrade')
    const arrival = { ...sender, host, scheme: sender.scheme ?? schemeOf(request), origin, isListedOrigin, isSocket }
    arrivals.set(request, arrival)
    return arrival
  }

  /** Routes see the address by which the client came, without the base path. The object stays: Bun knows sockets by it. */
  function setAddress(request: Request, { scheme, host, isProxied }: Arrival, base: string) {
    const pathAt = request.url.indexOf('/', request.url.indexOf('//') + 2)
    const path = request.url.slice(pathAt)
    const inner = withoutBase(path, base)
    if (inner === path && !isProxied && pathAt >= pathAtMin) return
    Object.defineProperty(request, 'url', { value: `${originFor(scheme, host)}${inner}` })
  }

  function finish(request: Request, answer: Response, base: string): Response | Promise<Response> {
    if (!answer?.headers) return answer // a socket was opened
    const { headers } = answer
    const arrival = arrivals.get(request)
    addSecurityHeaders(headers, { isHttps: arrival?.scheme === 'https' })
    if (setting('cors_origins').length > 0) headers.append('vary', 'origin')
    if (arrival?.isListedOrigin) allowReading(headers, request.headers.get('origin')!)
    if (base !== '') putBaseIntoHeaders(headers, base)
    if (request.method === 'HEAD' && answer.status === 200 && headers.get('content-length') === '0')
      return ofUnknownLength(answer)
    return isOurMarkup(headers) && answer.body !== null ? finishMarkup(request, answer, base) : answer
  }

  function around(fetch: Fetch): Fetch {
    return (request) => {
      const base = basePathOf(baseUrl())
      try {
        const arrival = admit(request)
        setAddress(request, arrival, base)
        refuseForeign(request, arrival)
        if (arrival.isListedOrigin && isPreflight(request)) return finish(request, preflightResponse(), base)
      } catch (error) {
        return finish(request, errorResponse(error, log), base)
      }
      const answer = fetch(request)
      return answer instanceof Promise
        ? answer.then((response) => finish(request, response, base))
        : finish(request, answer, base)
    }
  }

  return around as unknown as HigherOrderFunction // whose own type knows of no request and no answer
}

/** Elysia looks for the path from the twelfth character on, so that a short name (`http://nas/`) is written with its port. */
function originFor(scheme: 'http' | 'https', host: string): string {
  const origin = `${scheme}://${host}`
  if (origin.length >= pathAtMin) return origin
  const [name, port = scheme === 'https' ? '443' : '80'] = host.split(':')
  return `${scheme}://${name}:${port.padStart(5, '0')}`
}

const pathAtMin = 11

const schemeOf = ({ url }: Request) => (url.startsWith('https:') ? 'https' : 'http')

/** What scripts made has a disposition; what is compressed already is none of our pages. */
const isOurMarkup = (headers: Headers) =>
  (headers.get('content-type') ?? '').startsWith('text/html') &&
  !headers.has('content-disposition') &&
  !headers.has('content-encoding')

async function finishMarkup(request: Request, answer: Response, base: string): Promise<Response> {
  const text = await answer.text()
  return compressed(base === '' ? text : putBaseIntoMarkup(text, base), answer, request)
}

/** Elysia counts what a GET would be answered with; of a stream, which nobody makes for a HEAD, that says nothing. */
function ofUnknownLength({ headers }: Response): Response {
  headers.delete('content-length')
  return new Response(new ReadableStream(), { headers })
}
