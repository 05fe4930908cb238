/** Runs as everybody else knows them: accepted, asked about, cancelled, drained, taken up again after a restart. */
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import type { Db } from '../db/open.ts'
import type { PackagesForRuns } from '../dependencies/for-runs.ts'
import { GatewayError, messageOf, storageFault } from '../errors.ts'
import { createSpareFolders } from '../files/spare-folders.ts'
import type { Isolation } from '../isolation/model.ts'
import type { Log } from '../log.ts'
import { type Checkpoint, noCheckpoint } from '../logs/checkpoint.ts'
import { noMask } from '../logs/mask.ts'
import { createRunLog } from '../logs/run-log.ts'
import type { StartProcess } from '../process/model.ts'
import type { RunnableScript } from '../scripts/catalog.ts'
import { narrowLimits, queuePolicy } from '../scripts/policy-effect.ts'
import type { Setting } from '../settings/settings.ts'
import { createAnswers } from './answers.ts'
import { createAside } from './aside.ts'
import { createDeletedRuns } from './deleted.ts'
import { createForget } from './forget.ts'
import { createHistory } from './history.ts'
import { createKeptRequests, type Seal } from './kept-request.ts'
import { createKeptResults } from './kept-results.ts'
import { createLife, nameOf, storageRetryMs } from './life.ts'
import type { Accepted, LiveRun, RunChange, RunRequest } from './live.ts'
import type { Run } from './model.ts'
import { newRow } from './new-row.ts'
import { unstartedEnd } from './outcome.ts'
import { busyError, createPatience, stoppingError } from './patience.ts'
import { filesGiven, type Planner, type Surroundings } from './plan.ts'
import { createQueue } from './queue.ts'
import { createRecent } from './recent.ts'
import { recover } from './recovery.ts'
import { createResume, type Revive } from './resume.ts'
import { placeOf, type QueueRules, replacedReason, skippedError, slotsOf } from './second-start.ts'
import { createRunStore } from './store.ts'
import type { RunRow } from './table.ts'
import { toRun } from './to-run.ts'
import { createUnsaved } from './unsaved.ts'

export interface RunsDeps {
  db: Db
  setting: Setting
  startProcess: StartProcess
  isolation: Isolation
  planner: Planner
  packages: PackagesForRuns
  seal: Seal
  clock: Clock
  log: Log
  /** Absolute. */
  dataDir: string
  /** The script as it is now; null when it is gone. */
  scriptNow(scriptId: number): RunnableScript | null
  /** Why nothing can be run now, for the host's sake; null when it can. */
  hostProblem(): GatewayError | null
  /** Told of every change of state, after it is stored. */
  onChange(change: RunChange): void
  /** Told of every end; `isResumed`: the next start runs it again, as on_interrupt says. */
  onFinished?(run: Run, isResumed: boolean): void
  /** Told before and after everything that is written: where a test ends the gateway. */
  checkpoint?: Checkpoint
}

/** How long a gateway that stops goes on trying to store the ends of runs. */
const lastSavesMs = 5000
const usualCancelReason = 'It was cancelled while it was running.'

export type Runs = ReturnType<typeof createRuns>

export function createRuns(deps: RunsDeps) {
  const { db, setting, startProcess, isolation, planner, packages, seal, clock, log, dataDir } = deps
  const { scriptNow, hostProblem, onChange, onFinished = () => {}, checkpoint = noCheckpoint } = deps
  const store = createRunStore({ db })
  const live = new Map<number, LiveRun>()
  const queue = createQueue({ slots: () => setting('run_slots'), slotsOf: (id) => slotsOf(rulesOf(id)) })
  const patience = createPatience()
  const unsaved = createUnsaved({ log })
  const folders = createSpareFolders({ dir: join(dataDir, 'tmp', 'spare'), clock })
  const requests = createKeptRequests({ seal, tmpDir: join(dataDir, 'tmp') })
  const host = hostname()
  const { level } = isolation.report
  let isDraining = false
  /** That wait for the next start. */
  let parked = 0

  const rulesOf = (scriptId: number) => queuePolicy(scriptNow(scriptId)?.policy ?? {}, setting)

  const logPath = (id: number) => join(dataDir, 'logs', 'script', String(Math.floor(id / 1000)), `${id}.log`)
  const resultPath = (id: number) => `${logPath(id).slice(0, -4)}.result.json`
  const results = createKeptResults({ pathOf: resultPath, log })
  const aside = createAside({
    ...{ packages, scriptNow, look: queue.look, retryMs: storageRetryMs },
    ...{ enqueue: (run) => enqueue(run), fail: (run, error) => fail(run, error) },
  })
  const answers = createAnswers({
    ...{ store, live, unsaved, results, logPath, queue, aside },
    recent: createRecent({ db, store }),
  })
  const { get, follow } = answers
  const tell = (row: RunRow) => onChange({ id: row.id, scriptId: row.scriptId, status: row.status })
  const { enqueue, perform, finish, fail, disposeOf } = createLife({
    ...{ store, live, queue, aside, packages, planner, patience, unsaved, results, startProcess, isolation, folders },
    ...{ clock, log, scriptNow, rulesOf, tell, onFinished, checkpoint },
  })

  /** Accepts a run. Throws `busy`, `unavailable`, `resource` or `conflict`, and `validation` for an idempotency key used for something else. */
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
    if (earlier.requestHash !== (requestHash ?? null))
      throw new GatewayError(
        'validation',
        `The Idempotency-Key was used for run ${earlier.id} with other parameters: use a new key.`,
      )
    disposeOf(request)
    const following = follow(earlier.id)
    return { run: following.run(), finished: following.finished }
  }

  function accept(request: RunRequest): Accepted {
    assertOpen()
    const refusal = request.refusal?.()
    if (refusal) throw refusal
    const { script } = request
    const rules = rulesOf(script.id)
    const others = rules.secondStart === 'skip' || rules.secondStart === 'replace' ? liveOf(script.id) : []
    if (others[0] && rules.secondStart === 'skip') throw skippedError(others[0].row.id, others[0].row.status)
    const state = packages.check(script)
    const hasSlot = state.state !== 'waiting' && queue.tryTake(script.id, rules.priority)
    if (!hasSlot && others.length === 0 && waiting() >= setting('queue_length_max'))
      throw busyError(waiting(), patience.retryAfterSec(waiting(), setting('run_slots')))
    let row: RunRow
    let surroundings: Surroundings | null
    try {
      surroundings = hasSlot ? planner.surroundings(script, nameOf(state)) : null
      row = insert(request, rules, surroundings)
    } catch (error) {
      if (hasSlot) queue.release(script.id)
      throw error
    }
    const run = admit(row, { ...request, place: placeOf(others, request.place) })
    if (surroundings) perform(run, surroundings)
    else if (state.state === 'waiting') aside.add(run, state)
    else enqueue(run)
    tell(row)
    for (const other of others) cancel(other.row.id, replacedReason(row.id))
    return { run: get(row.id), finished: run.finished.promise }
  }

  /** Throws `unavailable` or `resource` when no run is accepted now, whatever it is. */
  function assertOpen() {
    if (isDraining) throw stoppingError()
    const problem = hostProblem()
    if (problem) throw problem
  }

  function insert(request: RunRequest, rules: QueueRules, surroundings: Surroundings | null): RunRow {
    const kept = surroundings && rules.onInterrupt === 'leave' ? null : requests.keep(request)
    checkpoint('insert')
    const now = clock.now()
    const row = store.insert(newRow(request, { now, host, priority: rules.priority, level, surroundings, kept }))
    checkpoint('inserted')
    return row
  }

  function admit(row: RunRow, request: RunRequest): LiveRun {
    let runLog: ReturnType<typeof createRunLog> | undefined
    const run: LiveRun = {
      ...{ row, request, mask: noMask, finished: Promise.withResolvers(), stop: null, cancelReason: null },
      get log() {
        runLog ??= createRunLog({
          path: logPath(row.id),
          bytesMax: narrowLimits(run.request.script.policy, setting).log_bytes_max,
          now: clock.now,
          mask: () => run.mask,
          checkpoint,
        })
        return runLog
      },
    }
    live.set(row.id, run)
    return run
  }

  /** Asks a run to end; one that has ended already is answered as it is. Throws `not_found`. */
  function cancel(id: number, reason: string | null = null): Run {
    const run = live.get(id)
    if (run && isTakenOut(id))
      finish(run, unstartedEnd('cancelled', reason ?? 'It was cancelled while it waited in the queue.'))
    else if (run?.stop) {
      run.cancelReason ??= reason ?? usualCancelReason // the first one counts, as with the process
      run.stop('cancelled')
    } else if (!run) resume.cancel(id)
    return get(id)
  }

  /** Of the queue, or of those that wait for their packages. */
  const isTakenOut = (id: number) => queue.remove(id) || aside.remove(id)
  const waiting = () => queue.length + aside.size

  const liveOf = (scriptId: number) => [...live.values()].filter(({ row }) => row.scriptId === scriptId)

  /** Ends every run of a script; answers their ids. */
  const cancelAllOf = (scriptId: number) => liveOf(scriptId).map(({ row }) => cancel(row.id).id)

  function endAllOf(scriptId: number) {
    const ends = liveOf(scriptId).map((run) => run.finished.promise)
    cancelAllOf(scriptId)
    return Promise.all(ends)
  }

  /** Accepts and begins no more, lets runs finish for `ms`, then ends them as interrupted; what waits waits for the next start. */
  async function drain(ms: number): Promise<void> {
    isDraining = true
    for (const [id, run] of live)
      if (isTakenOut(id)) {
        live.delete(id)
        parked++
        run.finished.resolve(toRun(run.row))
      }
    const ends = () => Promise.all([...live.values()].map((run) => run.finished.promise))
    await Promise.race([ends(), clock.sleep(ms)])
    for (const run of live.values()) run.stop?.('interrupted')
    await ends()
    for (let waitedMs = 0; !unsaved.flush() && waitedMs < lastSavesMs; waitedMs += 100) await Bun.sleep(100)
  }

  const resume = createResume({
    ...{ store, requests, clock, log },
    /** A run that waited when the gateway ended waits again. */
    enqueue: (row, request) => enqueue(admit(row, request)),
    /** Only its row: it is begun when that is stored. */
    insert: (request) => insert(request, rulesOf(request.script.id), null),
    ...{ tell, onFinished },
    isLive: (id) => live.has(id),
  })

  /** What was taken up already is passed over, so that it can be tried again when the database can be written. */
  function resumeAll(revive: Revive) {
    if (isDraining) return
    try {
      resume.all(revive)
    } catch (error) {
      if (!storageFault(error)) throw error
      log.error({ error: messageOf(error) }, 'what waited cannot be taken up yet')
      setTimeout(resumeAll, storageRetryMs, revive)
    }
    queue.look()
  }

  const deleted = createDeletedRuns({
    ...{ db, store, logPath, resultPath, dataDir, clock, log, hasRoom: () => hostProblem() === null },
  })

  return {
    ...answers,
    history: createHistory({ db }),
    start,
    assertOpen,
    cancel,
    drain,
    logPath,
    cancelAllOf,
    /** At start, before anything is served: nothing is `running` that is not. Answers which runs were interrupted. */
    recover: () => recover({ store, clock, logPath }),
    /** That another attempt follows, and when; null: none does. */
    setRetryAt: store.setRetryAt,
    /** When the scripts are known: what waited waits on, and what was interrupted and is to be run again is. */
    resume: resumeAll,
    /** Absolute folders of uploads that runs need which go on after a restart. */
    uploadsToKeep: resume.uploadsToKeep,
    /** Ends a script's runs and removes every trace of them; the caller sees to it that no new one is accepted. */
    forget: createForget({
      ...{ store, logPath, resultPath, staticDir: join(dataDir, 'static') },
      end: (id) => Promise.all([endAllOf(id), deleted.forgetScript(id)]),
    }),
    /** Those that somebody deletes. */
    deleted,
    /** Absolute paths that live runs were given as files: their uploads are among them. */
    filesInUse: (): string[] =>
      [...live.values()].flatMap(({ request: { script, values } }) => filesGiven(script.params, values)),
    /** The limits may be others now: whoever may begin, begins. */
    limitsChanged: queue.look,
    counts: () => ({ running: queue.active, queued: waiting() + parked }),
    isStopping: () => isDraining,
  }
}
