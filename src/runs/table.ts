import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { ErrorType } from '../errors.ts'
import type { Result, ResultFile, RunStatus, Trigger } from './model.ts'

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
  idempotencyKey: text('idempotency_key'),
  requestHash: text('request_hash'),
})

export type RunRow = typeof runs.$inferSelect
