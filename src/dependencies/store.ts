/** Every query on installations and on when environments were used, one function a question. */
import { and, count, desc, eq, inArray, lt, notInArray, type SQL, sql } from 'drizzle-orm'
import { isoTime } from '../clock.ts'
import type { Db } from '../db/open.ts'
import type { Installation } from './model.ts'
import { environmentUses, type InstallationRow, installations, type NewInstallation } from './table.ts'
import type { InstallationFilter } from './view-model.ts'

const underWay = ['queued', 'running'] as const

export type InstallationStore = ReturnType<typeof createInstallationStore>

export function createInstallationStore(db: Db) {
  const change = (id: number, values: Partial<InstallationRow>) =>
    void db.update(installations).set(values).where(eq(installations.id, id)).run()

  const newest = db
    .select()
    .from(installations)
    .where(eq(installations.environment, sql.placeholder('environment')))
    .orderBy(desc(installations.id))
    .limit(1)
    .prepare()

  return {
    insert: (row: NewInstallation): InstallationRow =>
      db
        .insert(installations)
        .values({ ...row, status: 'queued' })
        .returning()
        .get(),
    begin: (id: number, startedAt: number) => change(id, { status: 'running', startedAt }),
    finish: (
      id: number,
      end: Pick<
        InstallationRow,
        'status' | 'reason' | 'packages' | 'bytes' | 'finishedAt' | 'logLines' | 'environment'
      >,
    ) => change(id, end),
    setLogLines: (id: number, logLines: number) => change(id, { logLines }),
    get: (id: number): InstallationRow | undefined =>
      db.select().from(installations).where(eq(installations.id, id)).get(),
    /** Newest first. */
    list: (filter: InstallationFilter, { limit, offset }: { limit: number; offset: number }): InstallationRow[] =>
      db
        .select()
        .from(installations)
        .where(conditions(filter))
        .orderBy(desc(installations.id))
        .limit(limit)
        .offset(offset)
        .all(),
    /** Of an environment; prepared: a page asks for many. */
    newestOf: (environment: string): InstallationRow | undefined => newest.get({ environment }),
    count: (filter: InstallationFilter): number =>
      db.select({ n: count() }).from(installations).where(conditions(filter)).get()?.n ?? 0,
    /** Whatever a gateway that is gone was installing. Answers their ids. */
    interruptAll: (finishedAt: number, reason: string): number[] =>
      db
        .update(installations)
        .set({ status: 'interrupted', finishedAt, reason })
        .where(inArray(installations.status, [...underWay]))
        .returning({ id: installations.id })
        .all()
        .map(({ id }) => id),
    /** Ended before that time: their rows go. Answers their ids. */
    forget: (before: number): number[] =>
      db
        .delete(installations)
        .where(and(lt(installations.finishedAt, before), notInArray(installations.status, [...underWay])))
        .returning({ id: installations.id })
        .all()
        .map(({ id }) => id),

    usedAt: (): Map<string, number> =>
      new Map(
        db
          .select()
          .from(environmentUses)
          .all()
          .map(({ environment, usedAt }) => [environment, usedAt]),
      ),
    used: (environment: string, usedAt: number) =>
      void db
        .insert(environmentUses)
        .values({ environment, usedAt })
        .onConflictDoUpdate({ target: environmentUses.environment, set: { usedAt } })
        .run(),
    forgetUse: (environment: string) =>
      void db.delete(environmentUses).where(eq(environmentUses.environment, environment)).run(),
  }
}

function conditions({ scriptId, runtime, status, environment }: InstallationFilter): SQL | undefined {
  return and(
    scriptId === undefined ? undefined : eq(installations.scriptId, scriptId),
    runtime && eq(installations.runtime, runtime),
    status && eq(installations.status, status),
    environment === undefined ? undefined : eq(installations.environment, environment),
  )
}

/** A row in the shape of the API. */
export function toInstallation(row: InstallationRow): Installation {
  return {
    id: row.id,
    runtime: row.runtime,
    environment: row.environment,
    status: row.status,
    trigger: row.trigger,
    update: row.isUpdate,
    script_id: row.scriptId,
    file: row.file,
    requirements: row.requirements,
    reason: row.reason,
    packages: row.packages,
    bytes: row.bytes,
    queued_at: new Date(row.queuedAt).toISOString(),
    started_at: isoTime(row.startedAt),
    finished_at: isoTime(row.finishedAt),
    duration_ms: row.startedAt && row.finishedAt ? Math.max(0, row.finishedAt - row.startedAt) : null,
    log_lines: row.logLines,
    started_by: row.startedBy,
  }
}
