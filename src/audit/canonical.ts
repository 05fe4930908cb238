/** Any value as one text: the JSON Canonicalization Scheme (RFC 8785), in which equal values are equal texts. */
import { messageOf } from '../errors.ts'

const depthMax = 64

/**
 * Members sorted by their UTF-16 units, no white space, numbers and escapes as JSON.stringify writes them. What JSON has
 * no word for becomes a text that says so. Never throws.
 */
export function canonicalJson(value: unknown): string {
  try {
    return textOf(value, []) ?? 'null'
  } catch (error) {
    return JSON.stringify(`unreadable: ${messageOf(error)}`.toWellFormed()) // a getter, a toJSON or a proxy of the value's own
  }
}

/** undefined: left out. */
function textOf(given: unknown, above: object[]): string | undefined {
  const value = hasToJson(given) ? given.toJSON() : given
  if (value === undefined || typeof value === 'function' || typeof value === 'symbol') return undefined
  if (typeof value === 'bigint') return JSON.stringify(String(value))
  if (typeof value === 'string') return JSON.stringify(value.toWellFormed())
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (above.includes(value)) return '"part of itself"'
  if (above.length >= depthMax) return '"too deep"'
  const inside = [...above, value]
  if (Array.isArray(value)) return `[${value.map((item) => textOf(item, inside) ?? 'null').join(',')}]`
  const members: string[] = []
  for (const name of Object.keys(value).sort()) {
    const text = textOf((value as Record<string, unknown>)[name], inside)
    if (text !== undefined) members.push(`${JSON.stringify(name.toWellFormed())}:${text}`)
  }
  return `{${members.join(',')}}`
}

const hasToJson = (value: unknown): value is { toJSON(): unknown } =>
  typeof value === 'object' && value !== null && typeof (value as { toJSON?: unknown }).toJSON === 'function'
