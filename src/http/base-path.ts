/** The path of BASE_URL, below which a proxy shows the gateway: taken away from addresses that come in, put before those that go out. */

/** Of an address, without a slash at its end; empty for none. */
export const basePathOf = (baseUrl: string) => URL.parse(baseUrl)?.pathname.replace(/\/+$/, '') ?? ''

/** What the routes know: a proxy may have taken the base path away, or left it. */
export function withoutBase(path: string, base: string): string {
  if (base === '' || !path.startsWith(base)) return path
  const rest = path.slice(base.length)
  if (rest === '') return '/'
  return rest.startsWith('/') ? rest : rest.startsWith('?') ? `/${rest}` : path
}

/** What a browser asks for. Addresses with a host stay as they are. */
export const withBase = (path: string, base: string) => (/^\/(?![/\\])/.test(path) ? base + path : path)

/** Addresses in the headers of an answer, and the path of its cookies. `__Host-` cookies have none but /. */
export function putBaseIntoHeaders(headers: Headers, base: string): void {
  for (const name of addressHeaders) {
    const path = headers.get(name)
    if (path) headers.set(name, withBase(path, base))
  }
  const cookies = headers.getSetCookie()
  if (cookies.length === 0) return
  headers.delete('set-cookie')
  for (const cookie of cookies)
    headers.append('set-cookie', /^__Host-/i.test(cookie) ? cookie : cookie.replace(cookiePath, narrowed))

  function narrowed(all: string, path: string) {
    return path.startsWith(base) ? all : `; Path=${base}${path === '/' ? '' : path}`
  }
}

const addressHeaders = ['location', 'content-location', 'hx-redirect', 'hx-location', 'hx-push-url', 'hx-replace-url']

const cookiePath = /;\s*path=(\/[^;]*)/i

/** Whatever holds an address in our markup. Outside of a tag there is no `"`: it is escaped. */
const addressAttribute =
  /(\s(?:href|src|action|formaction|poster|data-document|hx-(?:get|post|put|patch|delete|push-url|replace-url)|hx-sse:connect)=")\/(?![/\\])/g

/** The markup of a page or fragment of ours, with the base path in its addresses and for its scripts (`data-base`). */
export const putBaseIntoMarkup = (markup: string, base: string) =>
  markup
    .replace(addressAttribute, `$1${escaped(base)}/`)
    .replace(/<html(?=[\s>])/, `<html data-base="${escaped(base)}"`)

const escaped = (base: string) => Bun.escapeHTML(base).replaceAll('$', '$$$$')
