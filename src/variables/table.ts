import { blob, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'

export const variables = sqliteTable('variables', {
  id: integer().primaryKey({ autoIncrement: true }),
  /** 0: everybody's. */
  scriptId: integer('script_id').notNull().default(0),
  name: text().notNull(),
  isSecret: integer('is_secret', { mode: 'boolean' }).notNull().default(false),
  /** UTF-8; sealed where it is secret. */
  value: blob({ mode: 'buffer' }).notNull(),
  createdAt: integer('created_at').notNull(),
  updatedAt: integer('updated_at').notNull(),
})

export type VariableRow = typeof variables.$inferSelect
