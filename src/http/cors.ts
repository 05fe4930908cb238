/** CORS (https://fetch.spec.whatwg.org/#http-cors-protocol) for the origins that the operator lists: never with credentials. */
const methods = 'GET, HEAD, POST, PUT, PATCH, DELETE'
const requestHeaders =
  'authorization, content-type, idempotency-key, if-match, if-none-match, last-event-id, prefer, range'
const answerHeaders =
  'content-disposition, content-location, content-range, etag, location, preference-applied, retry-after'
const keptSec = 600

export const isPreflight = ({ method, headers }: Request) =>
  method === 'OPTIONS' && headers.has('origin') && headers.has('access-control-request-method')

/** The answer to whether a listed origin may call. */
export const preflightResponse = () =>
  new Response(null, {
    status: 204,
    headers: {
      'access-control-allow-methods': methods,
      'access-control-allow-headers': requestHeaders,
      'access-control-max-age': String(keptSec),
    },
  })

/** Lets a page of `origin` read the answer. */
export function allowReading(headers: Headers, origin: string): void {
  headers.set('access-control-allow-origin', origin)
  headers.set('access-control-expose-headers', answerHeaders)
}
