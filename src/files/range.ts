/** Both ends inclusive, in bytes. */
export interface ByteRange {
  start: number
  end: number
}

interface Representation {
  size: number
  etag: string
  modified: string
}

/**
 * What a Range header asks for. null: all of it, also for several ranges, which we do not serve, and for a header that
 * means nothing; 'outside': no byte of the range exists.
 */
export function rangeOf(request: Request, { size, etag, modified }: Representation): ByteRange | 'outside' | null {
  const asked = /^bytes=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(request.headers.get('range') ?? '')
  if (request.method !== 'GET' || !asked) return null
  const condition = request.headers.get('if-range')
  if (condition !== null && condition !== etag && condition !== modified) return null

  const [first, last] = [asked[1]!, asked[2]!]
  if (first === '' && last === '') return null
  if (first === '')
    return Number(last) === 0 || size === 0 ? 'outside' : { start: Math.max(0, size - Number(last)), end: size - 1 }
  const start = Number(first)
  if (last !== '' && Number(last) < start) return null
  return start >= size ? 'outside' : { start, end: last === '' ? size - 1 : Math.min(Number(last), size - 1) }
}
