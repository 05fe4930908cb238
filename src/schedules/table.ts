import { blob, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { Problem } from '../errors.ts'
import type { HeartbeatSignal, MisfirePolicy, OccurrenceState, OverlapPolicy, RetryRule, Timing } from './model.ts'

/** Times are milliseconds since 1970, UTC. */
export const schedules = sqliteTable('schedules', {
  id: integer().primaryKey({ autoIncrement: true }),
  scriptId: integer('script_id').notNull(),
  /** As it was written. */
  expression: text().notNull(),
  timing: text({ mode: 'json' }).$type<Timing>().notNull(),
  timezone: text().notNull(),
  description: text().notNull().default(''),
  /** As they were sent, secrets masked. */
  params: text({ mode: 'json' }).$type<Record<string, unknown>>().notNull(),
  sealedParams: blob('sealed_params', { mode: 'buffer' }).$type<Uint8Array>().notNull(),
  enabled: integer({ mode: 'boolean' }).notNull().default(true),
  startsAt: integer('starts_at'),
  endsAt: integer('ends_at'),
  jitterMs: integer('jitter_ms').notNull().default(0),
  misfire: text().$type<MisfirePolicy>().notNull(),
  misfireWindowMs: integer('misfire_window_ms').notNull(),
  misfireMax: integer('misfire_max').notNull(),
  overlap: text().$type<OverlapPolicy>().notNull(),
  retry: text({ mode: 'json' }).$type<RetryRule>(),
  heartbeatUrl: blob('heartbeat_url', { mode: 'buffer' }).$type<Uint8Array>(),
  heartbeatSignals: text('heartbeat_signals', { mode: 'json' })
    .$type<HeartbeatSignal[]>()
    .notNull()
    .default(['success']),
  /** Why it cannot run; empty when it can. */
  problems: text({ mode: 'json' }).$type<Problem[]>().notNull().default([]),
  /** The next occurrence, and when it is fired; null: never, or not while it is paused. */
  nextAt: integer('next_at'),
  fireAt: integer('fire_at'),
  createdAt: integer('created_at').notNull(),
  updatedAt: integer('updated_at').notNull(),
  createdBy: text('created_by'),
})

export const occurrences = sqliteTable('occurrences', {
  id: integer().primaryKey({ autoIncrement: true }),
  scheduleId: integer('schedule_id').notNull(),
  scriptId: integer('script_id').notNull(),
  dueAt: integer('due_at').notNull(),
  isManual: integer('is_manual', { mode: 'boolean' }).notNull().default(false),
  claimedAt: integer('claimed_at').notNull(),
  state: text().$type<OccurrenceState>().notNull(),
  reason: text(),
  /** Of its last attempt. */
  runId: integer('run_id'),
  attempt: integer().notNull().default(1),
  retryAt: integer('retry_at'),
  /** Of missed ones in a row: how many, and when the last was due. */
  count: integer().notNull().default(1),
  lastDueAt: integer('last_due_at'),
  isSeen: integer('is_seen', { mode: 'boolean' }).notNull().default(false),
  askedBy: text('asked_by'),
})

/** One row: the gateway that schedules. */
export const scheduler = sqliteTable('scheduler', {
  id: integer().primaryKey(),
  owner: text().notNull(),
  host: text().notNull(),
  pid: integer().notNull(),
  takenAt: integer('taken_at').notNull(),
  seenAt: integer('seen_at').notNull(),
})

export type ScheduleRow = typeof schedules.$inferSelect
export type OccurrenceRow = typeof occurrences.$inferSelect
