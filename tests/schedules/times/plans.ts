/** Plans for the tests. */
import type { TimePlan } from '../../../src/schedules/model.ts'

export const cronPlan = (cron: string, timezone: string): TimePlan => ({
  timing: { kind: 'cron', cron },
  timezone,
  startsAt: null,
  endsAt: null,
})
