/** What was deleted a moment ago, in memory: a slip can be undone. Its secrets are as sealed as they were. */
import type { Clock } from './clock.ts'

const keptMs = 15 * 60_000

/** What is put in is there for a quarter of an hour, until it is dropped, or until `keptMax` others have come since. */
export function createBin<T>({ now }: Pick<Clock, 'now'>, keptMax = 200) {
  const kept = new Map<number, { what: T; until: number }>()
  return {
    put(id: number, what: T) {
      const [oldest] = kept.keys()
      if (kept.size >= keptMax && oldest !== undefined) kept.delete(oldest)
      kept.set(id, { what, until: now() + keptMs })
    },
    /** null: there is none, or no more. */
    get(id: number): T | null {
      const found = kept.get(id)
      return found && found.until >= now() ? found.what : null
    },
    drop: (id: number) => void kept.delete(id),
    dropAll(isIt: (what: T) => boolean) {
      for (const [id, { what }] of kept) if (isIt(what)) kept.delete(id)
    },
  }
}
