/** Arguments of a command to parameters of its script, by the flags of its schema. */

import { nearest } from '../../nearest.ts'
import type { Param } from '../../scripts/model.ts'
import { convertValue, gotValue, valueProblem } from '../../scripts/values.ts'
import { type Outcome, quote, refuse } from './model.ts'
import type { Word } from './shell.ts'

interface Read {
  params: Record<string, unknown>
  warnings: string[]
}

/** `--width 3`, `--width=3`, `-w 3`, `-w3`; a flag alone where it is `store_true`. What fits no parameter is a problem. */
export function readArguments(args: Word[], params: Param[]): Outcome<Read> {
  const byFlag = new Map(params.map((param) => [param.flag, param]))
  const values = new Map<string, unknown>()
  const warnings: string[] = []
  for (let at = 0; at < args.length; at += 1) {
    const word = args[at]
    if (!word) break
    const found = findFlag(word.text, byFlag)
    if (!found) return refuse(strangeArgument(word.text, params))
    const { param, attached } = found
    if (word.unknown !== null) return refuse(unknownValue(param, word))
    if (param.storeTrue) {
      if (attached !== null) return refuse(`${param.flag} takes no value; remove ${quote(`=${attached}`)}`)
      values.set(param.name, true)
      continue
    }
    const value = attached === null ? args[at + 1] : { ...word, text: attached }
    if (attached === null) at += 1
    if (!value || (attached === null && isFlag(value.text, byFlag)))
      return refuse(`${param.flag} needs a value after it`)
    if (value.unknown !== null) return refuse(unknownValue(param, value))
    const converted = convertText(param, value.text)
    const problem = converted === undefined ? 'must be JSON' : valueProblem(param, converted)
    if (problem) return refuse(`${param.flag} ${problem}${gotValue(value.text, param.secret)}`)
    if (param.type === 'file' && !isAddress(value.text))
      warnings.push(`${param.flag} names a file: local_file_access_patterns has to allow it.`)
    const earlier = values.get(param.name)
    if (param.multiple) values.set(param.name, [...(Array.isArray(earlier) ? earlier : []), converted])
    else {
      if (values.has(param.name)) warnings.push(`${param.flag} is there twice: the last one counts.`)
      values.set(param.name, converted)
    }
  }
  const missing = params.filter(({ name, required }) => required && !values.has(name))
  if (missing.length > 0) return refuse(`The script needs ${missing.map(({ flag }) => flag).join(' and ')} as well`)
  return { ok: true, params: Object.fromEntries(values), warnings }
}

const isAddress = (text: string) => /^(https?:\/\/|data:)/i.test(text)

/** undefined: it is no JSON. A text in JSON stays as it was written, for whoever takes it reads it again. */
function convertText(param: Param, text: string): unknown {
  const converted = convertValue(param, text)
  if (param.type !== 'json' || typeof converted !== 'string') return converted
  return converted === text ? undefined : text
}

type ByFlag = ReadonlyMap<string, Param>

/** The parameter of a flag, and the value that is written in the same word; null: none. */
function findFlag(text: string, byFlag: ByFlag): { param: Param; attached: string | null } | null {
  const end = text.indexOf('=')
  const name = end === -1 ? text : text.slice(0, end)
  const param = byFlag.get(name)
  if (param) return { param, attached: end === -1 ? null : text.slice(end + 1) }
  // `-w3`
  const short = text.startsWith('--') ? undefined : byFlag.get(text.slice(0, 2))
  return short && !short.storeTrue ? { param: short, attached: text.slice(2) } : null
}

/** A negative number is a value, unless it is a flag. */
const isFlag = (text: string, byFlag: ByFlag) =>
  text.startsWith('-') && text !== '-' && (byFlag.has(text) || !/^-\.?\d/.test(text))

const unknownValue = ({ flag, secret }: Param, { unknown, text }: Word) =>
  `What ${flag} is given${secret ? '' : ` (${quote(text)})`} is worked out by a shell from ${unknown}: write its value out`

function strangeArgument(text: string, params: Param[]): string {
  const flags = params.map(({ flag }) => flag)
  const byPlain = new Map(flags.map((flag) => [flag.replace(/^-+/, '').toLowerCase(), flag]))
  const [name = ''] = text.split('=')
  const near = text.startsWith('--') ? nearest(name.replace(/^-+/, ''), [...byPlain.keys()]) : null
  const meant = near === null ? undefined : byPlain.get(near)
  const known = flags.length === 0 ? 'it has no parameters' : `it has ${flags.slice(0, 10).join(', ')}`
  return `The script has no parameter for ${quote(text)}: ${meant ? `did you mean ${meant}?` : known}`
}
