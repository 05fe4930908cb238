/** The questions about runs: alive or ended, in the history or not stored yet. */
import { GatewayError } from '../errors.ts'
import { type Follow, followEnded, followLive } from '../logs/follow.ts'
import { tailOfClosedLog } from '../logs/log-cursor.ts'
import { createLogIndexes } from '../logs/log-index.ts'
import type { Aside } from './aside.ts'
import type { KeptResults } from './kept-results.ts'
import type { LiveRun } from './live.ts'
import { isFinished, type LogLine, type Run } from './model.ts'
import type { Queue } from './queue.ts'
import type { Recent } from './recent.ts'
import type { RunFilter, RunStore } from './store.ts'
import type { RunRow } from './table.ts'
import { toRun } from './to-run.ts'
import type { Unsaved } from './unsaved.ts'

interface AnswersDeps {
  store: RunStore
  live: ReadonlyMap<number, LiveRun>
  unsaved: Unsaved
  results: KeptResults
  queue: Queue
  aside: Pick<Aside, 'installationOf'>
  logPath(id: number): string
  recent: Recent
}

export function createAnswers({ store, live, unsaved, results, queue, aside, logPath, recent }: AnswersDeps) {
  const indexes = createLogIndexes()

  /** The run with its whole result. */
  function find(id: number): Run | undefined {
    const row = live.get(id)?.row ?? unsaved.get(id) ?? store.get(id)
    if (!row) return undefined
    const run = toRun(row)
    const isInFile = isFinished(row.status) && row.result === null && row.outputExpiredAt === null
    return {
      ...run,
      result: isInFile ? results.load(id) : run.result,
      queue_position: queue.position(id) || null,
      waiting_for_installation: aside.installationOf(id),
    }
  }

  /** The run with its whole result. Throws `not_found`. */
  function get(id: number): Run {
    const run = find(id)
    if (!run) throw new GatewayError('not_found', `There is no run ${id}.`)
    return run
  }

  function follow(id: number): Follow<Run> {
    const run = live.get(id)
    const closed = { path: logPath(id), indexes }
    if (!run) return followEnded(get(id), closed)
    return followLive({ ...closed, log: run.log, run: () => toRun(run.row), finished: run.finished.promise })
  }

  /** The last lines, for a first look. */
  function tail(id: number, count: number): LogLine[] {
    const run = live.get(id)
    if (run) return run.log.cursor(Math.max(0, run.log.lastSeq - count)).next(count)
    return tailOfClosedLog(logPath(id), get(id).log_lines, count)
  }

  const asKnown = (row: RunRow): Run => ({
    ...toRun(unsaved.get(row.id) ?? row),
    waiting_for_installation: aside.installationOf(row.id),
  })

  return {
    find,
    get,
    /** The script of a run; undefined where there is no such run. */
    scriptIdOf: (id: number): number | undefined =>
      (live.get(id)?.row ?? unsaved.get(id))?.scriptId ?? store.scriptIdOf(id),
    /** All attempts of a run, this one among them, in their order. */
    attemptsOf: (run: Pick<Run, 'id' | 'first_attempt_id'>): Run[] =>
      store
        .attemptsOf({ id: run.id, firstAttemptId: run.first_attempt_id })
        .map((row) => asKnown(live.get(row.id)?.row ?? row)),
    /** The run that was accepted with this idempotency key. */
    byKey(scriptId: number, key: string): Run | undefined {
      const row = store.byIdempotencyKey(scriptId, key)
      return row && find(row.id)
    },
    /** The turn of one that waits: its own number, or that of the one it replaced. */
    placeOf: (id: number): number => live.get(id)?.request.place ?? id,
    follow,
    tail,
    list: (filter: RunFilter, page: { limit: number; offset?: number }): Run[] => store.list(filter, page).map(asKnown),
    count: (filter: RunFilter) => store.count(filter),
    /** Queued and running, oldest first. */
    active: (): Run[] => [...live.values()].map(({ row }) => asKnown(row)),
    ...recent,
  }
}
