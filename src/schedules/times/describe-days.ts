/** The days of a pattern in words. */
import type { DayRule, Pattern } from './pattern.ts'

export const weekdayNames = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const
export const monthNames = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const
const nthNames = ['first', 'second', 'third', 'fourth', 'fifth'] as const

/** Of times: `every weekday`, `on the 1st and 15th of the month`, `every year on 24 December`. */
export function daysPhrase({ days, months }: Pattern): string {
  const inMonths = months.size === 12 ? '' : ` in ${monthList(months)}`
  if (days.isAnyDay && days.isAnyWeekday) return `every day${inMonths}`
  if (days.isAnyDay && isWhole(days)) return `every ${weekdayList(days)}${inMonths}`
  const only = onlyDate(days, months)
  if (only !== null) return `every year on ${only}`
  const ofMonth = `of ${months.size === 12 ? 'the month' : monthList(months)}`
  if (days.areBothNeeded && !days.isAnyWeekday) return `on ${dateText(days)} ${ofMonth}, if it is ${nthText(days)},`
  return `on ${dayText(days)} ${ofMonth}`
}

/** Of a series: `on weekdays`, `on the 1st of the month`; '' for every day. */
export function seriesDays(pattern: Pattern): string {
  const { days, months } = pattern
  const inMonths = months.size === 12 ? '' : ` in ${monthList(months)}`
  if (days.isAnyDay && days.isAnyWeekday) return inMonths.trim()
  if (!(days.isAnyDay && isWhole(days))) return daysPhrase(pattern)
  const list = weekdayList(days)
  return `on ${list === 'weekday' ? 'weekdays' : list}${inMonths}`
}

function dayText(rule: DayRule): string {
  const date = dateText(rule)
  if (rule.isAnyWeekday) return date
  const weekday = nthText(rule)
  return rule.isAnyDay ? weekday : `${date} or ${weekday}`
}

function dateText(rule: DayRule): string {
  const dates = [...rule.days].sort((a, b) => a - b).map(ordinal)
  return `the ${andList([
    ...(dates.length > 0 ? [andList(runsOf([...rule.days].sort((a, b) => a - b)))] : []),
    ...rule.nearestTo.map((day) => (day === 1 ? 'first weekday' : `weekday nearest to the ${ordinal(day)}`)),
    ...(rule.isLast ? ['last day'] : []),
    ...(rule.isLastWorkday ? ['last weekday'] : []),
  ])}`
}

/** `1st to 7th`, `15th`. */
function runsOf(days: number[]): string[] {
  const runs: number[][] = []
  for (const day of days) {
    const run = runs.at(-1)
    if (run && run.at(-1) === day - 1) run.push(day)
    else runs.push([day])
  }
  return runs.flatMap((run) => (run.length > 2 ? [`${ordinal(run[0]!)} to ${ordinal(run.at(-1)!)}`] : run.map(ordinal)))
}

function nthText(rule: DayRule): string {
  const whole = rule.weekdays.flatMap((mask, day) => (mask === 63 ? [`a ${weekdayNames[day]}`] : []))
  const nth = rule.weekdays.flatMap((mask, day) => {
    if (mask === 0 || mask === 63) return []
    const which = [...nthNames.filter((_, index) => mask & (1 << index)), ...(mask & 32 ? ['last'] : [])]
    return [`the ${andList(which)} ${weekdayNames[day]}`]
  })
  return andList([...whole, ...nth], whole.length > 0 ? 'or' : 'and')
}

const isWhole = (rule: DayRule) => rule.weekdays.every((mask) => mask === 0 || mask === 63)

function weekdayList(rule: DayRule): string {
  const due = [1, 2, 3, 4, 5, 6, 0].filter((day) => rule.weekdays[day])
  if (due.join() === '1,2,3,4,5') return 'weekday'
  return andList(due.map((day) => weekdayNames[day]!))
}

const monthList = (months: ReadonlySet<number>) =>
  andList([...months].sort((a, b) => a - b).map((month) => monthNames[month - 1]!))

/** `24 December`, where that is all there is. */
function onlyDate(rule: DayRule, months: ReadonlySet<number>): string | null {
  const isPlain = rule.isAnyWeekday && !rule.isLast && !rule.isLastWorkday && rule.nearestTo.length === 0
  if (!isPlain || months.size !== 1 || rule.days.size > 3) return null
  const [month] = months
  return `${andList([...rule.days].sort((a, b) => a - b).map(String))} ${monthNames[month! - 1]}`
}

/** `1st`, `22nd`, `13th`. */
export function ordinal(day: number): string {
  const ending = day % 100 > 10 && day % 100 < 14 ? 'th' : (['th', 'st', 'nd', 'rd'][day % 10] ?? 'th')
  return `${day}${ending}`
}

/** `a, b and c`. */
export function andList(items: readonly string[], word = 'and'): string {
  if (items.length < 2) return items[0] ?? ''
  return `${items.slice(0, -1).join(', ')} ${word} ${items.at(-1)}`
}
