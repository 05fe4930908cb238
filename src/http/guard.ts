/**
 * Which requests are a person's or a program's that means this gateway, and which are made by a page of somebody else in a
 * browser that may reach it: names that are ours (DNS rebinding), and origins (CSRF, sockets across sites).
 */
import { isIP } from 'node:net'
import { hostname as nameOfMachine } from 'node:os'
import { GatewayError } from '../errors.ts'

export const isLoopback = (host: string) =>
  host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host) || host === '[::1]'

interface Names {
  /** The address we listen on. */
  listensOn: string
  baseUrl(): string
  allowedHosts(): readonly string[]
}

/**
 * Whether a `Host` is a name of ours: a page whose name was pointed at this machine sends its own. On loopback only loopback's
 * names are; elsewhere also addresses, which no name server can point anywhere, and the names of the machine.
 */
export function createHostCheck({ listensOn, baseUrl, allowedHosts }: Names) {
  const machine = nameOfMachine().toLowerCase()
  const isOfNetwork = (name: string) =>
    !isLoopback(listensOn) && (isIP(bare(name)) !== 0 || name === machine || name === `${machine}.local`)

  /** Throws `forbidden` with the setting to change, and `validation` with status 400 for no name at all. */
  return function checkHost(host: string | null): void {
    const name = nameIn(host)
    if (name === null) throw new GatewayError('validation', 'The request has no valid Host header.', { status: 400 })
    const isOurs =
      isLoopback(name) ||
      isOfNetwork(name) ||
      name === nameOf(baseUrl()) ||
      allowedHosts().some((one) => same(one, name))
    if (!isOurs)
      throw new GatewayError(
        'forbidden',
        `"${name}" is not a name of this gateway: ${isLoopback(listensOn) ? 'use localhost' : 'use its address'}, or set BASE_URL or ALLOWED_HOSTS.`,
      )
  }
}

/** The host name without port and closing dot, in lower case; null for what is none. */
export const nameIn = (host: string | null) =>
  /^(\[[\da-f:.]{2,45}\]|[\w-][\w.-]{0,252})(?::\d{1,5})?$/i
    .exec(host ?? '')?.[1]
    ?.replace(/\.$/, '')
    .toLowerCase() ?? null

const bare = (name: string) => name.replace(/^\[|\]$/g, '')
const same = (one: string, name: string) => bare(one).toLowerCase() === bare(name)
const nameOf = (url: string) => new URL(url).hostname

export type Origin = 'own' | 'foreign' | 'unknown'

/** By what name and scheme the client came. */
interface CameBy {
  /** null: nobody whom we trust says it. */
  scheme: 'http' | 'https' | null
  host: string
  baseUrl: string
}

/**
 * Whose page made a request. A browser tells by Sec-Fetch-Site, but only to https and localhost; by Origin, but not for every
 * GET; else by Referer, if no policy forbids. `unknown`: none of them, as from a program, or from a page that hides.
 */
export function originOf(headers: Headers, cameBy: CameBy): Origin {
  const site = headers.get('sec-fetch-site')
  const origin = headers.get('origin')
  if (site === 'cross-site' || site === 'same-site') return 'foreign' // same-site: another port or a sister domain
  if (origin !== null) return isOwn(origin, cameBy) ? 'own' : 'foreign'
  if (site !== null) return 'own' // same-origin, or none: typed, or from a bookmark
  const referer = headers.get('referer')
  if (referer === null) return 'unknown'
  return isOwn(URL.parse(referer)?.origin ?? 'null', cameBy) ? 'own' : 'foreign'
}

/** Another port is another origin: what else listens on this machine may show anybody's pages. */
function isOwn(origin: string, { scheme, host, baseUrl }: CameBy): boolean {
  const url = URL.parse(origin)
  if (!url || !/^https?:$/.test(url.protocol)) return false
  if (url.origin === new URL(baseUrl).origin) return true
  const isOurScheme = scheme !== 'https' || url.protocol === 'https:'
  return isOurScheme && url.host === URL.parse(`${url.protocol}//${host}`)?.host
}

interface Arrived {
  origin: Origin
  isListedOrigin: boolean
  isSocket: boolean
}

/**
 * Throws `forbidden` for a request that a page of another origin makes, whatever it carries: calls, sockets, streams. A link
 * from elsewhere may lead to a page, since opening one changes nothing.
 */
export function refuseForeign({ method, url, headers }: Request, { origin, isListedOrigin, isSocket }: Arrived): void {
  if (origin !== 'foreign' || isListedOrigin) return
  const isNavigation = (headers.get('sec-fetch-mode') ?? 'navigate') === 'navigate' && headers.get('origin') === null
  const isPage = !/^\/(api|ws)\//.test(new URL(url).pathname) && !isSocket
  if (isNavigation && isPage && (method === 'GET' || method === 'HEAD')) return
  const who = headers.get('origin')
  const page = who && who !== 'null' ? `A page of ${who.slice(0, 200)}` : 'A page of another site'
  throw new GatewayError('forbidden', `${page} made this request, and it may not.`)
}

/**
 * Throws `forbidden` for a caller known by what a browser sends by itself (a cookie, or what a proxy adds), where it is not
 * evident that a page of ours made the request. `isActing`: it changes or starts something; a socket always counts as that.
 */
export function requireOwnOrigin(
  { origin, isListedOrigin, isSocket }: Arrived,
  { isActing }: { isActing: boolean },
): void {
  if (isListedOrigin) throw new GatewayError('forbidden', 'Pages of other origins need an API token of their own.')
  if ((isActing || isSocket) && origin !== 'own')
    throw new GatewayError(
      'forbidden',
      'It is not evident that a page of this gateway made this request: send it from there, or with an API token.',
    )
}
