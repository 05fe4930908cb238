/** From its turn to its end: a run is begun, performed and finished. Each of these states is written here and nowhere else. */
import type { Clock } from '../clock.ts'
import type { GivenPackages, PackagesForRuns, PackagesState } from '../dependencies/for-runs.ts'
import { GatewayError, messageOf, storageFault } from '../errors.ts'
import type { SpareFolders } from '../files/spare-folders.ts'
import type { Isolation } from '../isolation/model.ts'
import type { Log } from '../log.ts'
import type { Checkpoint } from '../logs/checkpoint.ts'
import { createMask } from '../logs/mask.ts'
import type { StartProcess } from '../process/model.ts'
import type { RunnableScript } from '../scripts/catalog.ts'
import type { Aside } from './aside.ts'
import { execute } from './execute.ts'
import type { KeptResults } from './kept-results.ts'
import type { LiveRun, RunRequest } from './live.ts'
import type { Run } from './model.ts'
import { endOf, failedEnd } from './outcome.ts'
import type { Patience } from './patience.ts'
import type { Planner, Surroundings } from './plan.ts'
import type { Queue } from './queue.ts'
import type { QueueRules } from './second-start.ts'
import type { RunEnd, RunStore } from './store.ts'
import type { RunRow } from './table.ts'
import { toRun } from './to-run.ts'
import type { Unsaved } from './unsaved.ts'

/** Between two tries to write what has to be. */
export const storageRetryMs = 1000

interface LifeDeps {
  store: RunStore
  live: Map<number, LiveRun>
  queue: Queue
  aside: Aside
  packages: PackagesForRuns
  planner: Planner
  patience: Patience
  unsaved: Unsaved
  results: KeptResults
  startProcess: StartProcess
  isolation: Isolation
  folders: SpareFolders
  clock: Clock
  log: Log
  scriptNow(scriptId: number): RunnableScript | null
  rulesOf(scriptId: number): QueueRules
  tell(row: RunRow): void
  onFinished(run: Run, isResumed: boolean): void
  checkpoint: Checkpoint
}

export function createLife(deps: LifeDeps) {
  const { store, live, queue, aside, packages, planner, patience, unsaved, results, startProcess, isolation, folders } =
    deps
  const { clock, log, scriptNow, rulesOf, tell, onFinished, checkpoint } = deps

  /** Its turn has come, and the slot is taken. Never throws: the run before it has just ended and must not fail for it. */
  function begin(run: LiveRun) {
    const { id, scriptId } = run.row
    try {
      const { contentHash, policy } = scriptNow(scriptId) ?? run.request.script // both may have changed while it waited
      run.request.script = { ...run.request.script, contentHash, policy }
      const state = packages.check(run.request.script)
      if (state.state === 'waiting') return waitForPackages(run, state)
      const surroundings = planner.surroundings(run.request.script, nameOf(state))
      const beginning = {
        startedAt: clock.now(),
        contentHash,
        environmentHash: surroundings.hash,
        packagesEnvironment: surroundings.packages,
        request: rulesOf(scriptId).onInterrupt === 'retry' ? run.row.request : null,
      }
      checkpoint('begin')
      if (!store.begin(id, beginning)) throw new Error('its row is not queued any more')
      checkpoint('begun')
      run.row = { ...run.row, status: 'running', ...beginning }
      tell(run.row)
      run.log.tell()
      perform(run, surroundings)
    } catch (error) {
      log.error({ run: id, error: messageOf(error) }, 'a queued run could not be started')
      if (run.row.status === 'queued' && storageFault(error)) return waitForStorage(run)
      queue.release(scriptId)
      finish(run, failedEnd(error))
    }
  }

  /** Others go ahead while they are installed. */
  function waitForPackages(run: LiveRun, state: PackagesState & { state: 'waiting' }) {
    aside.add(run, state)
    queue.release(run.row.scriptId)
  }

  function reportFault(id: number, error: unknown) {
    const about = { run: id, error: messageOf(error) }
    if (error instanceof GatewayError) log.warn(about, 'a run could not be started')
    else if (storageFault(error))
      log.error(about, 'a run was ended, since the disk or the database could not be written')
    else
      log.error(
        { ...about, stack: error instanceof Error ? error.stack : undefined },
        'a run failed for a fault of the gateway',
      )
  }

  /** A database that cannot be written now is no reason for a run to fail: everybody waits. */
  function waitForStorage(run: LiveRun) {
    queue.hold()
    enqueue(run)
    queue.release(run.row.scriptId)
    setTimeout(queue.letGo, storageRetryMs)
  }

  function enqueue(run: LiveRun) {
    const { id, scriptId, priority } = run.row
    queue.add({ id, place: run.request.place ?? id, scriptId, priority, begin: () => begin(run) })
  }

  /** Runs it to its end, with the slot that was taken for it. Never throws. */
  async function perform(run: LiveRun, surroundings: Surroundings) {
    const { script, values } = run.request
    let end: RunEnd
    let given: GivenPackages | null = null
    try {
      run.mask = createMask(script.params, values, surroundings.secrets)
      if (surroundings.packages !== null) given = packages.give(script, surroundings.packages)
      const work = planner.plan(run, surroundings, given)
      checkpoint('start')
      const execution = execute(work, { startProcess, folders, isolation })
      run.stop = execution.process.stop
      checkpoint('started')
      void execution.process.outcome.catch(() => {}).then(() => closeLog(run)) // `end` below rejects with the same error
      end = endOf(await execution.end, work.limits, run.mask)
      if (end.status === 'cancelled' && run.cancelReason) end = { ...end, reason: run.cancelReason }
    } catch (error) {
      reportFault(run.row.id, error)
      end = failedEnd(error)
    }
    given?.release()
    queue.release(run.row.scriptId)
    finish(run, end)
  }

  function finish(run: LiveRun, end: RunEnd) {
    closeLog(run)
    const { id } = run.row
    const full = { ...end, finishedAt: clock.now(), logLines: run.log.lastSeq, logBytes: run.log.bytes }
    run.row = { ...run.row, ...full }
    const ended = toRun(run.row)
    const isResumed = end.status === 'interrupted' && run.row.request !== null
    const save = () => {
      checkpoint('end')
      store.finish(id, { ...full, result: results.keep(id, end.result) })
      checkpoint('ended')
    }
    try {
      // Whoever is to be told of it is noted with it, or neither is: a kill in between would silence a failure.
      store.transaction(() => {
        save()
        onFinished(ended, isResumed)
      })
    } catch (error) {
      log.error({ run: id, error: messageOf(error) }, 'the end of a run could not be stored yet')
      unsaved.add(run.row, save)
      onFinished(ended, isResumed)
    }
    live.delete(id)
    patience.remember(end.durationMs)
    run.finished.resolve(ended)
    tell(run.row)
    if (!isResumed) disposeOf(run.request) // else the next start needs its uploads
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

  /** Before it was started. */
  function fail(run: LiveRun, error: unknown) {
    reportFault(run.row.id, error)
    finish(run, failedEnd(error))
  }

  return { enqueue, perform, finish, fail, disposeOf }
}

/** Of what is ready. */
export const nameOf = (state: PackagesState) => (state.state === 'ready' ? state.environment : null)
