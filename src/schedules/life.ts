/** From the claim of an occurrence to its end: its run is started, tried again where its schedule says so, and what waited for it follows. */
import { GatewayError, messageOf, storageFault } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Checkpoint } from '../logs/checkpoint.ts'
import type { Notify } from '../notify/model.ts'
import { isFinished, type Run } from '../runs/model.ts'
import type { Runs } from '../runs/runs.ts'
import type { HeartbeatSignal } from './model.ts'
import { createNoting } from './noting.ts'
import type { Obstacles } from './obstacles.ts'
import { createOpen } from './open.ts'
import { retryDelayMs } from './retry.ts'
import type { ScheduleSecrets } from './sealed.ts'
import type { SchedulerStore } from './store.ts'
import type { OccurrenceRow, ScheduleRow } from './table.ts'
import { createTakingUp } from './taking-up.ts'

/** What a run is started with: everything but its values, which are checked by the script's schema as it is now. */
export interface ScheduledStart {
  scriptId: number
  params: Record<string, unknown>
  trigger: 'schedule' | 'retry'
  startedBy: string
  /** Who asked for it to run now; null: nobody, it was due. */
  askedBy: string | null
  scheduled: { scheduleId: number; occurrenceId: number }
  attempt: number
  retryOf: number | null
  firstAttemptId: number | null
  /** Of the run that it replaces, where that waited for its turn. */
  place: number | undefined
  idempotencyKey: string
}

export interface LifeDeps {
  store: SchedulerStore
  runs: Pick<Runs, 'cancel' | 'find' | 'placeOf' | 'byKey' | 'setRetryAt' | 'isStopping'>
  secrets: Pick<ScheduleSecrets, 'openParams' | 'openHeartbeat'>
  notify: Notify
  now(): number
  random(): number
  log: Log
  /** Throws what a start of a run throws. */
  start(start: ScheduledStart): Promise<Run>
  whyNot: Obstacles['whyNot']
  /** The next retry may be sooner than what was waited for. */
  look(): void
  /** Told before and after everything that is written. */
  checkpoint: Checkpoint
}

/** Between two tries to start what the gateway has no room for. */
export const againMs = 5000
/** Whatever the window for catching up is, a full queue is waited for as long. */
const patienceMsMin = 60_000

export type OccurrenceLife = ReturnType<typeof createOccurrenceLife>

export function createOccurrenceLife(deps: LifeDeps) {
  const { store, runs, secrets, notify, now, random, log, start, whyNot, look, checkpoint } = deps
  const open = createOpen()
  const noting = createNoting({ store, runs, log, checkpoint })
  const { became, tellRun, flush } = noting
  /** Since when the gateway has had no room for an attempt after the first. */
  const refusedSince = new WeakMap<OccurrenceRow, { attempt: number; at: number }>()
  /** Turns that wait for the run which is to have them. */
  const places = new WeakMap<OccurrenceRow, number>()
  /** There was no room for what was tried last: others need not be tried at once. */
  let isRefusing = false

  /** Starts what is claimed. Rejects with what a start throws; by then the occurrence says why. */
  async function begin(row: ScheduleRow, occurrence: OccurrenceRow): Promise<Run> {
    open.add(occurrence)
    try {
      const before = occurrence.runId === null ? undefined : runs.find(occurrence.runId)
      const run = await start({
        scriptId: row.scriptId,
        params: secrets.openParams(row),
        trigger: before ? 'retry' : 'schedule',
        startedBy: startedByOf(row, occurrence),
        askedBy: occurrence.askedBy,
        scheduled: { scheduleId: row.id, occurrenceId: occurrence.id },
        attempt: occurrence.attempt,
        retryOf: before?.id ?? null,
        firstAttemptId: before ? (before.first_attempt_id ?? before.id) : null,
        place: places.get(occurrence),
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
    isRefusing = false
    places.delete(occurrence) // its run has it, and another attempt comes when it comes
    if (occurrence.state !== 'claimed') return // it has ended already
    became(occurrence, { state: 'started', reason: null, runId: run.id })
    if (run.attempt === 1) beat(row, 'start', run)
    if (isFinished(run.status)) tellEnd(run)
    else if (open.isReplaced(occurrence.id)) runs.cancel(run.id, replacedReason)
  }

  /** What there is no room for now is tried again; the rest says why it did not run. */
  function refused(row: ScheduleRow, occurrence: OccurrenceRow, error: unknown) {
    if (occurrence.state !== 'claimed') return // its run was found meanwhile
    const known = error instanceof GatewayError ? error : storageFault(error)
    const reason = known?.message ?? 'The gateway could not start it; its log has the details.'
    if (!known) log.error({ schedule: row.id, error: messageOf(error) }, 'a schedule could not start a run')
    if (occurrence.isManual && occurrence.runId === null) return over(occurrence, { state: 'failed', reason })
    if (runs.isStopping()) return // claimed it stays, and the next start starts it
    const isPassing = known !== null && ['busy', 'unavailable', 'resource'].includes(known.type)
    isRefusing = isPassing
    if (open.isReplaced(occurrence.id)) return endWaiting(occurrence, replacedReason)
    if (isPassing && now() + againMs < patientUntil(row, occurrence)) {
      became(occurrence, { reason, retryAt: now() + againMs })
      return look()
    }
    if (occurrence.runId !== null) return endWaiting(occurrence, reason)
    const isSkipped = known?.headers['content-location'] !== undefined // by second_start
    const delayMs = isSkipped ? null : retryDelayMs(row.retry, 'failed', occurrence.attempt, random())
    if (delayMs !== null) {
      // An address that does not answer now is no reason to lose this time: it is tried again as a run that failed would be.
      became(occurrence, { reason, retryAt: now() + delayMs, attempt: occurrence.attempt + 1 })
      return look()
    }
    over(occurrence, { state: isSkipped ? 'skipped' : 'failed', reason })
    if (!isSkipped)
      notify.missed({
        ...{ kind: 'not_started', scheduleId: row.id, scriptId: row.scriptId },
        ...{ dueAt: occurrence.dueAt, count: 1, reason },
      })
  }

  function patientUntil(row: ScheduleRow, occurrence: OccurrenceRow): number {
    const { attempt } = occurrence
    const before = refusedSince.get(occurrence)
    const since = attempt === 1 ? occurrence.claimedAt : before?.attempt === attempt ? before.at : now()
    refusedSince.set(occurrence, { attempt, at: since })
    return since + Math.max(row.misfireWindowMs, patienceMsMin)
  }

  /** A run of a schedule has ended. Answers whether another attempt follows. */
  function ended(run: Run, isResumed: boolean): boolean {
    const occurrence = openOne(run.occurrence_id)
    if (!occurrence) return isResumed
    if (occurrence.runId === run.id && occurrence.retryAt !== null) return true // it was told before
    if (occurrence.runId !== run.id) became(occurrence, { state: 'started', runId: run.id, attempt: run.attempt })
    if (isResumed) return true
    const row = store.get(occurrence.scheduleId)
    const delayMs = row?.enabled ? retryDelayMs(row.retry, run.status, occurrence.attempt, random()) : null
    if (delayMs !== null && !open.isReplaced(occurrence.id)) {
      became(occurrence, { state: 'started', retryAt: now() + delayMs })
      tellRun(occurrence)
      look()
      return true
    }
    over(occurrence, { state: 'ran' })
    if (row && run.status !== 'cancelled') beat(row, run.status === 'success' ? 'success' : 'fail', run)
    return false
  }

  /** Also one that is not taken up yet: runs that a dead gateway left are told of first. */
  function openOne(id: number | null): OccurrenceRow | undefined {
    if (id === null) return undefined
    const known = open.get(id)
    if (known) return known
    const found = store.openOne(id)
    if (found) open.add(found)
    return found
  }

  /** Of a run that was over before its occurrence said so: nobody was told yet. */
  function tellEnd(run: Run) {
    if (!ended(run, false)) notify.runFinished(run)
  }

  function over(occurrence: OccurrenceRow, change: Pick<OccurrenceRow, 'state'> & Partial<OccurrenceRow>) {
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
    const obstacle = whyNot(row, next.dueAt)
    if (obstacle !== null) return over(next, { state: 'skipped', reason: `While it waited: ${obstacle}` })
    became(next, { state: 'claimed', reason: null })
    begin(row, next).catch(() => {}) // the occurrence says why
  }

  /** A retry that is due, of a run or of a start. */
  function retry(occurrence: OccurrenceRow) {
    const known = open.get(occurrence.id) ?? occurrence
    const row = store.get(occurrence.scheduleId)
    if (!row) return
    const obstacle = whyNot(row, occurrence.dueAt)
    if (obstacle !== null) return endWaiting(known, obstacle)
    const attempt = occurrence.state === 'started' ? occurrence.attempt + 1 : occurrence.attempt
    checkpoint('take retry')
    if (!store.takeRetry(occurrence, attempt)) return
    checkpoint('retry taken')
    Object.assign(known, { state: 'claimed', attempt, retryAt: null })
    begin(row, known).catch(() => {}) // the occurrence says why
  }

  /** One that is not running does not run any more. After an attempt, that was the last one, and is told as such. */
  function endWaiting(occurrence: OccurrenceRow, why: string) {
    const run = occurrence.runId === null ? undefined : runs.find(occurrence.runId)
    if (!run) return over(occurrence, { state: 'skipped', reason: why })
    over(occurrence, { state: 'ran', attempt: run.attempt, reason: `There was no further attempt: ${why}` })
    tellRun(occurrence)
    notify.runFinished({ ...run, retry_at: null })
    const row = store.get(occurrence.scheduleId)
    if (row) beat(row, 'fail', run)
  }

  /** Ends what is not over of a schedule and older than `by`, which takes its place: also among those that wait. */
  function replace(scheduleId: number, by: OccurrenceRow) {
    for (const earlier of open.of(scheduleId)) {
      if (earlier.id >= by.id) continue
      open.markReplaced(earlier.id)
      const run = earlier.runId === null ? undefined : runs.find(earlier.runId)
      const place = run?.status === 'queued' ? runs.placeOf(run.id) : places.get(earlier)
      if (place !== undefined) places.set(by, Math.min(place, places.get(by) ?? place))
      if (run && !isFinished(run.status)) runs.cancel(run.id, replacedReason)
      else if (isWaiting(earlier)) endWaiting(earlier, replacedReason) // what is being started is ended as soon as it has a run
    }
  }

  /** A schedule was changed, paused or deleted: what of it waits may be over. */
  function changed(scheduleId: number) {
    const earlier = open.of(scheduleId)
    if (earlier.length === 0) return
    const row = store.get(scheduleId)
    if (row?.enabled) return
    for (const one of earlier.reverse()) // the last one first: none follows
      if (isWaiting(one)) endWaiting(one, row ? 'Its schedule was paused.' : 'Its schedule was deleted.')
  }

  /** A script is gone, with its schedules and runs. */
  function forgetScript(scriptId: number) {
    for (const one of open.all()) if (one.scriptId === scriptId) open.remove(one)
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

  return {
    ...{ begin, ended, retry, replace, changed, forgetScript, follow, flush, open },
    ...createTakingUp({ ...deps, open, noting, begin, over, tellEnd }),
    isRefusing: () => isRefusing,
  }
}

/** Neither running nor being started. */
const isWaiting = ({ state, retryAt }: OccurrenceRow) => state === 'waiting' || retryAt !== null

const replacedReason = 'It was replaced by the run of its schedule that was due next.'

/** As runs say who asked for them. */
export const nameOf = ({ id, description }: Pick<ScheduleRow, 'id' | 'description'>) =>
  description ? `schedule ${id} "${description.slice(0, 80)}"` : `schedule ${id}`

/** Of who asked for it to run now, his name. */
const startedByOf = (row: ScheduleRow, { isManual, askedBy }: OccurrenceRow) =>
  isManual ? `Run now of ${nameOf(row)}${askedBy ? ` by ${askedBy}` : ''}` : nameOf(row)

/** The same for the same attempt, whoever starts it and how often: it runs once. */
export const keyOf = ({ id, attempt }: OccurrenceRow) => `schedule:${id}:${attempt}`
