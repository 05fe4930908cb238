/** Rows as the API gives them. */
import { isoTime } from '../clock.ts'
import type { LastRun } from '../scripts/model.ts'
import type { Run } from './model.ts'
import type { RunRow } from './table.ts'

/** A row in the shape of the API. */
export function toRun(row: RunRow): Run {
  return {
    id: row.id,
    script_id: row.scriptId,
    status: row.status,
    trigger: row.trigger,
    params: row.params,
    exit_code: row.exitCode,
    signal: row.signal,
    reason: row.reason,
    error: row.errorType && { type: row.errorType, message: row.reason ?? '' },
    queued_at: new Date(row.queuedAt).toISOString(),
    started_at: isoTime(row.startedAt),
    finished_at: isoTime(row.finishedAt),
    duration_ms: row.durationMs,
    // A file that retention removed is not told as one that is there.
    result: row.outputExpiredAt !== null && row.result?.type === 'file' ? null : row.result,
    files: row.outputExpiredAt === null ? row.files : [],
    log_expired_at: isoTime(row.logExpiredAt),
    files_expired_at: isoTime(row.outputExpiredAt),
    stderr: row.stderrTail,
    log_lines: row.logLines,
    log_bytes: row.logBytes,
    started_by: row.startedBy,
    asked_by: row.askedBy,
    host: row.host,
    content_hash: row.contentHash,
    environment_hash: row.environmentHash,
    environment: row.packagesEnvironment,
    waiting_for_installation: null,
    isolation: row.isolation,
    queue_ms: row.startedAt && Math.max(0, row.startedAt - row.queuedAt), // a clock may be set back
    queue_position: null,
    priority: row.priority,
    cpu_ms: row.cpuMs,
    memory_bytes_peak: row.memoryBytesPeak,
    processes_peak: row.processesPeak,
    output_bytes: row.outputBytes,
    limit: row.limitHit,
    retry_of: row.retryOf,
    attempt: row.attempt,
    first_attempt_id: row.firstAttemptId,
    next_attempt_id: row.nextAttemptId,
    retry_at: isoTime(row.retryAt),
    schedule_id: row.scheduleId,
    occurrence_id: row.occurrenceId,
  }
}

/** What the list of scripts shows of the newest run; null for none. */
export function toLastRun(row: LastRow | undefined): LastRun | null {
  if (!row) return null
  const { id, status, queuedAt, finishedAt, durationMs } = row
  return {
    id,
    status,
    queued_at: new Date(queuedAt).toISOString(),
    finished_at: isoTime(finishedAt),
    duration_ms: durationMs,
  }
}

type LastRow = Pick<RunRow, 'id' | 'status' | 'queuedAt' | 'finishedAt' | 'durationMs'>
