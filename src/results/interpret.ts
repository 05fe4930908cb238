/** What a script's stdout is, from its bytes alone (contract, section 1, "Result"). */
import { decodeUtf8, parseJson } from './json.ts'
import { jsonTailStart } from './json-tail.ts'
import { signatureExtension } from './signature.ts'

export type Meaning =
  | { type: 'json'; data: unknown }
  | { type: 'text'; data: string }
  /** `extension`: what the content calls for, with the dot. */
  | { type: 'file'; extension: string }

/** The contract's four rules, in its order. */
export async function interpret(bytes: Uint8Array): Promise<Meaning> {
  const json = interpretJson(bytes)
  if (json) return json
  const text = decodeUtf8(bytes)
  const extension = await signatureExtension(bytes, text !== null)
  if (extension !== null) return { type: 'file', extension }
  return { type: 'text', data: text ?? '' }
}

/** Rules 1 and 2: all of it is JSON, or it ends with an object or an array that begins at the start of a line. */
export function interpretJson(bytes: Uint8Array): { type: 'json'; data: unknown } | null {
  const end = endOfContent(bytes)
  if (end === 0) return null
  const whole = canBeJson(bytes) ? tryJson(bytes) : undefined
  if (whole !== undefined) return { type: 'json', data: whole }
  const start = jsonTailStart(bytes, end)
  const tail = start === null ? undefined : tryJson(bytes.subarray(start, end))
  return tail === undefined ? null : { type: 'json', data: tail }
}

/** White space as JSON has it. */
const isSpace = (byte: number | undefined) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09

function endOfContent(bytes: Uint8Array): number {
  let end = bytes.length
  while (end > 0 && isSpace(bytes[end - 1])) end--
  return end
}

const firstOfJson = new Set([...'{["-0123456789tfn'].map((character) => character.charCodeAt(0)))

/** Most texts are told from JSON by their first character, which is far cheaper than a parser's exception. */
function canBeJson(bytes: Uint8Array): boolean {
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0 // the byte order mark
  while (isSpace(bytes[at])) at++
  return firstOfJson.has(bytes[at] ?? 0)
}

/** undefined, which no JSON is, for anything else; also for what is nested too deep for whoever comes next. */
function tryJson(bytes: Uint8Array): unknown {
  try {
    return parseJson(bytes)
  } catch {
    return undefined
  }
}
