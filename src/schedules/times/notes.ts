/** Why a time is not when one would think, or why there is a gap before it. */
import type { TimePlan, Timing } from '../model.ts'
import { monthNames, ordinal, weekdayNames } from './describe-days.ts'
import { nextOfPattern } from './next.ts'
import { DAY_MS, localAt, nextChange, offsetAt, resolveLocal } from './offsets.ts'
import { isDue, nextLocal, type Pattern, patternsOf } from './pattern.ts'
import { clockText, dateText } from './zone.ts'

/** Of a time that is due; `before` is the one before it, or where the list begins. */
export function notesOf(plan: TimePlan, at: number, before: number): string[] {
  if (plan.timing.kind === 'every') return ofCounted(plan.timing, plan.timezone, at)
  if (plan.timing.kind !== 'cron') return []
  const patterns = patternsOf(plan.timing.cron)
  const ofIts = patterns
    .filter((pattern) => nextOfPattern(pattern, plan.timezone, at - 1) === at)
    .flatMap((pattern) => (pattern.isFixed ? ofFixed(pattern, plan.timezone, at) : ofRepeated(plan.timezone, at)))
  const ofGaps = patterns.flatMap((pattern) => [
    ...skippedBetween(pattern, plan.timezone, before, at),
    ...(patterns.length === 1 ? missingMonths(pattern, plan.timezone, before, at) : []),
  ])
  return [...new Set([...ofIts, ...ofGaps])]
}

/** Of days that are counted on the clock. */
function ofCounted(
  { everyMs, anchorLocal }: Extract<Timing, { kind: 'every' }>,
  timezone: string,
  at: number,
): string[] {
  if (anchorLocal === undefined) return []
  const gap = gapAt(timezone, at)
  const skipped = gap && anchorLocal + Math.ceil((gap.from - anchorLocal) / everyMs) * everyMs
  if (gap && skipped !== null && skipped < gap.to) return [`${notShown(skipped)}: it runs at ${clockText(gap.to)}`]
  return ofRepeated(timezone, at)
}

/** Of a time that clocks skip. */
const notShown = (local: number) => `${clockText(local)} does not exist on ${dateText(local)}, clocks go forward`

function ofFixed(pattern: Pattern, timezone: string, at: number): string[] {
  const gap = gapAt(timezone, at)
  const skipped = gap && gap.to - gap.from < DAY_MS ? nextLocal(pattern, gap.from) : null
  if (gap && skipped !== null && skipped < gap.to) {
    const isOwn = nextLocal(pattern, gap.to) === gap.to
    const what = notShown(skipped)
    return [isOwn ? `${what}: it is one with ${clockText(gap.to)}` : `${what}: it runs at ${clockText(gap.to)}`]
  }
  return ofRepeated(timezone, at)
}

function ofRepeated(timezone: string, at: number): string[] {
  const local = localAt(timezone, at)
  const found = resolveLocal(timezone, local)
  if (found.kind !== 'twice') return []
  return [
    `the clock shows ${clockText(local)} twice on ${dateText(local)}; this is the ${at === found.at ? 'first' : 'second'}`,
  ]
}

/** What clocks skip at this very moment. */
function gapAt(timezone: string, at: number): { from: number; to: number } | null {
  const [from, to] = [at + offsetAt(timezone, at - 1), localAt(timezone, at)]
  return to > from ? { from, to } : null
}

/** Gaps over a longer time have other reasons. */
const BETWEEN_MAX_MS = 400 * DAY_MS

/** Times of a series that clocks skipped, and days that were left out, between two times. */
function skippedBetween(pattern: Pattern, timezone: string, before: number, at: number): string[] {
  if (at - before > BETWEEN_MAX_MS) return []
  const notes: string[] = []
  for (let change = nextChange(timezone, before, at); change !== null; change = nextChange(timezone, change, at)) {
    const gap = gapAt(timezone, change)
    const skipped = gap && nextLocal(pattern, gap.from)
    if (!gap || skipped === null || skipped >= gap.to) continue
    if (gap.to - gap.from >= DAY_MS) notes.push(`${dateText(skipped)} was left out of the calendar of ${timezone}`)
    else if (!pattern.isFixed)
      notes.push(
        `${clockText(skipped)} does not exist on ${dateText(skipped)}, clocks go forward from ${clockText(gap.from)} to ${clockText(gap.to)}: it is passed over`,
      )
  }
  return notes
}

const MONTHS_MAX = 110

/** Months between two times that have no day that fits: no 31st, no 29 February, no fifth Monday. */
function missingMonths(pattern: Pattern, timezone: string, before: number, at: number): string[] {
  const [from, to] = [before, at].map((time) => new Date(localAt(timezone, time))) as [Date, Date]
  const missing: string[] = []
  const end = to.getUTCFullYear() * 12 + to.getUTCMonth()
  const start = Math.max(from.getUTCFullYear() * 12 + from.getUTCMonth() + 1, end - MONTHS_MAX)
  for (let index = start; index < end; index++) {
    const [year, month] = [Math.floor(index / 12), (index % 12) + 1]
    if (pattern.months.has(month) && !hasDay(pattern, year, month)) missing.push(`${monthNames[month - 1]} ${year}`)
  }
  if (missing.length === 0) return []
  const list = missing.length > 2 ? `${missing[0]} to ${missing.at(-1)}` : missing.join(' and ')
  if (pattern.months.size === 1 && pattern.months.has(2))
    return [`29 February comes in leap years only: not in ${list.replaceAll('February ', '')}`]
  return [`${list} ${missing.length === 1 ? 'has' : 'have'} no ${missingDay(pattern)}`]
}

function hasDay(pattern: Pattern, year: number, month: number): boolean {
  for (let day = 1; day <= 31; day++)
    if (day <= new Date(Date.UTC(year, month, 0)).getUTCDate() && isDue(pattern, year, month, day)) return true
  return false
}

function missingDay({ days }: Pattern): string {
  const fifth = days.weekdays.indexOf(16)
  if (!days.isAnyWeekday && days.isAnyDay) return fifth === -1 ? 'such day' : `fifth ${weekdayNames[fifth]}`
  return days.isAnyWeekday && days.days.size > 0 ? ordinal(Math.min(...days.days)) : 'such day'
}
