/** The five fields of crontab(5), as Vixie's cron and cronie read them, put into words that croner reads the same way. */
import { parseWhen } from '../times/parse.ts'
import { type Outcome, quote, refuse } from './model.ts'

interface Field {
  name: string
  low: number
  high: number
  names: string[]
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const longNames = [
  ...['january', 'february', 'march', 'april', 'june', 'july', 'august', 'september', 'october', 'november'],
  ...['december', 'sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'],
]

const fields: Field[] = [
  { name: 'minute', low: 0, high: 59, names: [] },
  { name: 'hour', low: 0, high: 23, names: [] },
  { name: 'day of the month', low: 1, high: 31, names: [] },
  { name: 'month', low: 1, high: 12, names: months },
  { name: 'day of the week', low: 0, high: 7, names: days },
]

const nicknames = ['@hourly', '@daily', '@midnight', '@weekly', '@monthly', '@yearly', '@annually']

interface When {
  when: string
  warnings: string[]
}

/** `@daily` and its like, as our schedules take them. */
export function readNickname(word: string): Outcome<When> {
  const name = word.toLowerCase()
  if (nicknames.includes(name)) return { ok: true, when: name, warnings: [] }
  if (name === '@every_minute') return { ok: true, when: '* * * * *', warnings: [] }
  return name === '@reboot'
    ? refuse(
        '@reboot means a start of the machine, which is no time: choose a time, or start the script by its address',
      )
    : refuse(`${quote(word)} is not known here; there are ${nicknames.join(', ')}`)
}

/**
 * Five words to a cron expression. Where both days are restricted cron takes either, as croner does; a field that
 * *begins* with `*` (a star with a step) is no restriction to cron, and then both must fit: croner's `+`.
 */
export function readFields(words: string[]): Outcome<When> {
  const warnings: string[] = []
  const read: ReadField[] = []
  for (const [index, field] of fields.entries()) {
    const result = readField(field, words[index] ?? '', warnings)
    if (!result.ok) return result
    read.push(result)
  }
  const [, , date, , day] = read as [ReadField, ReadField, ReadField, ReadField, ReadField]
  const isBoth = (date.beginsWithStar || day.beginsWithStar) && date.text !== '*' && day.text !== '*'
  const texts = read.map(({ text }, index) => (index === 4 && isBoth ? `+${text}` : text))
  const when = texts.join(' ')
  const ours = parseWhen(when, { timezone: 'UTC', now: 0 })
  return ours.ok ? { ok: true, when, warnings } : refuse(ours.problem)
}

interface ReadField {
  text: string
  beginsWithStar: boolean
}

function readField(field: Field, word: string, warnings: string[]): Outcome<ReadField> {
  const beginsWithStar = word.startsWith('*') || word === '?'
  const texts: string[] = []
  for (const item of word.split(',')) {
    const result = readItem(field, item, warnings)
    if (!result.ok) return result
    texts.push(result.text)
  }
  if (texts.includes('*'))
    return { ok: true, text: beginsWithStar ? '*' : `${field.low}-${field.high}`, beginsWithStar }
  return { ok: true, text: texts.join(','), beginsWithStar }
}

/** `*`, `5`, `mon`, `1-5`, with `/2` after it. */
function readItem(field: Field, item: string, warnings: string[]): Outcome<{ text: string }> {
  const wrong = (why: string) => refuse(`The ${field.name} ${quote(item)} ${why}`)
  if (item === '') return wrong('is empty: there is a comma too many')
  if (item.includes('~')) return wrong('is a random one: write a fixed one, and let the schedule have a jitter')
  const [range = '', step, ...rest] = item.split('/')
  if (rest.length > 0) return wrong('has more than one step')
  if (step !== undefined && !/^\d{1,4}$/.test(step)) return wrong('has a step that is no number, as */15 has')
  const by = step === undefined ? 1 : Number(step)
  const stepMax = field.high - field.low
  if (by < 1 || by > stepMax) return wrong(`has a step outside 1 to ${stepMax}`)
  const stepText = by === 1 ? '' : `/${by}`
  if (range === '*' || (range === '?' && field.name.startsWith('day'))) return { ok: true, text: `*${stepText}` }

  const [first = '', last, ...more] = range.split('-')
  const from = numberOf(field, first)
  const to = last === undefined ? from : numberOf(field, last)
  if (more.length > 0 || from === null || to === null) return wrong(`is not understood: ${examples(field)}`)
  if (from < field.low || from > field.high || to < field.low || to > field.high)
    return wrong(`is outside ${field.low} to ${field.high}`)
  if (last === undefined) {
    if (step === undefined) return { ok: true, text: String(from) }
    warnings.push(`${quote(item)} is read as ${from}-${field.high}/${by}: cron itself may refuse it.`)
    return { ok: true, text: from === field.high ? String(from) : `${from}-${field.high}${stepText}` }
  }
  // Sunday is the end of a week here: `fri-sun`.
  const end = field.high === 7 && to === 0 && from > 0 ? 7 : to
  if (from > end) return wrong(`ends before it begins: write ${from}-${field.high},${field.low}-${end}`)
  return { ok: true, text: from === end ? String(from) : `${from}-${end}${stepText}` }
}

/** A number, or a name by its first three letters. */
function numberOf({ names, low }: Field, text: string): number | null {
  if (/^\d{1,4}$/.test(text)) return Number(text)
  const name = text.toLowerCase()
  const index = names.indexOf(longNames.includes(name) ? name.slice(0, 3) : name)
  return index === -1 ? null : index + low
}

const examples = ({ low, high, names }: Field) =>
  `there are numbers from ${low} to ${high}, ranges such as ${low}-${high}, steps such as */2, lists with commas${names.length > 0 ? ` and names such as ${names[1]}` : ''}`
