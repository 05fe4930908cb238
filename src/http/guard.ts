/**
 * Until access control exists: only this machine may call, and no web page of somebody else's. The address we listen on
 * keeps other machines out; these two checks keep out the pages that a browser on this machine has open.
 */
import { GatewayError } from '../errors.ts'

const loopbackNames = new Set(['localhost', '127.0.0.1', '[::1]'])

export const isLoopback = (host: string) =>
  host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host) || host === '[::1]'

/**
 * Refuses a request whose `Host` is not ours (DNS rebinding), and one that a page of another site makes: there is no
 * credential yet that it would lack. `baseUrl`: a name of our own that a proxy may use.
 */
export function guard(request: Request, baseUrl: string): void {
  const host = request.headers.get('host')
  const name = host?.replace(/:\d+$/, '').toLowerCase()
  const own = new URL(baseUrl)
  if (name !== undefined && !loopbackNames.has(name) && !isLoopback(name) && name !== own.hostname)
    throw new GatewayError('forbidden', `"${name}" is not a name of this gateway: use localhost, or set BASE_URL.`)
  const site = request.headers.get('sec-fetch-site')
  const isNavigation = request.headers.get('sec-fetch-mode') === 'navigate' && request.method === 'GET'
  const isPage = isNavigation && !new URL(request.url).pathname.startsWith('/api/')
  if ((site === 'cross-site' || site === 'same-site') && !isPage)
    // same-site: another port or a sister domain
    throw new GatewayError('forbidden', 'A page of another site made this request, and it may not.')
  const origin = request.headers.get('origin')
  if (origin && !isOwnOrigin(origin, host, own.origin))
    throw new GatewayError('forbidden', `A page of ${origin} made this request, and it may not.`)
}

/** Another port is another origin: what else listens on this machine may show anybody's pages. */
const isOwnOrigin = (origin: string, host: string | null, own: string) =>
  URL.canParse(origin) && (new URL(origin).host === host?.toLowerCase() || new URL(origin).origin === own)
