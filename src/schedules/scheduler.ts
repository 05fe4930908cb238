/**
 * Starts what is due. One timer over stored times: nothing of a schedule is in memory but what is not over. It looks at
 * least once a second, so a clock that is set is noticed and what it skipped is told as missed.
 */
import { messageOf, storageFault } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Notify } from '../notify/model.ts'
import type { Run } from '../runs/model.ts'
import type { Runs } from '../runs/runs.ts'
import type { Catalog } from '../scripts/catalog.ts'
import type { Setting } from '../settings/settings.ts'
import { createFiring } from './firing.ts'
import type { Lease } from './lease.ts'
import { createOccurrenceLife, type LifeDeps } from './life.ts'
import { lateMs } from './misfire.ts'
import { createObstacles } from './obstacles.ts'
import type { SchedulerStore } from './store.ts'
import type { OccurrenceRow, ScheduleRow } from './table.ts'
import { createTidy } from './tidy.ts'
import { createTimesCheck } from './times-check.ts'
import type { SchedulerState } from './view-model.ts'

export interface SchedulerDeps extends Omit<LifeDeps, 'look' | 'whyNot' | 'runs'> {
  runs: LifeDeps['runs'] & Pick<Runs, 'counts'>
  store: SchedulerStore
  lease: Lease
  catalog: Pick<Catalog, 'get'>
  setting: Setting
  notify: Notify
  log: Log
  /** Milliseconds of a clock that nobody sets. */
  uptimeMs(): number
}

/** Between two looks at the clock. */
const lookMs = 1000
/** Schedules that are handled before others get their turn: as many as there are slots, or a few more. */
const batch = 32
/** Retries, too. */
const retryBatch = 32
/** Ones whose time has long passed take longer: one by one, for so long at once. */
const lateBatch = 20
const lateTurnMs = 10
/** While more runs wait, what is late waits in its row: what is due now must not stand behind all that was missed. */
const queuedMax = 20
/** Between two looks at whether there is room. */
const roomMs = 100
/** A clock that is set back by less only moves the next times a little. */
const setBackMs = 2000

export type Scheduler = ReturnType<typeof createScheduler>

export function createScheduler(deps: SchedulerDeps) {
  const { store, lease, runs, now, uptimeMs, log, setting } = deps
  const obstacles = createObstacles(deps)
  const life = createOccurrenceLife({ ...deps, whyNot: obstacles.whyNot, look: () => arm(0) })
  const tidy = createTidy({ store, setting, log })
  const firing = createFiring({ ...deps, life, obstacles, tidy })
  const timesCheck = createTimesCheck({ ...deps, onChange: () => arm(0) })
  let timer: ReturnType<typeof setTimeout> | undefined
  let isStarted = false
  let isStopped = false
  let isOurs = false
  /** Why the last look started nothing. */
  let problem: string | null = null
  let last = { now: now(), uptimeMs: uptimeMs() }
  let lateAt = Number.NEGATIVE_INFINITY

  /** One look: what is due is started. For tests, too. */
  function tick(): void {
    if (!isStarted || isStopped) return
    let waitMs = lookMs
    try {
      waitMs = look()
      problem = null
    } catch (error) {
      const fault = storageFault(error)
      problem = fault?.message ?? "It failed for a fault of the gateway's; the gateway's log has the details."
      if (!fault) log.error({ error: messageOf(error) }, 'the scheduler failed')
      else log.warn({ error: messageOf(error) }, 'schedules wait: the database cannot be used')
    }
    arm(waitMs)
  }

  /** Answers for how many milliseconds there is nothing to do. */
  function look(): number {
    const time = now()
    const isFlushed = life.flush()
    noticeClock(time)
    if (!isOurs && !store.hasAny()) return lookMs
    if (!holdLease(time) || !isFlushed) return lookMs
    const due = store.due(time, time - lateMs - 1, batch)
    if (due.length > 0) firing.fire(due, time)
    const waitsMs = [retryDue(time), due.length < batch ? fireLate(time) : 0]
    tidy.look(time)
    const soonest = store.soonest(time)
    return Math.max(0, Math.min(lookMs, ...waitsMs, soonest === null ? lookMs : soonest - now()))
  }

  /** While there is no room, one at a time finds out whether there is some again. */
  function retryDue(time: number): number {
    const limit = life.isRefusing() ? 1 : retryBatch
    const retries = store.dueRetries(time, limit)
    for (const occurrence of retries) life.retry(occurrence)
    return retries.length < limit ? lookMs : limit === 1 ? roomMs : 0
  }

  /** One at least, whatever waits: nothing is silent for ever. */
  function fireLate(time: number): number {
    const isFull = runs.counts().queued >= queuedMax
    const since = uptimeMs()
    if (isFull && since - lateAt < lookMs) return roomMs
    const limit = isFull ? 1 : lateBatch
    const late = store.due(time - lateMs - 1, Number.MIN_SAFE_INTEGER, limit)
    for (const [index, row] of late.entries()) {
      if (index > 0 && uptimeMs() - since > lateTurnMs) return 0
      firing.fire([row], time)
    }
    lateAt = since
    return late.length < limit ? lookMs : isFull ? roomMs : 0
  }

  function holdLease(time: number): boolean {
    const isHeld = lease.hold(time)
    if (isHeld && !isOurs) takeOver(time) // as often as it throws
    if (isOurs && !isHeld) log.error(lease.other() ?? {}, 'another gateway schedules now: this one stops to')
    isOurs = isHeld
    return isOurs
  }

  /** What was begun before, by this gateway's last life or by another one. */
  function takeOver(time: number) {
    const rows = store.open()
    const ids = new Set(rows.map(({ id }) => id))
    for (const known of life.open.all()) if (!ids.has(known.id)) life.open.remove(known)
    for (const row of rows) {
      const known = life.open.get(row.id)
      life.takeUp(known ? Object.assign(known, row) : row, (schedule, one) => whyLate(schedule, one, time))
    }
    for (const id of new Set(rows.map(({ scheduleId }) => scheduleId))) life.follow(id)
    life.shortenRetries()
    timesCheck.begin()
  }

  function noticeClock(time: number) {
    const drift = time - last.now - (uptimeMs() - last.uptimeMs)
    last = { now: time, uptimeMs: uptimeMs() }
    if (Math.abs(drift) < setBackMs) return
    log.warn({ drift_ms: Math.round(drift) }, 'the clock was set')
    if (drift < 0) life.shortenRetries()
    timesCheck.begin() // set back: what it shows again has been, and the next times are nearer than they seem
  }

  function arm(waitMs: number) {
    clearTimeout(timer)
    if (isStarted && !isStopped) timer = setTimeout(tick, waitMs)
  }

  return {
    tick,
    /** When the scripts are known. */
    start() {
      isStarted = true
      tick()
    },
    /** Schedules came, changed or went: the next time may be another. */
    changed(ids: number[]) {
      for (const id of ids) life.changed(id)
      arm(0)
    },
    /** Schedules broke, or can run again: who is to hear of it hears of it before they are due. */
    refitted(ids: number[]) {
      for (const id of ids) {
        const row = store.get(id)
        if (row?.nextAt) obstacles.whyNot(row, row.nextAt)
      }
    },
    forgetScript: life.forgetScript,
    /** A run has ended. Answers whether another attempt follows. */
    ended: (run: Run, isResumed: boolean): boolean => {
      try {
        return life.ended(run, isResumed)
      } catch (error) {
        log.error({ run: run.id, error: messageOf(error) }, 'the end of a scheduled run could not be handled')
        return false
      }
    },
    /** Starts a schedule now, beside its times. Throws what a start of a run throws, and `not_found`'s caller sees to the id. */
    async runNow(row: ScheduleRow, askedBy: string): Promise<Run> {
      const time = now()
      const about = { scheduleId: row.id, scriptId: row.scriptId, dueAt: time, claimedAt: time }
      const occurrence = store.note({ ...about, state: 'claimed', isManual: true, askedBy })
      if (!occurrence) throw new Error('a manual occurrence could not be noted')
      tidy.noted(row.id)
      return life.begin(row, occurrence)
    },
    /** Nothing is started any more; ends of runs are still noted. */
    stop() {
      isStopped = true
      clearTimeout(timer)
      timesCheck.stop()
    },
    /** Before the database is closed. */
    close() {
      life.flush()
      lease.drop()
    },
    status(): SchedulerState {
      const other = isOurs ? null : lease.other()
      return {
        is_scheduling: isStarted && !isStopped && !other && !problem,
        problem,
        is_paused: setting('schedules_paused'),
        other: other && { host: other.host, pid: other.pid, seen_at: new Date(other.seenAt).toISOString() },
      }
    },
  }
}

/** What was claimed and never started: in time, or why not. A later attempt is in time whenever it comes. */
function whyLate(row: ScheduleRow, { dueAt, attempt }: OccurrenceRow, time: number): string | null {
  const lateBy = time - dueAt
  if (attempt > 1 || lateBy <= lateMs) return null
  if (row.misfire !== 'skip' && lateBy <= row.misfireWindowMs) return null
  return 'The gateway ended as it was to be started, and it is too late to catch up with.'
}
