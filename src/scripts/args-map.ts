/** The only place where an ARGS_MAP, from a script or from a sidecar, becomes valid. */
import { messageOf, type Problem } from '../errors.ts'
import { type ArgDeclaration, type ArgsMap, type Param, type ParamType, paramTypes } from './model.ts'
import { matcherOf } from './pattern.ts'
import { convertValue, gotValue, valueProblem } from './values.ts'

export const paramsMax = 200
const choicesMax = 1000
const flagLengthMax = 64
const helpLengthMax = 10_000

/** The option that asks a script for its ARGS_MAP. */
export const schemaFlag = '--_sys_get_schema'

export type ParsedArgsMap =
  | { ok: true; argsMap: ArgsMap; params: Param[]; warnings: string[] }
  | { ok: false; problems: Problem[] }

/** Checks an ARGS_MAP and answers every question about its parameters; `argsMap` stays as its author wrote it. */
export function parseArgsMap(value: unknown): ParsedArgsMap {
  if (!isObject(value))
    return refused([
      ['', `must be a JSON object that maps a parameter's name to its declaration; got ${kindOf(value)}`],
    ])
  const entries = Object.entries(value)
  if (entries.length > paramsMax)
    return refused([['', `must hold at most ${paramsMax} parameters; got ${entries.length}`]])

  const problems: Complaint[] = []
  const warnings: string[] = []
  const params = entries.map(([name, declaration]) => parseParam(name, declaration, problems, warnings))
  problems.push(...sharedFlags(params))
  return problems.length > 0 ? refused(problems) : { ok: true, argsMap: value as ArgsMap, params, warnings }
}

/** The parameters of an ARGS_MAP that is known to be valid. */
export function toParams(argsMap: ArgsMap): Param[] {
  return Object.entries(argsMap).map(([name, declaration]) => parseParam(name, declaration, [], []))
}

/** `"/width/type" must be …; "/name" must be …`: problems as a sentence. */
export const sayProblems = (problems: Problem[]) => {
  const said = problems.slice(0, 5).map(({ path, message }) => (path ? `"${path}" ${message}` : `it ${message}`))
  return said.join('; ') + (problems.length > 5 ? `; and ${problems.length - 5} more` : '')
}

/** JSON pointer and message. */
type Complaint = [path: string, message: string]

const refused = (complaints: Complaint[]): ParsedArgsMap => ({
  ok: false,
  problems: complaints.map(([path, message]) => ({ path, message })),
})

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const kindOf = (value: unknown) => (value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`)

const pointer = (name: string) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`

/** Reads one declaration key by key, collecting what is wrong with it. `null` counts as not written. */
class Declaration {
  readonly path: string

  constructor(
    readonly name: string,
    readonly raw: Record<string, unknown>,
    readonly problems: Complaint[],
    readonly warnings: string[],
  ) {
    this.path = pointer(name)
  }

  get(key: keyof ArgDeclaration): unknown {
    return this.raw[key] ?? undefined
  }

  refuse(key: keyof ArgDeclaration, message: string) {
    this.problems.push([`${this.path}/${key}`, message])
  }

  ignore(key: keyof ArgDeclaration, reason: string) {
    this.warnings.push(`"${this.path}/${key}" is ignored: ${reason}.`)
  }

  /** The value of `key` when it has the kind asked for; otherwise undefined, and a problem when there is one. */
  read<T>(key: keyof ArgDeclaration, expected: string, isFit: (value: unknown) => value is T): T | undefined {
    const value = this.get(key)
    if (value === undefined || isFit(value)) return value
    this.refuse(key, `must be ${expected}${gotValue(value, false)}`)
    return undefined
  }
}

const isText = (value: unknown): value is string => typeof value === 'string'
const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean'
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)

function parseParam(name: string, value: unknown, problems: Complaint[], warnings: string[]): Param {
  checkName(name, problems)
  if (!isObject(value))
    problems.push([pointer(name), `must be an object such as {"type": "str"}; got ${kindOf(value)}`])
  const declaration = new Declaration(name, isObject(value) ? value : { type: 'str' }, problems, warnings)

  const { type, declaredType, isUnknownType } = readType(declaration)
  const multiple = declaration.read('multiple', 'true or false', isBoolean) ?? false
  const param: Param = {
    name,
    flag: readFlag(declaration),
    type,
    declaredType,
    isUnknownType,
    required: declaration.read('required', 'true or false', isBoolean) ?? false,
    help: declaration.read('help', 'a text', isText)?.slice(0, helpLengthMax) ?? '',
    default: undefined,
    choices: readChoices(declaration, type),
    multiple,
    ...readBounds(declaration, type),
    pattern: readPattern(declaration, type),
    secret: declaration.read('secret', 'true or false', isBoolean) ?? false,
    storeTrue: readAction(declaration, type, multiple),
  }
  param.default = readDefault(declaration, param)
  // A default is always there to fill in, so nobody has to send the value.
  param.required &&= param.default === undefined && !param.storeTrue
  return param
}

function checkName(name: string, problems: Complaint[]) {
  const isName = /^[\p{L}_][\p{L}\p{N}_.-]{0,63}$/u.test(name)
  if (!isName || name in Object.prototype || name === 'prototype')
    problems.push([
      pointer(name),
      'is not a name that a parameter can have: up to 64 letters, digits, "_", "-" and ".", a letter or "_" first',
    ])
}

const media = ['audio', 'video', 'image', 'media']

function readType(declaration: Declaration): Pick<Param, 'type' | 'declaredType' | 'isUnknownType'> {
  const declared = declaration.get('type')
  if (!isText(declared) || declared.trim() === '') {
    const got = declared === undefined ? 'there is none' : `got ${JSON.stringify(declared)}`
    declaration.refuse('type', `must be one of ${[...paramTypes, ...media].join(', ')}; ${got}`)
    return { type: 'str', declaredType: 'str', isUnknownType: false }
  }
  const declaredType = declared.slice(0, 100)
  const known = paramTypes.find((type) => type === declared)
  if (known) return { type: known, declaredType, isUnknownType: false }
  if (media.includes(declared)) return { type: 'file', declaredType, isUnknownType: false }
  declaration.warnings.push(
    `"${declaration.path}/type" is "${declaredType}", a type nobody knows here: it is served as "str".`,
  )
  return { type: 'str', declaredType, isUnknownType: true }
}

function readFlag(declaration: Declaration): string {
  const flag = declaration.read('flag', 'a text such as "--width"', isText) ?? `--${declaration.name}`
  if (!/^-{1,2}[^\s\0=-][^\s\0=]*$/u.test(flag) || flag.length > flagLengthMax + 2)
    declaration.refuse(
      'flag',
      `must begin with "-", hold no space and no "=", and have at most ${flagLengthMax} characters; got ${JSON.stringify(flag.slice(0, 100))}`,
    )
  if (flag === schemaFlag) declaration.refuse('flag', `must not be ${schemaFlag}, which asks the script for its schema`)
  return flag
}

function readChoices(declaration: Declaration, type: ParamType): Param['choices'] {
  const isList = (value: unknown): value is (string | number)[] =>
    Array.isArray(value) && value.length <= choicesMax && value.every((item) => isText(item) || isNumber(item))
  const choices = declaration.read('choices', `a list of at most ${choicesMax} texts or numbers`, isList)
  if (type === 'choice' && (choices === undefined || choices.length === 0)) {
    if (choices || declaration.get('choices') === undefined)
      declaration.refuse('choices', 'must list at least one value, because the type is "choice"')
    return null
  }
  if (choices === undefined || choices.length === 0) return null
  if (type === 'bool' || type === 'json' || type === 'file') {
    declaration.ignore('choices', `a value of type "${type}" is not chosen from a list`)
    return null
  }
  if (type !== 'choice')
    for (const [index, choice] of choices.entries()) {
      const problem = valueProblem({ type, choices: null, min: null, max: null, pattern: null }, choice)
      if (problem)
        declaration.problems.push([`${declaration.path}/choices/${index}`, problem + gotValue(choice, false)])
    }
  return [...new Set(choices)]
}

function readBounds(declaration: Declaration, type: ParamType): Pick<Param, 'min' | 'max'> {
  const min = declaration.read('min', 'a number', isNumber) ?? null
  const max = declaration.read('max', 'a number', isNumber) ?? null
  if (type !== 'int' && type !== 'float') {
    if (min !== null) declaration.ignore('min', 'only numbers have bounds')
    if (max !== null) declaration.ignore('max', 'only numbers have bounds')
    return { min: null, max: null }
  }
  if (min !== null && max !== null && min > max) declaration.refuse('min', `must not be above max (${max}); got ${min}`)
  return { min, max }
}

function readPattern(declaration: Declaration, type: ParamType): string | null {
  const pattern = declaration.read('pattern', 'a regular expression as text', isText) ?? null
  if (pattern === null) return null
  if (type !== 'str' && type !== 'url') {
    declaration.ignore('pattern', 'only texts have one')
    return null
  }
  try {
    matcherOf(pattern)
    return pattern
  } catch (error) {
    const what = error instanceof SyntaxError ? 'that JavaScript understands' : 'that is checked in no time'
    declaration.refuse('pattern', `must be a regular expression ${what}: ${messageOf(error)}`)
    return null
  }
}

function readAction(declaration: Declaration, type: ParamType, multiple: boolean): boolean {
  const action = declaration.read('action', 'a text', isText)
  if (action === undefined || action === 'store') return false
  if (action !== 'store_true') {
    declaration.ignore('action', `"${action.slice(0, 100)}" is not known here; there is "store_true"`)
    return false
  }
  if (type !== 'bool') declaration.refuse('action', 'can be "store_true" only where the type is "bool"')
  if (multiple) declaration.refuse('multiple', 'must not be true together with "store_true"')
  return true
}

function readDefault(declaration: Declaration, param: Param): unknown {
  const raw = declaration.get('default')
  if (raw === undefined || (raw === '' && param.type !== 'str' && !param.choices?.includes(''))) return undefined
  const items = (param.multiple && !Array.isArray(raw) ? [raw] : raw) as unknown
  const values = param.multiple ? (items as unknown[]) : [items]
  const converted = values.map((value) => convertValue(param, value))
  for (const value of converted) {
    const problem = valueProblem(param, value)
    if (problem) declaration.refuse('default', problem + gotValue(value, param.secret))
  }
  return param.multiple ? converted : converted[0]
}

function sharedFlags(params: Param[]): Complaint[] {
  const owners = new Map<string, string>()
  return params.flatMap(({ name, flag }): Complaint[] => {
    const owner = owners.get(flag)
    if (owner === undefined) owners.set(flag, name)
    return owner === undefined
      ? []
      : [[`${pointer(name)}/flag`, `must be a flag of its own; ${flag} belongs to "${owner}"`]]
  })
}
