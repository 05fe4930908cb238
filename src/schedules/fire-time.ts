import type { TimePlan } from './model.ts'
import { nextAfter } from './times/next.ts'

/**
 * When what is due at `nextAt` is fired: a random part of the jitter later, but before the time that follows, which would be missed
 * otherwise, and not after the schedule's end. Null where there is no next time.
 */
export function fireTime(plan: TimePlan, nextAt: number | null, jitterMs: number, random: () => number): number | null {
  if (nextAt === null || jitterMs === 0) return nextAt
  const never = Number.POSITIVE_INFINITY
  const latest = Math.min(nextAt + jitterMs, plan.endsAt ?? never, (nextAfter(plan, nextAt) ?? never) - 1)
  return nextAt + Math.floor(random() * (latest - nextAt + 1))
}
