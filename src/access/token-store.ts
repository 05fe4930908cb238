/** Every query on the api_tokens table. */
import { count, desc, eq, isNotNull, sql } from 'drizzle-orm'
import type { Db } from '../db/open.ts'
import { type ApiTokenRow, apiTokens, type UserRow, users } from './table.ts'

export type NewToken = typeof apiTokens.$inferInsert

/** Of one answer. */
const listedMax = 1000

export function createTokenStore(db: Db) {
  const byHash = db
    .select({ token: apiTokens, user: users })
    .from(apiTokens)
    .innerJoin(users, eq(users.id, apiTokens.userId))
    .where(eq(apiTokens.tokenHash, sql.placeholder('hash')))
    .prepare()

  return {
    /** Asked for every request with a token. */
    byHash: (hash: string): { token: ApiTokenRow; user: UserRow } | undefined => byHash.get({ hash }),
    get: (id: number): ApiTokenRow | undefined => db.select().from(apiTokens).where(eq(apiTokens.id, id)).get(),
    insert: (values: NewToken): ApiTokenRow => db.insert(apiTokens).values(values).returning().get(),
    touch(id: number, now: number, address: string | null) {
      db.update(apiTokens).set({ lastUsedAt: now, lastUsedAddress: address }).where(eq(apiTokens.id, id)).run()
    },
    /** The newest first; of one user, or of all. */
    list: (userId: number | null): { token: ApiTokenRow; user: string }[] =>
      db
        .select({ token: apiTokens, user: users.name })
        .from(apiTokens)
        .innerJoin(users, eq(users.id, apiTokens.userId))
        .where(userId === null ? undefined : eq(apiTokens.userId, userId))
        .orderBy(desc(apiTokens.id))
        .limit(listedMax)
        .all(),
    count: (userId: number): number =>
      db.select({ n: count() }).from(apiTokens).where(eq(apiTokens.userId, userId)).get()?.n ?? 0,
    limited: (): ApiTokenRow[] => db.select().from(apiTokens).where(isNotNull(apiTokens.scriptIds)).all(),
    setScripts(id: number, scriptIds: number[]) {
      db.update(apiTokens).set({ scriptIds }).where(eq(apiTokens.id, id)).run()
    },
    /** Whether there was one. */
    remove: (id: number): boolean =>
      db.delete(apiTokens).where(eq(apiTokens.id, id)).returning({ id: apiTokens.id }).all().length > 0,
  }
}
