/** One value of one parameter: from what was sent to the declared type, and what is wrong with it, in words. */
import { parseJson } from '../results/json.ts'
import type { Param } from './model.ts'
import { matcherOf } from './pattern.ts'

/** Linux refuses one argv element of 128 KiB and more (MAX_ARG_STRLEN); room is left for the flag and its "=". */
export const valueBytesMax = 131_000
/** Items of one `multiple` parameter. */
export const itemsMax = 1000

type Shape = Pick<Param, 'type' | 'choices' | 'min' | 'max' | 'pattern'>

/**
 * A text becomes the declared type where it can; everything else, and a text that cannot, is returned as it is, for
 * `valueProblem` to refuse.
 */
export function convertValue({ type, choices }: Pick<Param, 'type' | 'choices'>, value: unknown): unknown {
  if (typeof value !== 'string') return value
  return (choices && matchingChoice(choices, value)) ?? converters[type](value)
}

const matchingChoice = (choices: (string | number)[], value: string) =>
  choices.find((choice) => choice === value) ?? choices.find((choice) => String(choice) === value.trim())

const asItIs = (value: string) => value

const converters: Record<Param['type'], (value: string) => unknown> = {
  str: asItIs,
  file: asItIs,
  url: (value) => value.trim(),
  choice: asItIs,
  int: (value) => {
    const number = /^\s*[+-]?\d+\s*$/.test(value) ? Number(value) : Number.NaN
    return Number.isSafeInteger(number) ? number : value
  },
  float: (value) => {
    const number = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(value) ? Number(value) : Number.NaN
    return Number.isFinite(number) ? number : value
  },
  bool: (value) => words.get(value.trim().toLowerCase()) ?? value,
  json: (value) => {
    try {
      return parseJson(Buffer.from(value))
    } catch {
      return value // convertParams says where the text is wrong; as a default it is the text itself
    }
  },
}

const words = new Map([
  ...['true', '1', 'yes', 'on'].map((word) => [word, true] as const),
  ...['false', '0', 'no', 'off'].map((word) => [word, false] as const),
])

/** null when the (converted) value fits, else what it must be: `must be at most 8000`. Never holds the value itself. */
export function valueProblem(shape: Shape, value: unknown): string | null {
  if (shape.choices)
    return shape.choices.some((choice) => choice === value)
      ? null
      : `must be one of ${shape.choices.map((choice) => JSON.stringify(choice)).join(', ')}`
  return typeProblem(shape.type, value) ?? boundsProblem(shape, value)
}

function typeProblem(type: Param['type'], value: unknown): string | null {
  switch (type) {
    case 'int':
      if (Number.isSafeInteger(value)) return null
      return isNumeric(value) && Number.isInteger(Number(value))
        ? `must be a whole number between ${Number.MIN_SAFE_INTEGER} and ${Number.MAX_SAFE_INTEGER}`
        : 'must be a whole number'
    case 'float':
      return typeof value === 'number' && Number.isFinite(value) ? null : 'must be a number'
    case 'bool':
      return typeof value === 'boolean' ? null : 'must be true or false'
    case 'url':
      return typeof value === 'string' && isUrl(value) ? null : 'must be an address such as https://example.com/page'
    case 'json':
      return value === undefined ? 'must be JSON' : null
    default:
      return typeof value === 'string' ? null : 'must be a text'
  }
}

const isNumeric = (value: unknown) =>
  typeof value === 'number' || (typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value))

/** Absolute, with a host; not `javascript:` or `data:`. */
export const urlPattern = '^[A-Za-z][A-Za-z0-9+.-]*://\\S+$'
const isUrl = (value: string) => new RegExp(urlPattern).test(value)

function boundsProblem({ min, max, pattern }: Shape, value: unknown): string | null {
  if (typeof value === 'number') {
    if (min !== null && value < min) return `must be at least ${min}`
    if (max !== null && value > max) return `must be at most ${max}`
  }
  if (typeof value !== 'string' || pattern === null) return null
  const isMatch = matcherOf(pattern)(value)
  if (isMatch === null) return `must be shorter: its ${value.length} characters are too many for the pattern ${pattern}`
  return isMatch ? null : `must match the pattern ${pattern}`
}

/** `; got 24000`, short enough for a message, nothing for a secret. */
export function gotValue(value: unknown, secret: boolean): string {
  if (secret) return ''
  const text = JSON.stringify(value) ?? String(value)
  return `; got ${text.length > 100 ? `${text.slice(0, 100)}…` : text}`
}
