/** A run while it is alive, and what is asked and answered about it. */
import type { GatewayError } from '../errors.ts'
import type { Mask } from '../logs/mask.ts'
import type { RunLog } from '../logs/run-log.ts'
import type { RunnableScript } from '../scripts/catalog.ts'
import type { Run, RunStatus, Trigger } from './model.ts'
import type { RunRow } from './table.ts'

export interface RunRequest {
  script: RunnableScript
  /** Validated; `file` parameters as absolute paths. */
  values: Record<string, unknown>
  trigger: Trigger
  /** The address, or the schedule, that asks. */
  startedBy?: string | null
  /** Who asks, by the name that the audit log has; null: a schedule, by itself. */
  askedBy?: string | null
  /** The run that this one repeats, and the how manieth it is of them. */
  retryOf?: number | null
  attempt?: number
  /** Of a further attempt of the same run: the first one, and then `retryOf` is the one before. */
  firstAttemptId?: number | null
  /** The schedule that asks, and for which of its times. */
  scheduled?: { scheduleId: number; occurrenceId: number } | null
  /** Its turn among those that wait is that of the run with this number, which it replaces; else its own. */
  place?: number
  idempotencyKey?: string | null
  /** Hash of what was asked for: the same key with another one is refused. */
  requestHash?: string | null
  /** Asked for a start that is no repetition of an earlier one: why it is not accepted, or null. */
  refusal?(): GatewayError | null
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

export interface LiveRun {
  row: RunRow
  request: RunRequest
  /** What to hide; nothing before it begins. */
  mask: Mask
  /** Made when somebody asks for it: ten thousand that wait need none. */
  readonly log: RunLog
  /** The end; or, when the gateway stops while it waits, as it is then. */
  finished: PromiseWithResolvers<Run>
  /** Ends the process; null while there is none. */
  stop: ((reason: 'cancelled' | 'interrupted') => void) | null
  /** Why it is cancelled, where it is not for somebody's wish. */
  cancelReason: string | null
}
