/** Traces of occurrences go when the runs of their time do. */
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Setting } from '../settings/settings.ts'
import type { SchedulerStore } from './store.ts'

const everyMs = 60_000
const batch = 1000
/** Of each schedule, however often it is due: about a week of minutes. */
const keptOfEach = 10_000

interface TidyDeps {
  store: Pick<SchedulerStore, 'removeBefore' | 'removeBeyond'>
  setting: Setting
  log: Log
}

/** Called at every look; does something once a minute, and little then. */
export function createTidy({ store, setting, log }: TidyDeps) {
  let next = 0

  return (now: number) => {
    if (now < next && next - now <= everyMs) return
    next = now + everyMs
    try {
      const days = setting('retention_days')
      const removed = days > 0 ? store.removeBefore(now - days * 86_400_000, batch) : 0
      if (removed < batch) store.removeBeyond(keptOfEach, batch)
    } catch (error) {
      log.warn({ error: messageOf(error) }, 'old traces of schedules could not be removed')
    }
  }
}
