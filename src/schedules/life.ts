/** From the claim of an occurrence to its end: its run is started, tried again where its schedule says so, and what waited for it follows. */
import { GatewayError, messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Checkpoint } from '../logs/checkpoint.ts'
import type { Notify } from '../notify/model.ts'
import { isFinished, type Run } from '../runs/model.ts'
import type { Runs } from '../runs/runs.ts'
import type { HeartbeatSignal } from './model.ts'
import { createOpen } from './open.ts'
import { retryDelayMs } from './retry.ts'
import type { ScheduleSecrets } from './sealed.ts'
import type { SchedulerStore } from './store.ts'
import type { OccurrenceRow, ScheduleRow } from './table.ts'

/** What a run is started with: everything but its values, which are checked by the script's schema as it is now. */
export interface ScheduledStart {
  scriptId: number
  params: Record<string, unknown>
  trigger: 'schedule' | 'retry'
  startedBy: string
  scheduled: { scheduleId: number; occurrenceId: number }
  attempt: number
  retryOf: number | null
  firstAttemptId: number | null
  idempotencyKey: string
}

export interface LifeDeps {
  store: SchedulerStore
  runs: Pick<Runs, 'cancel' | 'find' | 'byKey' | 'setRetryAt' | 'isStopping'>
  secrets: Pick<ScheduleSecrets, 'openParams' | 'openHeartbeat'>
  notify: Notify
  now(): number
  random(): number
  log: Log
  /** Throws what a start of a run throws. */
  start(start: ScheduledStart): Promise<Run>
  /** The next retry may be sooner than what was waited for. */
  look(): void
  /** Told before and after everything that is written. */
  checkpoint: Checkpoint
}

/** Between two tries to start what the gateway has no room for. */
const againMs = 5000
/** Whatever the window for catching up is, a full queue is waited for as long. */
const patienceMsMin = 60_000

export type OccurrenceLife = ReturnType<typeof createOccurrenceLife>

export function createOccurrenceLife(deps: LifeDeps) {
  const { store, runs, secrets, notify, now, random, log, start, look, checkpoint } = deps
  const open = createOpen()

  /** Starts what is claimed. Rejects with what a start throws; by then the occurrence says why. */
  async function begin(row: ScheduleRow, occurrence: OccurrenceRow): Promise<Run> {
    open.add(occurrence)
    try {
      const before = occurrence.runId === null ? undefined : runs.find(occurrence.runId)
      const run = await start({
        scriptId: row.scriptId,
        params: secrets.openParams(row),
        trigger: before ? 'retry' : 'schedule',
        startedBy: nameOf(row),
        scheduled: { scheduleId: row.id, occurrenceId: occurrence.id },
        attempt: occurrence.attempt,
        retryOf: before?.id ?? null,
        firstAttemptId: before ? (before.first_attempt_id ?? before.id) : null,
        idempotencyKey: keyOf(occurrence),
      })
      begun(row, occurrence, run)
      return run
    } catch (error) {
      refused(row, occurrence, error)
      throw error
    }
  }

  function begun(row: ScheduleRow, occurrence: OccurrenceRow, run: Run) {
    if (occurrence.state !== 'claimed') return // it has ended already
    became(occurrence, { state: 'started', reason: null, runId: run.id })
    if (run.attempt === 1) beat(row, 'start', run)
    if (isFinished(run.status)) ended(run, false)
  }

  /** What there is no room for now is tried again; the rest says why it did not run. */
  function refused(row: ScheduleRow, occurrence: OccurrenceRow, error: unknown) {
    if (occurrence.state !== 'claimed') return // its run was found meanwhile
    const reason =
      error instanceof GatewayError ? error.message : 'The gateway could not start it; its log has the details.'
    if (!(error instanceof GatewayError))
      log.error({ schedule: row.id, error: messageOf(error) }, 'a schedule could not start a run')
    if (occurrence.isManual) return over(occurrence, { state: 'failed', reason })
    if (runs.isStopping()) return // claimed it stays, and the next start starts it
    const isPassing = error instanceof GatewayError && ['busy', 'unavailable', 'resource'].includes(error.type)
    const until = occurrence.claimedAt + Math.max(row.misfireWindowMs, patienceMsMin)
    if (isPassing && now() + againMs < until) {
      became(occurrence, { reason, retryAt: now() + againMs })
      return look()
    }
    const isSkipped = error instanceof GatewayError && error.headers['content-location'] !== undefined // by second_start
    over(occurrence, { state: isSkipped ? 'skipped' : 'failed', reason })
    if (!isSkipped)
      notify.missed({ scheduleId: row.id, scriptId: row.scriptId, dueAt: occurrence.dueAt, count: 1, reason })
  }

  /** A run of a schedule has ended. Answers whether another attempt follows. */
  function ended(run: Run, isResumed: boolean): boolean {
    const occurrence = run.occurrence_id === null ? undefined : open.get(run.occurrence_id)
    if (!occurrence) return isResumed
    if (occurrence.runId === run.id && occurrence.retryAt !== null) return true // it was told before
    if (occurrence.runId !== run.id) became(occurrence, { state: 'started', runId: run.id, attempt: run.attempt })
    if (isResumed) return true
    const row = store.get(occurrence.scheduleId)
    const delayMs = row?.enabled ? retryDelayMs(row.retry, run.status, occurrence.attempt, random()) : null
    if (delayMs !== null && !open.isReplaced(occurrence.id)) {
      const retryAt = now() + delayMs
      became(occurrence, { state: 'started', retryAt })
      runs.setRetryAt(run.id, retryAt)
      look()
      return true
    }
    over(occurrence, { state: 'ran' })
    if (row && run.status !== 'cancelled') beat(row, run.status === 'success' ? 'success' : 'fail', run)
    return false
  }

  function over(occurrence: OccurrenceRow, change: Pick<OccurrenceRow, 'state'> & { reason?: string }) {
    became(occurrence, { ...change, retryAt: null })
    open.remove(occurrence)
    follow(occurrence.scheduleId)
  }

  /** The first one that waits for the earlier run begins. */
  function follow(scheduleId: number) {
    const waiting = open.of(scheduleId)
    if (waiting.some(({ state }) => state !== 'waiting') || waiting.length === 0 || runs.isStopping()) return
    const next = waiting[0]!
    const row = store.get(scheduleId)
    if (!row) return
    became(next, { state: 'claimed', reason: null })
    begin(row, next).catch(() => {}) // the occurrence says why
  }

  /** A retry that is due, of a run or of a start. */
  function retry(occurrence: OccurrenceRow) {
    const known = open.get(occurrence.id) ?? occurrence
    const row = store.get(occurrence.scheduleId)
    if (!row) return
    if (!row.enabled && occurrence.runId !== null) return giveUpRetry(known)
    const attempt = occurrence.state === 'started' ? occurrence.attempt + 1 : occurrence.attempt
    checkpoint('take retry')
    if (!store.takeRetry(occurrence, attempt)) return
    checkpoint('retry taken')
    Object.assign(known, { state: 'claimed', attempt, retryAt: null })
    begin(row, known).catch(() => {}) // the occurrence says why
  }

  function giveUpRetry(occurrence: OccurrenceRow) {
    if (occurrence.runId !== null) runs.setRetryAt(occurrence.runId, null)
    over(occurrence, { state: 'ran' })
  }

  /** Ends what is not over of a schedule, for `by`. */
  function replace(scheduleId: number, reason: string, by: OccurrenceRow) {
    for (const earlier of open.of(scheduleId)) {
      if (earlier.id === by.id) continue
      open.markReplaced(earlier.id)
      const run = earlier.runId === null ? undefined : runs.find(earlier.runId)
      if (run && !isFinished(run.status)) runs.cancel(run.id, reason)
      else if (earlier.state === 'started') giveUpRetry(earlier)
      else if (earlier.state === 'waiting') over(earlier, { state: 'skipped', reason })
    }
  }

  /** Of the gateway that was before: what it had claimed is started, what ran is looked at. `isLate` says what is too old. */
  function takeUp(occurrence: OccurrenceRow, isLate: (row: ScheduleRow, occurrence: OccurrenceRow) => string | null) {
    const row = store.get(occurrence.scheduleId)
    if (!row) return
    open.add(occurrence)
    if (occurrence.state === 'started') {
      const run = occurrence.runId === null ? undefined : runs.find(occurrence.runId)
      const last = run?.next_attempt_id ? runs.find(run.next_attempt_id) : run // on_interrupt may have tried it again
      if (!last) over(occurrence, { state: 'ran' })
      else if (occurrence.retryAt !== null) runs.setRetryAt(last.id, occurrence.retryAt)
      else if (isFinished(last.status)) ended(last, false)
      return
    }
    if (occurrence.state !== 'claimed' || occurrence.retryAt !== null) return
    const late = runs.byKey(row.scriptId, keyOf(occurrence)) ? null : isLate(row, occurrence)
    if (late === null) return void begin(row, occurrence).catch(() => {}) // the occurrence says why
    over(occurrence, { state: 'missed', reason: late })
    const { scriptId, dueAt } = occurrence
    notify.missed({ scheduleId: row.id, scriptId, dueAt, count: 1, reason: late })
  }

  /** Writes it, and remembers it even where it cannot be written: what is open must not be started twice. */
  function became(occurrence: OccurrenceRow, change: Partial<OccurrenceRow>) {
    Object.assign(occurrence, change)
    try {
      checkpoint(`occurrence becomes ${occurrence.state}`)
      if (change.state === 'started' && change.runId && change.attempt === undefined)
        store.started(occurrence.id, change.runId)
      else store.change(occurrence.id, change)
      checkpoint(`occurrence became ${occurrence.state}`)
    } catch (error) {
      log.error(
        { occurrence: occurrence.id, error: messageOf(error) },
        'what became of an occurrence could not be stored',
      )
    }
  }

  function beat(row: ScheduleRow, signal: HeartbeatSignal, run: Run) {
    if (!row.heartbeatUrl || !row.heartbeatSignals.includes(signal)) return
    try {
      const url = secrets.openHeartbeat(row)
      if (url) notify.heartbeat(signal, { url, run })
    } catch (error) {
      log.error({ schedule: row.id, error: messageOf(error) }, 'a heartbeat could not be sent')
    }
  }

  return { begin, ended, retry, replace, takeUp, follow, open }
}

/** As runs say who asked for them. */
export const nameOf = ({ id, description }: Pick<ScheduleRow, 'id' | 'description'>) =>
  description ? `schedule ${id} "${description.slice(0, 80)}"` : `schedule ${id}`

/** The same for the same attempt, whoever starts it and how often: it runs once. */
const keyOf = ({ id, attempt }: OccurrenceRow) => `schedule:${id}:${attempt}`
