/** What every answer tells a browser not to do with it. */

/** Half a year, in which a browser that came by https comes by nothing else. */
const httpsOnly = 'max-age=15768000'

/** Adds what is not there: an answer that says something else knows why. */
export function addSecurityHeaders(headers: Headers, { isHttps }: { isHttps: boolean }): void {
  headers.set('x-content-type-options', 'nosniff')
  headers.set('cross-origin-resource-policy', 'same-origin')
  if (!headers.has('referrer-policy')) headers.set('referrer-policy', 'same-origin')
  if (!headers.has('cache-control')) headers.set('cache-control', 'no-store')
  if (isHttps) headers.set('strict-transport-security', httpsOnly)
  if (headers.get('content-type')?.startsWith('text/html')) headers.set('x-frame-options', 'DENY')
}
