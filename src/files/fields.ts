/** The named values of a request, whatever format they came in. */
import { GatewayError, messageOf } from '../errors.ts'
import { parseJson } from '../results/json.ts'

/** Names with their values; no prototype, so that a name such as `constructor` is only a name. */
export type Fields = Record<string, unknown>

export const fieldsMax = 1000

/** Values sent one by one: a name that comes again makes a list. Throws `too_large` past 1,000 values. */
export function fieldsOfPairs(pairs: Iterable<[string, unknown]>): Fields {
  const fields = emptyFields()
  let count = 0
  for (const [name, value] of pairs) {
    if (++count > fieldsMax) throw tooManyFields()
    refuseUnsafe(name)
    const earlier = fields[name]
    if (!Object.hasOwn(fields, name)) fields[name] = value
    else if (Array.isArray(earlier)) earlier.push(value)
    else fields[name] = [earlier, value]
  }
  return fields
}

/** The members of one JSON object. `what` names the text in messages. Throws `validation` (400) for anything else. */
export function fieldsOfJson(bytes: Uint8Array, what: string, path: string): Fields {
  let value: unknown
  try {
    value = parseJson(bytes)
  } catch (error) {
    throw malformed(`${what} is not valid JSON: ${messageOf(error).slice(0, 200)}.`, path)
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return mergeFields(value)
  throw malformed(`${what} must be a JSON object with the parameters as members, such as {"name": "value"}.`, path)
}

/** The members of several objects; where two have the same name the later object wins. */
export function mergeFields(...objects: object[]): Fields {
  const fields = emptyFields()
  for (const object of objects) {
    if (Object.keys(object).length > fieldsMax) throw tooManyFields() // before a million of them are copied
    for (const [name, value] of Object.entries(object)) {
      refuseUnsafe(name)
      fields[name] = value
    }
  }
  if (Object.keys(fields).length > fieldsMax) throw tooManyFields()
  return fields
}

export const emptyFields = (): Fields => Object.create(null)

export const tooManyFields = () =>
  new GatewayError('too_large', `The request has more than ${fieldsMax} fields; at most ${fieldsMax} are accepted.`)

/** The one name that would change an ordinary object's prototype when somebody copies the fields into it. */
function refuseUnsafe(name: string): void {
  if (name === '__proto__') throw malformed('"__proto__" cannot be the name of a field.')
}

/** A body that is not what it claims to be. */
export const malformed = (message: string, path = '') =>
  new GatewayError('validation', message, { status: 400, details: [{ path, message }] })
