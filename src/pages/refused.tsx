/** How a page is refused: to sign in first, or a page that says why not. */
import type { GatewayError } from '../errors.ts'
import { errorPage } from './html.tsx'

/** `hasUsers`: whether there is anybody to sign in as. */
export function refusedPage(request: Request, error: GatewayError, hasUsers: boolean): Response {
  if (error.type !== 'auth') return errorPage(error.status, error.message)
  const { pathname, search } = new URL(request.url)
  const next = request.method === 'GET' && pathname !== '/' ? `?next=${encodeURIComponent(pathname + search)}` : ''
  const place = hasUsers ? `/sign-in${next}` : '/setup'
  const headers = { location: place, 'cache-control': 'no-store' }
  // A fragment would be put into the page that asks for it: the page itself goes on.
  if (request.headers.has('hx-request'))
    return new Response(null, { status: 401, headers: { ...headers, 'hx-redirect': hasUsers ? '/sign-in' : '/setup' } })
  if (request.method === 'GET' || request.method === 'HEAD') return new Response(null, { status: 303, headers })
  return errorPage(401, error.message)
}
