/** Rows in the shapes of the API. */
import { isoTime } from '../clock.ts'
import { GatewayError } from '../errors.ts'
import { masked } from '../logs/mask.ts'
import type { ScheduleState } from './model.ts'
import type { LastRunRow, OccurrenceWithStatus, ScheduleQueries } from './queries.ts'
import type { ScheduleSecrets } from './sealed.ts'
import type { ScheduleRow } from './table.ts'
import { describeTiming } from './times/describe.ts'
import { nextAfter } from './times/next.ts'
import type { Tongue } from './times/tongue.ts'
import type { Occurrence, Schedule } from './view-model.ts'

const shownNextCount = 3

/** As `inState` in queries.ts has it. A paused one is paused whatever else is the matter; `problems` say it all the same. */
export function stateOf({
  enabled,
  nextAt,
  problems,
}: Pick<ScheduleRow, 'enabled' | 'nextAt' | 'problems'>): ScheduleState {
  if (!enabled) return 'paused'
  if (nextAt === null) return 'ended'
  return problems.length > 0 ? 'broken' : 'active'
}

interface ShownDeps {
  queries: Pick<ScheduleQueries, 'lastRuns' | 'missed'>
  secrets: Pick<ScheduleSecrets, 'openHeartbeat'>
  /** Of their words. */
  tongue: Tongue
}

/** A page of rows: their last runs and missed occurrences are asked for together. */
export function showSchedules({ queries, secrets, tongue }: ShownDeps, rows: ScheduleRow[]): Schedule[] {
  if (rows.length === 0) return []
  const ids = rows.map(({ id }) => id)
  const lastRuns = new Map(queries.lastRuns(ids).map((run) => [run.scheduleId, run]))
  const missed = new Map(queries.missed(ids).map(({ scheduleId, count }) => [scheduleId, count]))
  return rows.map((row) => ({
    ...ownMembers(row, tongue),
    heartbeat_url: hostOf(row, secrets),
    last_run: toLastRun(lastRuns.get(row.id)),
    missed: missed.get(row.id) ?? 0,
  }))
}

function ownMembers(row: ScheduleRow, tongue: Tongue) {
  return {
    id: row.id,
    script_id: row.scriptId,
    cron_expression: row.expression,
    kind: row.timing.kind,
    words: describeTiming(row.timing, row.timezone, tongue),
    timezone: row.timezone,
    description: row.description,
    params: row.params,
    enabled: row.enabled,
    state: stateOf(row),
    problems: row.problems,
    starts_at: isoTime(row.startsAt),
    ends_at: isoTime(row.endsAt),
    jitter_sec: row.jitterMs / 1000,
    misfire: row.misfire,
    misfire_window_min: row.misfireWindowMs / 60_000,
    misfire_max: row.misfireMax,
    overlap: row.overlap,
    retry: row.retry,
    heartbeat_signals: row.heartbeatSignals,
    next_runs: nextTimesOf(row, shownNextCount).map((at) => new Date(at).toISOString()),
    created_at: new Date(row.createdAt).toISOString(),
    updated_at: new Date(row.updatedAt).toISOString(),
    created_by: row.createdBy,
  }
}

/** From the stored one on; none for one that does not run. */
function nextTimesOf(row: ScheduleRow, count: number): number[] {
  if (stateOf(row) !== 'active') return []
  const times: number[] = []
  for (let at = row.nextAt; at !== null && times.length < count; at = nextAfter(row, at)) times.push(at)
  return times
}

/** Of its heartbeat; a mask where the address cannot be read with this key. */
function hostOf(row: ScheduleRow, secrets: ShownDeps['secrets']): string | null {
  try {
    const url = secrets.openHeartbeat(row)
    return url && new URL(url).host
  } catch (error) {
    if (error instanceof GatewayError) return masked
    throw error
  }
}

function toLastRun(run: LastRunRow | undefined): Schedule['last_run'] {
  if (!run) return null
  return {
    id: run.id,
    status: run.status,
    queued_at: new Date(run.queuedAt).toISOString(),
    finished_at: isoTime(run.finishedAt),
    duration_ms: run.durationMs,
  }
}

export function toOccurrence(row: OccurrenceWithStatus): Occurrence {
  return {
    id: row.id,
    schedule_id: row.scheduleId,
    script_id: row.scriptId,
    due_at: new Date(row.dueAt).toISOString(),
    is_manual: row.isManual,
    state: row.state,
    reason: row.reason,
    run_id: row.runId,
    run_status: row.runStatus,
    attempt: row.attempt,
    retry_at: isoTime(row.retryAt),
    count: row.count,
    last_due_at: isoTime(row.lastDueAt),
    is_seen: row.isSeen,
    asked_by: row.askedBy,
  }
}
