/** How long the caller wants to wait: `Prefer: respond-async` and `Prefer: wait=N` of RFC 7240, or `?async=1`. */

export interface Preference {
  /** Milliseconds to wait for the end of the run; Infinity by default, 0 for an answer at once. */
  waitMs: number
  /** Value of `Preference-Applied`, null when there was no preference. */
  applied: string | null
}

const waitSecondsMax = 86_400

/** `isAsync`: what the query parameter says. Preferences that are not understood are ignored, as the RFC asks. */
export function parsePrefer(header: string | null, isAsync: boolean): Preference {
  const preferences = (header ?? '').split(/[,;]/).map((part) => part.trim().toLowerCase())
  const wait = preferences
    .map((part) => /^wait\s*=\s*"?(\d+)"?$/.exec(part)?.[1])
    .find((seconds) => seconds !== undefined)
  const wantsAsync = preferences.includes('respond-async')
  if (wait !== undefined) {
    const seconds = Math.min(Number(wait), waitSecondsMax)
    return { waitMs: seconds * 1000, applied: wantsAsync ? `respond-async, wait=${seconds}` : `wait=${seconds}` }
  }
  if (wantsAsync) return { waitMs: 0, applied: 'respond-async' }
  return { waitMs: isAsync ? 0 : Number.POSITIVE_INFINITY, applied: null }
}
