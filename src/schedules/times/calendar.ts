/** What is due on each day. */
import type { TimePlan } from '../model.ts'
import { nextAfter } from './next.ts'
import { DAY_MS, SECOND_MS, stretchAt } from './offsets.ts'
import { countBefore, isDue, type Pattern, patternsOf } from './pattern.ts'
import { dayText, firstMoment, localTexts } from './zone.ts'

/** What is due on one day of the calendar. */
export interface PlannedDay {
  /** `2027-03-14`, of the calendar's zone. */
  date: string
  entries: PlannedEntry[]
}

export interface PlannedEntry {
  /** Index in the plans that were asked for. */
  plan: number
  /** The first ones, on the clock of the calendar's zone. */
  times: { at: string; local: string }[]
  count: number
  /** There are more than `count`: nobody counted further. */
  isMore: boolean
}

/** Times of one plan on one day that are counted one by one. */
const COUNTED_MAX = 1440

/**
 * For each day from `from` to `to` (`2027-03-14`, both included) the plans that are due on it, with their first `timesMax` times. A series such
 * as every second is counted by arithmetic. Throws RangeError for what is no date.
 */
export function calendarDays(
  plans: readonly TimePlan[],
  from: string,
  to: string,
  timezone: string,
  timesMax: number,
): PlannedDay[] {
  const filling = fillDays(plans, from, to, timezone, timesMax)
  for (;;) {
    const { done, value } = filling.next()
    if (done) return value
  }
}

/** The same, one plan a step: whoever has other things to do stops between them. */
export function* fillDays(
  plans: readonly TimePlan[],
  from: string,
  to: string,
  timezone: string,
  timesMax: number,
): Generator<void, PlannedDay[]> {
  const days: (PlannedDay & { start: number; end: number })[] = []
  for (let local = midnightOf(from); local <= midnightOf(to); local += DAY_MS)
    days.push({
      date: dayText(local),
      entries: [],
      start: firstMoment(local, timezone),
      end: firstMoment(local + DAY_MS, timezone),
    })
  for (const [index, plan] of plans.entries()) {
    for (const day of days) {
      // The next time that was found says which days are free.
      const first = nextAfter(plan, day.start - 1)
      if (first === null) break
      if (first < day.end) day.entries.push(entryOf(plan, index, first, day.end, timezone, timesMax))
    }
    yield
  }
  return days.map(({ date, entries }) => ({ date, entries }))
}

function midnightOf(date: string): number {
  const local = /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN
  if (Number.isNaN(local) || dayText(local) !== date) throw new RangeError(`"${date}" is no date: write 2027-03-14`)
  return local
}

function entryOf(
  plan: TimePlan,
  index: number,
  first: number,
  end: number,
  timezone: string,
  timesMax: number,
): PlannedEntry {
  const exact = countOf(plan, first, end)
  const max = exact === null ? COUNTED_MAX : Math.min(timesMax, exact)
  const times = [first]
  let at = nextAfter(plan, first)
  for (; at !== null && at < end && times.length < max; at = nextAfter(plan, at)) times.push(at)
  const shown = times.slice(0, timesMax)
  const texts = localTexts(shown, timezone)
  return {
    plan: index,
    times: shown.map((time, place) => ({ at: new Date(time).toISOString(), local: texts[place]! })),
    count: exact ?? times.length,
    isMore: exact === null && at !== null && at < end,
  }
}

/** How many times there are in [first, end), by arithmetic; null: they have to be counted. */
function countOf(plan: TimePlan, first: number, end: number): number | null {
  const { timing, timezone, endsAt } = plan
  const last = Math.min(end, endsAt === null ? end : endsAt + 1)
  if (timing.kind === 'once') return 1
  if (timing.kind === 'every')
    return timing.anchorLocal === undefined ? Math.floor((last - 1 - first) / timing.everyMs) + 1 : null
  const [pattern, ...others] = patternsOf(timing.cron)
  if (!pattern || others.length > 0 || pattern.isFixed) return null
  let count = 0
  for (let at = first; at < last; ) {
    const stretch = stretchAt(timezone, at)
    const upTo = Math.min(stretch.end, last)
    count += countLocal(pattern, at + stretch.offsetMs, upTo + stretch.offsetMs)
    at = upTo
  }
  return count
}

/** Of times on the clock from `from` to before `to`. */
function countLocal(pattern: Pattern, from: number, to: number): number {
  let count = 0
  for (let midnight = Math.floor(from / DAY_MS) * DAY_MS; midnight < to; midnight += DAY_MS) {
    const date = new Date(midnight)
    if (!isDue(pattern, date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate())) continue
    const secondOf = (local: number) => Math.ceil(Math.min(Math.max(local - midnight, 0), DAY_MS) / SECOND_MS)
    count += countBefore(pattern, secondOf(to)) - countBefore(pattern, secondOf(from))
  }
  return count
}
