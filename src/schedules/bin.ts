/** Schedules that were deleted a moment ago, in memory: a slip can be undone. Their secrets are as sealed as they were. */
import type { Clock } from '../clock.ts'
import type { ScheduleRow } from './table.ts'

const keptMs = 15 * 60_000
const keptMax = 200

/** What is put in is there for a quarter of an hour, once. */
export function createBin({ now }: Pick<Clock, 'now'>) {
  const kept = new Map<number, { row: ScheduleRow; until: number }>()
  return {
    put(row: ScheduleRow) {
      const [oldest] = kept.keys()
      if (kept.size >= keptMax && oldest !== undefined) kept.delete(oldest)
      kept.set(row.id, { row, until: now() + keptMs })
    },
    /** null: there is none of this script, or no more. */
    take(scriptId: number, id: number): ScheduleRow | null {
      const found = kept.get(id)
      if (!found || found.row.scriptId !== scriptId) return null
      kept.delete(id)
      return found.until >= now() ? found.row : null
    },
  }
}
