/** Sentences that mean one moment: "in 10 minutes", "tomorrow at 9", "next monday at 8:00", "2027-03-01 09:00". */
import type { Timing } from '../model.ts'
import { DAY_MS, HOUR_MS, localAt, MINUTE_MS, offsetAt, resolveLocal, SECOND_MS } from './offsets.ts'
import type { ReadWhen, WhenContext } from './parse.ts'
import { daysOf } from './pattern.ts'
import { NotUnderstood, needClock, type Reader, readClock, reader, refuse } from './reader.ts'
import { monthWords, numberWords, type Unit, unitWords, weekdayWords } from './vocabulary.ts'
import { clockText, dateText, dayText, isoOffset, localText } from './zone.ts'

/** A moment, or null where the sentence does not begin like one. Throws NotUnderstood. */
export function readOnce(text: string, context: WhenContext): Timing | null {
  const at = readIso(text, context) ?? readRelative(reader(text), context)
  return at === null ? null : { kind: 'once', at }
}

/**
 * What a sentence that meant `at` in one zone means in another: "tomorrow at 9" its date and hour on the clock there, "in 10 minutes" and a
 * time with an offset the same moment.
 */
export function movedOnce(text: string, at: number, from: string, to: string): ReadWhen {
  const moments = ['UTC', 'Asia/Tokyo'].map((timezone) => momentIn(text, timezone))
  if (moments[0] !== null && moments[0] === moments[1]) return { ok: true, timing: { kind: 'once', at } }
  try {
    return { ok: true, timing: { kind: 'once', at: momentOf(localAt(from, at), to) } }
  } catch (error) {
    if (error instanceof NotUnderstood) return { ok: false, problem: error.message }
    throw error
  }
}

/** Of words that were understood once; null: not at this moment. */
function momentIn(text: string, timezone: string): number | null {
  try {
    const timing = readOnce(text.normalize('NFKC').trim(), { timezone, now: 0 })
    return timing?.kind === 'once' ? timing.at : null
  } catch (error) {
    if (error instanceof NotUnderstood) return null
    throw error
  }
}

const iso = /^(?:on )?(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:t| at | )(.*))?$/i
const isoTime = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,3})\d*)?)? ?(z|[+-]\d{2}(?::?\d{2})?)?$/i

/** ISO 8601; without an offset on the clock of the schedule's zone. */
function readIso(text: string, context: WhenContext): number | null {
  const found = iso.exec(text.replace(/\s+/g, ' '))
  if (!found) return null
  const [year, month, day] = [Number(found[1]), Number(found[2]), Number(found[3])]
  const midnight = midnightOf(year, month, day)
  const time = found[4]?.trim()
  if (!time) throw new NotUnderstood(`At what time on that day? Write "${found[0].trim()} 09:00".`)
  const parts = isoTime.exec(time)
  if (!parts) {
    const clock = reader(time)
    const second = needClock(clock)
    if (!clock.isAtEnd()) refuse(clock.peek())
    return momentOf(midnight + second * SECOND_MS, context.timezone)
  }
  const [hour, minute, second] = [Number(parts[1]), Number(parts[2]), Number(parts[3] ?? 0)]
  if (hour > 23 || minute > 59 || second > 59)
    throw new NotUnderstood(`"${time}" is no time of day: it ends at 23:59:59.`)
  const local =
    midnight + hour * HOUR_MS + minute * MINUTE_MS + second * SECOND_MS + Number((parts[4] ?? '0').padEnd(3, '0'))
  return parts[5] ? local - offsetOf(parts[5]) : momentOf(local, context.timezone)
}

function offsetOf(text: string): number {
  if (text.toLowerCase() === 'z') return 0
  const [hours, minutes] = [Number(text.slice(1, 3)), Number(text.slice(3).replace(':', '') || 0)]
  if (hours > 14 || minutes > 59) throw new NotUnderstood(`"${text}" is no offset: they go from -12:00 to +14:00.`)
  return (text.startsWith('-') ? -1 : 1) * (hours * HOUR_MS + minutes * MINUTE_MS)
}

function midnightOf(year: number, month: number, day: number): number {
  if (month < 1 || month > 12)
    throw new NotUnderstood(`Month ${month} is not there: write the date as year-month-day, as in 2027-12-24.`)
  if (day < 1 || day > daysOf(year, month))
    throw new NotUnderstood(
      `${year}-${String(month).padStart(2, '0')} has no day ${day}: its last one is ${daysOf(year, month)}.`,
    )
  if (year < 1970) throw new NotUnderstood(`${year} is long over.`)
  return Date.UTC(year, month - 1, day)
}

/** A person who names one moment is asked where the clock makes it none, or two. */
function momentOf(local: number, timezone: string): number {
  const found = resolveLocal(timezone, local)
  if (found.kind === 'single') return found.at
  const name = `${dayText(local)}T${clockText(local)}`
  if (found.kind === 'gap')
    throw new NotUnderstood(
      `${clockText(local)} does not exist on ${dateText(local)} in ${timezone}: clocks go forward to ${clockText(localAt(timezone, found.at))}. Write another time.`,
    )
  const offsets = [found.at, found.second].map((at) => `${name}${isoOffset(offsetAt(timezone, at))}`)
  throw new NotUnderstood(
    `The clock shows ${clockText(local)} twice on ${dateText(local)} in ${timezone}. Which one? Write "${offsets[0]}" or "${offsets[1]}".`,
  )
}

function readRelative(from: Reader, context: WhenContext): number | null {
  if (from.peek() === 'once') from.next()
  if (from.peek() === 'in') return readIn(from, context)
  if (from.peek() === 'on' && /^\d|^the$/.test(from.peek(1)) === false && !monthWords.has(from.peek(1))) return null
  if (from.peek() === 'on') from.next()
  if (from.peek() === 'tonight') return readTonight(from, context)
  const local = readDay(from, context)
  if (local === null) return null
  while (from.take(',', 'at')) {}
  const second = readClock(from, true)
  if (second === null) {
    if (from.isAtEnd()) throw new NotUnderstood('At what time on that day? Write, for example, "tomorrow at 9:00".')
    return refuse(from.peek())
  }
  if (!from.isAtEnd()) refuse(from.peek())
  return toCome(local + second * SECOND_MS, context)
}

function toCome(local: number, context: WhenContext): number {
  const at = momentOf(local, context.timezone)
  if (at <= context.now) throw new NotUnderstood(`${localText(at, context.timezone)} is over: write a time to come.`)
  return at
}

/** "tonight at 8" is at 20:00; small hours may be those of today or of tomorrow. */
function readTonight(from: Reader, context: WhenContext): number {
  from.next()
  while (from.take(',', 'at')) {}
  const isHalfGiven = ['am', 'pm'].includes(from.peek(1))
  const second = readClock(from, true)
  if (second === null && from.isAtEnd()) throw new NotUnderstood('At what time? Write, for example, "today at 20:00".')
  if (second === null || !from.isAtEnd()) return refuse(from.peek())
  const hour = second / 3600
  const isEvening = hour >= 17 || (!isHalfGiven && hour >= 5 && hour < 12)
  if (!isEvening)
    throw new NotUnderstood(
      `Which day is that? Write "today at ${clockText(second * SECOND_MS)}" or "tomorrow at ${clockText(second * SECOND_MS)}".`,
    )
  const ofDay = hour < 12 ? second + 12 * 3600 : second
  return toCome(todayOf(context) + ofDay * SECOND_MS, context)
}

const countable: Partial<Record<Unit, number>> = {
  second: SECOND_MS,
  minute: MINUTE_MS,
  hour: HOUR_MS,
  day: DAY_MS,
  week: 7 * DAY_MS,
}
const AHEAD_MAX_MS = 3660 * DAY_MS

/** "in 10 minutes", "in an hour"; null for "in march". */
function readIn(from: Reader, context: WhenContext): number | null {
  const word = from.peek(1)
  const isHalf = word === 'half' && from.peek(2) === 'an' && from.peek(3) === 'hour'
  const count = isHalf
    ? 0.5
    : word === 'a' || word === 'an'
      ? 1
      : (numberWords.get(word) ?? (/^\d+$/.test(word) ? Number(word) : null))
  if (count === null || word === 'other') return null
  from.next()
  from.next()
  if (isHalf) from.next()
  const unit = unitWords.get(from.next())
  const ms = unit && countable[unit]
  if (!unit || !ms)
    throw new NotUnderstood(
      'In how many minutes, hours, days or weeks? Write, for example, "in 10 minutes", or a date: "2027-03-01 09:00".',
    )
  if (!from.isAtEnd()) refuse(from.peek())
  if (count < 0.5 || count * ms > AHEAD_MAX_MS)
    throw new NotUnderstood('Write a time to come within ten years, as in "in 10 minutes".')
  return context.now + count * ms
}

/** The midnight, on the clock, of today. */
const todayOf = ({ timezone, now }: WhenContext) => Math.floor(localAt(timezone, now) / DAY_MS) * DAY_MS

/** The midnight, on the clock, of the day that is named; null: the sentence begins otherwise. */
function readDay(from: Reader, context: WhenContext): number | null {
  const today = todayOf(context)
  if (from.take('today')) return today
  if (from.take('tomorrow')) return today + DAY_MS
  if (from.peek() === 'day' && from.peek(1) === 'after' && from.peek(2) === 'tomorrow') {
    for (let count = 0; count < 3; count++) from.next()
    return today + 2 * DAY_MS
  }
  const weekday = weekdayWords.get(from.peek(1))
  if (weekday !== undefined && from.take('next', 'this', 'coming')) {
    from.next()
    const days = (weekday - new Date(today).getUTCDay() + 7) % 7
    return today + (days === 0 ? 7 : days) * DAY_MS
  }
  return readDate(from)
}

/** `24 december 2027`, `december 24th, 2027`; null without a year. */
function readDate(from: Reader): number | null {
  const dayOf = (word: string) => /^(\d{1,2})(?:st|nd|rd|th)?$/.exec(word)?.[1]
  const isDayFirst = dayOf(from.peek()) !== undefined
  const skip = isDayFirst && from.peek(1) === 'of' ? 1 : 0
  const month = monthWords.get(from.peek(isDayFirst ? 1 + skip : 0))
  const day = dayOf(from.peek(isDayFirst ? 0 : 1))
  const comma = from.peek(2 + skip) === ',' ? 1 : 0
  const year = from.peek(2 + skip + comma)
  if (month === undefined || day === undefined || !/^\d{4}$/.test(year)) return null
  for (let count = 0; count < 3 + skip + comma; count++) from.next()
  return midnightOf(Number(year), month, Number(day))
}
