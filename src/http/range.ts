/** Byte ranges of RFC 9110, section 14: one range a request, as every client of ours asks. */

export interface ByteRange {
  start: number
  /** The last byte, inclusive. */
  end: number
}

/**
 * The range that a `Range` header asks of `size` bytes; null for none (or for one that may be ignored: several ranges,
 * another unit), 'unsatisfiable' for one that begins after the end (416).
 */
export function parseRange(header: string | null, size: number): ByteRange | null | 'unsatisfiable' {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '')
  if (!match) return null
  const [, first, last] = match
  if (!first && !last) return null
  if (!first)
    return Number(last) === 0 || size === 0
      ? 'unsatisfiable'
      : { start: Math.max(0, size - Number(last)), end: size - 1 }
  const start = Number(first)
  const end = last ? Math.min(Number(last), size - 1) : size - 1
  if (start >= size) return 'unsatisfiable'
  return end < start ? null : { start, end }
}
