/** Every query on the scripts table. */
import { eq, inArray, sql } from 'drizzle-orm'
import type { Db } from '../db/open.ts'
import { awaitingWords } from './question-start.ts'
import { type ScriptRow, scripts } from './table.ts'

export type NewScript = typeof scripts.$inferInsert
export type ScriptChanges = Partial<Omit<ScriptRow, 'id'>>

/** What a scan compares every file with; the rest of a row is read only for files that changed. */
export type ScriptStamp = Pick<
  ScriptRow,
  'id' | 'runtime' | 'filename' | 'fileStamp' | 'sidecarStamp' | 'policyStamp' | 'missingSince'
> & {
  isBroken: boolean
  /** It was asked in vain, for packages that were not installed yet. */
  isAwaiting: boolean
}

export type ScriptStore = ReturnType<typeof createScriptStore>

export function createScriptStore(db: Db) {
  const stamps = db
    .select({
      id: scripts.id,
      runtime: scripts.runtime,
      filename: scripts.filename,
      fileStamp: scripts.fileStamp,
      sidecarStamp: scripts.sidecarStamp,
      policyStamp: scripts.policyStamp,
      missingSince: scripts.missingSince,
      isBroken: sql<number>`${scripts.error} IS NOT NULL`.mapWith(Boolean),
      isAwaiting: sql<number>`coalesce(instr(${scripts.ownError}, ${awaitingWords}), 0) > 0`.mapWith(Boolean),
    })
    .from(scripts)
    .orderBy(scripts.id)
    .prepare()
  const bySlug = db
    .select({ id: scripts.id })
    .from(scripts)
    .where(eq(scripts.slug, sql.placeholder('slug')))
    .prepare()

  return {
    all: (): ScriptRow[] => db.select().from(scripts).orderBy(scripts.id).all(),
    /** Those of them that exist. */
    getMany: (ids: number[]): ScriptRow[] => db.select().from(scripts).where(inArray(scripts.id, ids)).all(),
    get: (id: number): ScriptRow | undefined => db.select().from(scripts).where(eq(scripts.id, id)).get(),
    stamps: (): ScriptStamp[] => stamps.all(),
    isSlugTaken: (slug: string): boolean => bySlug.get({ slug }) !== undefined,
    insert: (values: NewScript): ScriptRow => db.insert(scripts).values(values).returning().get(),
    update(id: number, changes: ScriptChanges) {
      db.update(scripts).set(changes).where(eq(scripts.id, id)).run()
    },
    remove: (id: number) => void db.delete(scripts).where(eq(scripts.id, id)).run(),
    /** All of it or nothing, and one write to the disk. */
    transaction: <T>(act: () => T): T => db.transaction(act),
  }
}
