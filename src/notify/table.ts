import { blob, integer, real, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { ChannelKind } from '../channels/model.ts'
import type { Trigger } from '../runs/model.ts'
import type { DeliveryState, NotifyEvent } from './model.ts'

/** Times are milliseconds since 1970, UTC. */
export const channels = sqliteTable('channels', {
  id: integer().primaryKey({ autoIncrement: true }),
  name: text().notNull().unique(),
  kind: text().$type<ChannelKind>().notNull(),
  /** JSON, sealed. */
  config: blob({ mode: 'buffer' }).$type<Uint8Array>().notNull(),
  shown: text({ mode: 'json' }).$type<Record<string, unknown>>().notNull(),
  enabled: integer({ mode: 'boolean' }).notNull().default(true),
  createdAt: integer('created_at').notNull(),
  updatedAt: integer('updated_at').notNull(),
})

export const notifyRules = sqliteTable('notify_rules', {
  id: integer().primaryKey({ autoIncrement: true }),
  /** Null: of every script. */
  scriptId: integer('script_id'),
  channelId: integer('channel_id').notNull(),
  events: text({ mode: 'json' }).$type<NotifyEvent[]>().notNull(),
  triggers: text({ mode: 'json' }).$type<Trigger[]>().notNull().default([]),
  tags: text({ mode: 'json' }).$type<string[]>().notNull().default([]),
  title: text(),
  body: text(),
  slowFactor: real('slow_factor').notNull().default(2),
  quietFrom: text('quiet_from'),
  quietTo: text('quiet_to'),
  timezone: text().notNull().default('UTC'),
  maxPerHour: integer('max_per_hour').notNull().default(0),
  enabled: integer({ mode: 'boolean' }).notNull().default(true),
  createdAt: integer('created_at').notNull(),
  updatedAt: integer('updated_at').notNull(),
})

/** Scripts of which the rules for all say nothing. */
export const notifyMutes = sqliteTable('notify_mutes', { scriptId: integer('script_id').primaryKey() })

export const deliveries = sqliteTable('deliveries', {
  id: integer().primaryKey({ autoIncrement: true }),
  channelId: integer('channel_id'),
  ruleId: integer('rule_id'),
  kind: text().$type<ChannelKind>().notNull(),
  event: text().notNull(),
  scriptId: integer('script_id'),
  runId: integer('run_id'),
  scheduleId: integer('schedule_id'),
  title: text().notNull(),
  body: text().notNull(),
  facts: text({ mode: 'json' }).$type<Record<string, string>>().notNull(),
  /** Sealed: the address of a heartbeat. */
  target: blob({ mode: 'buffer' }).$type<Uint8Array>(),
  state: text().$type<DeliveryState>().notNull(),
  /** Deliveries of one lane are sent one after the other: of a channel, of NOTIFY_URL, of the heartbeats of a schedule. */
  lane: text().notNull(),
  attempts: integer().notNull().default(0),
  /** When it is tried; null: not any more. */
  nextAt: integer('next_at'),
  /** Since when it may be sent, for the limit of an hour; null while it is held, and of what no limit counts. */
  queuedAt: integer('queued_at'),
  status: integer(),
  problem: text(),
  answer: text(),
  durationMs: integer('duration_ms'),
  createdAt: integer('created_at').notNull(),
  finishedAt: integer('finished_at'),
  redeliveryOf: integer('redelivery_of'),
})

export type ChannelRow = typeof channels.$inferSelect
export type RuleRow = typeof notifyRules.$inferSelect
export type DeliveryRow = typeof deliveries.$inferSelect
