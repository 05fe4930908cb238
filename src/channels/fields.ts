/** Configurations of channels are read by their fields, and shown by them. */
import { hasLogin } from '../options/login.ts'
import type { ConfigField } from './model.ts'

export interface FieldProblem {
  path: string
  message: string
}

export type Parsed<C> = { ok: true; config: C } | { ok: false; problems: FieldProblem[] }

const textMax = 2000
const itemsMax = 50

/**
 * `input` as the fields say, with their defaults; `check` sees what is well-formed and says what else is wrong. Numbers and
 * yes or no may come as the texts of a form, a list as lines.
 */
export function parseFields<C>(
  fields: readonly ConfigField[],
  input: Record<string, unknown>,
  check: (config: C) => FieldProblem[] = () => [],
): Parsed<C> {
  const names = fields.map(({ name }) => name)
  const problems: FieldProblem[] = Object.keys(input)
    .filter((name) => !names.includes(name))
    .map((path) => ({ path, message: `is not asked for: there are ${names.join(', ')}` }))
  const config: Record<string, unknown> = {}
  for (const field of fields) {
    const read = readField(field, input[field.name])
    if (typeof read === 'string') problems.push({ path: field.name, message: read })
    else config[field.name] = read.value
  }
  if (problems.length === 0) problems.push(...check(config as C))
  return problems.length === 0 ? { ok: true, config: config as C } : { ok: false, problems }
}

/** The value, or what is wrong with it. */
function readField(field: ConfigField, given: unknown): { value: unknown } | string {
  const isGiven = given !== undefined && given !== null && given !== '' && !(Array.isArray(given) && given.length === 0)
  if (isGiven) return readers[field.type](given, field)
  if (field.default !== undefined) return { value: field.default }
  return field.required ? 'is needed' : { value: nothing[field.type] }
}

const nothing = { url: '', text: '', choice: '', int: 0, bool: false, list: [] } satisfies Record<
  ConfigField['type'],
  unknown
>

const readers: Record<ConfigField['type'], (given: unknown, field: ConfigField) => { value: unknown } | string> = {
  text: (given) => readLine(given),
  url: (given, { secret }) => {
    const line = readLine(given)
    if (typeof line === 'string') return line
    const { protocol } = URL.parse(line.value) ?? {}
    if (protocol !== 'http:' && protocol !== 'https:') return 'must be an address that begins with http:// or https://'
    // It would be shown.
    return !secret && hasLogin(line.value) ? 'must have no user and no password in it' : line
  },
  int: (given) => {
    const number = typeof given === 'string' && /^\s*-?\d{1,9}\s*$/.test(given) ? Number(given) : given
    return Number.isSafeInteger(number) ? { value: number } : 'must be a whole number'
  },
  bool: (given) => {
    if (given === true || given === 'true' || given === '1' || given === 'on') return { value: true }
    return given === false || given === 'false' || given === '0' ? { value: false } : 'must be true or false'
  },
  list: (given) => {
    const items = typeof given === 'string' ? given.split(/\r?\n/) : given
    if (!Array.isArray(items)) return 'must be a list of texts'
    const lines = items.map(readLine)
    const wrong = lines.find((line) => typeof line === 'string')
    if (wrong) return wrong
    const value = lines.flatMap((line) => (typeof line === 'string' || line.value === '' ? [] : [line.value]))
    return value.length > itemsMax ? `must have at most ${itemsMax} entries` : { value }
  },
  choice: (given, { choices = [] }) =>
    choices.includes(given as string) ? { value: given } : `must be one of ${choices.join(', ')}`,
}

function readLine(given: unknown): { value: string } | string {
  const text = Number.isSafeInteger(given) ? String(given) : given
  if (typeof text !== 'string') return 'must be a text'
  const value = text.trim()
  if (value.length > textMax) return `must have at most ${textMax} characters`
  return /\p{Cc}/u.test(value) ? 'must be one line without control characters' : { value }
}

/** As `Channel.shown` says. */
export function shownFields(fields: readonly ConfigField[], config: object): Record<string, unknown> {
  const values = config as Record<string, unknown>
  return Object.fromEntries(
    fields.map(({ name, secret, type }): [string, unknown] => {
      const value = values[name]
      if (!secret) return [name, value]
      if (type === 'url') return [name, URL.parse(value as string)?.host ?? '']
      return [`${name}_set`, Array.isArray(value) ? value.length > 0 : value !== '']
    }),
  )
}
