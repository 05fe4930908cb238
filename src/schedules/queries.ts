/** What the service asks of schedules and their occurrences, one function a question; the scheduler's own are in store.ts. */
import { and, asc, desc, eq, getTableColumns, inArray, isNotNull, type SQL, sql } from 'drizzle-orm'
import type { Db } from '../db/open.ts'
import type { RunStatus } from '../runs/model.ts'
import { runs } from '../runs/table.ts'
import type { AskedState } from './model.ts'
import { type OccurrenceRow, occurrences, type ScheduleRow, schedules } from './table.ts'
import type { SchedulePage } from './view-model.ts'

/** Ids as SQLite reads them: one parameter, however many they are. */
const oneOfIds = (column: SQL, ids: number[]) => sql`${column} IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`

export interface RowFilter {
  id?: number
  ids?: number[]
  scriptId?: number
  /** Of these scripts only. */
  scriptIds?: number[]
  state?: AskedState
  /** Text in the expression or the description, or any schedule of these scripts. */
  text?: { words: string; scriptIds: number[] }
}

export type NewSchedule = Omit<ScheduleRow, 'id'>
export type OccurrenceWithStatus = OccurrenceRow & { runStatus: RunStatus | null }
export type LastRunRow = { scheduleId: number | null } & Pick<
  typeof runs.$inferSelect,
  'id' | 'status' | 'queuedAt' | 'finishedAt' | 'durationMs'
>

export type ScheduleQueries = ReturnType<typeof createScheduleQueries>

export function createScheduleQueries(db: Db) {
  const given = sql.placeholder
  const one = db
    .select()
    .from(schedules)
    .where(and(eq(schedules.id, given('id')), eq(schedules.scriptId, given('scriptId'))))
    .prepare()
  const fit = db
    .update(schedules)
    .set({
      params: sql`${given('params')}`,
      problems: sql`${given('problems')}`,
      updatedAt: sql`${given('updatedAt')}`,
    })
    .where(eq(schedules.id, given('id')))
    .prepare()
  const lastRuns = db
    .select({
      scheduleId: runs.scheduleId,
      ...{ id: runs.id, status: runs.status, queuedAt: runs.queuedAt },
      ...{ finishedAt: runs.finishedAt, durationMs: runs.durationMs },
    })
    .from(runs)
    .where(
      sql`${runs.id} IN (SELECT (SELECT max(id) FROM runs WHERE schedule_id = value) FROM json_each(${given('ids')}))`,
    )
    .prepare()
  const missed = db
    .select({ scheduleId: occurrences.scheduleId, count: sql<number>`sum(${occurrences.count})` })
    .from(occurrences)
    .where(and(isUnseen, sql`${occurrences.scheduleId} IN (SELECT value FROM json_each(${given('ids')}))`))
    .groupBy(occurrences.scheduleId)
    .prepare()
  const count = (filter: RowFilter) =>
    db.select({ n: sql<number>`count(*)` }).from(schedules).where(conditions(filter)).get()!.n

  return {
    transaction: <T>(work: () => T): T => db.transaction(work),

    get: (scriptId: number, id: number): ScheduleRow | undefined => one.get({ scriptId, id }),

    /** Their numbers are sorted, and the rows of the page alone are read whole: of page 100 that takes half as long. */
    list(filter: RowFilter, { limit, offset, order = 'id' }: SchedulePage): ScheduleRow[] {
      const page = db
        .select({ id: schedules.id })
        .from(schedules)
        .where(conditions(filter))
        .orderBy(...orders[order])
        .limit(limit)
        .offset(offset)
      return db
        .select()
        .from(schedules)
        .where(inArray(schedules.id, page))
        .orderBy(...orders[order])
        .all()
    },

    count,

    /** With its number where it had one. */
    insert: (row: NewSchedule & { id?: number }): ScheduleRow => db.insert(schedules).values(row).returning().get(),

    update: (id: number, changes: Partial<NewSchedule>): ScheduleRow =>
      db.update(schedules).set(changes).where(eq(schedules.id, id)).returning().get()!,

    /** Its occurrences go with it; its runs stay. */
    remove: (id: number) => db.delete(schedules).where(eq(schedules.id, id)).run(),

    ofScripts: (scriptIds: number[]): ScheduleRow[] =>
      db
        .select()
        .from(schedules)
        .where(oneOfIds(sql`${schedules.scriptId}`, scriptIds))
        .orderBy(schedules.id)
        .all(),

    /** What the schema of its script comes to. */
    setFit: (id: number, { params, problems, updatedAt }: Pick<ScheduleRow, 'params' | 'problems' | 'updatedAt'>) =>
      fit.run({ id, params: JSON.stringify(params), problems: JSON.stringify(problems), updatedAt }),

    /** The newest run of each. */
    lastRuns: (ids: number[]): LastRunRow[] => lastRuns.all({ ids: JSON.stringify(ids) }),

    /** How many were missed and not seen. */
    missed: (ids: number[]): { scheduleId: number; count: number }[] => missed.all({ ids: JSON.stringify(ids) }),

    missedOf: (filter: RowFilter): number =>
      db
        .select({ n: sql<number>`coalesce(sum(${occurrences.count}), 0)` })
        .from(occurrences)
        .where(and(isUnseen, ofSchedules(filter)))
        .get()!.n,

    /** Answers how many occurrences were marked. */
    markSeen: (filter: RowFilter): number =>
      db
        .update(occurrences)
        .set({ isSeen: true })
        .where(and(isUnseen, ofSchedules(filter)))
        .returning({ id: occurrences.id })
        .all().length,

    /** Newest first. */
    occurrences: (scheduleId: number, page: { limit: number; offset: number }): OccurrenceWithStatus[] =>
      db
        .select({ ...getTableColumns(occurrences), runStatus: runs.status })
        .from(occurrences)
        .leftJoin(runs, eq(runs.id, occurrences.runId))
        .where(eq(occurrences.scheduleId, scheduleId))
        .orderBy(desc(occurrences.id))
        .limit(page.limit)
        .offset(page.offset)
        .all(),

    countOccurrences: (scheduleId: number): number =>
      db.select({ n: sql<number>`count(*)` }).from(occurrences).where(eq(occurrences.scheduleId, scheduleId)).get()!.n,

    /** Those that are fired first, by the index that the scheduler has: jitter aside, those that are due first. */
    firing: (filter: RowFilter, limit: number): ScheduleRow[] =>
      db
        .select()
        .from(schedules)
        .where(and(conditions({ ...filter, state: 'active' }), isNotNull(schedules.fireAt)))
        .orderBy(asc(schedules.fireAt))
        .limit(limit)
        .all(),

    /** How they stand, in one look at all of them. */
    counts(filter: RowFilter): { active: number; broken: number; nextAt: number | null } {
      const { active, broken } = inState
      return db
        .select({
          active: sql<number>`coalesce(sum(${active}), 0)`,
          broken: sql<number>`coalesce(sum(${broken}), 0)`,
          nextAt: sql<number | null>`min(CASE WHEN ${active} THEN ${schedules.nextAt} END)`,
        })
        .from(schedules)
        .where(conditions(filter))
        .get()!
    },

    /** When each script that has any that runs is due next, in no order. */
    dueByScript: (filter: RowFilter): { scriptId: number; nextAt: number }[] =>
      db
        .select({ scriptId: schedules.scriptId, nextAt: sql<number>`min(${schedules.nextAt})` })
        .from(schedules)
        .where(conditions({ ...filter, state: 'active' }))
        .groupBy(schedules.scriptId)
        .all(),

    soonest(filter: RowFilter, { limit, isPerScript }: { limit: number; isPerScript: boolean }) {
      const { id, scriptId, timing, timezone, description, nextAt } = schedules
      const query = db
        // Beside min(), SQLite takes the other columns from the row that has it.
        .select({
          ...{ id, scriptId, timing, timezone, description },
          nextAt: isPerScript ? sql<number>`min(${nextAt})` : nextAt,
        })
        .from(schedules)
        .where(conditions({ ...filter, state: 'active' }))
      const rows = isPerScript ? query.groupBy(scriptId) : query
      return rows
        .orderBy(asc(isPerScript ? sql`min(${nextAt})` : nextAt), id)
        .limit(limit)
        .all()
    },
  }
}

/** What runs, by its next time; then what does not run now, and last what never will. */
const orders = {
  id: [asc(schedules.id)],
  next: [
    sql`CASE WHEN ${schedules.enabled} = 0 THEN 2 WHEN ${schedules.nextAt} IS NULL THEN 3 WHEN ${schedules.problems} <> '[]' THEN 1 ELSE 0 END`,
    asc(schedules.nextAt),
    asc(schedules.id),
  ],
}

const isUnseen = and(eq(occurrences.state, 'missed'), eq(occurrences.isSeen, false))

function ofSchedules(filter: RowFilter): SQL | undefined {
  const where = conditions(filter)
  return where && sql`${occurrences.scheduleId} IN (SELECT ${schedules.id} FROM ${schedules} WHERE ${where})`
}

/** Which rows are in a state: `stateOf` in shown.ts says the same of one row. */
const inState: Record<AskedState, SQL> = {
  paused: sql`${schedules.enabled} = 0`,
  ended: sql`${schedules.enabled} = 1 AND ${schedules.nextAt} IS NULL`,
  broken: sql`${schedules.enabled} = 1 AND ${schedules.nextAt} IS NOT NULL AND ${schedules.problems} <> '[]'`,
  active: sql`${schedules.enabled} = 1 AND ${schedules.nextAt} IS NOT NULL AND ${schedules.problems} = '[]'`,
  missed: sql`${schedules.id} IN (SELECT ${occurrences.scheduleId} FROM ${occurrences} WHERE ${isUnseen})`,
}

function conditions({ id, ids, scriptId, scriptIds, state, text }: RowFilter): SQL | undefined {
  return and(
    id === undefined ? undefined : eq(schedules.id, id),
    ids && oneOfIds(sql`${schedules.id}`, ids),
    scriptId === undefined ? undefined : eq(schedules.scriptId, scriptId),
    scriptIds && oneOfIds(sql`${schedules.scriptId}`, scriptIds),
    state && inState[state],
    text && hasText(text),
  )
}

function hasText({ words, scriptIds }: NonNullable<RowFilter['text']>): SQL {
  const pattern = `%${words.replace(/[\\%_]/g, '\\$&')}%`
  const has = (column: typeof schedules.expression | typeof schedules.description) =>
    sql`${column} LIKE ${pattern} ESCAPE '\\'`
  return sql`(${has(schedules.expression)} OR ${has(schedules.description)} OR ${oneOfIds(sql`${schedules.scriptId}`, scriptIds)})`
}
