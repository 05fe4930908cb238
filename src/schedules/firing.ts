/** What is due is claimed: noted, and its schedule moved on to its next time, in one transaction, before anything starts. */
import { messageOf, storageFault } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Checkpoint } from '../logs/checkpoint.ts'
import type { Notify } from '../notify/model.ts'
import { fireTime } from './fire-time.ts'
import type { OccurrenceLife } from './life.ts'
import { lateMs, settle, type Trace } from './misfire.ts'
import type { OverlapPolicy } from './model.ts'
import type { Obstacles } from './obstacles.ts'
import { planOf } from './plan.ts'
import type { SchedulerStore } from './store.ts'
import type { OccurrenceRow, ScheduleRow } from './table.ts'
import type { Tidy } from './tidy.ts'
import { nextAfter } from './times/next.ts'

interface FiringDeps {
  store: SchedulerStore
  life: OccurrenceLife
  obstacles: Obstacles
  tidy: Tidy
  notify: Notify
  log: Log
  random(): number
  checkpoint: Checkpoint
}

/** What becomes of an occurrence that is due. */
type Fate = Pick<OccurrenceRow, 'state'> & { reason: string | null }

interface Claimed {
  row: ScheduleRow
  occurrence: OccurrenceRow
}

/** Of one schedule that are not over; more would be noise, and what is scheduled each second must not fill the memory. */
const openMax = 100
/** One that cannot be claimed for a fault of its own is tried again then. */
const postponedMs = 60_000

export function createFiring({ store, life, obstacles, tidy, notify, log, random, checkpoint }: FiringDeps) {
  /** Claims everything that these are due for, then starts it. */
  function fire(rows: ScheduleRow[], now: number) {
    for (const { id, overlap } of rows) if (overlap === 'skip' || overlap === 'queue') life.lookAgain(id)
    checkpoint('claim')
    const claimed = claimAll(rows, now)
    checkpoint('claimed')
    for (const { row, occurrence } of claimed) {
      if (row.overlap === 'replace') replaceEarlier(row, occurrence)
      life.begin(row, occurrence).catch(() => {}) // the occurrence says why
    }
  }

  /** All or none. Where one of them cannot be claimed, whatever the reason, the others must not be silent for it. */
  function claimAll(rows: ScheduleRow[], now: number): Claimed[] {
    const noted: OccurrenceRow[] = []
    try {
      return store.transaction(() => rows.flatMap((row) => claim(row, now, noted)))
    } catch (error) {
      for (const occurrence of noted) life.open.remove(occurrence)
      obstacles.forget()
      if (storageFault(error)) throw error
      if (rows.length > 1) return rows.flatMap((row) => claimAll([row], now))
      for (const { id } of rows) {
        log.error({ schedule: id, error: messageOf(error) }, 'a schedule cannot be fired')
        store.postpone(id, now + postponedMs)
      }
      return []
    }
  }

  function claim(row: ScheduleRow, now: number, noted: OccurrenceRow[]): Claimed[] {
    const plan = planOf(row)
    const first = row.nextAt!
    const verdict =
      now - row.fireAt! > lateMs
        ? settle(plan, row, { first, delayMs: row.fireAt! - first }, now)
        : { onTime: [first], late: [], traces: [], last: first }
    const next = nextAfter(plan, verdict.last)
    if (!store.move(row.id, first, next, fireTime(plan, next, row.jitterMs, random))) return []
    for (const trace of verdict.traces) noteTrace(row, trace, now)
    tellMissed(row, verdict.traces)
    const due = [...verdict.late, ...verdict.onTime]
    return due.flatMap((dueAt) => {
      const isCaughtUp = verdict.late.includes(dueAt)
      const fate = fateOf(row, dueAt, isCaughtUp && due.length > 1 ? 'queue' : row.overlap)
      const about = { scheduleId: row.id, scriptId: row.scriptId, dueAt, claimedAt: now }
      const occurrence = store.note({ ...about, ...fate })
      if (!occurrence) return []
      tidy.noted(row.id)
      if (fate.state === 'skipped') return []
      noted.push(occurrence)
      life.open.add(occurrence)
      return occurrence.state === 'claimed' ? [{ row, occurrence }] : []
    })
  }

  function fateOf(row: ScheduleRow, dueAt: number, overlap: OverlapPolicy): Fate {
    const obstacle = obstacles.whyNot(row, dueAt)
    if (obstacle) return { state: 'skipped', reason: obstacle }
    const earlier = life.open.of(row.id)
    if (earlier.length >= openMax)
      return { state: 'skipped', reason: `${openMax} occurrences of this schedule are not over (overlap ${overlap}).` }
    if (earlier.length === 0 || overlap === 'parallel' || overlap === 'replace')
      return { state: 'claimed', reason: null }
    const other = earlier[0]?.runId ? `Run ${earlier[0].runId}` : 'An earlier occurrence'
    if (overlap === 'skip')
      return { state: 'skipped', reason: `${other} of this schedule was not over (overlap skip).` }
    return { state: 'waiting', reason: `${other} of this schedule was not over when it was due (overlap queue).` }
  }

  function replaceEarlier(row: ScheduleRow, occurrence: OccurrenceRow) {
    try {
      life.replace(row.id, occurrence)
    } catch (error) {
      log.error({ schedule: row.id, error: messageOf(error) }, 'an earlier run of a schedule could not be replaced')
    }
  }

  function noteTrace(row: ScheduleRow, trace: Trace, now: number) {
    store.note({ scheduleId: row.id, scriptId: row.scriptId, claimedAt: now, ...trace })
    tidy.noted(row.id)
  }

  function tellMissed(row: ScheduleRow, traces: Trace[]) {
    const missed = traces.filter(({ state }) => state === 'missed')
    const last = missed.at(-1)
    if (!last) return
    const count = missed.reduce((sum, one) => sum + one.count, 0)
    const { dueAt } = missed[0]!
    const lastDueAt = last.lastDueAt ?? (last.count === 1 ? last.dueAt : undefined)
    const about = { kind: 'missed' as const, scheduleId: row.id, scriptId: row.scriptId }
    notify.missed({ ...about, dueAt, lastDueAt, count, reason: last.reason })
  }

  return { fire }
}
