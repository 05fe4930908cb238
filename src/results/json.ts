/** JSON from outside: strict UTF-8, and no deeper than what every later step (validation, JSON.stringify) can walk. */

/** Levels of nesting; JSON.stringify of Bun overflows its stack between 10,000 and 100,000. */
export const jsonDepthMax = 1000

/**
 * The value in `bytes` (a byte order mark is allowed). Throws SyntaxError for what is not JSON, TypeError for what is not
 * UTF-8, RangeError for what is nested too deep.
 */
export function parseJson(bytes: Uint8Array): unknown {
  if (isDeeperThan(bytes, jsonDepthMax)) throw new RangeError(`nested deeper than ${jsonDepthMax} levels`)
  return JSON.parse(strictUtf8.decode(bytes))
}

/** The text in `bytes`, without its byte order mark; null when it is not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return strictUtf8.decode(bytes)
  } catch {
    return null // the one thing a fatal decoder throws for
  }
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true })

const quote = 0x22
const backslash = 0x5c

/** Looked at before parsing: JSON.parse itself takes more than a second for 8 MB of `[`. */
function isDeeperThan(bytes: Uint8Array, depthMax: number): boolean {
  if (bytes.length <= depthMax) return false
  let depth = 0
  let inString = false
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!
    if (inString) {
      if (byte === backslash) at++
      else if (byte === quote) inString = false
    } else if (byte === quote) inString = true
    else if (isOpening(byte)) {
      if (++depth > depthMax) return true
    } else if (isClosing(byte)) depth--
  }
  return false
}

/** `[` or `{` */
export const isOpening = (byte: number | undefined) => byte === 0x5b || byte === 0x7b
/** `]` or `}` */
export const isClosing = (byte: number | undefined) => byte === 0x5d || byte === 0x7d
