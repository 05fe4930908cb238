import type { TimePlan } from './model.ts'
import type { ScheduleRow } from './table.ts'

/** When a stored schedule is due. */
export const planOf = ({ timing, timezone, startsAt, endsAt }: Pick<ScheduleRow, keyof TimePlan>): TimePlan => ({
  timing,
  timezone,
  startsAt,
  endsAt,
})
