/** Cron texts as people write them: put in order, or refused with what to write instead. What they mean is said by pattern.ts. */
import { nearest } from '../../nearest.ts'
import { PATTERN_SEPARATOR, patternsMax, patternsOf } from './pattern.ts'

export type ReadCron = { ok: true; cron: string } | { ok: false; problem: string }

interface Field {
  name: string
  min: number
  max: number
  /** In their order, from `min`. */
  names?: readonly string[]
}

const monthNames = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']
const weekdayNames = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']

const fields: readonly Field[] = [
  { name: 'second', min: 0, max: 59 },
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  { name: 'day', min: 1, max: 31 },
  { name: 'month', min: 1, max: 12, names: monthNames },
  { name: 'weekday', min: 0, max: 7, names: weekdayNames },
]

/** As cron has them; a week begins on Sunday there. */
const nicknames: Readonly<Record<string, string>> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
}

/** Whether somebody who wrote this meant cron rather than words. */
export function looksLikeCron(text: string): boolean {
  if (/^@|[*|]/.test(text)) return true
  const [first = '', second = ''] = text.trim().split(/\s+/)
  return /^[\d,?/-]+$/.test(first) && /^[\d,?/LW#-]+$/i.test(second) && !/^\d{4}-\d{1,2}-/.test(first)
}

/** Five or six fields, a nickname, or several of them joined by `|`. */
export function readCron(text: string): ReadCron {
  const parts = text.split('|').map((part) => part.trim())
  if (parts.length > patternsMax)
    return no(`There are ${parts.length} expressions; up to ${patternsMax} may be joined by "|".`)
  const read: string[] = []
  for (const part of parts) {
    const one = readOne(part)
    if (!one.ok) return one
    read.push(one.cron)
  }
  const cron = [...new Set(read)].join(PATTERN_SEPARATOR)
  try {
    patternsOf(cron)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return no(`"${text}" cannot be read: ${error.message.replace(/^CronPattern: /, '')}`)
  }
  return { ok: true, cron }
}

function readOne(text: string): ReadCron {
  if (text.startsWith('@')) return readNickname(text.toLowerCase())
  if (/^(CRON_)?TZ=/i.test(text))
    return no('The time zone is a field of its own, "timezone"; leave it out of the expression.')
  if (/\s#/.test(text)) return no('Leave the comment out, from "#" on: a schedule has a description of its own.')
  const words = text.split(/\s+/).filter((word) => word !== '')
  if (words.length === 7)
    return no('There are seven fields: leave the last one, the year, out, and set a start or an end date.')
  if (words.length !== 5 && words.length !== 6)
    return no(
      `There ${words.length === 1 ? 'is 1 field' : `are ${words.length} fields`}; write five (minute hour day month weekday, as in "30 9 * * MON-FRI"), or six with the seconds first.`,
    )
  if (words.length === 6 && /^(19|20)\d\d$/.test(words[5]!))
    return no(
      `A year ("${words[5]}") is not taken, and six fields begin with the seconds: leave it out, and set a start or an end date; or write the one moment, as in "2027-03-01 09:00".`,
    )
  const used = words.length === 5 ? fields.slice(1) : fields
  const read: string[] = []
  for (const [index, field] of used.entries()) {
    const word = words[index]!.toUpperCase()
    const problem = problemOf(field, word)
    if (problem) return no(problem)
    read.push(word === '?' ? '*' : word)
  }
  return { ok: true, cron: read.join(' ') }
}

function readNickname(text: string): ReadCron {
  const cron = nicknames[text]
  if (cron) return { ok: true, cron }
  if (text === '@reboot')
    return no('@reboot is no time: the gateway may start again at any moment. Write when it is due, such as @daily.')
  const every = /^@every\s+(\d+)\s*([smh])$/.exec(text)
  const units: Record<string, string> = { s: 'seconds', m: 'minutes', h: 'hours' }
  if (every) return no(`Write "every ${every[1]} ${units[every[2]!]}".`)
  const meant = nearest(
    text.slice(1),
    Object.keys(nicknames).map((name) => name.slice(1)),
  )
  return no(
    `"${text}" is not known; ${meant ? `did you mean "@${meant}"?` : `there are ${Object.keys(nicknames).join(', ')}.`}`,
  )
}

/** Why the text of a field cannot be meant; null: it can. */
function problemOf(field: Field, text: string): string | null {
  const isDay = field.name === 'day' || field.name === 'weekday'
  if (text === '*' || (text === '?' && isDay)) return null
  if (text.includes('?')) return `"?" belongs in the day or the weekday; for any ${field.name} write "*".`
  if (/^H([(/]|$)/.test(text)) return `"H" is known to Jenkins only: choose ${article(field.name)}, such as "17".`
  const plain = field.name === 'weekday' && text.startsWith('+') ? text.slice(1) : text
  const items = plain.split(',')
  if (items.includes('')) return `The ${field.name} "${text}" has a comma without a number beside it.`
  if (items.length > 1 && items.some((item) => item === '*' || item === '*/1'))
    return `The ${field.name} "${text}" is a list with "*" in it, which is every ${field.name} already: write one or the other.`
  for (const item of items) {
    const problem = problemOfItem(field, item)
    if (problem) return problem
  }
  return null
}

const article = (name: string) => `${name === 'hour' ? 'an' : 'a'} ${name}`

function problemOfItem(field: Field, item: string): string | null {
  if (field.name === 'day') {
    if (item === 'L' || item === 'LW') return null
    const near = /^(\w+)W$/.exec(item)
    if (near) return problemOfValue(field, near[1]!)
    if (/^L-?\d+$/.test(item))
      return `Days before the last one ("${item}") cannot be counted; "L" is the last day of the month.`
  }
  if (field.name === 'weekday') {
    const nth = /^(\w+)(?:#(.*))$/.exec(item)
    if (nth && !/^([1-5]|L)$/.test(nth[2]!))
      return `"#${nth[2]}" in "${item}": a month has a first to a fifth weekday, #1 to #5.`
    if (nth) return problemOfValue(field, nth[1]!)
    if (item === 'L')
      return 'Which weekday is the last one? "5L" is the last Friday of the month; "L" alone belongs in the day.'
    const last = /^(\w+)L$/.exec(item)
    if (last) return problemOfValue(field, last[1]!)
  }
  const [range = '', step, ...rest] = item.split('/')
  if (rest.length > 0) return `"${item}" has more than one "/".`
  if (step !== undefined) {
    const problem = problemOfStep(field, item, range, step)
    if (problem) return problem
  }
  return range === '*' ? null : problemOfRange(field, item, range)
}

function problemOfStep(field: Field, item: string, range: string, step: string): string | null {
  const span = field.max - field.min
  if (!/^\d+$/.test(step) || Number(step) === 0) return `The step of "${item}" must be a number from 1 to ${span}.`
  if (Number(step) > span)
    return `The step of "${item}" is over ${span}, so it would not step at all; ${field.name === 'second' || field.name === 'minute' || field.name === 'hour' ? `"every ${step} ${field.name}s" counts on over the ${field.name === 'hour' ? 'day' : 'hour'}.` : 'leave it out.'}`
  if (range === '*') return null
  if (!range.includes('-'))
    return `"${item}" may mean from ${range || 'the first'} on, or ${range || 'the first'} alone: write "${range || field.min}-${field.max === 7 ? 6 : field.max}/${step}" or "${range || field.min}".`
  return null
}

function problemOfRange(field: Field, item: string, range: string): string | null {
  const ends = range.split('-')
  if (ends.length > 2) return `"${item}" has more than one "-".`
  for (const end of ends) {
    const problem = problemOfValue(field, end)
    if (problem) return problem
  }
  if (ends.length === 1) return null
  const [from, to] = ends.map((end) => valueIn(field, end)) as [number, number]
  // 7 is Sunday, too: croner reads SAT-SUN as 6-7.
  const isToSunday = field.name === 'weekday' && to === 0 && from > 0 && ends[1] === 'SUN'
  if (from > to && !isToSunday) {
    const top = field.name === 'weekday' ? 6 : field.max
    const upper =
      ends[0] === String(top) || from === top
        ? `${ends[0]}`
        : `${ends[0]}-${field.names ? field.names[top - field.min] : top}`
    const lower = to === field.min ? ends[1] : `${field.names ? field.names[0] : field.min}-${ends[1]}`
    return `"${range}" runs backwards: write "${upper},${lower}".`
  }
  return null
}

function problemOfValue(field: Field, text: string): string | null {
  const value = valueIn(field, text)
  if (value === null) {
    const meant =
      field.names && /^[A-Z]/.test(text)
        ? nearest(
            text,
            field.names.map((name) => name.toLowerCase()),
          )
        : null
    if (text === '') return `A number is missing in the ${field.name}.`
    return `"${text}" is no ${field.name}${meant ? `; did you mean "${meant.toUpperCase()}"?` : `: write ${field.min} to ${field.max}${field.names ? ` or ${field.names[0]} to ${field.names.at(-1)}` : ''}.`}`
  }
  if (value > field.max)
    return `${capital(field.name)} ${text} is over ${field.max}${value === 24 && field.name === 'hour' ? '; midnight is 0' : ''}.`
  if (value < field.min) return `${capital(field.name)} ${text} is under ${field.min}.`
  return null
}

function valueIn(field: Field, text: string): number | null {
  if (/^\d{1,4}$/.test(text)) return Number(text)
  const index = field.names?.indexOf(text) ?? -1
  return index === -1 ? null : index + field.min
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
const no = (problem: string): ReadCron => ({ ok: false, problem })
