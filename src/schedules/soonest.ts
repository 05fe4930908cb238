/** The next times of several schedules in one row. */
import type { ScheduleRow } from './table.ts'
import { nextAfter } from './times/next.ts'

/** `rows`: those that are due first, as many as times are wanted: no other can be among these. */
export function soonestTimes(rows: ScheduleRow[], limit: number): { row: ScheduleRow; at: number }[] {
  const ahead = rows.flatMap((row) => (row.nextAt === null ? [] : [{ row, at: row.nextAt }]))
  const times: { row: ScheduleRow; at: number }[] = []
  while (times.length < limit) {
    const first = ahead.reduce<(typeof ahead)[number] | null>(
      (best, one) => (best && best.at <= one.at ? best : one),
      null,
    )
    if (!first) break
    times.push({ ...first })
    const next = nextAfter(first.row, first.at)
    if (next === null) ahead.splice(ahead.indexOf(first), 1)
    else first.at = next
  }
  return times
}
