/** What a run is: its states, the transitions between them, and its shape in the API. */
import type { ErrorType } from '../errors.ts'

export { type LogLine, type Stream, streams } from '../logs/model.ts'

export const runStatuses = [
  'queued',
  'running',
  'success',
  'failed',
  'timeout',
  'cancelled',
  'killed',
  'interrupted',
] as const
export type RunStatus = (typeof runStatuses)[number]

export const triggers = ['api', 'form', 'schedule', 'webhook', 'retry'] as const
export type Trigger = (typeof triggers)[number]

/** The only transitions there are; an update names the states it may start from. */
export const transitions = {
  queued: ['running', 'failed', 'cancelled', 'interrupted'],
  running: ['success', 'failed', 'timeout', 'cancelled', 'killed', 'interrupted'],
  success: [],
  failed: [],
  timeout: [],
  cancelled: [],
  killed: [],
  interrupted: [],
} as const satisfies Record<RunStatus, readonly RunStatus[]>

export const isFinished = (status: RunStatus) => transitions[status].length === 0

/** A file that the run left behind, under /static. */
export interface ResultFile {
  url: string
  filename: string
  size: number
  content_type: string
}

export type Result = { type: 'json'; data: unknown } | { type: 'text'; data: string } | ({ type: 'file' } & ResultFile)

export interface RunError {
  type: ErrorType
  message: string
}

/** The limit that ended a run, and how far it had gone: bytes, seconds or processes. */
export interface LimitHit {
  limit: 'time' | 'memory' | 'cpu' | 'processes' | 'output' | 'disk'
  used: number
  max: number
}

/** A run as the API gives it. Times are ISO 8601 in UTC; `duration_ms` is the life of its process. */
export interface Run {
  id: number
  script_id: number
  status: RunStatus
  trigger: Trigger
  /** As they were passed, secrets masked. */
  params: Record<string, unknown>
  exit_code: number | null
  signal: string | null
  /** In words, for every end but success. */
  reason: string | null
  error: RunError | null
  queued_at: string
  started_at: string | null
  finished_at: string | null
  duration_ms: number | null
  result: Result | null
  /** Empty when retention has removed them. */
  files: ResultFile[]
  /** When retention removed the log; the files and a result that was kept in a file. */
  log_expired_at: string | null
  files_expired_at: string | null
  /** The last 4 KiB of stderr. */
  stderr: string
  log_lines: number
  log_bytes: number
  /** The address or the schedule that asked for it. */
  started_by: string | null
  /** Who asked for it, by the name that the audit log has; null: a schedule, by itself. */
  asked_by: string | null
  host: string
  /** SHA-256 of the script's file as it was run. */
  content_hash: string
  /** Equal for runs that were given the same interpreter, variables, permissions and limits. */
  environment_hash: string | null
  /** The packages that it was given: name of a folder below .deps_cache; null where its script declares none. */
  environment: string | null
  /** The installation that it waits for; null for one that does not. */
  waiting_for_installation: number | null
  /** What confined it: `bwrap`, `landlock` or `plain`. */
  isolation: string | null
  /** How long it waited for its slot; null while it does. */
  queue_ms: number | null
  /** 1 for the next one that begins; null for one that does not wait. */
  queue_position: number | null
  priority: number
  cpu_ms: number | null
  memory_bytes_peak: number | null
  processes_peak: number | null
  /** Bytes that it printed. */
  output_bytes: number
  limit: LimitHit | null
  /** The run that this one repeats. */
  retry_of: number | null
  attempt: number
  /** Of an attempt after the first: the first one. Of one that was followed by another attempt: that one. */
  first_attempt_id: number | null
  next_attempt_id: number | null
  /** When its next attempt is due. */
  retry_at: string | null
  /** The schedule that asked for it, and for which of its times. */
  schedule_id: number | null
  occurrence_id: number | null
  /** Of one run that was tried again, all attempts in their order; not in lists. */
  attempts?: RunAttempt[]
}

export type RunAttempt = Pick<Run, 'id' | 'attempt' | 'status' | 'started_at' | 'finished_at' | 'reason'>
