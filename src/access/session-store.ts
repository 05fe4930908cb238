/** Every query on the sessions table. */
import { and, desc, eq, inArray, lte, ne, or, sql } from 'drizzle-orm'
import type { Db } from '../db/open.ts'
import { type SessionRow, sessions, type UserRow, users } from './table.ts'

export type NewSession = typeof sessions.$inferInsert

/** Of one answer. */
const listedMax = 1000

export function createSessionStore(db: Db) {
  const byHash = db
    .select({ session: sessions, user: users })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(eq(sessions.tokenHash, sql.placeholder('hash')))
    .prepare()
  const ids = { id: sessions.id }

  return {
    /** Asked for every request of a browser. */
    byHash: (hash: string): { session: SessionRow; user: UserRow } | undefined => byHash.get({ hash }),
    insert: (values: NewSession): SessionRow => db.insert(sessions).values(values).returning().get(),
    touch(id: number, now: number) {
      db.update(sessions).set({ lastSeenAt: now }).where(eq(sessions.id, id)).run()
    },
    /** The newest first; of one user, or of all. */
    list: (userId: number | null): { session: SessionRow; user: string }[] =>
      db
        .select({ session: sessions, user: users.name })
        .from(sessions)
        .innerJoin(users, eq(users.id, sessions.userId))
        .where(userId === null ? undefined : eq(sessions.userId, userId))
        .orderBy(desc(sessions.lastSeenAt), desc(sessions.id))
        .limit(listedMax)
        .all(),
    addresses: (userId: number): (string | null)[] =>
      db
        .selectDistinct({ address: sessions.address })
        .from(sessions)
        .where(eq(sessions.userId, userId))
        .all()
        .map(({ address }) => address),
    /** Whether there was one; with `userId` only where it is that user's. */
    remove: (id: number, userId: number | null): boolean =>
      db
        .delete(sessions)
        .where(and(eq(sessions.id, id), userId === null ? undefined : eq(sessions.userId, userId)))
        .returning(ids)
        .all().length > 0,
    /** How many there were. */
    removeOf: (userId: number, exceptId: number | null): number =>
      db
        .delete(sessions)
        .where(and(eq(sessions.userId, userId), ne(sessions.id, exceptId ?? 0)))
        .returning(ids)
        .all().length,
    /** All but the newest `count` of a user. */
    removeOldest(userId: number, count: number) {
      const newest = db
        .select(ids)
        .from(sessions)
        .where(eq(sessions.userId, userId))
        .orderBy(desc(sessions.lastSeenAt), desc(sessions.id))
        .limit(count)
      db.delete(sessions)
        .where(and(eq(sessions.userId, userId), sql`${sessions.id} NOT IN ${newest}`))
        .run()
    },
    /** At most `count` that ended by `now`, or were last seen by `seenMin`. How many there were. */
    removeEnded({ now, seenMin, count }: { now: number; seenMin: number; count: number }): number {
      const ended = db
        .select(ids)
        .from(sessions)
        .where(or(lte(sessions.expiresAt, now), lte(sessions.lastSeenAt, seenMin)))
        .limit(count)
      return db.delete(sessions).where(inArray(sessions.id, ended)).returning(ids).all().length
    },
  }
}
