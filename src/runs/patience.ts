/** How long a refused caller should wait: from how long runs took lately, and how many are ahead. */
import { GatewayError } from '../errors.ts'

const rememberedMax = 50
const secondsMax = 600

export type Patience = ReturnType<typeof createPatience>

export function createPatience() {
  const recentMs: number[] = []
  return {
    remember(durationMs: number | null) {
      if (durationMs !== null) recentMs.push(durationMs)
      if (recentMs.length > rememberedMax) recentMs.shift()
    },
    /** Seconds until a place in the queue should be free, at least 1. */
    retryAfterSec(queueLength: number, slots: number): number {
      const meanMs = recentMs.length === 0 ? 1000 : recentMs.reduce((sum, ms) => sum + ms, 0) / recentMs.length
      return Math.ceil(Math.min(secondsMax, Math.max(1, (meanMs * (queueLength + 1)) / slots / 1000)))
    },
  }
}

export function busyError(queueLength: number, retryAfterSec: number): GatewayError {
  const message = `${queueLength} runs are waiting already, as many as queue_length_max allows; try again in ${retryAfterSec} s.`
  return new GatewayError('busy', message, { headers: { 'retry-after': String(retryAfterSec) } })
}

export const stoppingError = () =>
  new GatewayError('unavailable', 'The gateway is stopping; try again in a moment.', {
    headers: { 'retry-after': '5' },
  })
