/** From what a client sent (query, form, JSON) to values of the declared types, with defaults filled in. */
import { messageOf, type Problem } from '../errors.ts'
import { parseJson as parseBytes } from '../results/json.ts'
import type { Param } from './model.ts'
import { convertValue, valueBytesMax } from './values.ts'

/** All values of one call together, in bytes: Linux gives arguments and environment 2 MiB. */
const allValuesBytesMax = 1_500_000

export interface Converted {
  values: Record<string, unknown>
  problems: Problem[]
}

/**
 * Texts become the declared type where they can; what cannot stays as it is, for `checkParams` to refuse, and so do
 * names that are no parameters. `isForm`: an HTML form sends its empty fields too, so an empty text means left out.
 */
export function convertParams(
  params: Param[],
  raw: Record<string, unknown>,
  { isForm = false }: { isForm?: boolean } = {},
): Converted {
  const byName = new Map(params.map((param) => [param.name, param]))
  const problems: Problem[] = []
  const sent = Object.entries(raw).flatMap(([name, value]): [string, unknown][] => {
    const param = byName.get(name)
    if (!param) return [[name, value]]
    const converted = convertParam(param, value, isForm, problems)
    return converted === undefined ? [] : [[name, converted]]
  })
  // fromEntries defines properties: a parameter sent as "__proto__" stays an ordinary, unknown name.
  const values: Record<string, unknown> = Object.fromEntries(sent)
  for (const { name, default: value } of params)
    if (value !== undefined && !Object.hasOwn(values, name)) values[name] = structuredClone(value)

  const bytes = params.reduce((sum, param) => sum + (param.type === 'file' ? 0 : bytesOf(values[param.name])), 0)
  if (bytes > allValuesBytesMax)
    problems.push({ path: '', message: `must have at most ${allValuesBytesMax} bytes together; got ${bytes}` })
  return { values, problems }
}

/** undefined: left out. */
function convertParam(param: Param, raw: unknown, isForm: boolean, problems: Problem[]): unknown {
  const refuse = (message: string) => problems.push({ path: `/${param.name}`, message })
  if (param.multiple) {
    const items = (Array.isArray(raw) ? raw : [raw]).filter((item) => !meansLeftOut(param, item, isForm))
    return items.length === 0 && !Array.isArray(raw) ? undefined : items.map((item) => convertItem(param, item, refuse))
  }
  return meansLeftOut(param, raw, isForm) ? undefined : convertItem(param, raw, refuse)
}

function meansLeftOut({ type, choices }: Param, value: unknown, isForm: boolean) {
  if (value === undefined || (value === null && type !== 'json')) return true
  return value === '' && !choices?.includes('') && (isForm || type !== 'str')
}

function convertItem(param: Param, raw: unknown, refuse: (message: string) => void): unknown {
  if (typeof raw === 'string' && raw.includes('\0'))
    refuse('must not hold a NUL character, which no program can be given')
  else if (typeof raw === 'string' && param.type === 'json') return parseJson(param, raw, refuse)
  else if (param.type !== 'file' && bytesOf(raw) > valueBytesMax)
    refuse(
      `must have at most ${valueBytesMax} bytes, because Linux gives a program no longer argument; got ${bytesOf(raw)}. Pass it as a file`,
    )
  return convertValue(param, raw)
}

function parseJson({ secret }: Param, text: string, refuse: (message: string) => void): unknown {
  try {
    const value = parseBytes(Buffer.from(text))
    if (bytesOf(value) > valueBytesMax)
      refuse(`must have at most ${valueBytesMax} bytes, because Linux gives a program no longer argument`)
    return value
  } catch (error) {
    // The parser's message repeats a piece of the text.
    refuse(secret ? 'must be JSON' : `must be JSON: ${messageOf(error)}`)
    return text
  }
}

/** Of the value as an argument. */
function bytesOf(value: unknown): number {
  if (value === undefined) return 0
  return Buffer.byteLength(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))
}
