/** The last changes of settings, to be taken back: in memory alone, since a value may be one that is not shown. */
import type { OptionName } from '../config.ts'

export interface UndoableChange {
  /** What to store again; null: nothing, as before. */
  back: Record<string, unknown>
  /** What was shown of each right after the change. */
  made: [name: OptionName, value: string][]
  told: { name: string; from: string; to: string }[]
}

export interface Changes {
  /** Answers the word that finds it again. */
  keep(change: UndoableChange): string
  get(token: string): UndoableChange | undefined
}

const keptMax = 50

export function createChanges(): Changes {
  const kept = new Map<string, UndoableChange>()
  return {
    keep(change) {
      const token = crypto.randomUUID().slice(0, 13)
      kept.set(token, change)
      if (kept.size > keptMax) kept.delete(kept.keys().next().value!)
      return token
    },
    get: (token) => kept.get(token),
  }
}
