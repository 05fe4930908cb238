/** The life of every run: accepted, queued, run, ended; and the questions about it. */
import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import type { Db } from '../db/open.ts'
import { GatewayError, messageOf } from '../errors.ts'
import { createSpareFolders } from '../files/spare-folders.ts'
import type { Log } from '../log.ts'
import type { StartProcess } from '../process/model.ts'
import type { Setting } from '../settings/settings.ts'
import { execute } from './execute.ts'
import { createForget } from './forget.ts'
import { createKeptResults } from './kept-results.ts'
import { type Accepted, type Follow, type LiveRun, pathsGiven, type RunChange, type RunRequest } from './live.ts'
import { closedLogCursor, tailOfClosedLog } from './log-cursor.ts'
import { createMask, maskSecrets } from './mask.ts'
import { isFinished, type LogLine, type Run } from './model.ts'
import { endOf, failedEnd, unstartedEnd } from './outcome.ts'
import { busyError, createPatience, stoppingError } from './patience.ts'
import { createPlanner } from './plan.ts'
import { createQueue } from './queue.ts'
import { recover } from './recovery.ts'
import { createRunLog } from './run-log.ts'
import { createRunStore, type RunEnd, type RunFilter, toLastRun, toRun } from './store.ts'
import type { RunRow } from './table.ts'
import { createUnsaved } from './unsaved.ts'

interface RunsDeps {
  db: Db
  setting: Setting
  startProcess: StartProcess
  clock: Clock
  log: Log
  /** Absolute. */
  dataDir: string
  baseUrl(): string
  /** Told of every change of state, after it is stored. */
  onChange(change: RunChange): void
}

export type Runs = ReturnType<typeof createRuns>

export function createRuns({ db, setting, startProcess, clock, log, dataDir, baseUrl, onChange }: RunsDeps) {
  const store = createRunStore({ db })
  const live = new Map<number, LiveRun>()
  const queue = createQueue({
    slots: () => setting('run_slots'),
    slotsPerScript: () => setting('run_slots_per_script'),
  })
  const plan = createPlanner({ setting, dataDir, baseUrl })
  const patience = createPatience()
  const unsaved = createUnsaved({ log })
  const folders = createSpareFolders({ dir: join(dataDir, 'tmp', 'spare'), clock })
  let isDraining = false

  const logPath = (id: number) => join(dataDir, 'logs', 'script', String(Math.floor(id / 1000)), `${id}.log`)
  const resultPath = (id: number) => `${logPath(id).slice(0, -4)}.result.json`
  const results = createKeptResults({ pathOf: resultPath, log })

  /** Accepts a run. Throws `busy` or `unavailable`, and `validation` for an idempotency key used for something else. */
  function start(request: RunRequest): Accepted {
    try {
      return earlierRun(request) ?? accept(request)
    } catch (error) {
      disposeOf(request)
      throw error
    }
  }

  function earlierRun(request: RunRequest): Accepted | null {
    const { script, idempotencyKey, requestHash } = request
    const earlier = idempotencyKey ? store.byIdempotencyKey(script.id, idempotencyKey) : undefined
    if (!earlier) return null
    if (earlier.requestHash !== requestHash)
      throw new GatewayError(
        'validation',
        `The Idempotency-Key was used for run ${earlier.id} with other parameters: use a new key.`,
      )
    disposeOf(request)
    const following = follow(earlier.id)
    return { run: following.run(), finished: following.finished }
  }

  function accept(request: RunRequest): Accepted {
    if (isDraining) throw stoppingError()
    const { script, values, trigger, idempotencyKey = null, requestHash = null } = request
    const hasSlot = queue.tryTake(script.id)
    if (!hasSlot && queue.length >= setting('queue_length_max'))
      throw busyError(queue.length, patience.retryAfterSec(queue.length, setting('run_slots')))
    const now = clock.now()
    let row: RunRow
    try {
      row = store.insert({
        scriptId: script.id,
        status: hasSlot ? 'running' : 'queued',
        trigger,
        params: maskSecrets(script.params, values),
        contentHash: script.contentHash,
        queuedAt: now,
        startedAt: hasSlot ? now : null,
        idempotencyKey,
        requestHash,
      })
    } catch (error) {
      if (hasSlot) queue.release(script.id)
      throw error
    }
    const run = admit(row, request)
    if (hasSlot) perform(run)
    else queue.add({ id: row.id, scriptId: script.id, begin: () => begin(run) })
    tell(row)
    return { run: toRun(row), finished: run.finished.promise }
  }

  function admit(row: RunRow, request: RunRequest): LiveRun {
    const mask = createMask(request.script.params, request.values)
    const runLog = createRunLog({ path: logPath(row.id), bytesMax: setting('log_bytes_max'), now: clock.now, mask })
    const run: LiveRun = { row, request, mask, log: runLog, finished: Promise.withResolvers(), stop: null }
    live.set(row.id, run)
    return run
  }

  /** Its turn has come, and the slot is taken. Never throws: the run before it has just ended and must not fail for it. */
  function begin(run: LiveRun) {
    const startedAt = clock.now()
    try {
      if (!store.begin(run.row.id, startedAt)) throw new Error('its row is not queued any more')
    } catch (error) {
      log.error({ run: run.row.id, error: messageOf(error) }, 'a queued run could not be started')
      queue.release(run.row.scriptId)
      return finish(run, failedEnd(error))
    }
    run.row = { ...run.row, status: 'running', startedAt }
    tell(run.row)
    run.log.tell()
    perform(run)
  }

  /** Runs it to its end, with the slot that was taken for it. Never throws. */
  async function perform(run: LiveRun) {
    let end: RunEnd
    try {
      const work = plan(run)
      const execution = execute(work, startProcess, folders)
      run.stop = execution.process.stop
      void execution.process.outcome.catch(() => {}).then(() => closeLog(run)) // `end` below rejects with the same error
      end = endOf(await execution.end, work.limits, run.mask)
    } catch (error) {
      log.error(
        { run: run.row.id, error: messageOf(error), stack: error instanceof Error ? error.stack : undefined },
        'a run failed for a fault of the gateway',
      )
      end = failedEnd(error)
    }
    queue.release(run.row.scriptId)
    finish(run, end)
  }

  function finish(run: LiveRun, end: RunEnd) {
    closeLog(run)
    const finishedAt = clock.now()
    const full = { ...end, finishedAt, logLines: run.log.lastSeq, logBytes: run.log.bytes }
    run.row = { ...run.row, ...full }
    const save = () => void store.finish(run.row.id, { ...full, result: results.keep(run.row.id, end.result) })
    try {
      save()
    } catch (error) {
      log.error({ run: run.row.id, error: messageOf(error) }, 'the end of a run could not be stored yet')
      unsaved.add(run.row, save)
    }
    live.delete(run.row.id)
    patience.remember(end.durationMs)
    run.finished.resolve(toRun(run.row))
    tell(run.row)
    disposeOf(run.request)
  }

  function closeLog(run: LiveRun) {
    try {
      run.log.close()
    } catch (error) {
      log.error({ run: run.row.id, error: messageOf(error) }, 'a log could not be completed')
    }
  }

  function disposeOf({ dispose }: RunRequest) {
    void dispose?.().catch((error) => log.error({ error: messageOf(error) }, 'could not remove uploads'))
  }

  const tell = (row: RunRow) => onChange({ id: row.id, scriptId: row.scriptId, status: row.status })

  /** The run with its whole result. */
  function find(id: number): Run | undefined {
    const row = live.get(id)?.row ?? unsaved.get(id) ?? store.get(id)
    if (!row) return undefined
    return { ...toRun(row), result: row.result ?? (isFinished(row.status) ? results.load(id) : null) }
  }

  /** The run with its whole result. Throws `not_found`. */
  function get(id: number): Run {
    const run = find(id)
    if (!run) throw new GatewayError('not_found', `There is no run ${id}.`)
    return run
  }

  /** Asks a run to end; one that has ended already is answered as it is. Throws `not_found`. */
  function cancel(id: number): Run {
    const run = live.get(id)
    if (run && queue.remove(id))
      finish(run, unstartedEnd('cancelled', 'It was cancelled while it waited in the queue.'))
    else run?.stop?.('cancelled')
    return get(id)
  }

  const asKnown = (row: RunRow) => toRun(unsaved.get(row.id) ?? row)
  const liveOf = (scriptId: number) => [...live.values()].filter(({ row }) => row.scriptId === scriptId)

  /** Ends every run of a script; answers their ids. */
  const cancelAllOf = (scriptId: number) => liveOf(scriptId).map(({ row }) => cancel(row.id).id)

  function endAllOf(scriptId: number) {
    const ends = liveOf(scriptId).map((run) => run.finished.promise)
    cancelAllOf(scriptId)
    return Promise.all(ends)
  }

  function follow(id: number): Follow {
    const run = live.get(id)
    if (!run) {
      const ended = get(id)
      return {
        run: () => ended,
        cursor: (seq) => closedLogCursor(logPath(id), seq),
        isLogClosed: () => true,
        onChange: () => () => {},
        finished: Promise.resolve(ended),
      }
    }
    return {
      run: () => toRun(run.row),
      cursor: (seq) => run.log.cursor(seq),
      isLogClosed: () => run.log.isClosed,
      onChange: (listener) => run.log.onChange(listener),
      finished: run.finished.promise,
    }
  }

  /** The last lines, for a first look. */
  function tail(id: number, count: number): LogLine[] {
    const run = live.get(id)
    if (run) return run.log.cursor(Math.max(0, run.log.lastSeq - count)).next(count)
    return tailOfClosedLog(logPath(id), get(id).log_lines, count)
  }

  /** Accepts no more, lets runs finish for `ms`, then ends them as interrupted. A second call hurries. */
  async function drain(ms: number): Promise<void> {
    isDraining = true
    for (const run of [...live.values()])
      if (queue.remove(run.row.id))
        finish(run, unstartedEnd('interrupted', 'The gateway stopped before it could start.'))
    const ends = () => Promise.all([...live.values()].map((run) => run.finished.promise))
    await Promise.race([ends(), clock.sleep(ms)])
    for (const run of live.values()) run.stop?.('interrupted')
    await ends()
    unsaved.flush()
  }

  return {
    start,
    find,
    get,
    cancel,
    follow,
    tail,
    /** At start. Answers how many runs were interrupted. */
    recover: () => recover({ store, clock, dataDir, logPath }),
    drain,
    logPath,
    cancelAllOf,
    /** Ends a script's runs and removes every trace of them; the caller sees to it that no new one is accepted. */
    forget: createForget({ store, end: endAllOf, logPath, resultPath, staticDir: join(dataDir, 'static') }),
    list: (filter: RunFilter, page: { limit: number; offset?: number }): Run[] => store.list(filter, page).map(asKnown),
    count: (filter: RunFilter) => store.count(filter),
    /** Queued and running, oldest first. */
    active: (): Run[] => [...live.values()].map((run) => toRun(run.row)),
    /** Absolute paths that live runs were given as values: their uploads are among them. */
    filesInUse: (): string[] => [...live.values()].flatMap(pathsGiven),
    /** The limits may be others now: whoever may begin, begins. */
    limitsChanged: queue.look,
    queuePosition: (id: number) => queue.position(id),
    lastOf: (scriptId: number) => toLastRun(store.last(scriptId)),
    sparksOf: (scriptId: number, count: number) => store.sparks(scriptId, count),
    counts: () => ({ running: queue.active, queued: queue.length }),
  }
}
