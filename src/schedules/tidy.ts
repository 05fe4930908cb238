/** Traces of occurrences go when the runs of their time do, and the oldest of a schedule that has very many. */
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Setting } from '../settings/settings.ts'
import type { SchedulerStore } from './store.ts'

const everyMs = 60_000
/** Removed at once: some milliseconds. */
const batch = 200
/** Of each schedule, however often it is due: about a week of minutes. */
const keptOfEach = 10_000
/** Noted of a schedule before its traces are counted again. */
const countedEvery = 500

interface TidyDeps {
  store: Pick<SchedulerStore, 'removeBefore' | 'removeBeyond'>
  setting: Setting
  log: Log
}

export type Tidy = ReturnType<typeof createTidy>

export function createTidy({ store, setting, log }: TidyDeps) {
  let next = 0
  /** How many were noted of each schedule since its traces were counted; the first time nobody knows. */
  const noted = new Map<number, number>()
  const grown = new Set<number>()

  function removeSome(now: number) {
    const days = setting('retention_days')
    const isTime = now >= next || next - now > everyMs
    if (isTime) next = now + everyMs
    if (isTime && days > 0 && store.removeBefore(now - days * 86_400_000, batch) === batch) next = 0
    for (const id of grown) {
      if (store.removeBeyond(id, keptOfEach, batch) < batch) grown.delete(id)
      return // the others have their turn at the next look
    }
  }

  return {
    /** An occurrence of this schedule was noted. */
    noted(scheduleId: number) {
      const count = (noted.get(scheduleId) ?? countedEvery) + 1
      noted.set(scheduleId, count > countedEvery ? 0 : count)
      if (count > countedEvery) grown.add(scheduleId)
    },
    /** Called at every look; does little. */
    look(now: number) {
      try {
        removeSome(now)
      } catch (error) {
        log.warn({ error: messageOf(error) }, 'old traces of schedules could not be removed')
      }
    },
  }
}
