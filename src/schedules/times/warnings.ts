/** What somebody should know of a plan before it is saved. */
import type { TimePlan } from '../model.ts'
import { andList, ordinal, weekdayNames } from './describe-days.ts'
import { nextAfter } from './next.ts'
import { DAY_MS, localAt, MINUTE_MS, nextChange, offsetAt } from './offsets.ts'
import { nextLocal, type Pattern, patternsOf } from './pattern.ts'
import { clockText, dateText, localText, spanText } from './zone.ts'

/** Changes of the clock are looked for so far ahead. */
const AHEAD_MS = 5 * 366 * DAY_MS

/** Sentences, the gravest first; empty: nothing to say. */
export function warningsOf(plan: TimePlan, now: number): string[] {
  const warnings = neverDue(plan, now)
  if (warnings.length > 0) return warnings
  if (plan.timing.kind === 'every' && plan.timing.anchorLocal === undefined)
    warnings.push(...ofCounted(plan, plan.timing.everyMs, now))
  if (plan.timing.kind !== 'cron') return warnings
  for (const text of plan.timing.cron.split('|')) warnings.push(...ofSteps(text.trim()), ...ofNumberedDays(text.trim()))
  for (const pattern of patternsOf(plan.timing.cron))
    warnings.push(...ofSeconds(pattern), ...ofDays(pattern), ...ofChanges(pattern, plan, now))
  return [...new Set(warnings)]
}

/** Why a plan has no time to come, as a sentence; empty: it has. */
export function neverDue(plan: TimePlan, now: number): string[] {
  if (nextAfter(plan, now) !== null) return []
  if (plan.timing.kind === 'once' && plan.timing.at <= now)
    return [`It is never due again: ${localText(plan.timing.at, plan.timezone)} is over.`]
  if (nextAfter({ ...plan, startsAt: null, endsAt: null }, now) === null)
    return ['It is never due: there is no such day in any year.']
  return ['It is never due again: its end date comes before its next time.']
}

function ofCounted(plan: TimePlan, everyMs: number, now: number): string[] {
  if (everyMs < MINUTE_MS) return [`It is due every ${spanText(everyMs)}: more often than once a minute.`]
  if (everyMs % DAY_MS !== 0 || nextChange(plan.timezone, now, now + AHEAD_MS) === null) return []
  return [`It counts ${everyMs / 3_600_000} hours: on the clock of ${plan.timezone} it moves when clocks change.`]
}

function ofSeconds({ seconds }: Pattern): string[] {
  return seconds.length > 1 ? [`It is due ${seconds.length} times a minute.`] : []
}

/** `*` with a step that does not come out even begins anew. */
function ofSteps(text: string): string[] {
  const fields = text.split(' ')
  const [month, day] = [fields.at(-2) ?? '', fields.at(-3) ?? '']
  const [hour, minute, second] = [fields.at(-4) ?? '', fields.at(-5) ?? '', fields.at(-6) ?? '']
  const rows = [
    [second, 60, 'minute', 'every N seconds'],
    [minute, 60, 'hour', 'every N minutes'],
    [hour, 24, 'day', 'every N hours'],
    [month, 12, 'year', ''],
  ] as const
  const warnings = rows.flatMap(([field, size, whole, words]) => {
    const step = Number(/^\*\/(\d+)$/.exec(field)?.[1] ?? 1)
    if (size % step === 0) return []
    return [
      `"${field}" begins anew each ${whole}, so the last step is shorter${words ? `; "${words.replace('N', String(step))}" counts on` : ''}.`,
    ]
  })
  return /^\*\/([2-9]|\d\d)$/.test(day)
    ? [...warnings, `"${day}" begins anew on the 1st of each month; "every ${day.slice(2)} days" counts on.`]
    : warnings
}

/** Six fields are often copied from Quartz, where the numbers of weekdays are others; of five nobody thinks so. */
function ofNumberedDays(text: string): string[] {
  const weekday = text.split(' ')[5] ?? ''
  if (!/(^|[^#/\d])\d/.test(weekday)) return [] // behind "#" and "/" it is no day
  const due = patternsOf(text)[0]!.days.weekdays
  const names = [1, 2, 3, 4, 5, 6, 0].filter((day) => due[day]).map((day) => weekdayNames[day]!)
  return [
    `"${weekday}" means ${andList(names)} here, where Monday is 1; Quartz counts from Sunday = 1: names such as ${names[0]!.slice(0, 3).toUpperCase()} mean the same in both.`,
  ]
}

function ofDays({ days, months }: Pattern): string[] {
  if (!days.isAnyDay && !days.isAnyWeekday && !days.areBothNeeded)
    return [
      'The day of the month and the weekday are both given: either of them is enough. Write "+" before the weekday for both.',
    ]
  const fifth = days.weekdays.indexOf(16)
  if (!days.isAnyWeekday && fifth !== -1) return [`Months without a fifth ${weekdayNames[fifth]} are passed over.`]
  const first = Math.min(...days.days)
  if (days.isAnyDay || days.isLast || days.isLastWorkday || first < 29 || !Number.isFinite(first)) return []
  if (months.size === 1 && months.has(2) && first === 29) return ['29 February comes in leap years only.']
  if (first === 29) return months.has(2) ? ['February has a 29th in leap years only; else it is passed over.'] : []
  const short = [2, ...(first === 31 ? [4, 6, 9, 11] : [])].filter((month) => months.has(month))
  if (short.length === 0) return []
  return [`Months without a ${ordinal(first)} are passed over; "L" is the last day of each month.`]
}

/** A time that clocks skip, when it comes up next. One that is due all day long needs no warning. */
function ofChanges(pattern: Pattern, { timezone, startsAt, endsAt }: TimePlan, now: number): string[] {
  if (pattern.hours.length === 24) return []
  const end = Math.min(now + AHEAD_MS, endsAt ?? Number.POSITIVE_INFINITY)
  for (
    let change = nextChange(timezone, Math.max(now, startsAt ?? now), end);
    change !== null;
    change = nextChange(timezone, change, end)
  ) {
    const to = localAt(timezone, change)
    const from = change + offsetAt(timezone, change - 1)
    const skipped = to > from && to - from < DAY_MS ? nextLocal(pattern, from) : null
    if (skipped === null || skipped >= to) continue
    const becomes = pattern.isFixed ? `it runs at ${clockText(to)}` : 'that is passed over'
    return [`${clockText(skipped)} does not exist on ${dateText(skipped)}, clocks go forward: ${becomes}.`]
  }
  return []
}
