/** Why nothing of a schedule can run now. */
import type { Notify } from '../notify/model.ts'
import type { Catalog } from '../scripts/catalog.ts'
import { isAwaiting } from '../scripts/question-start.ts'
import type { Setting } from '../settings/settings.ts'
import { zoneProblems } from './broken.ts'
import type { SchedulerStore } from './store.ts'
import type { ScheduleRow } from './table.ts'

interface ObstaclesDeps {
  store: Pick<SchedulerStore, 'lastSkip'>
  catalog: Pick<Catalog, 'get'>
  setting: Setting
  notify: Pick<Notify, 'missed'>
}

export type Obstacles = ReturnType<typeof createObstacles>

export function createObstacles({ store, catalog, setting, notify }: ObstaclesDeps) {
  /** Schedules of which it was told that they cannot run: once, and again after they could. */
  const told = new Set<number>()
  /** Of the others the gateway may have told before it was started again. */
  const known = new Set<number>()

  /** For the occurrence that is due at `dueAt`; null when it may run. */
  function whyNot(row: ScheduleRow, dueAt: number): string | null {
    if (!row.enabled) return 'Its schedule was paused.'
    if (setting('schedules_paused')) return 'All schedules are paused (setting schedules_paused).'
    const entry = catalog.get(row.scriptId)
    if (entry?.state === 'inactive') return 'Its script is inactive.'
    const why = unable(row, entry)
    if (why === null) told.delete(row.id)
    else if (!told.has(row.id)) tell(row, dueAt, why)
    known.add(row.id)
    return why
  }

  /** Nobody may find out weeks later. */
  function tell({ id, scriptId }: ScheduleRow, dueAt: number, reason: string) {
    told.add(id)
    if (!known.has(id) && store.lastSkip(id) === reason) return
    notify.missed({ kind: 'broken', scheduleId: id, scriptId, dueAt, count: 1, reason })
  }

  return {
    whyNot,
    /** What was told may have been undone, or is of a schedule that is gone. */
    forget() {
      told.clear()
      known.clear()
    },
  }
}

function unable(row: ScheduleRow, entry: ReturnType<Catalog['get']>): string | null {
  const [ofZone] = zoneProblems(row.timezone)
  if (ofZone) return `Its time zone ${ofZone.message}.`
  if (row.problems.length > 0) return `Its parameters do not fit its script: ${inWords(row.problems)}.`
  if (!entry || entry.state === 'missing') return 'The file of its script is gone.'
  if (entry.state === 'error' && !isAwaiting(entry.row.ownError))
    return `Its script has an error: ${entry.row.error ?? 'it cannot be run'}`
  return null
}

const inWords = (problems: ScheduleRow['problems']) =>
  problems.map(({ path, message }) => `${path.replace('/params/', '')} ${message}`).join('; ')
