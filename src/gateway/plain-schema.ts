/** JSON Schema as people write it: TypeBox says some things in a way that Swagger UI and generators of clients show badly. */
import { PatternStringExact } from '@sinclair/typebox'

export type Json = Record<string, unknown>

/** Of one schema whose parts are plain already. */
export function plainSchema(schema: Json): Json {
  const { anyOf, patternProperties, ...rest } = schema as { anyOf?: Json[]; patternProperties?: Json }
  if (patternProperties) return ofRecord(patternProperties, rest) ?? schema
  if (!anyOf) return schema
  return unconverted(anyOf) ?? ofConstants(anyOf, rest) ?? nullable(anyOf, rest) ?? schema
}

/** Choices as one `enum`; null for what is no choice of constants. */
export function ofConstants(anyOf: Json[], rest: Json): Json | null {
  if (!anyOf.every((one) => 'const' in one)) return null
  const types = [...new Set(anyOf.map((one) => one.type))]
  return { ...(types.length === 1 ? { type: types[0] } : {}), enum: anyOf.map((one) => one.const), ...rest }
}

/** Elysia describes a number in an address as "a text of format integer, or an integer": readers want to know the latter. */
const unconverted = (anyOf: Json[]): Json | null =>
  anyOf.some(isConverted) ? (anyOf.find((one) => !isConverted(one)) ?? null) : null

const isConverted = ({ type, format }: Json) =>
  type === 'string' && ['integer', 'numeric', 'boolean'].includes(String(format))

/** One with a name stays as it is: a reference has no type. */
function nullable(anyOf: Json[], rest: Json): Json | null {
  const [one, none, ...others] = anyOf
  if (others.length > 0 || none?.type !== 'null' || typeof one?.type !== 'string') return null
  return {
    ...one,
    type: [one.type, 'null'],
    ...(one.enum ? { enum: [...(one.enum as unknown[]), null] } : {}),
    ...rest,
  }
}

/** Any name at all. */
const ofRecord = ({ [PatternStringExact]: any, ...others }: Json, rest: Json): Json | null =>
  any !== undefined && Object.keys(others).length === 0 ? { ...rest, additionalProperties: any } : null
