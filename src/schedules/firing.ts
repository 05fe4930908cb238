/** What is due is claimed: noted, and its schedule moved on to its next time, in one transaction, before anything starts. */
import type { Checkpoint } from '../logs/checkpoint.ts'
import type { Notify } from '../notify/model.ts'
import type { Catalog } from '../scripts/catalog.ts'
import { isAwaiting } from '../scripts/question-start.ts'
import type { Setting } from '../settings/settings.ts'
import type { OccurrenceLife } from './life.ts'
import { lateMs, settle, type Trace } from './misfire.ts'
import type { OverlapPolicy } from './model.ts'
import { planOf } from './plan.ts'
import type { SchedulerStore } from './store.ts'
import type { OccurrenceRow, ScheduleRow } from './table.ts'
import { nextAfter } from './times/next.ts'

interface FiringDeps {
  store: SchedulerStore
  life: OccurrenceLife
  catalog: Pick<Catalog, 'get'>
  setting: Setting
  notify: Notify
  random(): number
  checkpoint: Checkpoint
}

/** What becomes of an occurrence that is due. */
type Fate = Pick<OccurrenceRow, 'state'> & { reason: string | null }

/** Of one schedule; more would be noise, and what is scheduled each second must not fill the memory. */
const waitingMax = 100

export type Firing = ReturnType<typeof createFiring>

export function createFiring({ store, life, catalog, setting, notify, random, checkpoint }: FiringDeps) {
  /** Schedules of which it was told that they cannot run: once, and again after they could. */
  const told = new Set<number>()

  /** Claims everything that these are due for, then starts it. */
  function fire(rows: ScheduleRow[], now: number) {
    checkpoint('claim')
    const claimed = store.transaction(() => rows.flatMap((row) => claim(row, now)))
    checkpoint('claimed')
    for (const { row, occurrence } of claimed) {
      if (row.overlap === 'replace')
        life.replace(row.id, `It was replaced by the run of its schedule that was due next.`, occurrence)
      life.begin(row, occurrence).catch(() => {}) // the occurrence says why
    }
  }

  function claim(row: ScheduleRow, now: number): { row: ScheduleRow; occurrence: OccurrenceRow }[] {
    const plan = planOf(row)
    const first = row.nextAt!
    const verdict =
      now - row.fireAt! > lateMs
        ? settle(plan, row, { first, delayMs: row.fireAt! - first }, now)
        : { onTime: [first], late: [], traces: [], last: first }
    const next = nextAfter(plan, verdict.last)
    if (!store.move(row.id, first, next, fireTime(next, row.jitterMs, random))) return []
    for (const trace of verdict.traces) noteTrace(row, trace, now)
    tellMissed(row, verdict.traces)
    const due = [...verdict.late, ...verdict.onTime]
    return due.flatMap((dueAt) => {
      const isCaughtUp = verdict.late.includes(dueAt)
      const fate = fateOf(row, isCaughtUp && due.length > 1 ? 'queue' : row.overlap)
      const about = { scheduleId: row.id, scriptId: row.scriptId, dueAt, claimedAt: now }
      const occurrence = store.note({ ...about, ...fate })
      if (occurrence && fate.state !== 'skipped') life.open.add(occurrence)
      return occurrence?.state === 'claimed' ? [{ row, occurrence }] : []
    })
  }

  function fateOf(row: ScheduleRow, overlap: OverlapPolicy): Fate {
    const obstacle = whyNot(row)
    if (obstacle) return { state: 'skipped', reason: obstacle }
    told.delete(row.id)
    const earlier = life.open.of(row.id)
    if (earlier.length === 0 || overlap === 'parallel' || overlap === 'replace')
      return { state: 'claimed', reason: null }
    const other = earlier[0]?.runId ? `Run ${earlier[0].runId}` : 'An earlier occurrence'
    if (overlap === 'skip')
      return { state: 'skipped', reason: `${other} of this schedule was not over (overlap skip).` }
    if (earlier.filter(({ state }) => state === 'waiting').length >= waitingMax)
      return { state: 'skipped', reason: `${waitingMax} occurrences of this schedule wait already (overlap queue).` }
    return { state: 'waiting', reason: `${other} of this schedule is not over (overlap queue).` }
  }

  /** Why nothing of the schedule runs now; null when it may. */
  function whyNot(row: ScheduleRow): string | null {
    if (setting('schedules_paused')) return 'All schedules are paused (setting schedules_paused).'
    const entry = catalog.get(row.scriptId)
    if (entry?.state === 'inactive') return 'Its script is inactive.'
    if (row.problems.length > 0) return unable(row, `Its parameters do not fit its script: ${inWords(row.problems)}.`)
    if (!entry || entry.state === 'missing') return unable(row, 'The file of its script is gone.')
    if (entry.state === 'error' && !isAwaiting(entry.row.ownError))
      return unable(row, `Its script has an error: ${entry.row.error ?? 'it cannot be run'}`)
    return null
  }

  /** Nobody may find out weeks later. */
  function unable(row: ScheduleRow, reason: string): string {
    if (!told.has(row.id)) {
      told.add(row.id)
      notify.missed({ scheduleId: row.id, scriptId: row.scriptId, dueAt: row.nextAt!, count: 1, reason })
    }
    return reason
  }

  function noteTrace(row: ScheduleRow, trace: Trace, now: number) {
    store.note({ scheduleId: row.id, scriptId: row.scriptId, claimedAt: now, ...trace })
  }

  function tellMissed(row: ScheduleRow, traces: Trace[]) {
    const missed = traces.filter(({ state }) => state === 'missed')
    const last = missed.at(-1)
    if (!last) return
    const count = missed.reduce((sum, one) => sum + one.count, 0)
    notify.missed({ scheduleId: row.id, scriptId: row.scriptId, dueAt: last.dueAt, count, reason: last.reason })
  }

  return { fire }
}

/** With its jitter; null where there is no next time. */
export const fireTime = (nextAt: number | null, jitterMs: number, random: () => number) =>
  nextAt === null ? null : nextAt + Math.floor(random() * (jitterMs + 1))

const inWords = (problems: ScheduleRow['problems']) =>
  problems.map(({ path, message }) => `${path.replace('/params/', '')} ${message}`).join('; ')
