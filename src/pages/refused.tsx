/** How a page is refused: to sign in first, or a page that says why not. */
import { say, type Text } from '../../views/texts.ts'
import type { Viewer } from '../../views/viewer.ts'
import type { GatewayError } from '../errors.ts'
import { withoutBase } from '../http/base-path.ts'
import { errorPage, seeOther } from './html.tsx'
import { localPath } from './sign-in.tsx'

/**
 * `hasUsers`: whether there is anybody to sign in as; `viewer`: who was refused, where that is known. A fragment would be
 * put into the page that asks for it: the page itself goes on, or is loaded again and then says what there is to say.
 * `base`: the base path, which is in what a browser says of its page.
 */
export function refusedPage(
  request: Request,
  { type, status, message, headers }: GatewayError,
  hasUsers: boolean,
  viewer: Viewer | null = null,
  base = '',
): Response {
  const { pathname, search } = new URL(request.url)
  const said = type === 'not_found' ? say(noSuch(pathname)) : message
  const isFragment = request.headers.has('hx-request')
  if (type !== 'auth')
    return errorPage(status, said, { viewer, headers: isFragment ? { ...headers, 'hx-refresh': 'true' } : headers })
  const door = hasUsers ? '/sign-in' : '/setup'
  if (isFragment)
    return new Response(null, {
      status: 401,
      headers: {
        'hx-redirect': door + (hasUsers ? nextOf(pageAround(request, base)) : ''),
        'cache-control': 'no-store',
      },
    })
  if (request.method !== 'GET' && request.method !== 'HEAD') return errorPage(status, message, { isForm: hasUsers })
  return seeOther(door + (hasUsers ? nextOf(pathname + search) : ''))
}

/** What the guard says is for programs, and in English. */
const noSuch = (path: string): Text =>
  /^\/(executions|fragments\/runs)\//.test(path)
    ? 'There is no such run. It may have been removed with its history.'
    : /\/installations\//.test(path)
      ? 'There is no such installation.'
      : 'There is no such script. It may have been renamed, or its file removed before it was ever read.'

/** The start page is where one comes anyway. */
const nextOf = (path: string) => (path === '' || path === '/' ? '' : `?next=${encodeURIComponent(path)}`)

/** The page that asks for a piece, as htmx says it; empty where that is none of ours. */
function pageAround({ headers, url }: Request, base: string): string {
  const page = URL.parse(headers.get('hx-current-url') ?? '')
  if (page?.host !== new URL(url).host || !/^https?:$/.test(page.protocol)) return ''
  return localPath(withoutBase(page.pathname + page.search + page.hash, base))
}
