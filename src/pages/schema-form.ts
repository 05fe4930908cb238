/** An ARGS_MAP as the fields of a form, and back. */
import type { ParamRow } from '../../views/parameters-row.tsx'
import type { Problem } from '../errors.ts'
import type { ArgDeclaration, ArgsMap } from '../scripts/model.ts'

const rowsMax = 200
/** More than these are folded. */
const openMax = 3

export const rowsOf = (argsMap: ArgsMap): ParamRow[] =>
  Object.entries(argsMap).map(([name, declaration], index) => ({
    ...{ key: String(index), was: name, name, type: declaration.type, flag: declaration.flag ?? '' },
    ...{ required: declaration.required ?? false, help: declaration.help ?? '' },
    default: defaultText(declaration),
    choices: (declaration.choices ?? []).join('\n'),
    ...{ min: numberText(declaration.min), max: numberText(declaration.max), pattern: declaration.pattern ?? '' },
    ...{ multiple: declaration.multiple ?? false, secret: declaration.secret ?? false },
    storeTrue: declaration.action === 'store_true',
    open: Object.keys(argsMap).length <= openMax,
  }))

const numberText = (value: number | null | undefined) => (value == null ? '' : String(value))

const isText = (type: string) => !['int', 'float', 'bool', 'json'].includes(type)

/** Texts stand as they are, everything else as JSON. */
const defaultText = ({ type, default: value, multiple }: ArgDeclaration) =>
  value == null ? '' : typeof value === 'string' && isText(type) && !multiple ? value : JSON.stringify(value)

/** In the order of the form. */
export function readRows(form: URLSearchParams): ParamRow[] {
  const keys = [...form.keys()].flatMap((name) => /^p\.(\w{1,12})\.name$/.exec(name)?.[1] ?? [])
  return [...new Set(keys)].slice(0, rowsMax).map((key) => {
    const text = (field: string) => (form.get(`p.${key}.${field}`) ?? '').replaceAll('\r\n', '\n')
    const trimmed = (field: string) => text(field).trim()
    const isOn = (field: string) => form.get(`p.${key}.${field}`) === '1'
    return {
      ...{ key, was: text('was'), name: trimmed('name'), type: trimmed('type'), flag: trimmed('flag') },
      ...{ required: isOn('required'), help: trimmed('help'), default: text('default'), choices: text('choices') },
      ...{ min: trimmed('min'), max: trimmed('max'), pattern: text('pattern') },
      ...{ multiple: isOn('multiple'), secret: isOn('secret'), storeTrue: isOn('storeTrue') },
      open: isOn('open'),
    }
  })
}

/** `add`, or `up:3`, `down:3`, `remove:3`, with the key of a row. */
export function changeRows(rows: ParamRow[], act: string): { rows: ParamRow[]; focus: string | null } {
  if (act === 'add') {
    const key = String(1 + Math.max(-1, ...rows.map((row) => Number(row.key) || 0)))
    return { rows: [...rows, { ...empty, key }], focus: key }
  }
  const [verb, key] = act.split(':')
  const at = rows.findIndex((row) => row.key === key)
  if (at < 0) return { rows, focus: null }
  const others = rows.filter((_, index) => index !== at)
  if (verb === 'remove') return { rows: others, focus: others[Math.min(at, others.length - 1)]?.key ?? null }
  const to = Math.max(0, Math.min(rows.length - 1, at + (verb === 'up' ? -1 : 1)))
  return { rows: others.toSpliced(to, 0, rows[at]!), focus: null }
}

const empty: Omit<ParamRow, 'key'> = {
  ...{ was: '', name: '', type: 'str', flag: '', required: false, help: '', default: '', choices: '' },
  ...{ min: '', max: '', pattern: '', multiple: false, secret: false, storeTrue: false, open: true },
}

/** `before`: what no field says is kept from there. */
export function toArgsMap(rows: ParamRow[], before: ArgsMap): { value: ArgsMap; problems: Problem[] } {
  const value: ArgsMap = {}
  const problems: Problem[] = []
  for (const row of rows) {
    if (Object.hasOwn(value, row.name))
      problems.push({ path: `/${row.name}`, message: 'is there twice: names are unique' })
    value[row.name] = declarationOf(row, before[row.was], problems)
  }
  return { value, problems }
}

function declarationOf(row: ParamRow, before: ArgDeclaration | undefined, problems: Problem[]): ArgDeclaration {
  const number = (field: 'min' | 'max') => {
    if (row[field] === '') return undefined
    const parsed = Number(row[field])
    if (Number.isFinite(parsed)) return parsed
    problems.push({
      path: `/${row.name}/${field}`,
      message: `must be a number; got ${JSON.stringify(row[field].slice(0, 60))}`,
    })
    return undefined
  }
  const choices = choicesOf(row, before)
  const said: Record<string, unknown> = {
    flag: row.flag || undefined,
    type: row.type,
    required: row.required || (before?.required === false ? false : undefined),
    help: row.help || undefined,
    default: defaultOf(row),
    choices: choices.length > 0 ? choices : undefined,
    multiple: row.multiple || undefined,
    ...{ min: number('min'), max: number('max'), pattern: row.pattern || undefined, secret: row.secret || undefined },
    action: row.storeTrue ? 'store_true' : before?.action === 'store_true' ? undefined : before?.action,
  }
  const all = { ...before, ...said }
  return Object.fromEntries(Object.entries(all).filter(([, one]) => one !== undefined)) as unknown as ArgDeclaration
}

/** What does not fit is sent as it is typed, and refused with its reason. */
function defaultOf({ default: text, type, multiple }: ParamRow): unknown {
  if (text.trim() === '') return undefined
  if (isText(type) && !multiple) return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** A number stays a number where it was one, or where the type is one. */
function choicesOf({ choices, type }: ParamRow, before: ArgDeclaration | undefined): (string | number)[] {
  const numbers = new Set((before?.choices ?? []).filter((choice) => typeof choice === 'number').map(String))
  return choices
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) =>
      ((type === 'int' || type === 'float') && line !== '' && Number.isFinite(Number(line))) || numbers.has(line)
        ? Number(line)
        : line,
    )
}
