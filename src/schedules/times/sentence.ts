/** From the parts of a sentence to a timing. */
import type { Timing } from '../model.ts'
import { cronOf, type Days, everyDay, listOf } from './cron-text.ts'
import { DAY_MS, firstLocal, HOUR_MS, localAt, MINUTE_MS, SECOND_MS } from './offsets.ts'
import type { WhenContext } from './parse.ts'
import { daysOf } from './pattern.ts'
import { NotUnderstood } from './reader.ts'
import type { Unit } from './vocabulary.ts'
import { clockText, startOfDay } from './zone.ts'

/** What the clauses of a sentence have said. */
export interface Draft {
  every: { count: number; unit: Unit } | null
  weekdays: number[]
  nth: { weekday: number; nth: number | 'L' }[]
  /** Days of the month. */
  dates: (number | 'L' | 'LW' | '1W')[]
  yearly: { day: number; month: number }[]
  months: number[]
  /** Seconds since midnight. */
  times: number[]
  /** Of each hour. */
  minutes: number[]
  span: { from: number; to: number } | null
  /** Something says that it happens again and again. */
  recurs: boolean
  /** The weekday as it was written first. */
  day: string | null
  night: boolean
}

const unitMs = {
  second: SECOND_MS,
  minute: MINUTE_MS,
  hour: HOUR_MS,
  day: DAY_MS,
  week: 7 * DAY_MS,
} as const
const EVERY_MAX_MS = 3660 * DAY_MS

/**
 * A sentence's timing; throws NotUnderstood with what to ask.
 *
 * "every N" is elapsed time, counted from the start date or, without one, from the local midnight of today; but N that divides an hour (or, of
 * hours, a day) and has no start date follows the clock: "every 6 hours" written in winter is still at 0:00, 6:00, … in summer, and saving it
 * again moves nothing.
 */
export function timingOf(draft: Draft, context: WhenContext): Timing {
  if (draft.night && draft.times.length === 0)
    throw new NotUnderstood('At what time of the night? Write, for example, "daily at 1:00".')
  if (!draft.recurs) askHowOften(draft)
  const unit = draft.every?.unit
  if (unit === 'second' || unit === 'minute' || unit === 'hour') return intervalOf(draft, context)
  if (draft.span)
    throw new NotUnderstood('How often between those times? Write, for example, "every 15 minutes from 9:00 to 17:00".')
  if (draft.minutes.length > 0)
    throw new NotUnderstood(
      'At that minute of which hours? Write "every hour at minute 15", or a time such as "at 9:15".',
    )
  const count = draft.every?.count ?? 1
  if (count < 1) throw new NotUnderstood(`"every ${count} ${unit}s" is no interval; begin at 1.`)
  if ((unit === 'day' || unit === 'week') && count > 1) return countedDays(draft, count, unit, context)
  const times = draft.times.length > 0 ? draft.times : [0]
  return { kind: 'cron', cron: cronOf(times, daysFor(draft, context)) }
}

function askHowOften(draft: Draft): never {
  const time = `at ${draft.times.length > 0 ? clockText(draft.times[0]! * SECOND_MS) : '9:00'}`
  if (draft.day !== null)
    throw new NotUnderstood(
      `Every ${draft.day}, or once? Write "every ${draft.day} ${time}" or "next ${draft.day} ${time}".`,
    )
  if (draft.yearly.length > 0)
    throw new NotUnderstood(
      'Every year, or once? Write "yearly on 24 december at 18:00", or the date with its year: "2027-12-24 18:00".',
    )
  if (draft.months.length > 0)
    throw new NotUnderstood('On which days of the month? Write, for example, "on the 1st of january at 9:00".')
  if (draft.times.length > 0)
    throw new NotUnderstood(`Every day, or once? Write "every day ${time}", "today ${time}" or "tomorrow ${time}".`)
  throw new NotUnderstood(
    'How often? Write, for example, "every hour between 9 and 17", "every weekday at 9:30" or "tomorrow at 9:00".',
  )
}

const hasDays = (draft: Draft) =>
  draft.weekdays.length + draft.nth.length + draft.dates.length + draft.yearly.length + draft.months.length > 0

/** Every N seconds, minutes or hours. */
function intervalOf(draft: Draft, context: WhenContext): Timing {
  const { count, unit } = inLargestUnit(draft.every!.count, draft.every!.unit as 'second' | 'minute' | 'hour')
  const name = `every ${draft.every!.count} ${draft.every!.unit}s`
  if (count < 1) throw new NotUnderstood(`"${name}" is no interval; begin at 1.`)
  if (draft.times.length > 0)
    throw new NotUnderstood(
      'Both an interval and a time of day: write "every 2 hours from 9:00 to 17:00", or the times alone.',
    )
  const fitsClock = unit === 'hour' ? 24 % count === 0 && count < 24 : 60 % count === 0
  if (draft.span) return spanned(draft, count, unit, context)
  if (draft.minutes.length > 0) {
    if (unit !== 'hour' || !fitsClock)
      throw new NotUnderstood('A minute belongs to hours that divide a day: "every 2 hours at minute 15".')
    const hours = count === 1 ? '*' : `*/${count}`
    return cronFor(
      draft,
      context,
      ({ date, month, weekday }) => `${listOf(draft.minutes)} ${hours} ${date} ${month} ${weekday}`,
    )
  }
  if (!hasDays(draft) && (!fitsClock || context.startsAt != null)) return elapsed(count * unitMs[unit], context)
  if (!fitsClock)
    throw new NotUnderstood(
      `"${name}" does not come out even over ${unit === 'hour' ? 'a day' : 'an hour'}, so it cannot be kept to some days only; take a number that divides ${unit === 'hour' ? '24' : '60'}.`,
    )
  const step = count === 1 ? '*' : `*/${count}`
  const clock = { second: `${step} * *`, minute: `${step} *`, hour: `0 ${step}` }[unit]
  return cronFor(draft, context, ({ date, month, weekday }) => `${clock} ${date} ${month} ${weekday}`)
}

/** 120 minutes are 2 hours. */
function inLargestUnit(
  count: number,
  unit: 'second' | 'minute' | 'hour',
): { count: number; unit: 'second' | 'minute' | 'hour' } {
  if (count === 0 || count % 60 !== 0 || unit === 'hour') return { count, unit }
  return inLargestUnit(count / 60, unit === 'second' ? 'minute' : 'hour')
}

function cronFor(draft: Draft, context: WhenContext, text: (days: Days) => string): Timing {
  return { kind: 'cron', cron: daysFor(draft, context).map(text).join(' | ') }
}

function elapsed(everyMs: number, context: WhenContext, anchorAt?: number): Extract<Timing, { kind: 'every' }> {
  if (everyMs > EVERY_MAX_MS) throw new NotUnderstood('This is more than ten years; write the date on which it is due.')
  return { kind: 'every', everyMs, anchorAt: anchorAt ?? context.startsAt ?? startOfDay(context.now, context.timezone) }
}

/** Every N minutes from one time of day to another: the times are written out. */
function spanned(draft: Draft, count: number, unit: 'second' | 'minute' | 'hour', context: WhenContext): Timing {
  if (unit === 'second')
    throw new NotUnderstood('Seconds between two times of day are written in cron: "*/10 * 9-16 * * *".')
  if (unit === 'minute' && 720 % count !== 0)
    throw new NotUnderstood(
      `Every ${count} minutes from one time of day to another is different in each hour; take a number that divides 60.`,
    )
  const { from, to } = draft.span!
  if (from === to) throw new NotUnderstood('The two times are the same: write the second one later.')
  if (from > to && hasDays(draft))
    throw new NotUnderstood(
      'Does the time after midnight belong to the day before? Make two schedules, one until midnight and one from 0:00 on.',
    )
  const minutes = draft.minutes.length > 0 ? draft.minutes : [Math.floor(from / 60) % 60]
  const stepSec = (count * unitMs[unit]) / SECOND_MS
  const last = to > from ? to : to + 86_400
  const times: number[] = []
  for (const minute of minutes)
    for (let time = from - (Math.floor(from / 60) % 60) * 60 + minute * 60; time <= last; time += stepSec)
      if (time >= from) times.push(time % 86_400)
  return { kind: 'cron', cron: cronOf(times, daysFor(draft, context), unit === 'minute' ? count : undefined) }
}

/** Every N days or weeks: counted on the clock, from the first that fits. */
function countedDays(draft: Draft, count: number, unit: 'day' | 'week', context: WhenContext): Timing {
  const others = draft.nth.length + draft.dates.length + draft.yearly.length + draft.months.length
  if (others > 0 || draft.weekdays.length > (unit === 'week' ? 1 : 0))
    throw new NotUnderstood(
      `"every ${count} ${unit}s" is counted and knows ${unit === 'week' ? 'one weekday at most' : 'no other days'}: make several schedules, or leave the number out.`,
    )
  if (draft.times.length > 1)
    throw new NotUnderstood(`"every ${count} ${unit}s" has one time of day: make two schedules.`)
  const everyMs = count * unitMs[unit]
  const { startsAt, timezone } = context
  const clock = (draft.times[0] ?? 0) * SECOND_MS
  const onClock = (anchorAt: number, timeOfDay: number | null): Timing => {
    const local = localAt(timezone, anchorAt)
    // Where clocks skip the first one, the others are not due later for it.
    return {
      ...elapsed(everyMs, context, anchorAt),
      ...{ anchorLocal: timeOfDay === null ? local : Math.floor(local / DAY_MS) * DAY_MS + timeOfDay },
    }
  }
  if (draft.times.length + draft.weekdays.length === 0)
    return startsAt == null ? onClock(startOfDay(context.now, timezone), 0) : onClock(startsAt, null)
  const base = startsAt == null ? context.now : startsAt - 1
  const anchorAt = firstLocal(timezone, base, (local) => {
    const weekday = new Date(local).getUTCDay()
    return draft.weekdays.length === 0 || draft.weekdays.includes(weekday) ? clock : null
  })
  return onClock(anchorAt, clock)
}

/** The days of a sentence, in cron's three fields; several where one text cannot say them. */
function daysFor(draft: Draft, context: WhenContext): Days[] {
  const kinds = [draft.weekdays, draft.nth, draft.dates, draft.yearly].filter((days) => days.length > 0).length
  if (kinds > 1)
    throw new NotUnderstood(
      'Days of the week and days of the month in one sentence: either of them, or both at once? Make two schedules of it.',
    )
  if (draft.every?.unit === 'year' && draft.every.count > 1)
    throw new NotUnderstood(
      'Years are not counted: write "yearly", with a start and an end date, or the dates themselves.',
    )
  if (draft.yearly.length > 0) return yearlyDays(draft)
  const months = monthsOf(draft, context)
  const month = months.length === 0 ? '*' : listOf(months)
  if (draft.weekdays.length > 0) {
    const unit = draft.every?.unit
    if (unit === 'month' || unit === 'year')
      throw new NotUnderstood(`Which one of the month? Write "on the first ${draft.day ?? 'monday'} of the month".`)
    return [{ ...everyDay, month, weekday: listOf(draft.weekdays, 7) }]
  }
  if (draft.nth.length > 0)
    return [
      {
        ...everyDay,
        month,
        weekday: draft.nth.map(({ weekday, nth }) => (nth === 'L' ? `${weekday}L` : `${weekday}#${nth}`)).join(','),
      },
    ]
  if (draft.dates.length > 0) return [{ ...everyDay, month, date: datesText(draft.dates, months) }]
  return [{ ...everyDay, month, date: dateByDefault(draft) }]
}

function dateByDefault(draft: Draft): string {
  const unit = draft.every?.unit
  if (unit === 'week') throw new NotUnderstood('On which day of the week? Write, for example, "every monday at 9:00".')
  if (unit === 'month' || unit === 'year') return '1'
  if (!draft.every && draft.months.length > 0)
    throw new NotUnderstood(
      'On which days of the month? Write "on the 1st of january at 9:00", or "every day in january at 9:00".',
    )
  return '*'
}

function monthsOf(draft: Draft, context: WhenContext): number[] {
  const { count, unit } = draft.every ?? { count: 1, unit: 'day' }
  if (unit === 'year') return draft.months.length > 0 ? draft.months : [1]
  if (unit !== 'month' || count === 1) return draft.months
  if (draft.months.length > 0)
    throw new NotUnderstood('Both a number of months and their names: write the names alone.')
  if (12 % count !== 0)
    throw new NotUnderstood(
      `${count} months do not come out even over a year: write the months, as in "on the 1st of january and june".`,
    )
  const first = context.startsAt == null ? 0 : new Date(localAt(context.timezone, context.startsAt)).getUTCMonth()
  return Array.from({ length: 12 / count }, (_, index) => ((first + index * count) % 12) + 1)
}

function datesText(dates: Draft['dates'], months: number[]): string {
  const numbers = dates.filter((date) => typeof date === 'number')
  for (const month of months) for (const day of numbers) checkDay(day, month)
  if (dates.includes('LW') && dates.length > 1)
    throw new NotUnderstood('The last weekday of the month stands alone: make two schedules.')
  const special = [...new Set(dates.filter((date) => typeof date !== 'number'))]
  return [...(numbers.length > 0 ? [listOf(numbers)] : []), ...special].join(',')
}

function yearlyDays(draft: Draft): Days[] {
  if (draft.months.length > 0) throw new NotUnderstood('A date has its month: leave the other months out.')
  if (draft.every && draft.every.unit !== 'year' && draft.every.unit !== 'day')
    throw new NotUnderstood(
      `"every ${draft.every.unit}" and a date of the year do not go together: write "yearly on 24 december".`,
    )
  for (const { day, month } of draft.yearly) checkDay(day, month)
  const byMonth = Map.groupBy(draft.yearly, ({ month }) => month)
  return [...byMonth].map(([month, days]) => ({
    date: listOf(days.map(({ day }) => day)),
    month: String(month),
    weekday: '*',
  }))
}

function checkDay(day: number, month: number) {
  const name = new Intl.DateTimeFormat('en', { month: 'long', timeZone: 'UTC' }).format(Date.UTC(2028, month - 1, 1))
  const days = daysOf(2028, month)
  if (day < 1 || day > days) throw new NotUnderstood(`${name} has no day ${day}: its last one is ${days}.`)
}
