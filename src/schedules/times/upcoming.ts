/** The times that come, and why there is something odd about some of them. */
import type { TimePlan } from '../model.ts'
import type { Upcoming } from '../view-model.ts'
import { between } from './next.ts'
import { localText } from './zone.ts'

/** The first `count` times after `after`. */
export function upcoming(plan: TimePlan, after: number, count: number): Upcoming[] {
  return between(plan, after, Number.POSITIVE_INFINITY, count).map((at) => ({
    at: new Date(at).toISOString(),
    local: localText(at, plan.timezone),
    note: null,
  }))
}
