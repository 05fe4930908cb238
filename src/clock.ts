/** Time and waiting, handed in so that tests can give their own. All times are milliseconds since 1970, UTC. */
export interface Clock {
  now(): number
  /** Resolves after `ms`, or at once when the signal aborts; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const done = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      signal?.addEventListener('abort', done, { once: true })
    }),
}

/** ISO 8601 in UTC, or null where there is no time yet. */
export const isoTime = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString())
