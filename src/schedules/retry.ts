/** Whether a run that ended is tried again, and when. */
import type { RunStatus } from '../runs/model.ts'
import type { RetryRule } from './model.ts'

/**
 * Milliseconds from the end of attempt `attempt` (1 for the first) to the next one; null: there is none. Exponential
 * backoff with jitter: `random` is from 0 to 1.
 */
export function retryDelayMs(
  rule: RetryRule | null,
  status: RunStatus,
  attempt: number,
  random: number,
): number | null {
  if (!rule || attempt > rule.count || !rule.on.some((outcome) => outcome === status)) return null
  return delayMs(rule, attempt, random)
}

/** No attempt waits longer for the next one. */
export const retryDelayMsMax = (rule: RetryRule | null, attempt: number) => (rule ? delayMs(rule, attempt, 1) : 0)

function delayMs(rule: RetryRule, attempt: number, random: number): number {
  const plainSec = Math.min(rule.delay_sec * rule.factor ** (attempt - 1), rule.delay_max_sec)
  return Math.round(plainSec * (1 + rule.jitter * (2 * random - 1)) * 1000)
}
