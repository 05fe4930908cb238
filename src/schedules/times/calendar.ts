/** What is due on each day. */
import type { TimePlan } from '../model.ts'

/** What one plan does on one day of the calendar. */
export interface PlannedDay {
  /** `2027-03-14`, of the calendar's zone. */
  date: string
  entries: PlannedEntry[]
}

export interface PlannedEntry {
  /** Index in the plans that were asked for. */
  plan: number
  /** The first ones. */
  times: { at: string; local: string }[]
  count: number
  /** There are more than `count`, which nobody has counted. */
  isMore: boolean
}

/** For each day from `from` to `to` (`2027-03-14`, both included) the plans that are due on it, with their first `timesMax` times. */
export function calendarDays(
  _plans: readonly TimePlan[],
  _from: string,
  _to: string,
  _timezone: string,
  _timesMax: number,
): PlannedDay[] {
  return []
}
