/** Occurrences that are not over, in memory: what an overlap is asked of at every firing. */
import type { OccurrenceRow } from './table.ts'

export type Open = ReturnType<typeof createOpen>

export function createOpen() {
  const byId = new Map<number, OccurrenceRow>()
  const bySchedule = new Map<number, Set<OccurrenceRow>>()
  const replaced = new Set<number>()

  return {
    add(occurrence: OccurrenceRow) {
      const known = bySchedule.get(occurrence.scheduleId) ?? new Set()
      bySchedule.set(occurrence.scheduleId, known.add(occurrence))
      byId.set(occurrence.id, occurrence)
    },
    remove({ id, scheduleId }: OccurrenceRow) {
      const occurrence = byId.get(id)
      const known = bySchedule.get(scheduleId)
      if (occurrence) known?.delete(occurrence)
      if (known?.size === 0) bySchedule.delete(scheduleId)
      byId.delete(id)
      replaced.delete(id)
    },
    get: (id: number) => byId.get(id),
    all: (): OccurrenceRow[] => [...byId.values()],
    /** In the order they came. */
    of: (scheduleId: number): OccurrenceRow[] => [...(bySchedule.get(scheduleId) ?? [])],
    /** A later one takes its place: it is not tried again. */
    markReplaced: (id: number) => void replaced.add(id),
    isReplaced: (id: number) => replaced.has(id),
  }
}
