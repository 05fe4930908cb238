import { isClosing, isOpening } from './json.ts'

const newline = 0x0a
const quote = 0x22
const backslash = 0x5c

/**
 * Where the JSON object or array that ends the bytes would have to begin: at the start of a line, its brackets balanced
 * at the end. null when there is no such place. Whether it is JSON is for the parser to say.
 *
 * A JSON string cannot hold a line break, so each line can be read by itself; going up line by line, the brackets
 * balance at one line at most, however many begin with one. So this reads every byte once.
 */
export function jsonTailStart(bytes: Uint8Array, end: number): number | null {
  if (!isClosing(bytes[end - 1])) return null
  let closed = 0
  let lineEnd = end
  while (lineEnd > 0) {
    const lineStart = bytes.lastIndexOf(newline, lineEnd - 1) + 1
    const balance = bracketBalance(bytes, lineStart, lineEnd)
    if (balance === null) return null
    closed -= balance
    if (closed <= 0) return closed === 0 && isOpening(bytes[lineStart]) ? lineStart : null
    lineEnd = lineStart - 1
  }
  return null
}

/** Brackets opened less brackets closed, strings aside; null when a string has no end: then it is not JSON. */
function bracketBalance(bytes: Uint8Array, start: number, end: number): number | null {
  let balance = 0
  let inString = false
  for (let at = start; at < end; at++) {
    const byte = bytes[at]
    if (inString) {
      if (byte === backslash) at++
      else if (byte === quote) inString = false
    } else if (byte === quote) inString = true
    else if (isOpening(byte)) balance++
    else if (isClosing(byte)) balance--
  }
  return inString ? null : balance
}
