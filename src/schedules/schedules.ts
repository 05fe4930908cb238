/** Schedules as people and programs make, change and ask for them. What is due is started by the scheduler. */
import { createBin } from '../bin.ts'
import { type Clock, isoTime } from '../clock.ts'
import type { Db } from '../db/open.ts'
import { GatewayError, type Problem } from '../errors.ts'
import type { Catalog, Entry } from '../scripts/catalog.ts'
import { matchesFilter } from '../scripts/search.ts'
import type { Setting } from '../settings/settings.ts'
import type { Vault } from '../variables/vault.ts'
import { recheck } from './broken.ts'
import { calendarOf, checkSpan } from './calendar.ts'
import { draftOf, refused, usualZone, zoneOf } from './draft.ts'
import { importLines } from './importing.ts'
import { previewOf } from './preview.ts'
import { createScheduleQueries, type RowFilter } from './queries.ts'
import { createScheduleSecrets } from './sealed.ts'
import { showSchedules, stateOf, toOccurrence } from './shown.ts'
import { soonestTimes } from './soonest.ts'
import type { ScheduleRow } from './table.ts'
import { describeTiming } from './times/describe.ts'
import { english, type Tongue } from './times/tongue.ts'
import { upcoming } from './times/upcoming.ts'
import type {
  Asker,
  NextUp,
  Schedule,
  ScheduleChange,
  ScheduleFilter,
  ScheduleInput,
  SchedulerState,
  SchedulerStatus,
  Schedules,
} from './view-model.ts'

export interface SchedulesDeps {
  db: Db
  catalog: Pick<Catalog, 'get' | 'list'>
  vault: Pick<Vault, 'seal' | 'open'>
  setting: Setting
  clock: Pick<Clock, 'now'>
  /** Tells the scheduler that these came, changed or went. */
  changed(ids: number[]): void
  /** Starts a schedule beside its times. Throws what a start of a run throws. */
  startNow(scheduleId: number, asker: Asker): Promise<{ run_id: number }>
  schedulerStatus(): SchedulerState
  /** From 0 to less than 1: for jitter. */
  random?(): number
  /** For who shows them: one came, changed, or went. */
  tell?(change: ScheduleChange): void
  /** In which whoever asks reads. */
  tongue?(): Tongue
}

/** Of one script. */
export const schedulesMax = 100

export interface SchedulesService extends Schedules {
  /** For scripts whose schema may be another one by now: answers the ids of schedules that broke, or healed. */
  recheck(scriptIds: number[]): number[]
  /** Makes one whose values of these parameters stayed elsewhere: it is paused where there are any, and broken where they are required. Throws as `create`. */
  bring(scriptId: number, input: ScheduleInput, options: { asker: Asker; lacks: string[] }): Schedule
}

export function createSchedules(deps: SchedulesDeps): SchedulesService {
  const { db, catalog, setting, clock, random = Math.random, tell = () => {}, tongue = () => english } = deps
  const queries = createScheduleQueries(db)
  const secrets = createScheduleSecrets(deps.vault)
  const drafting = { setting, secrets, random }
  const removed = createBin<ScheduleRow>(clock)
  const show = (rows: ScheduleRow[]) => showSchedules({ queries, secrets, tongue: tongue() }, rows)
  const showOne = (row: ScheduleRow): Schedule => show([row])[0]!

  function changed({ id, scriptId }: ScheduleRow, what: ScheduleChange['what']) {
    deps.changed([id])
    tell({ id, scriptId, what })
  }

  function rowOf(scriptId: number, id: number): ScheduleRow {
    const row = queries.get(scriptId, id)
    if (row) return row
    throw new GatewayError(
      'not_found',
      `The script has no schedule ${id}; GET /api/scripts/${scriptId}/schedules lists them.`,
    )
  }

  /** Throws `not_found`. */
  function entryOf(scriptId: number): Entry {
    const entry = catalog.get(scriptId)
    if (!entry) throw new GatewayError('not_found', `There is no script ${scriptId}; GET /api/scripts lists them.`)
    return entry
  }

  /** Words are looked for in what a schedule says of itself, and in its script. */
  function toRows({ q, ...filter }: ScheduleFilter): RowFilter {
    const words = q?.trim()
    if (!words) return filter
    const scriptIds = catalog.list().flatMap((entry) => (matchesFilter(entry, { q: words }) ? [entry.row.id] : []))
    return { ...filter, text: { words, scriptIds } }
  }

  /** What a new one comes to. Throws `validation`, `conflict`. */
  function check(scriptId: number, input: ScheduleInput, lacks: string[] = []) {
    const draft = draftOf({ ...drafting, lacks }, entryOf(scriptId), input, null, clock.now())
    if (queries.count({ scriptId }) >= schedulesMax) throw fullError()
    return draft
  }

  function create(scriptId: number, input: ScheduleInput, asker: Asker, lacks: string[] = []): Schedule {
    const draft = check(scriptId, input, lacks)
    const now = clock.now()
    const row = queries.insert({ ...draft, scriptId, createdAt: now, updatedAt: now, createdBy: asker.name })
    changed(row, 'added')
    return showOne(row)
  }

  function update(scriptId: number, id: number, input: ScheduleInput, { mayEdit } = { mayEdit: false }): Schedule {
    const row = rowOf(scriptId, id)
    const draft = draftOf(drafting, entryOf(scriptId), input, { row, shown: showOne(row), mayEdit }, clock.now())
    const changedRow = queries.update(id, { ...draft, updatedAt: clock.now() })
    changed(changedRow, 'changed')
    return showOne(changedRow)
  }

  function remove(scriptId: number, id: number): void {
    const row = rowOf(scriptId, id)
    queries.remove(id)
    removed.put(id, row)
    changed(row, 'removed')
  }

  function restore(scriptId: number, id: number): Schedule {
    entryOf(scriptId)
    if (queries.count({ scriptId }) >= schedulesMax) throw fullError()
    const row = removed.get(id)
    if (row?.scriptId !== scriptId)
      throw new GatewayError('conflict', `Schedule ${id} cannot be brought back: it was deleted too long ago.`)
    queries.insert(row)
    removed.drop(id)
    recheck({ queries, secrets, catalog, clock }, [scriptId]) // what the script takes, and calls secret, may be other things by now
    const back = rowOf(scriptId, id)
    changed(back, 'added')
    return showOne(back)
  }

  async function runNow(scriptId: number, id: number, asker: Asker) {
    const { problems } = rowOf(scriptId, id)
    if (problems.length > 0) throw brokenError(problems)
    return deps.startNow(id, asker)
  }

  function status(filter: ScheduleFilter): SchedulerStatus {
    const rows = toRows(filter)
    const { active, broken, nextAt } = queries.counts(rows)
    const missed = queries.missedOf(rows)
    return { ...deps.schedulerStatus(), active, broken, missed, next_at: isoTime(nextAt) }
  }

  return {
    ...{ update, remove, restore, runNow, status },

    create: (scriptId, input, asker) => create(scriptId, input, asker),
    bring: (scriptId, input, { asker, lacks }) =>
      create(scriptId, lacks.length > 0 ? { ...input, enabled: false } : input, asker, lacks),

    list(filter, page) {
      const rows = toRows(filter)
      return { items: show(queries.list(rows, page)), total: queries.count(rows) }
    },

    get: (scriptId, id) => showOne(rowOf(scriptId, id)),

    preview: (input, count) => previewOf(input, count, { setting, tongue: tongue(), now: clock.now() }),

    upcoming(scriptId, id, count) {
      const row = rowOf(scriptId, id)
      return stateOf(row) === 'active' ? upcoming(row, Math.min(clock.now(), row.nextAt! - 1), count) : []
    },

    occurrences(scriptId, id, page) {
      rowOf(scriptId, id)
      return { items: queries.occurrences(id, page).map(toOccurrence), total: queries.countOccurrences(id) }
    },

    async calendar(filter, span) {
      const rows: RowFilter = { ...toRows(filter), state: filter.state ?? 'active' }
      checkSpan(span, Math.min(span.limit ?? Number.POSITIVE_INFINITY, queries.count(rows)))
      const problems: Problem[] = []
      const timezone = zoneOf(span.timezone, problems)
      if (timezone === null) throw refused(problems)
      const order = span.limit === undefined ? 'id' : 'next'
      const found = queries.list(rows, { limit: span.limit ?? -1, offset: 0, order })
      // Of those that were missed, some are paused or over by now.
      const shown = filter.state === 'missed' ? found.filter((row) => stateOf(row) === 'active') : found
      return calendarOf(shown, { ...span, timezone })
    },

    missed: (filter) => queries.missedOf(toRows(filter)),

    markSeen: (filter) => queries.markSeen(toRows(filter)),

    soonest: (filter, { limit, isPerScript = false }) =>
      queries.soonest(toRows(filter), { limit, isPerScript }).map((row) => nextUp(row, row.nextAt, tongue())),

    dueByScript: (filter) =>
      new Map(queries.dueByScript(toRows(filter)).map(({ scriptId, nextAt }) => [scriptId, nextAt])),

    nextTimes(filter, limit) {
      return soonestTimes(queries.firing(toRows(filter), limit), limit).map(({ row, at }) => nextUp(row, at, tongue()))
    },

    importCrontab: (text, options) =>
      importLines(text, options, {
        ...{ catalog, zone: usualZone(setting), check, create },
        atTimes: (scriptId, expression, timezone) =>
          queries.ofScripts([scriptId]).filter((row) => row.expression === expression && row.timezone === timezone),
      }),

    recheck: (scriptIds) => recheck({ queries, secrets, catalog, clock }, scriptIds),
  }
}

type Upcoming = Pick<ScheduleRow, 'id' | 'scriptId' | 'timing' | 'timezone' | 'description'>

const nextUp = (
  { id, scriptId, timing, timezone, description }: Upcoming,
  at: number | null,
  tongue: Tongue,
): NextUp => ({
  ...{ schedule_id: id, script_id: scriptId, at: isoTime(at)! },
  ...{ words: describeTiming(timing, timezone, tongue), description, timezone },
})

const fullError = () =>
  new GatewayError('conflict', `The script has ${schedulesMax} schedules already: delete one first.`)

/** Why a schedule that is broken is not run. */
function brokenError(problems: Problem[]): GatewayError {
  const said = problems.slice(0, 5).map(({ path, message }) => `${path.slice(1)} ${message}`)
  return new GatewayError(
    'conflict',
    `The schedule is broken, its parameters do not fit the script: ${said.join('; ')}.`,
    {
      details: problems,
    },
  )
}
