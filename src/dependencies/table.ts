import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { RuntimeName } from '../scripts/model.ts'
import type { InstallationStatus, InstallationTrigger, InstalledPackage } from './model.ts'

/** Times are milliseconds since 1970, UTC. */
export const installations = sqliteTable('installations', {
  id: integer().primaryKey({ autoIncrement: true }),
  runtime: text().$type<RuntimeName>().notNull(),
  environment: text().notNull(),
  status: text().$type<InstallationStatus>().notNull(),
  trigger: text().$type<InstallationTrigger>().notNull(),
  isUpdate: integer('is_update', { mode: 'boolean' }).notNull().default(false),
  scriptId: integer('script_id'),
  file: text().notNull(),
  requirements: text({ mode: 'json' }).$type<string[]>().notNull(),
  reason: text(),
  packages: text({ mode: 'json' }).$type<InstalledPackage[]>().notNull().default([]),
  bytes: integer(),
  queuedAt: integer('queued_at').notNull(),
  startedAt: integer('started_at'),
  finishedAt: integer('finished_at'),
  logLines: integer('log_lines').notNull().default(0),
  startedBy: text('started_by'),
})

export const environmentUses = sqliteTable('environment_uses', {
  environment: text().primaryKey(),
  usedAt: integer('used_at').notNull(),
})

export type InstallationRow = typeof installations.$inferSelect
export type NewInstallation = Pick<
  InstallationRow,
  'runtime' | 'environment' | 'trigger' | 'isUpdate' | 'scriptId' | 'file' | 'requirements' | 'queuedAt' | 'startedBy'
>
