/** The scheduler on a real database, with a clock in hand and runs that end when the test says so. */
import { afterAll } from 'bun:test'
import { join } from 'node:path'
import { options } from '../../src/config.ts'
import { openDatabase } from '../../src/db/open.ts'
import { GatewayError } from '../../src/errors.ts'
import { silentLog } from '../../src/log.ts'
import type { Missed } from '../../src/notify/model.ts'
import type { Run, RunStatus } from '../../src/runs/model.ts'
import { isFinished } from '../../src/runs/model.ts'
import { createScheduler, type SchedulerDeps } from '../../src/schedules/scheduler.ts'
import { createSchedulerStore } from '../../src/schedules/store.ts'
import { type OccurrenceRow, occurrences, type ScheduleRow, schedules } from '../../src/schedules/table.ts'
import { createScriptStore } from '../../src/scripts/store.ts'
import { tempFolder } from '../harness/folder.ts'

/** Wednesday, 12 May 2027, noon in UTC. */
export const noon = Date.parse('2027-05-12T12:00:00Z')
export const minute = 60_000
const hour = 60 * minute

export function createLab() {
  const db = openDatabase(join(tempFolder(), 'gateway.db'))
  afterAll(() => db.$client.close())
  const script = createScriptStore(db).insert({
    ...{ runtime: 'js', filename: 'one.js', slug: 'one', params: {}, createdAt: 1, updatedAt: 1 },
  } as Parameters<ReturnType<typeof createScriptStore>['insert']>[0])
  const store = createSchedulerStore(db)
  const time = { now: noon, uptimeMs: 0 }
  const runs = new Map<number, Run>()
  /** Of runs: whose turn they were started with. */
  const places = new Map<number, number>()
  /** `status`: of runs that begin. */
  const given = {
    ...{ settings: {} as Record<string, unknown>, queued: 0, isOurs: true, status: 'running' as RunStatus },
    refusal: null as (() => unknown) | null,
  }
  const told: { ended: Run[]; missed: Missed[] } = { ended: [], missed: [] }

  function begin(start: Parameters<SchedulerDeps['start']>[0]): Run {
    const error = given.refusal?.()
    if (error) throw error
    const known = [...runs.values()].find((run) => (run as { key?: string }).key === start.idempotencyKey)
    if (known) return known
    const run = {
      ...{ id: runs.size + 1, key: start.idempotencyKey, script_id: script.id, status: given.status, reason: null },
      ...{ attempt: start.attempt, first_attempt_id: start.firstAttemptId, next_attempt_id: null, retry_at: null },
      ...{ occurrence_id: start.scheduled.occurrenceId, schedule_id: start.scheduled.scheduleId },
    } as unknown as Run
    const before = start.retryOf === null ? undefined : runs.get(start.retryOf)
    if (before) Object.assign(before, { next_attempt_id: run.id, retry_at: null })
    runs.set(run.id, run)
    if (start.place !== undefined) places.set(run.id, start.place)
    return run
  }

  const make = () =>
    createScheduler({
      ...{ store, log: silentLog(), random: () => 0.5, checkpoint() {} },
      now: () => time.now,
      uptimeMs: () => time.uptimeMs,
      setting: ((name: keyof typeof options) =>
        given.settings[name] ?? options[name].default) as SchedulerDeps['setting'],
      catalog: { get: () => ({ state: 'active', row: {} }) } as unknown as SchedulerDeps['catalog'],
      secrets: { openParams: () => ({}), openHeartbeat: () => null },
      lease: { hold: () => given.isOurs, other: () => null, drop() {} },
      notify: {
        runFinished: (run) => void told.ended.push({ ...run }),
        missed: (missed) => void told.missed.push(missed),
        heartbeat() {},
      },
      runs: {
        find: (id: number) => runs.get(id),
        placeOf: (id: number) => places.get(id) ?? id,
        byKey: () => undefined,
        isStopping: () => false,
        counts: () => ({ running: 0, queued: given.queued }),
        cancel(id: number, reason: string | null = null) {
          end(id, 'cancelled', reason)
          return runs.get(id)!
        },
        setRetryAt(id: number, at: number | null) {
          const run = runs.get(id)
          if (run) run.retry_at = at === null ? null : new Date(at).toISOString()
        },
      } as unknown as SchedulerDeps['runs'],
      start: async (start) => begin(start),
    })
  let scheduler = make()
  afterAll(() => scheduler.stop())

  /** As the app does. */
  function end(id: number, status: RunStatus = 'success', reason: string | null = null) {
    const run = runs.get(id)!
    if (isFinished(run.status)) return
    Object.assign(run, { status, reason })
    if (!scheduler.ended({ ...run }, false)) told.ended.push({ ...run })
  }

  return {
    ...{ db, store, time, runs, places, given, told, end, script },
    get scheduler() {
      return scheduler
    },
    /** Of the next life: nothing of the old one is in memory. */
    restart() {
      scheduler.stop()
      scheduler = make()
      scheduler.start()
    },
    schedule(change: Partial<ScheduleRow> = {}): ScheduleRow {
      const every = { kind: 'cron', cron: '* * * * *' } as const
      return db
        .insert(schedules)
        .values({
          ...{ scriptId: script.id, expression: '* * * * *', timing: every, timezone: 'UTC', params: {} },
          ...{
            sealedParams: Buffer.from([1]),
            misfire: 'once',
            misfireWindowMs: hour,
            misfireMax: 10,
            overlap: 'skip',
          },
          ...{ nextAt: noon + minute, fireAt: noon + minute, createdAt: noon, updatedAt: noon },
          ...change,
        } as typeof schedules.$inferInsert)
        .returning()
        .get()
    },
    /** Moves the clock on, looks, and lets what is started begin. */
    async pass(ms: number) {
      time.now += ms
      time.uptimeMs += ms
      scheduler.tick()
      await turn()
    },
    traces: (id: number): OccurrenceRow[] =>
      db
        .select()
        .from(occurrences)
        .orderBy(occurrences.dueAt, occurrences.id)
        .all()
        .filter((one) => one.scheduleId === id),
  }
}

/** What was started has begun. */
export const turn = () => new Promise((resolve) => setImmediate(resolve))

export const refusal = (type: 'busy' | 'conflict', headers: Record<string, string> = {}) =>
  new GatewayError(type, 'No room.', { headers })

/** As SQLite says that somebody else holds the database. */
export const locked = () => Object.assign(new Error('database is locked'), { code: 'SQLITE_BUSY' })
