/** How long runs took, from counts of how many took about how long: as duration_bounds in the database has the bounds. */

/** Runs that took `fromMs` or longer, and less than the next bound. */
export interface Bucket {
  fromMs: number
  runs: number
}

/** The bound after this one: at most a tenth more. */
export const nextBound = (fromMs: number) => Math.max(fromMs + 1, Math.floor((fromMs * 11) / 10))

/**
 * What this share of the runs did not take longer than (nearest rank), in whole ms; null for no runs. Buckets come in their order. Of
 * what a bucket may hold the harmonic mean is taken, which is wrong by less than 5 % whichever of them it is.
 */
export function percentileOf(buckets: Bucket[], share: number): number | null {
  const total = buckets.reduce((sum, { runs }) => sum + runs, 0)
  if (total === 0) return null
  let left = Math.max(1, Math.ceil(share * total))
  for (const { fromMs, runs } of buckets) {
    left -= runs
    if (left <= 0) return middleOf(fromMs)
  }
  return middleOf(buckets.at(-1)!.fromMs)
}

function middleOf(fromMs: number): number {
  const last = nextBound(fromMs) - 1
  return last === fromMs ? fromMs : Math.round((2 * fromMs * last) / (fromMs + last))
}
