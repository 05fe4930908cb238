/** A script's parameters as a TypeBox schema: what calls are validated with, and what OpenAPI documents are made from. */
import {
  FormatRegistry,
  type SchemaOptions,
  type TObject,
  type TProperties,
  type TSchema,
  Type,
} from '@sinclair/typebox'
import { type TypeCheck, TypeCompiler } from '@sinclair/typebox/compiler'
import type { Problem } from '../errors.ts'
import type { Param } from './model.ts'
import { gotValue, itemsMax, urlPattern, valueProblem } from './values.ts'

export type ParamsSchema = TObject<TProperties>
export type ParamsCheck = TypeCheck<ParamsSchema>

/** An object with one property for each parameter and no others: for readers, of documents too. */
export function paramsSchema(params: Param[]): ParamsSchema {
  allowFormats()
  const properties = Object.fromEntries(params.map((param) => [param.name, propertySchema(param)]))
  return Type.Object(properties, { additionalProperties: false })
}

/**
 * What values are checked with. Costs about a millisecond: build it when it is first needed, and keep it. Without the authors'
 * patterns, which `checkParams` looks at in its own way: TypeBox would hand them to an engine that may never come back.
 */
export const compileCheck = (params: Param[]): ParamsCheck =>
  TypeCompiler.Compile(paramsSchema(params.map((param) => ({ ...param, pattern: null }))))

/** What is wrong with converted values, one message for each field; none when they are valid. */
export function checkParams(params: Param[], check: ParamsCheck, values: Record<string, unknown>): Problem[] {
  const problems = [...unknownNames(params, values), ...params.flatMap((param) => paramProblems(param, values))]
  if (problems.length > 0 || check.Check(values)) return problems
  // The schema has the last word: what the sentences above do not cover is still refused.
  return [...check.Errors(values)].map(({ path, message }) => ({ path, message }))
}

/** TypeBox refuses every value of a format that it was not told of. These two are only hints for readers. */
function allowFormats() {
  for (const format of ['binary', 'password']) if (!FormatRegistry.Has(format)) FormatRegistry.Set(format, () => true)
}

function propertySchema(param: Param): TSchema {
  const { multiple, required, secret, help } = param
  const options: SchemaOptions = {}
  if (help) options.description = help
  if (param.default !== undefined && !secret) options.default = param.default
  if (secret) options.writeOnly = true
  const schema = multiple
    ? Type.Array(itemSchema(param, {}), { ...options, maxItems: itemsMax, ...(required ? { minItems: 1 } : {}) })
    : itemSchema(param, options)
  return required ? schema : Type.Optional(schema)
}

function itemSchema({ type, choices, min, max, pattern, secret }: Param, options: SchemaOptions): TSchema {
  if (choices)
    return Type.Union(
      choices.map((choice) => Type.Literal(choice)),
      options,
    )
  const bounds = { ...(min !== null ? { minimum: min } : {}), ...(max !== null ? { maximum: max } : {}) }
  switch (type) {
    case 'int':
      return Type.Integer({ ...bounds, ...options })
    case 'float':
      return Type.Number({ ...bounds, ...options })
    case 'bool':
      return Type.Boolean(options)
    case 'json':
      return Type.Unknown(options)
    case 'file':
      return Type.String({ format: 'binary', ...options })
    case 'url':
      return Type.String({ pattern: pattern ?? urlPattern, ...options })
    default:
      return Type.String({ ...(pattern !== null ? { pattern } : secret ? { format: 'password' } : {}), ...options })
  }
}

function unknownNames(params: Param[], values: Record<string, unknown>): Problem[] {
  const names = params.map(({ name }) => name)
  const known = names.length > 0 ? `there are: ${names.join(', ')}` : 'the script has none'
  return Object.keys(values)
    .filter((name) => !names.includes(name))
    .map((name) => ({ path: `/${name}`, message: `is not a parameter; ${known}` }))
}

function paramProblems(param: Param, values: Record<string, unknown>): Problem[] {
  const { name, multiple, required, secret } = param
  const path = `/${name}`
  const value = Object.hasOwn(values, name) ? values[name] : undefined
  if (value === undefined) return required ? [{ path, message: 'is required' }] : []
  if (!multiple) return describe(path, valueProblem(param, value), value, secret)
  if (!Array.isArray(value)) return [{ path, message: `must be a list${gotValue(value, secret)}` }]
  if (value.length === 0 && required) return [{ path, message: 'is required: give at least one value' }]
  if (value.length > itemsMax) return [{ path, message: `must be at most ${itemsMax} values; got ${value.length}` }]
  return value
    .flatMap((item, index) => describe(`${path}/${index}`, valueProblem(param, item), item, secret))
    .slice(0, 1)
}

const describe = (path: string, problem: string | null, value: unknown, secret: boolean): Problem[] =>
  problem ? [{ path, message: problem + gotValue(value, secret) }] : []
