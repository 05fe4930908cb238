/** How a page leaves: its headers, its errors, and who may post. */
import { ErrorPage } from '../../views/error.tsx'
import { say, type Text } from '../../views/texts.ts'
import type { Viewer } from '../../views/viewer.ts'
import { GatewayError, storageFault } from '../errors.ts'

/** Nothing but our own files runs, loads or is posted to; nobody may frame a page. */
const securityHeaders = {
  'content-security-policy':
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; script-src 'self'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
}

/** A page or a fragment. Never kept: what it shows is true now. */
export const html = (markup: JSX.Element, init: { status?: number; headers?: Record<string, string> } = {}) =>
  new Response(String(markup), {
    status: init.status ?? 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      ...securityHeaders,
      ...init.headers,
    },
  })

/** After a form: 303, so that a reload does not post again. */
export const seeOther = (location: string) =>
  new Response(null, { status: 303, headers: { location, 'cache-control': 'no-store' } })

const titles: Record<number, Text> = {
  401: 'Sign in first',
  403: 'Not allowed',
  404: 'Not found',
  409: 'Not now',
  429: 'Too busy',
  503: 'Not ready',
}

/** The page for a status that is not 200. */
export const errorPage = (status: number, message: string, { viewer = null, headers = {}, isForm }: ErrorInit = {}) =>
  html(<ErrorPage {...{ status, message, viewer, isForm }} title={say(titles[status] ?? 'That did not work')} />, {
    ...{ status, headers },
  })

interface ErrorInit {
  viewer?: Viewer | null
  headers?: Record<string, string>
  /** What was refused is a form that somebody has filled in. */
  isForm?: boolean
}

/** What speaks to programs, under these, answers with JSON whoever asks. */
const machinePaths = ['/api', '/static', '/assets', '/ws']

/**
 * The page for a browser at an address that leads nowhere; null when no browser asks, or not for a page. `onlyPosted`: a form
 * is sent there, and somebody who saw its answer has asked for that address again.
 */
export const unknownPage = (
  request: Request,
  viewer: Viewer | null = null,
  onlyPosted: GatewayError | null = null,
): Response | null =>
  !asksForPage(request)
    ? null
    : onlyPosted
      ? errorPage(405, say('A form is sent to this address. Go back to the page that has it.'), {
          ...{ viewer, headers: onlyPosted.headers },
        })
      : errorPage(404, say('There is no page at this address.'), { viewer })

/** Whether a browser asks, and at an address where a page might be. */
export function asksForPage({ method, url, headers }: Request): boolean {
  const { pathname } = new URL(url)
  const isPage = !machinePaths.some((path) => pathname === path || pathname.startsWith(`${path}/`))
  return isPage && (method === 'GET' || method === 'HEAD') && (headers.get('accept') ?? '').includes('text/html')
}

/** Answers with what `handle` gives; what it throws becomes a page. */
export function guarded<C>(
  report: (error: unknown) => void,
  handle: (context: C) => Response | Promise<Response>,
  viewerOf: (context: C) => Viewer | null = () => null,
) {
  return async (context: C): Promise<Response> => {
    try {
      return await handle(context)
    } catch (error) {
      const viewer = viewerOf(context)
      if (error instanceof GatewayError)
        return errorPage(error.status, error.message, { viewer, headers: error.headers })
      report(error)
      const fault = storageFault(error)
      return fault
        ? errorPage(fault.status, fault.message, { viewer })
        : errorPage(500, say('The gateway made a mistake. Its log says which one.'), { viewer })
    }
  }
}

/** Throws `forbidden` for a post that another site made this browser send. */
export function refuseForeign(request: Request): void {
  const site = request.headers.get('sec-fetch-site')
  const isOurs = site === null ? isOwnOrigin(request) : site === 'same-origin' || site === 'none'
  if (!isOurs) throw new GatewayError('forbidden', 'Another site sent this form. Open the page here and send it again.')
}

function isOwnOrigin(request: Request): boolean {
  const origin = request.headers.get('origin')
  if (origin === null) return true
  return URL.parse(origin)?.host === new URL(request.url).host // by which the client came, also behind a proxy
}
