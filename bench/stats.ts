/** Of numbers in any order; throws an Error for none, since no answer would be true. */
export const median = (values: number[]): number => percentile(values, 50)

/** The nearest rank: the smallest value that `percent` of them do not exceed. */
export function percentile(values: number[], percent: number): number {
  if (values.length === 0) throw new Error('There is nothing to take a percentile of: nothing was measured.')
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)]!
}

/** Milliseconds that `act` takes. */
export async function timed(act: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await act()
  return performance.now() - startedAt
}

const warmups = 10

/** Takes turns, so that whatever else the machine does meets each alike. Answers the median milliseconds of each. */
export async function alternate(rounds: number, acts: (() => Promise<unknown>)[]): Promise<number[]> {
  const times = acts.map((): number[] => [])
  for (let round = 0; round < rounds + warmups; round++)
    for (const [i, act] of acts.entries()) {
      const ms = await timed(act)
      if (round >= warmups) times[i]!.push(ms)
    }
  return times.map(median)
}
