/** Occurrences that somebody else began: a gateway that is gone, or another one that had the lease. And clocks that were ahead. */
import { isFinished, type Run } from '../runs/model.ts'
import { againMs, keyOf, type LifeDeps } from './life.ts'
import type { createNoting } from './noting.ts'
import type { Open } from './open.ts'
import { retryDelayMsMax } from './retry.ts'
import type { OccurrenceRow, ScheduleRow } from './table.ts'

interface TakingUpDeps extends Pick<LifeDeps, 'store' | 'runs' | 'notify' | 'now'> {
  open: Open
  noting: Pick<ReturnType<typeof createNoting>, 'became' | 'tellRun'>
  begin(row: ScheduleRow, occurrence: OccurrenceRow): Promise<Run>
  over(occurrence: OccurrenceRow, change: Pick<OccurrenceRow, 'state'> & Partial<OccurrenceRow>): void
  tellEnd(run: Run): void
}

export function createTakingUp({ store, runs, notify, now, open, noting, begin, over, tellEnd }: TakingUpDeps) {
  const { became, tellRun } = noting

  /** Runs that have ended elsewhere, such as in a gateway that had the lease before, must not hold up those that are due. */
  function lookAgain(scheduleId: number) {
    for (const { state, retryAt, runId } of open.of(scheduleId)) {
      const run = state === 'started' && retryAt === null && runId !== null ? runs.find(runId) : undefined
      if (run && isFinished(run.status)) tellEnd(lastAttempt(run))
    }
  }

  /** on_interrupt may have tried it again, and more than once. */
  function lastAttempt(run: Run): Run {
    const next = run.next_attempt_id === null ? undefined : runs.find(run.next_attempt_id)
    return next ? lastAttempt(next) : run
  }

  /** Of the gateway that was before: what it had claimed is started, what ran is looked at. `isLate` says what is too old. */
  function takeUp(occurrence: OccurrenceRow, isLate: (row: ScheduleRow, occurrence: OccurrenceRow) => string | null) {
    const row = store.get(occurrence.scheduleId)
    if (!row) return
    open.add(occurrence)
    if (occurrence.state === 'started') return takeUpStarted(occurrence)
    if (occurrence.state !== 'claimed' || occurrence.retryAt !== null) return
    const late = runs.byKey(row.scriptId, keyOf(occurrence)) ? null : isLate(row, occurrence)
    if (late === null) return void begin(row, occurrence).catch(() => {}) // the occurrence says why
    over(occurrence, { state: 'missed', reason: late })
    const { scriptId, dueAt } = occurrence
    notify.missed({ kind: 'missed', scheduleId: row.id, scriptId, dueAt, count: 1, reason: late })
  }

  function takeUpStarted(occurrence: OccurrenceRow) {
    const run = occurrence.runId === null ? undefined : runs.find(occurrence.runId)
    if (!run && occurrence.retryAt === null) return over(occurrence, { state: 'ran' })
    if (!run) return // its history is gone, and its next attempt is to come
    const last = lastAttempt(run)
    if (last.id !== run.id) became(occurrence, { runId: last.id, attempt: last.attempt, retryAt: null })
    if (occurrence.retryAt !== null) tellRun(occurrence)
    else if (isFinished(last.status)) tellEnd(last)
  }

  /** The clock was set back, or was ahead before: nothing waits longer than its rule has it. */
  function shortenRetries() {
    for (const one of open.all()) {
      if (one.retryAt === null) continue
      const rule = store.get(one.scheduleId)?.retry ?? null
      const latest = now() + Math.max(againMs, retryDelayMsMax(rule, one.attempt))
      if (one.retryAt <= latest) continue
      became(one, { retryAt: latest })
      tellRun(one)
    }
  }

  return { lookAgain, takeUp, shortenRetries }
}
