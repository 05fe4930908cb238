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
  const plainSec = Math.min(rule.delay_sec * rule.factor ** (attempt - 1), rule.delay_max_sec)
  return Math.round(plainSec * (1 + rule.jitter * (2 * random - 1)) * 1000)
}
