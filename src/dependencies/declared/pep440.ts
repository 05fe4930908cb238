/** Versions and specifiers of Python packages (PEP 440), in one way of writing. */
import { clean, valid } from '@renovatebot/pep440'

const operators = ['===', '~=', '==', '!=', '<=', '>=', '<', '>'] as const
/** Numbers beyond this lose digits on the way. */
const digitsMax = 15

/** `1.0RC1` → `1.0rc1`; null for what is none. */
export function canonicalVersion(text: string): string | null {
  if (!/^[\x21-\x7e]{1,100}$/.test(text) || new RegExp(`\\d{${digitsMax + 1}}`).test(text)) return null
  if (!valid(text)) return null
  // The library joins the parts of what is behind "+" with commas.
  const [open = '', local] = text.split('+')
  return local === undefined ? clean(open) : `${clean(open)}+${local.split(/[._-]/).map(localPart).join('.')}`
}

const localPart = (part: string) => (/^\d+$/.test(part) ? String(Number(part)) : part.toLowerCase())

/** `< 3, >=2.0` → `>=2.0,<3`: sorted, none twice, empty for any; or what is wrong, a whole sentence. */
export function parseSpecifiers(text: string): { specifiers: string } | { problem: string } {
  if (text.trim() === '') return { specifiers: '' }
  const parts: string[] = []
  for (const part of text.split(',')) {
    const parsed = parseOne(part.trim())
    if ('problem' in parsed) return parsed
    parts.push(parsed.specifier)
  }
  return { specifiers: [...new Set(parts)].sort(byOperator).join(',') }
}

function parseOne(text: string): { specifier: string } | { problem: string } {
  const operator = operators.find((one) => text.startsWith(one))
  if (!operator) return { problem: unreadable(text) }
  const written = text.slice(operator.length).trim()
  const isPrefix = written.endsWith('.*')
  const version = canonicalVersion(isPrefix ? written.slice(0, -2) : written)
  const refuse = (why: string) => ({ problem: `${quoted(text)} ${why}.` })
  if (version === null)
    return refuse(`has no version after ${operator}: versions look like 2.31.0, 1.0rc1 or, after == and !=, 2.*`)
  if (isPrefix && operator !== '==' && operator !== '!=') return refuse('has .*, which only == and != can have')
  if (isPrefix && !/^(\d+!)?[\d.]+$/.test(version)) return refuse('has .* after a version that can have none')
  if (version.includes('+') && !['==', '!=', '==='].includes(operator))
    return refuse(`has a local version (after "+"), which only == and != can have`)
  if (operator === '~=' && !/^(\d+!)?\d+\.\d+/.test(version))
    return refuse('needs two numbers at least after ~=, such as ~=2.31')
  // It compares texts: another way of writing would be another version.
  if (operator === '===') return { specifier: `${operator}${written.toLowerCase()}` }
  return { specifier: `${operator}${version}${isPrefix ? '.*' : ''}` }
}

function unreadable(text: string): string {
  if (text === '') return 'There is a comma with nothing on one side of it.'
  const version = /^=\s*([^=\s]+)$/.exec(text)?.[1]
  if (version && canonicalVersion(version)) return `${quoted(text)} is not exact: write ==${version}.`
  const bare = canonicalVersion(text)
  if (bare !== null) return `${quoted(text)} needs an operator before it: write ==${text} for exactly this version.`
  if (/^[\^~]/.test(text))
    return `${quoted(text)} is how npm says it: write ~=2.31 for at least 2.31 and below 3, or >=2.31,<3.`
  return `${quoted(text)} is no version specifier: they begin with == != >= <= > < or ~=, as in >=2.25.1 or ==1.0.*.`
}

const quoted = (text: string) => JSON.stringify(text.slice(0, 60))

/** As people write them: what it must be at least, then what it must be below, then what it must not be. */
const order = ['===', '==', '~=', '>=', '>', '<=', '<', '!=']
const rankOf = (part: string) => order.findIndex((operator) => part.startsWith(operator))
const byOperator = (a: string, b: string) => rankOf(a) - rankOf(b) || (a < b ? -1 : a > b ? 1 : 0)
