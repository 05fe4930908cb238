/** How a page is refused: to sign in first, or a page that says why not. */
import type { Viewer } from '../../views/viewer.ts'
import type { GatewayError } from '../errors.ts'
import { errorPage, seeOther } from './html.tsx'

/**
 * `hasUsers`: whether there is anybody to sign in as; `viewer`: who was refused, where that is known. A fragment would be
 * put into the page that asks for it: the page itself goes on, or is loaded again and then says what there is to say.
 */
export function refusedPage(
  request: Request,
  { type, status, message, headers }: GatewayError,
  hasUsers: boolean,
  viewer: Viewer | null = null,
): Response {
  const isFragment = request.headers.has('hx-request')
  if (type !== 'auth')
    return errorPage(status, message, { viewer, headers: isFragment ? { ...headers, 'hx-refresh': 'true' } : headers })
  const door = hasUsers ? '/sign-in' : '/setup'
  if (isFragment)
    return new Response(null, { status: 401, headers: { 'hx-redirect': door, 'cache-control': 'no-store' } })
  if (request.method !== 'GET' && request.method !== 'HEAD') return errorPage(status, message, { isForm: hasUsers })
  const { pathname, search } = new URL(request.url)
  const next = hasUsers && pathname !== '/' ? `?next=${encodeURIComponent(pathname + search)}` : ''
  return seeOther(`${door}${next}`)
}
