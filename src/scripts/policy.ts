/** The only place where a policy, from its file or from a client, becomes valid. Strict: nothing in it is passed over. */
import { options } from '../config.ts'
import type { Problem } from '../errors.ts'
import { nearest } from '../nearest.ts'
import type { Option } from '../options/option.ts'
import { onInterrupts, type Policy, policyLimitNames, secondStarts } from './policy-model.ts'
import { gotValue } from './values.ts'

/** Of its file. */
export const policyBytesMax = 64 * 1024
/** Of each list of ports, paths, names and programs. */
export const policyItemsMax = 200
const problemsMax = 50
const pathBytesMax = 4096
const nameLengthMax = 200

export type ParsedPolicy = { ok: true; policy: Policy } | { ok: false; problems: Problem[] }

/** Checks a policy; it stays as its author wrote it. */
export function parsePolicy(value: unknown): ParsedPolicy {
  const problems = checkPolicy(value, '').slice(0, problemsMax)
  return problems.length > 0 ? { ok: false, problems } : { ok: true, policy: value as Policy }
}

/** What is wrong with a value; `path`: the JSON pointer to it. */
type Check = (value: unknown, path: string) => Problem[]

const checkPolicy: Check = (value, path) =>
  object({
    permissions: object({
      net: allowed('a list of TCP ports', item(isPort, portWords)),
      read: allowed('a list of paths', checkPath),
      write: allowed('a list of paths', checkPath),
      env: allowed('a list of names of variables', item(isVariableName, 'a name of letters, digits and "_"')),
      run: allowed('a list of programs', checkProgram),
    }),
    limits: object(Object.fromEntries(policyLimitNames.map((name) => [name, number(options[name])]))),
    queue: object({
      slots: number({ type: 'int', min: 1, max: 1000 }),
      priority: number({ type: 'int', min: -100, max: 100 }),
      second_start: oneOf(secondStarts),
      rate_per_min: number({ type: 'int', min: 1, max: 1_000_000 }),
    }),
    on_interrupt: oneOf(onInterrupts),
    retention: object({
      days: number({ type: 'float', min: 1, max: 36_500 }),
      runs: number({ type: 'int', min: 1, max: 1_000_000_000 }),
      bytes: number({ type: 'int', min: 1, max: 1024 ** 5 }),
    }),
  })(value, path)

const problem = (path: string, message: string): Problem[] => [{ path, message }]

const mustBe = (what: string, value: unknown, path: string) => problem(path, `must be ${what}${gotValue(value, false)}`)

function object(checks: Record<string, Check>): Check {
  const names = Object.keys(checks)
  return (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return mustBe(`an object with any of ${names.join(', ')}`, value, path)
    const problems: Problem[] = []
    for (const [key, member] of Object.entries(value)) {
      const check = Object.hasOwn(checks, key) ? checks[key] : undefined
      problems.push(...(check?.(member, `${path}/${key}`) ?? unknownKey(key, names, path)))
      if (problems.length >= problemsMax) break
    }
    return problems
  }
}

function unknownKey(key: string, names: string[], path: string): Problem[] {
  const pointer = `${path}/${key.slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1')}`
  const meant = nearest(key, names)
  return problem(
    pointer,
    meant ? `is not known here; did you mean "${meant}"?` : `is not known here; there are ${names.join(', ')}`,
  )
}

/** Everything, nothing, or a list. */
function allowed(listWords: string, checkItem: Check): Check {
  return (value, path) => {
    if (typeof value === 'boolean') return []
    if (!Array.isArray(value)) return mustBe(`true for everything, false for nothing, or ${listWords}`, value, path)
    if (value.length > policyItemsMax)
      return problem(path, `must have at most ${policyItemsMax} items; got ${value.length}`)
    return value.flatMap((one, index) =>
      one === '*'
        ? problem(`${path}/${index}`, 'is no item: for everything, write true instead of the list')
        : checkItem(one, `${path}/${index}`),
    )
  }
}

const item =
  (isFit: (value: unknown) => boolean, words: string): Check =>
  (value, path) =>
    isFit(value) ? [] : mustBe(words, value, path)

const portWords =
  'a TCP port from 1 to 65535: the kernel can hold a script to ports, but not to names of hosts or addresses'

function isPort(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65_535
}

function isVariableName(value: unknown): boolean {
  return typeof value === 'string' && value.length <= nameLengthMax && /^[A-Za-z_][A-Za-z0-9_]*$/.test(value)
}

const isFileName = (value: unknown): value is string =>
  typeof value === 'string' &&
  value !== '' &&
  value.isWellFormed() &&
  !value.includes('\0') &&
  Buffer.byteLength(value) <= pathBytesMax

function checkPath(value: unknown, path: string): Problem[] {
  if (!isFileName(value)) return mustBe("a path, absolute or from the script's own folder", value, path)
  if (value.includes('*'))
    return problem(
      path,
      `must be one path, a folder with all that is in it; patterns are not known${gotValue(value, false)}`,
    )
  return value.startsWith('~') ? mustBe('a path without "~": a script has a home of its own', value, path) : []
}

function checkProgram(value: unknown, path: string): Problem[] {
  const isProgram =
    isFileName(value) &&
    !/^\.{1,2}$/.test(value) &&
    (value.includes('/') ? value.startsWith('/') : !/[\s*~]/.test(value))
  return isProgram ? [] : mustBe('the absolute path of a program, or its name on PATH, without arguments', value, path)
}

function number({ type, min = 0, max = Number.MAX_SAFE_INTEGER }: Pick<Option, 'type' | 'min' | 'max'>): Check {
  const isWhole = type === 'int'
  const words = `a ${isWhole ? 'whole ' : ''}number from ${min} to ${max}`
  return item(
    (value) =>
      typeof value === 'number' &&
      value >= min &&
      value <= max &&
      (isWhole ? Number.isInteger(value) : Number.isFinite(value)),
    words,
  )
}

const oneOf = (names: readonly string[]): Check =>
  item((value) => names.includes(value as string), `one of ${names.join(', ')}`)
