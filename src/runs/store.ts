/** Every query on runs, one function a question. */
import {
  and,
  desc,
  eq,
  getTableColumns,
  gt,
  gte,
  inArray,
  isNotNull,
  isNull,
  lt,
  lte,
  or,
  type SQL,
  sql,
} from 'drizzle-orm'
import type { Db } from '../db/open.ts'
import type { RunStatus, Trigger } from './model.ts'
import { type RunRow, runs } from './table.ts'
import { createRunWrites } from './writes.ts'

export type { NewRun, RunEnd } from './writes.ts'

export interface RunFilter {
  scriptId?: number
  /** Of these scripts only. */
  scriptIds?: number[]
  status?: RunStatus
  trigger?: Trigger
  /** The run that they repeat. */
  retryOf?: number
  /** The schedule that asked for them. */
  scheduleId?: number
  /** Of the attempts of a run the last one only. */
  isLastAttempt?: boolean
  /** Who asked for them. */
  askedBy?: string
  /** These alone. */
  ids?: number[]
  /** Accepted at or after, at or before; milliseconds since 1970. */
  from?: number
  to?: number
  /** Text in the parameters, the reason or the last of stderr. */
  q?: string
  /** Older, or newer, than this run. */
  beforeId?: number
  afterId?: number
}

/** A result in a list longer than this is left out there. */
const listedResultLengthMax = 4096

/** What is known of a run when its turn comes. */
export type Beginning = Pick<
  RunRow,
  'startedAt' | 'contentHash' | 'environmentHash' | 'packagesEnvironment' | 'request'
>

export type RunStore = ReturnType<typeof createRunStore>

export function createRunStore({ db }: { db: Db }) {
  const byId = db
    .select()
    .from(runs)
    .where(eq(runs.id, sql.placeholder('id')))
    .prepare()
  const byKey = db
    .select()
    .from(runs)
    .where(and(eq(runs.scriptId, sql.placeholder('scriptId')), eq(runs.idempotencyKey, sql.placeholder('key'))))
    .prepare()
  const scriptOf = db
    .select({ scriptId: runs.scriptId })
    .from(runs)
    .where(eq(runs.id, sql.placeholder('id')))
    .prepare()
  const sparks = db
    .select({ status: runs.status, durationMs: runs.durationMs })
    .from(runs)
    .where(and(eq(runs.scriptId, sql.placeholder('scriptId')), isNull(runs.nextAttemptId)))
    .orderBy(desc(runs.id))
    .limit(sql.placeholder('count'))
    .prepare()
  /** One seek for each script. */
  const last = db
    .select({
      scriptId: runs.scriptId,
      id: runs.id,
      status: runs.status,
      queuedAt: runs.queuedAt,
      finishedAt: runs.finishedAt,
      durationMs: runs.durationMs,
    })
    .from(sql`json_each(${sql.placeholder('scriptIds')}) wanted`)
    .innerJoin(runs, sql`${runs.id} = (SELECT max(id) FROM runs WHERE script_id = wanted.value)`)
    .prepare()

  const count = (where: SQL | undefined, from: typeof runs | SQL = runs) =>
    db.select({ n: sql<number>`count(*)` }).from(from).where(where).get()!.n
  /** The few that another attempt followed; SQLite would take the index of a status and read every run that has it. */
  const followed = sql`${runs} INDEXED BY runs_followed`

  return {
    ...createRunWrites({ db }),

    get: (id: number): RunRow | undefined => byId.get({ id }),

    scriptIdOf: (id: number): number | undefined => scriptOf.get({ id })?.scriptId,

    byIdempotencyKey: (scriptId: number, key: string): RunRow | undefined => byKey.get({ scriptId, key }),

    /** queued → running. Answers false when the run is not queued any more. */
    begin: (id: number, beginning: Beginning) =>
      db
        .update(runs)
        .set({ status: 'running', ...beginning })
        .where(and(eq(runs.id, id), eq(runs.status, 'queued')))
        .returning({ id: runs.id })
        .get() !== undefined,

    /** Newest first. */
    list(filter: RunFilter, { limit, offset = 0 }: { limit: number; offset?: number }): RunRow[] {
      const result = sql<
        string | null
      >`CASE WHEN length(${runs.result}) <= ${listedResultLengthMax} THEN ${runs.result} END`
      const query = db
        .select({ ...columns, result })
        .from(runs)
        .where(conditions(filter))
      const isNewer = filter.afterId !== undefined
      const rows = query
        .orderBy(isNewer ? runs.id : desc(runs.id))
        .limit(limit)
        .offset(offset)
        .all()
      return (isNewer ? rows.reverse() : rows).map((row) => ({
        ...row,
        request: null,
        result: row.result === null ? null : JSON.parse(row.result),
      }))
    },

    count({ isLastAttempt, ...filter }: RunFilter): number {
      const all = count(conditions(filter))
      return isLastAttempt ? all - count(and(conditions(filter), isNotNull(runs.nextAttemptId)), followed) : all
    },

    /** The newest `count` runs of a script, newest first; of one that was tried again the last attempt. */
    sparks: (scriptId: number, count: number) => sparks.all({ scriptId, count }),

    /** The newest run of each of these scripts, of those that have one. */
    last: (scriptIds: number[]) => last.all({ scriptIds: JSON.stringify(scriptIds) }),

    /** Ones that wait, in the order of their numbers. */
    queued: (): RunRow[] => db.select().from(runs).where(eq(runs.status, 'queued')).orderBy(runs.id).all(),

    /** Interrupted ones that are to be run again, in the order of their numbers. */
    toRetry: (): RunRow[] =>
      db
        .select()
        .from(runs)
        .where(and(eq(runs.status, 'interrupted'), isNotNull(runs.request)))
        .orderBy(runs.id)
        .all(),

    /** It is not run again after all, and says why. */
    giveUp: (id: number, reason: string) => db.update(runs).set({ request: null, reason }).where(eq(runs.id, id)).run(),

    /** Takes away what a run could be begun with again. */
    dropRequest: (id: number) => db.update(runs).set({ request: null }).where(eq(runs.id, id)).run(),

    transaction: <T>(work: () => T): T => db.transaction(work),

    /** All attempts of a run, whichever of them `id` is, in their order. */
    attemptsOf: (row: Pick<RunRow, 'id' | 'firstAttemptId'>): RunRow[] => {
      const first = row.firstAttemptId ?? row.id
      return db
        .select()
        .from(runs)
        .where(or(eq(runs.id, first), eq(runs.firstAttemptId, first)))
        .orderBy(runs.id)
        .all()
    },

    /** That another attempt follows, and when; null: none does. */
    setRetryAt: (id: number, retryAt: number | null) => db.update(runs).set({ retryAt }).where(eq(runs.id, id)).run(),

    /** The oldest runs of a script, at most `count`. */
    idsOf: (scriptId: number, count: number): number[] =>
      db
        .select({ id: runs.id })
        .from(runs)
        .where(eq(runs.scriptId, scriptId))
        .orderBy(runs.id)
        .limit(count)
        .all()
        .map(({ id }) => id),

    /** Of the script: its files are below it. */
    slugOf: (scriptId: number): string | undefined =>
      (
        db.$client.query('SELECT slug FROM scripts WHERE id = $scriptId').get({ scriptId } as never) as {
          slug: string
        } | null
      )?.slug,

    remove: (ids: number[]) => db.delete(runs).where(inArray(runs.id, ids)).run(),

    /** The attempts beside it are each other's then: lists show of a run the one that none follows. */
    removeAttempt: ({ id, firstAttemptId, nextAttemptId }: Pick<RunRow, 'id' | 'firstAttemptId' | 'nextAttemptId'>) =>
      db.transaction(() => {
        if (firstAttemptId !== null)
          db.update(runs)
            .set({ nextAttemptId })
            .where(
              and(or(eq(runs.id, firstAttemptId), eq(runs.firstAttemptId, firstAttemptId)), eq(runs.nextAttemptId, id)),
            )
            .run()
        db.delete(runs).where(eq(runs.id, id)).run()
      }),

    setLogSize: (id: number, logLines: number, logBytes: number) =>
      db.update(runs).set({ logLines, logBytes }).where(eq(runs.id, id)).run(),

    /** Whatever a gateway that is gone had running is interrupted now; what waited goes on waiting. */
    interruptAll: (finishedAt: number, reason: string) =>
      db
        .update(runs)
        .set({ status: 'interrupted', finishedAt, errorType: 'unavailable', reason }) // how long it lived nobody knows
        .where(eq(runs.status, 'running'))
        .returning({ id: runs.id })
        .all(),
  }
}

const { result: _, request: __, ...columns } = getTableColumns(runs)

/** What all of it comes to. */
export function conditions(filter: RunFilter): SQL | undefined {
  const { scriptId, scriptIds, status, trigger, retryOf, scheduleId, isLastAttempt, from, to, q, beforeId, afterId } =
    filter
  return and(
    scriptId === undefined ? undefined : eq(runs.scriptId, scriptId),
    scriptIds && sql`${runs.scriptId} IN (SELECT value FROM json_each(${JSON.stringify(scriptIds)}))`,
    status && eq(runs.status, status),
    trigger && eq(runs.trigger, trigger),
    filter.askedBy === undefined ? undefined : eq(runs.askedBy, filter.askedBy),
    filter.ids && sql`${runs.id} IN (SELECT value FROM json_each(${JSON.stringify(filter.ids)}))`,
    retryOf === undefined ? undefined : eq(runs.retryOf, retryOf),
    scheduleId === undefined ? undefined : eq(runs.scheduleId, scheduleId),
    isLastAttempt ? isNull(runs.nextAttemptId) : undefined,
    from === undefined ? undefined : gte(runs.queuedAt, from),
    to === undefined ? undefined : lte(runs.queuedAt, to),
    beforeId === undefined ? undefined : lt(runs.id, beforeId),
    afterId === undefined ? undefined : gt(runs.id, afterId),
    q ? contains(q) : undefined,
  )
}

function contains(text: string) {
  const has = (column: typeof runs.params | typeof runs.reason | typeof runs.stderrTail, part: string) =>
    // A pattern ends at its NUL, and "%" alone finds everything.
    part.includes('\0') ? undefined : sql`${column} LIKE ${`%${part.replace(/[\\%_]/g, '\\$&')}%`} ESCAPE '\\'`
  const asJson = JSON.stringify(text).slice(1, -1) // a quote in a parameter is stored with a backslash before it
  return or(has(runs.params, asJson), has(runs.reason, text), has(runs.stderrTail, text))
}
