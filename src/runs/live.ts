/** A run while it is alive, and what is asked and answered about it. */
import type { RunnableScript } from '../scripts/catalog.ts'
import type { LogCursor } from './log-cursor.ts'
import type { Mask } from './mask.ts'
import type { Run, RunStatus, Trigger } from './model.ts'
import type { RunLog } from './run-log.ts'
import type { RunRow } from './table.ts'

export interface RunRequest {
  script: RunnableScript
  /** Validated; `file` parameters as absolute paths. */
  values: Record<string, unknown>
  trigger: Trigger
  idempotencyKey?: string | null
  /** Hash of what was asked for: the same key with another one is refused. */
  requestHash?: string | null
  /** Called when the run has ended, whatever came of it, also when it is not accepted: removes its uploads. */
  dispose?(): Promise<void>
}

/** A run that was accepted: its row as it is now, and its end. */
export interface Accepted {
  run: Run
  finished: Promise<Run>
}

export interface RunChange {
  id: number
  scriptId: number
  status: RunStatus
}

/** Following a run: what is there, what comes, and how it ends. */
export interface Follow {
  run(): Run
  cursor(seq: number): LogCursor
  /** True when no more lines will come. */
  isLogClosed(): boolean
  onChange(listener: () => void): () => void
  finished: Promise<Run>
}

export interface LiveRun {
  row: RunRow
  request: RunRequest
  mask: Mask
  log: RunLog
  finished: PromiseWithResolvers<Run>
  /** Ends the process; null while there is none. */
  stop: ((reason: 'cancelled' | 'interrupted') => void) | null
}

/** Absolute paths among the values of a run: its uploads are. */
export const pathsGiven = ({ request }: LiveRun): string[] =>
  Object.values(request.values)
    .flat()
    .filter((value): value is string => typeof value === 'string' && value.startsWith('/'))
