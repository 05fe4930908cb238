import { blob, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { ErrorType } from '../errors.ts'
import type { LimitHit, Result, ResultFile, RunStatus, Trigger } from './model.ts'

/** Times are milliseconds since 1970, UTC. */
export const runs = sqliteTable('runs', {
  id: integer().primaryKey({ autoIncrement: true }),
  scriptId: integer('script_id').notNull(),
  status: text().$type<RunStatus>().notNull(),
  trigger: text().$type<Trigger>().notNull(),
  /** Masked: a secret's value is never stored. */
  params: text({ mode: 'json' }).$type<Record<string, unknown>>().notNull(),
  /** SHA-256 of the script's file when the run was accepted. */
  contentHash: text('content_hash').notNull(),
  queuedAt: integer('queued_at').notNull(),
  startedAt: integer('started_at'),
  finishedAt: integer('finished_at'),
  durationMs: integer('duration_ms'),
  exitCode: integer('exit_code'),
  signal: text(),
  errorType: text('error_type').$type<ErrorType>(),
  reason: text(),
  result: text({ mode: 'json' }).$type<Result>(),
  files: text({ mode: 'json' }).$type<ResultFile[]>().notNull().default([]),
  stderrTail: text('stderr_tail').notNull().default(''),
  logLines: integer('log_lines').notNull().default(0),
  logBytes: integer('log_bytes').notNull().default(0),
  outputBytes: integer('output_bytes').notNull().default(0),
  /** Left on disk, in bytes: null until measured. Retention alone writes these four. */
  logKeptBytes: integer('log_kept_bytes'),
  outputKeptBytes: integer('output_kept_bytes'),
  /** When retention removed its log; its files and long result. */
  logExpiredAt: integer('log_expired_at'),
  outputExpiredAt: integer('output_expired_at'),
  idempotencyKey: text('idempotency_key'),
  requestHash: text('request_hash'),
  /** The address, or the schedule, that asked for it. */
  startedBy: text('started_by'),
  /** By the name that the audit log has; null: a schedule, by itself. */
  askedBy: text('asked_by'),
  host: text().notNull().default(''),
  /** Over everything the run is given beside its parameters and the script's file. */
  environmentHash: text('environment_hash'),
  /** The packages that it was given: name of the environment. */
  packagesEnvironment: text('packages_environment'),
  isolation: text(),
  priority: integer().notNull().default(0),
  cpuMs: integer('cpu_ms'),
  memoryBytesPeak: integer('memory_bytes_peak'),
  processesPeak: integer('processes_peak'),
  limitHit: text('limit_hit', { mode: 'json' }).$type<LimitHit>(),
  /** The run that this one repeats. */
  retryOf: integer('retry_of'),
  attempt: integer().notNull().default(1),
  /** The schedule that asked for it, and for which of its times. */
  scheduleId: integer('schedule_id'),
  occurrenceId: integer('occurrence_id'),
  /** Of an attempt after the first: the first one. Of one that was followed by another attempt: that one. */
  firstAttemptId: integer('first_attempt_id'),
  nextAttemptId: integer('next_attempt_id'),
  /** When its next attempt is due. */
  retryAt: integer('retry_at'),
  /** Sealed: what it needs to begin after a restart, or to be run again; null when that is not wanted any more. */
  request: blob({ mode: 'buffer' }).$type<Uint8Array>(),
})

export type RunRow = typeof runs.$inferSelect
