/** How often something may be done: a token bucket for each key, so that a burst is fine and a flood is not. */
import type { Clock } from '../clock.ts'
import { GatewayError } from '../errors.ts'
import type { Setting } from '../settings/settings.ts'

export interface Buckets {
  /**
   * Takes one token of the key's bucket, which holds `ratePerMin` and fills up in a minute. 0 when there was one, else the
   * milliseconds after which there is one again.
   */
  take(key: number, ratePerMin: number): number
  readonly size: number
}

interface Bucket {
  tokens: number
  at: number
}

const minuteMs = 60_000
/** A bucket is about 100 bytes. */
const bucketsMaxDefault = 10_000

/**
 * In memory: a restart fills them. One that was left alone for a minute is full, which is what a key without a bucket has, so
 * it is dropped; beyond `bucketsMax` that are in use the one that was used longest ago goes.
 */
export function createBuckets(clock: Pick<Clock, 'now'>, bucketsMax = bucketsMaxDefault): Buckets {
  const buckets = new Map<number, Bucket>() // in the order of their last use

  function filled(key: number, ratePerMin: number, now: number): number {
    const bucket = buckets.get(key)
    if (!bucket) return ratePerMin
    const elapsedMs = Math.max(0, now - bucket.at) // a clock may be set back
    return Math.min(ratePerMin, bucket.tokens + (elapsedMs * ratePerMin) / minuteMs)
  }

  function put(key: number, bucket: Bucket) {
    buckets.delete(key)
    buckets.set(key, bucket)
    for (const [oldest, { at }] of buckets) {
      if (buckets.size <= bucketsMax && bucket.at - at < minuteMs) break
      buckets.delete(oldest)
    }
  }

  return {
    take(key, ratePerMin) {
      const now = clock.now()
      const tokens = filled(key, ratePerMin, now)
      const isThere = tokens >= 1
      put(key, { tokens: isThere ? tokens - 1 : tokens, at: now })
      return isThere ? 0 : Math.ceil(((1 - tokens) * minuteMs) / ratePerMin)
    },
    get size() {
      return buckets.size
    },
  }
}

export type RateLimits = ReturnType<typeof createRateLimits>

export function createRateLimits({ setting, clock }: { setting: Setting; clock: Pick<Clock, 'now'> }) {
  const tokens = createBuckets(clock)
  const scripts = createBuckets(clock)

  return {
    /** One request with an API token. `ratePerMin`: its own limit; null: that of the setting. null, or `busy` to be thrown. */
    takeToken(tokenId: number, ratePerMin: number | null): GatewayError | null {
      const rate = ratePerMin ?? setting('rate_limit_per_token')
      return rate === 0 ? null : refusal(tokens.take(tokenId, rate), `${count(rate, 'request')} with this token`)
    },
    /** One start of a script. `ratePerMin`: what its policy says, null: nothing; the lower of it and the setting counts. */
    takeStart(scriptId: number, ratePerMin: number | null): GatewayError | null {
      const rate = lowerRate(ratePerMin, setting('rate_limit_per_script'))
      return rate === 0 ? null : refusal(scripts.take(scriptId, rate), `${count(rate, 'start')} of this script`)
    },
  }
}

/** The lower of what a policy says and what the setting says; 0: no limit. */
export const lowerRate = (own: number | null, usual: number): number =>
  own === null || usual === 0 ? (own ?? usual) : Math.min(own, usual)

const count = (rate: number, what: string) => `${rate} ${what}${rate === 1 ? '' : 's'}`

function refusal(waitMs: number, what: string): GatewayError | null {
  if (waitMs === 0) return null
  const waitSec = Math.ceil(waitMs / 1000)
  return new GatewayError('busy', `At most ${what} a minute: try again in ${waitSec} s.`, {
    headers: { 'retry-after': String(waitSec) },
  })
}
