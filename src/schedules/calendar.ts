/** What is due on each day, of many schedules. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { GatewayError, type Problem } from '../errors.ts'
import { readDay } from './moment.ts'
import type { ScheduleRow } from './table.ts'
import { fillDays, type PlannedDay } from './times/calendar.ts'
import type { CalendarDay, CalendarSpan } from './view-model.ts'

/** A page that shows two months in full weeks asks for as many. */
export const calendarDaysMax = 62
/** Schedules times days: a second of work, and some megabytes. */
const cellsMax = 20_000
/** Of one schedule on one day; where there are many days of many schedules, nobody looks at each time. */
const timesMax = (cells: number) => (cells > 2000 ? 3 : 24)
const dayMs = 24 * 60 * 60 * 1000

/** How many schedules a calendar of so many days has room for. */
export const schedulesOver = (days: number): number => Math.floor(cellsMax / Math.max(1, days))

/** After so long at once others get their turn. */
const turnMs = 8

/** Throws `validation` for days that are none, too many of them, or too many for so many schedules. */
export function checkSpan({ from, to }: CalendarSpan, scheduleCount: number): void {
  const problems: Problem[] = []
  const [first, last] = [readDay(from), readDay(to)]
  const message = 'must be a day such as 2027-03-14'
  if (first === null) problems.push({ path: '/from', message })
  if (last === null) problems.push({ path: '/to', message })
  if (first !== null && last !== null) {
    const days = (last - first) / dayMs + 1
    if (days < 1) problems.push({ path: '/to', message: 'must not be before from' })
    else if (days > calendarDaysMax)
      problems.push({ path: '/to', message: `must be at most ${calendarDaysMax} days after from` })
    else if (days * scheduleCount > cellsMax)
      problems.push({
        path: '/to',
        message: `is too far away for ${scheduleCount} schedules: ask for fewer days, or for one script`,
      })
  }
  if (problems.length === 0) return
  const said = problems.map(({ path, message }) => `${path.slice(1)} ${message}`)
  throw new GatewayError('validation', `The calendar cannot be shown: ${said.join('; ')}.`, { details: problems })
}

/** For a span that `checkSpan` has let through. Days on which nothing is due are in it, too. Before it was made, a schedule was not due. */
export async function calendarOf(rows: ScheduleRow[], { from, to, timezone }: CalendarSpan): Promise<CalendarDay[]> {
  const timesOfDay = timesMax(rows.length * ((readDay(to)! - readDay(from)!) / dayMs + 1))
  const plans = rows.map((row) => ({ ...row, startsAt: Math.max(row.startsAt ?? row.createdAt, row.createdAt) }))
  const days = await inTurns(fillDays(plans, from, to, timezone, timesOfDay))
  return days.map(({ date, entries }) => ({
    date,
    entries: entries.map(({ plan, times, count, isMore }) => ({
      ...{ schedule_id: rows[plan]!.id, script_id: rows[plan]!.scriptId },
      ...{ times, count, is_more: isMore },
    })),
  }))
}

async function inTurns(filling: Generator<void, PlannedDay[]>): Promise<PlannedDay[]> {
  for (let since = performance.now(); ; ) {
    const { done, value } = filling.next()
    if (done) return value
    if (performance.now() - since < turnMs) continue
    await nextTurn()
    since = performance.now()
  }
}
