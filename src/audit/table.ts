import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'

/** Append only: triggers refuse changes, and removal of anything but the oldest (see 0008_access.sql). */
export const audit = sqliteTable('audit', {
  id: integer().primaryKey({ autoIncrement: true }),
  /** Milliseconds since 1970, UTC. */
  at: integer().notNull(),
  actor: text().notNull(),
  actorKind: text('actor_kind').notNull(),
  userId: integer('user_id'),
  tokenId: integer('token_id'),
  address: text(),
  action: text().notNull(),
  objectType: text('object_type'),
  objectId: text('object_id'),
  objectName: text('object_name'),
  status: integer(),
  /** JSON texts, as they were hashed. */
  before: text(),
  after: text(),
  previousHash: text('previous_hash').notNull(),
  hash: text().notNull(),
})

export type AuditRow = typeof audit.$inferSelect
