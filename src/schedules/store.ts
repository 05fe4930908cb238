/** What the scheduler asks and writes, one function a question; each that every firing needs is prepared once. */
import { and, asc, desc, eq, gt, inArray, isNull, lte, or, sql } from 'drizzle-orm'
import type { Db } from '../db/open.ts'
import type { OccurrenceState } from './model.ts'
import { type OccurrenceRow, occurrences, type ScheduleRow, scheduler, schedules } from './table.ts'

export type NewOccurrence = Pick<OccurrenceRow, 'scheduleId' | 'scriptId' | 'dueAt' | 'claimedAt' | 'state'> &
  Partial<Pick<OccurrenceRow, 'reason' | 'isManual' | 'count' | 'lastDueAt' | 'askedBy' | 'runId'>>

export type OccurrenceChange = Partial<Pick<OccurrenceRow, 'state' | 'reason' | 'runId' | 'attempt' | 'retryAt'>>

/** Ones that are not over: of a schedule that has one, `overlap` says what becomes of the next. */
const openStates: OccurrenceState[] = ['claimed', 'waiting', 'started']

export type SchedulerStore = ReturnType<typeof createSchedulerStore>

export function createSchedulerStore(db: Db) {
  const given = sql.placeholder
  const due = db
    .select()
    .from(schedules)
    .where(and(lte(schedules.fireAt, given('now')), gt(schedules.fireAt, given('after'))))
    .orderBy(asc(schedules.fireAt), asc(schedules.id))
    .limit(given('limit'))
    .prepare()
  const soonest = db
    .select({ at: sql<number | null>`min(${schedules.fireAt})` })
    .from(schedules)
    .where(gt(schedules.fireAt, given('after')))
    .prepare()
  const soonestRetry = db
    .select({ at: sql<number | null>`min(${occurrences.retryAt})` })
    .from(occurrences)
    .where(gt(occurrences.retryAt, given('after')))
    .prepare()
  const insertion = db
    .insert(occurrences)
    .values({
      ...{ scheduleId: given('scheduleId'), scriptId: given('scriptId'), dueAt: given('dueAt') },
      ...{ isManual: sql`${given('isManual')}`, claimedAt: given('claimedAt'), state: given('state') },
      ...{ reason: given('reason'), count: given('count'), lastDueAt: given('lastDueAt'), askedBy: given('askedBy') },
    })
    // What did not run while the clock was ahead is due again when that is put right.
    .onConflictDoUpdate({
      target: [occurrences.scheduleId, occurrences.dueAt],
      targetWhere: sql`is_manual = 0`,
      set: {
        ...{ claimedAt: sql`excluded.claimed_at`, state: sql`excluded.state`, reason: sql`excluded.reason` },
        ...{ count: sql`excluded.count`, lastDueAt: sql`excluded.last_due_at`, isSeen: false },
      },
      setWhere: sql`occurrences.state IN ('missed', 'skipped') AND occurrences.run_id IS NULL
        AND occurrences.claimed_at > excluded.claimed_at`,
    })
    .returning()
    .prepare()
  const move = db
    .update(schedules)
    .set({ nextAt: sql`${given('nextAt')}`, fireAt: sql`${given('fireAt')}` })
    .where(and(eq(schedules.id, given('id')), eq(schedules.nextAt, given('from'))))
    .returning({ id: schedules.id })
    .prepare()
  const start = db
    .update(occurrences)
    .set({ state: 'started', reason: null, runId: sql`${given('runId')}`, retryAt: null })
    .where(eq(occurrences.id, given('id')))
    .prepare()

  return {
    transaction: <T>(work: () => T): T => db.transaction(work),

    get: (id: number): ScheduleRow | undefined => db.select().from(schedules).where(eq(schedules.id, id)).get(),

    /** Fired at `now` or before, and later than `after`; the first ones first. */
    due: (now: number, after: number, limit: number): ScheduleRow[] => due.all({ now, after, limit }),

    /** When the next schedule is fired, or the next retry is due, later than `after`; null: never. */
    soonest(after: number): number | null {
      const times = [soonest.get({ after })?.at ?? null, soonestRetry.get({ after })?.at ?? null].filter(
        (at) => at !== null,
      )
      return times.length === 0 ? null : Math.min(...times)
    },

    /** Whether there is anything to do, now or ever. */
    hasAny: () => db.select({ id: schedules.id }).from(schedules).limit(1).get() !== undefined,

    /** Notes an occurrence; null where it was noted already: nobody else may start it. */
    note: (row: NewOccurrence): OccurrenceRow | null =>
      insertion.get({
        ...{ reason: null, count: 1, lastDueAt: null, askedBy: null },
        ...row,
        isManual: row.isManual ? 1 : 0,
      }) ?? null,

    /** From one time to the next; false where somebody else was quicker, or the schedule was changed. */
    move: (id: number, from: number, nextAt: number | null, fireAt: number | null): boolean =>
      move.get({ id, from, nextAt, fireAt }) !== undefined,

    /** Why the newest occurrence of a schedule did not run; null where it did, or where there is none. */
    lastSkip(scheduleId: number): string | null {
      const newest = db
        .select({ state: occurrences.state, reason: occurrences.reason })
        .from(occurrences)
        .where(eq(occurrences.scheduleId, scheduleId))
        .orderBy(desc(occurrences.id))
        .limit(1)
        .get()
      return newest?.state === 'skipped' ? newest.reason : null
    },

    /** It has a run. */
    started: (id: number, runId: number) => start.run({ id, runId }),

    /** Answers whose it is. */
    change: (id: number, change: OccurrenceChange): Pick<OccurrenceRow, 'scheduleId' | 'scriptId'> | undefined =>
      db
        .update(occurrences)
        .set(change)
        .where(eq(occurrences.id, id))
        .returning({ scheduleId: occurrences.scheduleId, scriptId: occurrences.scriptId })
        .get(),

    dueRetries: (now: number, limit: number): OccurrenceRow[] =>
      db
        .select()
        .from(occurrences)
        .where(lte(occurrences.retryAt, now))
        .orderBy(occurrences.retryAt)
        .limit(limit)
        .all(),

    /** Takes a retry that is due, so that nobody else does; false where somebody has. */
    takeRetry: ({ id, retryAt }: OccurrenceRow, attempt: number): boolean =>
      db
        .update(occurrences)
        .set({ retryAt: null, state: 'claimed', attempt })
        .where(and(eq(occurrences.id, id), eq(occurrences.retryAt, retryAt!)))
        .returning({ id: occurrences.id })
        .get() !== undefined,

    /** Not over, in the order they came. */
    open: (): OccurrenceRow[] =>
      db.select().from(occurrences).where(inArray(occurrences.state, openStates)).orderBy(occurrences.id).all(),

    /** One that is not over. */
    openOne: (id: number): OccurrenceRow | undefined =>
      db
        .select()
        .from(occurrences)
        .where(and(eq(occurrences.id, id), inArray(occurrences.state, openStates)))
        .get(),

    /** Enabled ones from `afterId` on whose next time may not be what it should be: for a clock or time zones that changed. */
    toCheck: (afterId: number, now: number, limit: number): ScheduleRow[] =>
      db
        .select()
        .from(schedules)
        .where(
          and(
            gt(schedules.id, afterId),
            eq(schedules.enabled, true),
            or(isNull(schedules.nextAt), gt(schedules.fireAt, now)),
          ),
        )
        .orderBy(schedules.id)
        .limit(limit)
        .all(),

    /** It cannot be fired: others are first, and it is tried again at `fireAt`. */
    postpone: (id: number, fireAt: number) => db.update(schedules).set({ fireAt }).where(eq(schedules.id, id)).run(),

    setNext: (id: number, nextAt: number | null, fireAt: number | null) =>
      db.update(schedules).set({ nextAt, fireAt }).where(eq(schedules.id, id)).run(),

    /** Removes traces from before; those that are not over stay. Answers how many. */
    removeBefore: (claimedAt: number, limit: number): number =>
      db
        .delete(occurrences)
        .where(
          sql`${occurrences.id} IN (SELECT id FROM occurrences WHERE claimed_at < ${claimedAt}
              AND state NOT IN ('claimed', 'waiting', 'started') ORDER BY claimed_at LIMIT ${limit})`,
        )
        .returning({ id: occurrences.id })
        .all().length,

    /** Removes the oldest traces of a schedule that has more than `kept`. Answers how many. */
    removeBeyond: (scheduleId: number, kept: number, limit: number): number =>
      db
        .delete(occurrences)
        .where(
          sql`${occurrences.id} IN (SELECT id FROM occurrences WHERE schedule_id = ${scheduleId}
              AND id <= (SELECT id FROM occurrences WHERE schedule_id = ${scheduleId} ORDER BY id DESC LIMIT 1 OFFSET ${kept})
              AND state NOT IN ('claimed', 'waiting', 'started') ORDER BY id LIMIT ${limit})`,
        )
        .returning({ id: occurrences.id })
        .all().length,

    lease: () => db.select().from(scheduler).get(),

    /** Takes the lease as it was seen; false where somebody else has it by now. `seen` undefined: there was none. */
    takeLease(mine: typeof scheduler.$inferInsert, seen: { owner: string; seenAt: number } | undefined): boolean {
      if (!seen) return db.insert(scheduler).values(mine).onConflictDoNothing().returning().get() !== undefined
      const isAsSeen = and(eq(scheduler.owner, seen.owner), eq(scheduler.seenAt, seen.seenAt))
      return db.update(scheduler).set(mine).where(isAsSeen).returning().get() !== undefined
    },

    /** False where somebody else has taken it. */
    renewLease: (owner: string, seenAt: number): boolean =>
      db.update(scheduler).set({ seenAt }).where(eq(scheduler.owner, owner)).returning().get() !== undefined,

    dropLease: (owner: string) => db.delete(scheduler).where(eq(scheduler.owner, owner)).run(),
  }
}
