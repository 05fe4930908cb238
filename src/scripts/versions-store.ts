/** Every query on the versions of scripts. */
import { and, count, desc, eq, lt, lte, sql } from 'drizzle-orm'
import type { Db } from '../db/open.ts'
import { scripts } from './table.ts'
import { contents, type VersionRow, versions } from './versions-table.ts'

export type VersionStore = ReturnType<typeof createVersionStore>

export function createVersionStore(db: Db) {
  const of = (scriptId: number, number: number) => and(eq(versions.scriptId, scriptId), eq(versions.number, number))
  const newest = db
    .select()
    .from(versions)
    .where(eq(versions.scriptId, sql.placeholder('scriptId')))
    .orderBy(desc(versions.number))
    .limit(1)
    .prepare()
  const insert = db
    .insert(versions)
    .values({
      scriptId: sql.placeholder('scriptId'),
      number: sql.placeholder('number'),
      hash: sql.placeholder('hash'),
      bytes: sql.placeholder('bytes'),
      how: sql.placeholder('how'),
      author: sql.placeholder('author'),
      restoredFrom: sql.placeholder('restoredFrom'),
      linesAdded: sql.placeholder('linesAdded'),
      linesRemoved: sql.placeholder('linesRemoved'),
      createdAt: sql.placeholder('createdAt'),
    })
    .prepare()
  const keepContent = db
    .insert(contents)
    .values({ hash: sql.placeholder('hash'), packed: sql.placeholder('packed') })
    .onConflictDoNothing()
    .prepare()
  const hasContent = db
    .select({ hash: contents.hash })
    .from(contents)
    .where(eq(contents.hash, sql.placeholder('hash')))
    .prepare()

  return {
    newest: (scriptId: number): VersionRow | undefined => newest.get({ scriptId }),
    get: (scriptId: number, number: number): VersionRow | undefined =>
      db.select().from(versions).where(of(scriptId, number)).get(),
    /** The one before it that is kept. */
    before: (scriptId: number, number: number): VersionRow | undefined =>
      db
        .select()
        .from(versions)
        .where(and(eq(versions.scriptId, scriptId), lt(versions.number, number)))
        .orderBy(desc(versions.number))
        .limit(1)
        .get(),
    /** The newest first. */
    list: (scriptId: number, { limit, offset }: { limit: number; offset: number }): VersionRow[] =>
      db
        .select()
        .from(versions)
        .where(eq(versions.scriptId, scriptId))
        .orderBy(desc(versions.number))
        .limit(limit)
        .offset(offset)
        .all(),
    count: (scriptId: number): number =>
      db.select({ n: count() }).from(versions).where(eq(versions.scriptId, scriptId)).get()?.n ?? 0,
    /** The newest of a script that has this content. */
    withHash: (scriptId: number, hash: string): VersionRow | undefined =>
      db
        .select()
        .from(versions)
        .where(and(eq(versions.hash, hash), eq(versions.scriptId, scriptId)))
        .orderBy(desc(versions.number))
        .limit(1)
        .get(),
    hasContent: (hash: string): boolean => hasContent.get({ hash }) !== undefined,
    packed: (hash: string): Uint8Array | undefined =>
      db.select({ packed: contents.packed }).from(contents).where(eq(contents.hash, hash)).get()?.packed,
    keepContent: (hash: string, packed: Uint8Array) => void keepContent.run({ hash, packed: Buffer.from(packed) }),
    insert: (row: VersionRow) => void insert.run(row),
    update: (scriptId: number, number: number, changes: Partial<VersionRow>) =>
      void db.update(versions).set(changes).where(of(scriptId, number)).run(),
    removeUpTo: (scriptId: number, number: number) =>
      void db
        .delete(versions)
        .where(and(eq(versions.scriptId, scriptId), lte(versions.number, number)))
        .run(),
    /** Ids of scripts that have none, as it is before their file was ever read, or after an update of the gateway. */
    scriptsWithout: (): number[] =>
      db
        .select({ id: scripts.id })
        .from(scripts)
        .where(sql`NOT EXISTS (SELECT 1 FROM ${versions} WHERE ${versions.scriptId} = ${scripts.id})`)
        .all()
        .map(({ id }) => id),
    /** All of it or nothing, and one write to the disk. */
    transaction: <T>(act: () => T): T => db.transaction(act),
  }
}
