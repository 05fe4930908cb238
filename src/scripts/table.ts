import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { ArgsMap, RuntimeName } from './model.ts'
import type { Policy } from './policy-model.ts'

export const scripts = sqliteTable('scripts', {
  id: integer().primaryKey({ autoIncrement: true }),
  runtime: text().$type<RuntimeName>().notNull(),
  /** Path inside the runtime's folder, with `/`. */
  filename: text().notNull(),
  slug: text().notNull(),
  alias: text(),
  description: text().notNull().default(''),
  /** First line of the file's docstring or leading comment: shown while `description` is empty. */
  fileDescription: text('file_description').notNull().default(''),
  tags: text({ mode: 'json' }).$type<string[]>().notNull().default([]),
  enabled: integer({ mode: 'boolean' }).notNull().default(true),
  missingSince: integer('missing_since'),
  error: text(),
  warnings: text({ mode: 'json' }).$type<string[]>().notNull().default([]),
  /** The schema in force: the sidecar's, or the script's own answer. */
  params: text({ mode: 'json' }).$type<ArgsMap>().notNull().default({}),
  /** What the script itself answered to --_sys_get_schema; null when it was not asked or did not answer. */
  ownParams: text('own_params', { mode: 'json' }).$type<ArgsMap>(),
  /** Why the script gave no answer, in a sentence; null when it gave one or was not asked. */
  ownError: text('own_error'),
  /** Hash of the answer that the user decided against: while it stays the same, the difference is not reported. */
  ownRejectedHash: text('own_rejected_hash'),
  /** Hash of the sidecar's content while it is the scanner's to rewrite; null for one written by hand, or none. */
  sidecarOwnedHash: text('sidecar_owned_hash'),
  /** SHA-256 of the file, hexadecimal. */
  contentHash: text('content_hash').notNull().default(''),
  /** Size and times of the file when it was last read: equal means unchanged, without reading. */
  fileStamp: text('file_stamp').notNull().default(''),
  sidecarStamp: text('sidecar_stamp').notNull().default(''),
  /** What the policy file says, empty where there is none; the last valid one while `error` says that it is not. */
  policy: text({ mode: 'json' }).$type<Policy>().notNull().default({}),
  policyStamp: text('policy_stamp').notNull().default(''),
  createdAt: integer('created_at').notNull(),
  updatedAt: integer('updated_at').notNull(),
})

export type ScriptRow = typeof scripts.$inferSelect
