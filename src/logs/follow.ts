/**
 * What goes on and has a log, a run or an installation, as events for SSE and WebSocket alike: what is there, what comes,
 * and the end. Each event has an id to resume after, so that nothing is lost and nothing comes twice, also when it has
 * long ended. For a run these are:
 *
 *   0            execution_started
 *   N            log_output, N the last line in it
 *   N.error      execution_error, for every end but success
 *   N.end        execution_finished, always the last
 */
import { closedLogCursor, type LogCursor, markBefore } from './log-cursor.ts'
import type { LogIndexes } from './log-index.ts'
import type { Segment } from './log-store.ts'
import type { RunLog } from './run-log.ts'

/** What is followed, as the API gives it. */
export interface Followed {
  status: string
  started_at: string | null
}

/** Following something: what is there, what comes, and how it ends. */
export interface Follow<T extends Followed> {
  /** As it is now. */
  run(): T
  cursor(seq: number): LogCursor
  /** The files of its log as they are now, with marks to begin reading at. Of a log that is closed they are made when first asked for. */
  segments(): Promise<readonly Segment[]>
  /** True when no more lines will come. */
  isLogClosed(): boolean
  onChange(listener: () => void): () => void
  finished: Promise<T>
}

interface Closed {
  /** Of its log. */
  path: string
  indexes: LogIndexes
}

/** Of something that has ended. */
export const followEnded = <T extends Followed>(ended: T, { path, indexes }: Closed): Follow<T> => ({
  run: () => ended,
  cursor(seq) {
    const known = indexes.known(path)
    return closedLogCursor(path, seq, known && markBefore(known, seq))
  },
  segments: async () => [await indexes.of(path)],
  isLogClosed: () => true,
  onChange: () => () => {},
  finished: Promise.resolve(ended),
})

interface Live<T> extends Closed {
  log: RunLog
  run(): T
  finished: Promise<T>
}

/** Of something that goes on. */
export const followLive = <T extends Followed>({ log, run, finished, path, indexes }: Live<T>): Follow<T> => ({
  run,
  cursor: (seq) => log.cursor(seq),
  segments: async () => log.segments() ?? [await indexes.of(path)],
  isLogClosed: () => log.isClosed,
  onChange: (listener) => log.onChange(listener),
  finished,
})

/** The names of the four events. */
export interface EventNames {
  started: string
  output: string
  error: string
  finished: string
}

export const runEvents: EventNames = {
  started: 'execution_started',
  output: 'log_output',
  error: 'execution_error',
  finished: 'execution_finished',
}

export const installationEvents: EventNames = {
  started: 'installation_started',
  output: 'installation_progress',
  error: 'installation_error',
  finished: 'installation_finished',
}

export interface FollowEvent {
  id: string
  event: string
  data: unknown
}

interface FollowOptions {
  heartbeatMs: number
  signal: AbortSignal
  /** A run's where left out. */
  names?: EventNames
}

/** Lines in one event: large enough for a flood, small enough to be shown at once. */
const linesPerEventMax = 500
/** A result longer than this is left out of the events; it is at /api/runs/{id}. */
const resultLengthMax = 64 * 1024

/** True when everything up to the end was delivered with this id. */
export const isDelivered = (lastEventId: string) => positionOf(lastEventId)?.stage === 'end'

/**
 * Yields the events after `lastEventId` (null, or an id that is none of ours: from the beginning), and null whenever `heartbeatMs` passed without one.
 * Ends with the run, or when the signal aborts.
 */
export async function* followLog<T extends Followed>(
  follow: Follow<T>,
  lastEventId: string | null,
  { heartbeatMs, signal, names = runEvents }: FollowOptions,
): AsyncGenerator<FollowEvent | null> {
  const position = positionOf(lastEventId)
  let seq = position?.seq ?? 0
  const news = createNews(follow, signal)
  try {
    const isWaiting = () => follow.run().status === 'queued'
    while (isWaiting() && !news.isFinished() && !signal.aborted) if (!(await news.wait(heartbeatMs))) yield null
    if (isWaiting()) return // the gateway stops, and the run goes on waiting: whoever follows comes back
    if (position === null && follow.run().started_at)
      yield { id: '0', event: names.started, data: summary(follow.run()) }

    if (seq > 0) await follow.segments() // whoever comes back to a long log finds its place in it at once
    const cursor = follow.cursor(seq)
    while (!position?.stage && !signal.aborted) {
      const isLast = follow.isLogClosed() // asked before reading: a line after it would be lost otherwise
      const lines = cursor.next(linesPerEventMax)
      seq = lines.at(-1)?.seq ?? seq
      if (lines.length > 0) yield { id: String(seq), event: names.output, data: { lines } }
      else if (isLast) break
      else if (!(await news.wait(heartbeatMs))) yield null
    }
    while (!news.isFinished() && !signal.aborted) if (!(await news.wait(heartbeatMs))) yield null
    if (signal.aborted) return
    yield* ending(await follow.finished, seq, names, position?.stage === 'error')
  } finally {
    news.close()
  }
}

function positionOf(lastEventId: string | null): { seq: number; stage: string | undefined } | null {
  const [, seq, stage] = /^(\d{1,15})(?:\.(error|end))?$/.exec(lastEventId ?? '') ?? []
  return seq === undefined ? null : { seq: Number(seq), stage }
}

function* ending(
  run: Followed,
  seq: number,
  { error, finished }: EventNames,
  isErrorDelivered: boolean,
): Generator<FollowEvent> {
  const data = summary(run)
  if (run.status !== 'success' && !isErrorDelivered) yield { id: `${seq}.error`, event: error, data }
  yield { id: `${seq}.end`, event: finished, data }
}

/** Without its result where that is long. */
function summary(run: Followed & { result?: unknown }): Followed {
  if (run.result == null || JSON.stringify(run.result).length <= resultLengthMax) return run
  return { ...run, result: null } as Followed
}

/** Waits for the next change, the end, the abort or the time, whichever comes first; nothing is missed between two waits. */
function createNews(follow: Follow<Followed>, signal: AbortSignal) {
  let hasNews = false
  let isFinished = false
  let wake: (() => void) | null = null
  const tell = () => {
    hasNews = true
    wake?.()
  }
  const stopListening = follow.onChange(tell)
  signal.addEventListener('abort', tell)
  void follow.finished.then(() => {
    isFinished = true
    tell()
  })

  /** False when the time passed without news. */
  async function wait(ms: number): Promise<boolean> {
    if (!hasNews && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
      wake = null
    }
    const answer = hasNews
    hasNews = false
    return answer
  }

  return {
    wait,
    isFinished: () => isFinished,
    close() {
      stopListening()
      signal.removeEventListener('abort', tell)
    },
  }
}
