/**
 * Next times are looked at anew after a start and when the clock was set: the rules of a zone may be others now, and a
 * clock that was years ahead must not keep schedules silent until then. In slices: others get their turn.
 */
import type { Log } from '../log.ts'
import { fireTime } from './fire-time.ts'
import { planOf } from './plan.ts'
import type { SchedulerStore } from './store.ts'
import { nextAfter } from './times/next.ts'

const slice = 200

interface TimesCheckDeps {
  store: Pick<SchedulerStore, 'toCheck' | 'setNext' | 'transaction'>
  now(): number
  random(): number
  log: Log
  onChange(): void
}

export function createTimesCheck({ store, now, random, log, onChange }: TimesCheckDeps) {
  let timer: ReturnType<typeof setTimeout> | undefined

  function check(afterId: number) {
    const time = now()
    const rows = store.toCheck(afterId, time, slice)
    let changed = 0
    store.transaction(() => {
      for (const row of rows) {
        const nextAt = nextAfter(planOf(row), time)
        // One that is delayed by its jitter is to come yet.
        if (nextAt === row.nextAt || (row.nextAt !== null && row.nextAt <= time)) continue
        store.setNext(row.id, nextAt, fireTime(row, nextAt, row.jitterMs, random))
        changed++
      }
    })
    if (changed > 0) {
      log.info({ schedules: changed }, 'next times of schedules were corrected')
      onChange()
    }
    if (rows.length === slice) next(rows.at(-1)!.id)
  }

  function next(afterId: number) {
    clearTimeout(timer)
    timer = setTimeout(() => {
      try {
        check(afterId)
      } catch (error) {
        log.warn({ error: String(error) }, 'next times of schedules could not be looked at')
        timer = setTimeout(next, 10_000, afterId)
      }
    }, 0)
  }

  return {
    begin: () => next(0),
    stop: () => clearTimeout(timer),
  }
}
