/**
 * The two writes of every run, prepared once: building and compiling such a statement anew takes longer than executing
 * it. A placeholder of a JSON column would store null as the text "null", so `result` and `limitHit` are given as text.
 */
import { and, eq, inArray, sql } from 'drizzle-orm'
import type { Db } from '../db/open.ts'
import { type RunStatus, runStatuses, transitions } from './model.ts'
import { type RunRow, runs } from './table.ts'

export type NewRun = Pick<
  RunRow,
  | 'scriptId'
  | 'status'
  | 'trigger'
  | 'params'
  | 'contentHash'
  | 'queuedAt'
  | 'startedAt'
  | 'idempotencyKey'
  | 'requestHash'
  | 'startedBy'
  | 'askedBy'
  | 'host'
  | 'environmentHash'
  | 'packagesEnvironment'
  | 'isolation'
  | 'priority'
  | 'retryOf'
  | 'attempt'
  | 'scheduleId'
  | 'occurrenceId'
  | 'firstAttemptId'
  | 'request'
>

export type RunEnd = Pick<
  RunRow,
  | 'status'
  | 'finishedAt'
  | 'durationMs'
  | 'exitCode'
  | 'signal'
  | 'errorType'
  | 'reason'
  | 'result'
  | 'files'
  | 'stderrTail'
  | 'logLines'
  | 'logBytes'
  | 'outputBytes'
  | 'cpuMs'
  | 'memoryBytesPeak'
  | 'processesPeak'
  | 'limitHit'
>

export function createRunWrites({ db }: { db: Db }) {
  const insertion = prepareInsert(db)
  const ends = new Map<RunStatus, ReturnType<typeof prepareEnd>>()

  function endingIn(status: RunStatus) {
    const known = ends.get(status) ?? prepareEnd(db, sourcesOf(status))
    ends.set(status, known)
    return known
  }

  const insert = (row: NewRun): RunRow => ({ ...justAccepted, ...row, id: insertion.get({ ...row }).id })

  return {
    /** Accepts a run: from here on it cannot be lost. The attempt before it names it in the same write. */
    insert(row: NewRun): RunRow {
      const { retryOf, firstAttemptId } = row
      if (retryOf === null || firstAttemptId === null) return insert(row)
      return db.transaction(() => {
        const next = insert(row)
        db.update(runs).set({ nextAttemptId: next.id, retryAt: null }).where(eq(runs.id, retryOf)).run()
        return next
      })
    },

    /** To a final state, from one that may lead there: a second finisher changes nothing and gets false. */
    finish(id: number, end: RunEnd): boolean {
      const result = end.result && JSON.stringify(end.result)
      const limitHit = end.limitHit && JSON.stringify(end.limitHit)
      return endingIn(end.status).get({ ...end, id, result, limitHit }) !== undefined
    },
  }
}

/** What the columns that are not given begin with. */
const justAccepted = {
  finishedAt: null,
  durationMs: null,
  exitCode: null,
  signal: null,
  errorType: null,
  reason: null,
  result: null,
  files: [],
  stderrTail: '',
  logLines: 0,
  logBytes: 0,
  outputBytes: 0,
  logKeptBytes: null,
  outputKeptBytes: null,
  logExpiredAt: null,
  outputExpiredAt: null,
  cpuMs: null,
  memoryBytesPeak: null,
  processesPeak: null,
  limitHit: null,
  nextAttemptId: null,
  retryAt: null,
} satisfies Partial<RunRow>

const prepareInsert = (db: Db) =>
  db
    .insert(runs)
    .values({
      scriptId: sql.placeholder('scriptId'),
      status: sql.placeholder('status'),
      trigger: sql.placeholder('trigger'),
      params: sql.placeholder('params'),
      contentHash: sql.placeholder('contentHash'),
      queuedAt: sql.placeholder('queuedAt'),
      startedAt: sql.placeholder('startedAt'),
      idempotencyKey: sql.placeholder('idempotencyKey'),
      requestHash: sql.placeholder('requestHash'),
      startedBy: sql.placeholder('startedBy'),
      askedBy: sql.placeholder('askedBy'),
      host: sql.placeholder('host'),
      environmentHash: sql.placeholder('environmentHash'),
      packagesEnvironment: sql.placeholder('packagesEnvironment'),
      isolation: sql.placeholder('isolation'),
      priority: sql.placeholder('priority'),
      retryOf: sql.placeholder('retryOf'),
      attempt: sql.placeholder('attempt'),
      scheduleId: sql.placeholder('scheduleId'),
      occurrenceId: sql.placeholder('occurrenceId'),
      firstAttemptId: sql.placeholder('firstAttemptId'),
      request: sql`${sql.placeholder('request')}`,
    })
    .returning({ id: runs.id })
    .prepare()

/** Nothing here has a JSON column's encoder but `files`, which is never null. */
const prepareEnd = (db: Db, sources: RunStatus[]) =>
  db
    .update(runs)
    .set({
      status: given('status'),
      finishedAt: given('finishedAt'),
      durationMs: given('durationMs'),
      exitCode: given('exitCode'),
      signal: given('signal'),
      errorType: given('errorType'),
      reason: given('reason'),
      result: given('result'),
      files: sql`${sql.param(sql.placeholder('files'), runs.files)}`,
      stderrTail: given('stderrTail'),
      logLines: given('logLines'),
      logBytes: given('logBytes'),
      outputBytes: given('outputBytes'),
      cpuMs: given('cpuMs'),
      memoryBytesPeak: given('memoryBytesPeak'),
      processesPeak: given('processesPeak'),
      limitHit: given('limitHit'),
      request: sql`CASE WHEN ${sql.placeholder('status')} = 'interrupted' THEN ${runs.request} END`,
    })
    .where(and(eq(runs.id, sql.placeholder('id')), inArray(runs.status, sources)))
    .returning({ id: runs.id })
    .prepare()

const given = (name: keyof RunEnd) => sql`${sql.placeholder(name)}`

/** The states that may lead to this one. */
export const sourcesOf = (target: RunStatus): RunStatus[] =>
  runStatuses.filter((source) => (transitions[source] as readonly RunStatus[]).includes(target))
