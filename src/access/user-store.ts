/** Every query on the users table. */
import { and, count, eq, isNull, ne, or, sql } from 'drizzle-orm'
import type { Db } from '../db/open.ts'
import { type UserRow, users } from './table.ts'

export type NewUser = typeof users.$inferInsert
export type UserChanges = Partial<Omit<UserRow, 'id' | 'createdAt'>>

/** An administrator that can sign in: with a password, or through somebody else. */
const isAdministrator = and(
  eq(users.role, 'admin'),
  isNull(users.disabledAt),
  or(sql`${users.passwordHash} IS NOT NULL`, ne(users.source, 'password')),
)

export function createUserStore(db: Db) {
  const byName = db
    .select()
    .from(users)
    .where(eq(users.name, sql.placeholder('name'))) // the column compares without case
    .prepare()
  const byId = db
    .select()
    .from(users)
    .where(eq(users.id, sql.placeholder('id')))
    .prepare()

  return {
    /** By name. */
    all: (): UserRow[] => db.select().from(users).orderBy(sql`${users.name} COLLATE NOCASE`).all(),
    get: (id: number): UserRow | undefined => byId.get({ id }),
    /** Whatever the case. */
    byName: (name: string): UserRow | undefined => byName.get({ name }),
    withGrants: (): UserRow[] => db.select().from(users).where(sql`${users.grants} <> '[]'`).all(),
    count: (): number => db.select({ n: count() }).from(users).get()?.n ?? 0,
    /** How many there are that can sign in, beside one. */
    countAdministrators: (exceptId = 0): number =>
      db
        .select({ n: count() })
        .from(users)
        .where(and(isAdministrator, ne(users.id, exceptId)))
        .get()?.n ?? 0,
    insert: (values: NewUser): UserRow => db.insert(users).values(values).returning().get(),
    update(id: number, changes: UserChanges) {
      db.update(users).set(changes).where(eq(users.id, id)).run()
    },
    /** Its sessions and tokens go with it. Whether there was one. */
    remove: (id: number): boolean =>
      db.delete(users).where(eq(users.id, id)).returning({ id: users.id }).all().length > 0,
    touch(id: number, now: number) {
      db.update(users).set({ lastSeenAt: now }).where(eq(users.id, id)).run()
    },
    /** Takes the step of a code; false when it, or a later one, has been taken before: also by who asked at the same time. */
    takeStep: (id: number, step: number): boolean =>
      db
        .update(users)
        .set({ totpLastStep: step })
        .where(and(eq(users.id, id), sql`${users.totpLastStep} < ${step}`))
        .returning({ id: users.id })
        .get() !== undefined,
    /** Replaces the recovery codes; false when they are no more the ones that were read. */
    replaceRecoveryCodes: (id: number, before: string[], after: string[]): boolean =>
      db
        .update(users)
        .set({ recoveryCodes: after })
        .where(and(eq(users.id, id), eq(users.recoveryCodes, before)))
        .returning({ id: users.id })
        .get() !== undefined,
  }
}
