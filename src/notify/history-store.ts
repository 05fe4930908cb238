/** What rules ask of the runs before: each question is a short walk along an index, whatever the number of runs. */
import type { Db } from '../db/open.ts'
import type { Run, RunStatus, Trigger } from '../runs/model.ts'

/** The run that has ended, and so the place before which is looked. */
export type Place = Pick<Run, 'id' | 'script_id' | 'schedule_id' | 'finished_at'>

/** What the row of a run does not say itself. */
export interface About {
  /** Of the first of its attempts. */
  firstTrigger: Trigger
  /** Milliseconds since 1970. */
  dueAt: number | null
  expression: string | null
  description: string | null
  timezone: string | null
}

/** What is told of a schedule. */
export type ScheduleFacts = Pick<About, 'expression' | 'description' | 'timezone'>

export type HistoryStore = ReturnType<typeof createHistoryStore>

/** Runs that are looked through at most, before it counts as one without any. */
const rowsMax = 100

export function createHistoryStore({ db: { $client: client } }: { db: Db }) {
  const one = <Row>(text: string, values: Record<string, number>) =>
    client.query(text).get(values as never) as Row | null
  const all = <Row>(text: string, values: Record<string, number>) => client.query(text).all(values as never) as Row[]
  const among = ({ schedule_id }: Place) => (schedule_id === null ? unscheduled : ofSchedule)
  const valuesOf = ({ id, script_id, schedule_id, finished_at }: Place) => ({
    id,
    of: schedule_id ?? script_id,
    at: finished_at === null ? Number.MAX_SAFE_INTEGER : Date.parse(finished_at),
  })

  return {
    about: (id: number): About | null => one<About>(about, { id }),

    schedule: (id: number) =>
      one<ScheduleFacts>('SELECT expression, description, timezone FROM schedules WHERE id = $id', { id }),

    /** How the one before ended: of the same schedule, or of the script's runs without one. Only what was told counts. */
    lastEnded: (place: Place): RunStatus | undefined =>
      one<{ status: RunStatus }>(
        `SELECT status FROM (${among(place)}) WHERE status <> 'cancelled' AND isLast ORDER BY at DESC, id DESC LIMIT 1`,
        valuesOf(place),
      )?.status,

    /** How what a schedule was due for before `dueAt` ended; what could not be started has failed. */
    lastDue: (scheduleId: number, dueAt: number): RunStatus | undefined =>
      one<{ status: RunStatus }>(lastDue, { id: scheduleId, at: dueAt })?.status,

    /** What the newest good ones before took, in milliseconds. */
    goodDurations: (place: Place, count: number): number[] =>
      all<{ ms: number }>(
        `SELECT ms FROM (${among(place)}) WHERE status = 'success' AND ms IS NOT NULL ORDER BY at DESC, id DESC LIMIT $count`,
        { ...valuesOf(place), count },
      ).map(({ ms }) => ms),
  }
}

const columns = `id, finished_at AS at, status, duration_ms AS ms, next_attempt_id IS NULL AND retry_at IS NULL AS isLast`

const unscheduled = `SELECT ${columns} FROM runs INDEXED BY runs_unscheduled_ends
  WHERE script_id = $of AND schedule_id IS NULL AND finished_at IS NOT NULL AND (finished_at, id) < ($at, $id)
  ORDER BY finished_at DESC, id DESC LIMIT ${rowsMax}`

/** By their numbers: a schedule's runs seldom overtake one another, and the newest of these are put in the order of their ends. */
const ofSchedule = `SELECT * FROM (SELECT ${columns} FROM runs INDEXED BY runs_by_schedule
  WHERE schedule_id = $of AND id <> $id ORDER BY id DESC LIMIT ${rowsMax})
  WHERE at IS NOT NULL AND (at, id) < ($at, $id)`

const about = `SELECT coalesce(f.trigger, r.trigger) AS firstTrigger, o.due_at AS dueAt, s.expression, s.description, s.timezone
  FROM runs r LEFT JOIN runs f ON f.id = r.first_attempt_id LEFT JOIN schedules s ON s.id = r.schedule_id
  LEFT JOIN occurrences o ON o.id = r.occurrence_id WHERE r.id = $id`

const lastDue = `SELECT status FROM (SELECT due_at,
    CASE state WHEN 'failed' THEN 'failed' WHEN 'ran' THEN (SELECT status FROM runs WHERE id = run_id) END AS status
    FROM occurrences INDEXED BY occurrences_once WHERE schedule_id = $id AND due_at < $at AND is_manual = 0
    ORDER BY due_at DESC LIMIT ${rowsMax})
  WHERE status IS NOT NULL AND status <> 'cancelled' ORDER BY due_at DESC LIMIT 1`
