/**
 * A cron text as lists of numbers, and the next time on the clock that fits it. croner reads the text and says what it means; its objects
 * keep 80 KB each and its search takes 0.2 ms, so what it read is copied and searched here, without zones: see next.ts.
 */
import { CronPattern } from 'croner'
import { DAY_MS, SECOND_MS } from './offsets.ts'

export interface Pattern {
  seconds: number[]
  minutes: number[]
  hours: number[]
  /** January is 1. */
  months: ReadonlySet<number>
  days: DayRule
  /** Seconds, minutes and hours are numbers, lists or ranges: no `*`, no step. */
  isFixed: boolean
}

/** Which days of a month. Weekdays: Sunday is 0; the bits 1 to 16 are the first to fifth of a month, 32 the last, 63 every one. */
export interface DayRule {
  days: ReadonlySet<number>
  /** `15W`: the weekday nearest to the 15th. */
  nearestTo: number[]
  isLast: boolean
  isLastWorkday: boolean
  weekdays: number[]
  isAnyDay: boolean
  isAnyWeekday: boolean
  /** `+MON`: both have to fit; else one of them is enough when both are given. */
  areBothNeeded: boolean
}

/** Several cron texts are one timing: due when any of them is. */
export const PATTERN_SEPARATOR = ' | '
export const patternsMax = 8

const kept = new Map<string, Pattern[]>()
const KEPT_MAX = 2000

/** What a timing's `cron` says. Throws croner's TypeError or RangeError for a text that it does not take. */
export function patternsOf(cron: string): Pattern[] {
  const known = kept.get(cron)
  if (known) return known
  const patterns = cron.split('|').map((text) => readPattern(text.trim()))
  if (kept.size >= KEPT_MAX) kept.clear()
  kept.set(cron, patterns)
  return patterns
}

function readPattern(text: string): Pattern {
  const read = new CronPattern(text, undefined, { mode: '5-or-6-parts', fixedTimeRule: 'no-wildcard' })
  return {
    seconds: indexesOf(read.second, 60),
    minutes: indexesOf(read.minute, 60),
    hours: indexesOf(read.hour, 24),
    months: new Set(indexesOf(read.month, 12).map((month) => month + 1)),
    days: {
      days: new Set(indexesOf(read.day, 31).map((day) => day + 1)),
      nearestTo: indexesOf(read.nearestWeekdays, 31).map((day) => day + 1),
      isLast: read.lastDayOfMonth,
      isLastWorkday: read.lastWeekday,
      weekdays: read.dayOfWeek.slice(0, 7),
      isAnyDay: read.starDOM,
      isAnyWeekday: read.starDOW,
      areBothNeeded: read.useAndLogic,
    },
    isFixed: read.isFixedTime,
  }
}

const indexesOf = (flags: number[], size: number) => [...Array(size).keys()].filter((index) => flags[index])

/** The calendar is the same every 400 years: what is not due within them never is. */
const MONTHS_MAX = 4800

/** The first time on the clock that fits and is not before `local`; null: there never is one. Whole seconds. */
export function nextLocal(pattern: Pattern, local: number): number | null {
  const midnight = Math.floor(local / DAY_MS) * DAY_MS
  const time = timeFrom(pattern, Math.ceil((local - midnight) / SECOND_MS))
  const date = new Date(midnight)
  let [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()]
  if (time !== null && isDue(pattern, year, month, day)) return midnight + time * SECOND_MS
  day++
  const first = timeFrom(pattern, 0)!
  for (let count = 0; count <= MONTHS_MAX; count++) {
    if (pattern.months.has(month)) {
      const found = nextDay(pattern.days, year, month, day)
      if (found !== null) return Date.UTC(year, month - 1, found) + first * SECOND_MS
    }
    day = 1
    if (++month === 13) [year, month] = [year + 1, 1]
  }
  return null
}

/** Whether the pattern has times on this day. */
export const isDue = (pattern: Pattern, year: number, month: number, day: number) =>
  pattern.months.has(month) && nextDay(pattern.days, year, month, day, day) !== null

/** The first second of the day, from `second` on, that fits; null: none on this day. */
function timeFrom(pattern: Pattern, second: number): number | null {
  const [hour, minute] = [Math.floor(second / 3600), Math.floor(second / 60) % 60]
  const [firstMinute, firstSecond] = [pattern.minutes[0]!, pattern.seconds[0]!]
  for (const dueHour of pattern.hours) {
    if (dueHour < hour) continue
    if (dueHour > hour) return dueHour * 3600 + firstMinute * 60 + firstSecond
    for (const dueMinute of pattern.minutes) {
      if (dueMinute < minute) continue
      if (dueMinute > minute) return dueHour * 3600 + dueMinute * 60 + firstSecond
      const dueSecond = pattern.seconds.find((one) => one >= second % 60)
      if (dueSecond !== undefined) return dueHour * 3600 + dueMinute * 60 + dueSecond
    }
  }
  return null
}

/** How many seconds of a day, before `second`, fit. */
export function countBefore(pattern: Pattern, second: number): number {
  const [hour, minute] = [Math.floor(second / 3600), Math.floor(second / 60) % 60]
  const { hours, minutes, seconds } = pattern
  let count = below(hours, hour) * minutes.length * seconds.length
  if (!hours.includes(hour)) return count
  count += below(minutes, minute) * seconds.length
  return minutes.includes(minute) ? count + below(seconds, second % 60) : count
}

const below = (values: number[], bound: number) => values.filter((value) => value < bound).length

/** The first day of the month, from `from` to `upTo`, that fits. */
function nextDay(rule: DayRule, year: number, month: number, from: number, upTo = 31): number | null {
  const days = daysOf(year, month)
  const firstWeekday = new Date(Date.UTC(year, month - 1, 1)).getUTCDay()
  for (let day = from; day <= Math.min(days, upTo); day++)
    if (fitsDay(rule, day, days, (firstWeekday + day - 1) % 7)) return day
  return null
}

function fitsDay(rule: DayRule, day: number, days: number, weekday: number): boolean {
  const fits =
    rule.days.has(day) ||
    (rule.isLast && day === days) ||
    (rule.isLastWorkday && day === nearestWorkday(days, days, day, weekday)) ||
    rule.nearestTo.some((target) => target <= days && day === nearestWorkday(target, days, day, weekday))
  if (rule.isAnyWeekday) return fits
  const fitsWeekday = isNth(rule.weekdays[weekday]!, day, days)
  return rule.areBothNeeded || rule.isAnyDay ? fits && fitsWeekday : fits || fitsWeekday
}

const isNth = (mask: number, day: number, days: number) =>
  mask === 63 || (mask & (1 << Math.floor((day - 1) / 7))) !== 0 || ((mask & 32) !== 0 && day + 7 > days)

/** The day from Monday to Friday that is nearest to `target` and in its month. */
function nearestWorkday(target: number, days: number, day: number, weekday: number): number {
  const ofTarget = (((weekday + target - day) % 7) + 7) % 7
  if (ofTarget === 6) return target === 1 ? 3 : target - 1
  if (ofTarget === 0) return target === days ? target - 2 : target + 1
  return target
}

export const daysOf = (year: number, month: number) => new Date(Date.UTC(year, month, 0)).getUTCDate()
