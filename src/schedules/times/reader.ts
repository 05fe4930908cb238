/** A text as words, read one after the other; and the parts of times that several sentences share. */
import { nearest } from '../../nearest.ts'
import { clockWords, questions, vocabulary } from './vocabulary.ts'

/** Thrown inside the grammar only: words.ts makes a problem of it. */
export class NotUnderstood extends Error {}

export interface Reader {
  /** The word that comes, or one further on; '' at the end. */
  peek(ahead?: number): string
  next(): string
  /** Takes the next word if it is one of these. */
  take(...words: string[]): string | null
  isAtEnd(): boolean
}

/** Words are lower case; signs and numbers are words of their own: `8am` is `8`, `am`. Linear in the text's length. */
export function reader(text: string): Reader {
  const words =
    text
      .toLowerCase()
      .replace(/['’]|[.!]$/g, '')
      .match(/\d{1,2}:\d{2}(?::\d{2})?|\d+(?:st|nd|rd|th)\b|\d+|[a-z]+|\S/gu) ?? []
  let position = 0
  const peek = (ahead = 0) => words[position + ahead] ?? ''
  return {
    peek,
    next: () => words[position++] ?? '',
    take: (...wanted) => (wanted.includes(peek()) && peek() !== '' ? words[position++]! : null),
    isAtEnd: () => position >= words.length,
  }
}

/** Why a word has no place where it is. */
export function refuse(word: string): never {
  const question = questions.get(word)
  if (question) throw new NotUnderstood(question)
  if (word === '')
    throw new NotUnderstood('Something is missing at the end; write, for example, "every weekday at 9:30".')
  if (word === '.')
    throw new NotUnderstood(
      'Write times with a colon (9:30), dates as 2027-03-01, and numbers without a fraction ("every 90 minutes").',
    )
  if (word === '/') throw new NotUnderstood('Which of the numbers is the month? Write dates as 2027-03-01.')
  const meant = /^[a-z]{3,}$/.test(word) && !vocabulary.includes(word) ? nearest(word, vocabulary) : null
  // Words of another language are like some of ours by chance.
  if (meant && meant[0] === word[0]) throw new NotUnderstood(`"${word}" is not understood; did you mean "${meant}"?`)
  if (vocabulary.includes(word))
    throw new NotUnderstood(
      `"${word}" is not understood in this place. Write, for example, "every weekday at 9:30" or "on the 1st at 6:00".`,
    )
  throw new NotUnderstood(
    `"${word}" is not understood. Write, for example, "every weekday at 9:30", "every 5 minutes", or cron.`,
  )
}

/** Seconds since midnight; null: no time comes. `isNumberEnough`: 9 alone is 9:00, as after "at". */
export function readClock(from: Reader, isNumberEnough: boolean): number | null {
  const word = from.peek()
  const named = clockWords.get(word)
  if (named !== undefined) {
    from.next()
    return named
  }
  const isClock = word.includes(':')
  const half = isClock || /^\d{1,2}$/.test(word) ? halfAfter(from) : null
  if (!isClock && !(/^\d+$/.test(word) && (isNumberEnough || half || from.peek(1) === 'oclock'))) return null
  from.next()
  const [hour = 0, minute = 0, second = 0] = word.split(':').map(Number)
  if (half) {
    from.next()
    if (from.peek() === '.') from.next()
    if (hour < 1 || hour > 12)
      throw new NotUnderstood(`${word} ${half} is no time: with am or pm hours go from 1 to 12.`)
  } else from.take('oclock', 'h')
  check(word, hour, minute, second)
  const hours = half === null ? hour : (hour % 12) + (half === 'pm' ? 12 : 0)
  return hours * 3600 + minute * 60 + second
}

const halfAfter = (from: Reader) => (from.peek(1) === 'am' || from.peek(1) === 'pm' ? from.peek(1) : null)

function check(word: string, hour: number, minute: number, second: number) {
  if (hour > 23)
    throw new NotUnderstood(
      `"${word}" is no time of day: hour ${hour} is over 23${hour === 24 ? '; midnight is 0:00' : ''}.`,
    )
  if (minute > 59) throw new NotUnderstood(`"${word}" is no time of day: minute ${minute} is over 59.`)
  if (second > 59) throw new NotUnderstood(`"${word}" is no time of day: second ${second} is over 59.`)
}

/** A time that has to come. */
export function needClock(from: Reader): number {
  const at = readClock(from, true)
  return at ?? refuse(from.peek())
}

/** `9:30, 14:00 and 18:00`: after a comma or an "and" without a time the list is over. */
export function readClocks(from: Reader): number[] {
  const times = [needClock(from)]
  for (;;) {
    const joint = from.peek()
    if (joint !== ',' && joint !== 'and' && joint !== '&') return times
    let ahead = 1
    while ([',', 'and', '&', 'at'].includes(from.peek(ahead))) ahead++
    const word = from.peek(ahead)
    const isTime = word.includes(':') || clockWords.has(word) || /^\d{1,2}$/.test(word)
    if (!isTime) return times
    while (ahead-- > 0) from.next()
    times.push(needClock(from))
  }
}
