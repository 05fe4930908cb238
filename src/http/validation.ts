/** What Elysia refused in a fixed route, said in our words: its own repeat what was sent, and name no place. */
import type { TSchema, ValidationError } from 'elysia'
import { GatewayError, type Problem } from '../errors.ts'

/** `sent`: what came in the address; Elysia forgets the name of a converted value that is out of its range. */
export function fromValidation(error: ValidationError, sent: Record<string, unknown>): GatewayError {
  const problems = new Map<string, Problem>()
  for (const one of parts(error.all.filter((one) => 'path' in one) as Refusal[])) {
    const path = one.path || pathOf(one.value, sent)
    if (!problems.has(path)) problems.set(path, { path, message: sentence(one.message, one.schema) })
    if (problems.size === problemsMax) break
  }
  const details = [...problems.values()]
  const sentences = details.map(({ path, message }) => `${path.slice(1) || 'it'} ${message}`)
  return new GatewayError('validation', `The request is not valid: ${sentences.join('; ')}.`, { details })
}

interface Refusal {
  path: string
  message: string
  value: unknown
  schema: TSchema
  /** Of a choice: what each branch says. */
  errors?: Iterable<Refusal>[]
}

/** Nobody reads more; a list may have thousands of members. */
const problemsMax = 20

/** Of a list or an object that may be null too: what is wrong inside of it. */
function* parts(refusals: Iterable<Refusal>): Generator<Refusal> {
  for (const one of refusals) {
    const inside = insideOf(one)
    if (inside) yield* parts(inside)
    else yield one
  }
}

/** What the only branch says that is meant by such a value; undefined where none is, or several may be. */
function insideOf({ schema, value, errors }: Refusal): Iterable<Refusal> | undefined {
  if (!Array.isArray(schema.anyOf) || typeof value !== 'object' || value === null) return undefined
  const type = Array.isArray(value) ? 'array' : 'object'
  const fitting = (schema.anyOf as TSchema[]).flatMap((one, index) => (one.type === type ? [index] : []))
  return fitting.length === 1 ? errors?.[fitting[0]!] : undefined
}

function pathOf(value: unknown, sent: Record<string, unknown>): string {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return '' // of a body
  const name = Object.keys(sent).find((key) => sent[key] === value || String(sent[key]) === String(value))
  return name === undefined ? '' : `/${name}`
}

function sentence(message: string, schema: TSchema): string {
  if (message === 'Unexpected property') return 'is not known here'
  if (message === 'Expected required property') return 'is required'
  return `must be ${describe(schema)}`
}

/** A schema in words. */
function describe(schema: TSchema): string {
  if (Array.isArray(schema.anyOf)) {
    const options = (schema.anyOf as TSchema[]).filter((one) => !isConverted(one))
    const constants = options.filter((one) => 'const' in one)
    if (constants.length > 0) return `one of ${constants.map((one) => one.const).join(', ')}`
    return options.map(describe).join(' or ')
  }
  const noun = nouns[schema.type as string] ?? 'something else'
  const bounds = [
    schema.minimum === undefined ? '' : `of at least ${schema.minimum}`,
    schema.maximum === undefined ? '' : `of at most ${schema.maximum}`,
    schema.minLength === undefined ? '' : `of at least ${schema.minLength} characters`,
    schema.maxLength === undefined ? '' : `of at most ${schema.maxLength} characters`,
    schema.minItems === undefined ? '' : `of at least ${schema.minItems} members`,
    schema.maxItems === undefined ? '' : `of at most ${schema.maxItems} members`,
  ].filter(Boolean)
  return [noun, bounds.join(' and ')].filter(Boolean).join(' ')
}

/** The text from which Elysia makes a number or a boolean. */
const isConverted = ({ type, format }: TSchema) =>
  type === 'string' && ['integer', 'numeric', 'boolean'].includes(String(format))

const nouns: Record<string, string> = {
  integer: 'a whole number',
  number: 'a number',
  string: 'a text',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  null: 'null',
}
