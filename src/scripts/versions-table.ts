import { blob, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'

export const versionHows = ['created', 'saved', 'restored', 'uploaded', 'imported', 'disk'] as const
/** How a version came to be; `disk`: by somebody who wrote the file itself. */
export type VersionHow = (typeof versionHows)[number]

/** Shared by all versions that are the same, of whatever script; a trigger removes what no version has. */
export const contents = sqliteTable('script_contents', {
  /** SHA-256, hexadecimal. */
  hash: text().primaryKey(),
  /** The file's bytes, by zstd. */
  packed: blob({ mode: 'buffer' }).notNull(),
})

export const versions = sqliteTable(
  'script_versions',
  {
    scriptId: integer('script_id').notNull(),
    /** Counted for each script from 1, and never given twice: only the oldest go. */
    number: integer().notNull(),
    hash: text().notNull(),
    bytes: integer().notNull(),
    how: text().$type<VersionHow>().notNull(),
    /** Name of the caller, as in the audit log; null for the disk. */
    author: text(),
    restoredFrom: integer('restored_from'),
    /** Against the one before; null where that took too long to find out. */
    linesAdded: integer('lines_added'),
    linesRemoved: integer('lines_removed'),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.scriptId, table.number] })],
)

export type VersionRow = typeof versions.$inferSelect
