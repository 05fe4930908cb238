/** Schedules as the API gives them, and what the routes and the pages ask. Times are ISO 8601 in UTC. */
import type { Problem } from '../errors.ts'
import type { RunStatus } from '../runs/model.ts'
import type {
  AskedState,
  HeartbeatSignal,
  MisfirePolicy,
  OccurrenceState,
  OverlapPolicy,
  RetryRule,
  ScheduleState,
  Timing,
} from './model.ts'

/** A time a schedule is due, as it is shown before it comes. */
export interface Upcoming {
  at: string
  /** On the clock of the schedule's zone: `Sun 14 Mar 2027 03:00 EDT`. */
  local: string
  /** Why it is not when one would think, or why there is a gap before it: `02:30 does not exist on this day …`; null where nothing is odd. */
  note: string | null
}

export interface Schedule {
  id: number
  script_id: number
  /** As it was written. */
  cron_expression: string
  kind: Timing['kind']
  /** As it was understood: `Every weekday at 09:30`. */
  words: string
  timezone: string
  description: string
  /** As they were sent, secrets masked. */
  params: Record<string, unknown>
  enabled: boolean
  state: ScheduleState
  /** Why it is broken. */
  problems: Problem[]
  starts_at: string | null
  ends_at: string | null
  jitter_sec: number
  misfire: MisfirePolicy
  misfire_window_min: number
  misfire_max: number
  overlap: OverlapPolicy
  retry: RetryRule | null
  /** Its host alone: the rest is the secret. */
  heartbeat_url: string | null
  heartbeat_signals: HeartbeatSignal[]
  /** The next three; empty while it is paused, broken or ended. */
  next_runs: string[]
  last_run: {
    id: number
    status: RunStatus
    queued_at: string
    finished_at: string | null
    duration_ms: number | null
  } | null
  /** Occurrences that were missed, and that nobody has seen yet. */
  missed: number
  created_at: string
  updated_at: string
  created_by: string | null
}

/** What became of a time that it was due. */
export interface Occurrence {
  id: number
  schedule_id: number
  script_id: number
  due_at: string
  is_manual: boolean
  state: OccurrenceState
  reason: string | null
  run_id: number | null
  run_status: RunStatus | null
  attempt: number
  retry_at: string | null
  /** Of missed ones in a row: how many this stands for, and when the last of them was due. */
  count: number
  last_due_at: string | null
  is_seen: boolean
  asked_by: string | null
}

/** What a client sends to make one; to change one, any of it. What is left out gets its default, or stays; null is read as the default. */
export interface ScheduleInput {
  cron_expression?: string
  timezone?: string
  description?: string
  params?: Record<string, unknown>
  enabled?: boolean
  starts_at?: string | null
  ends_at?: string | null
  jitter_sec?: number
  misfire?: MisfirePolicy
  misfire_window_min?: number
  misfire_max?: number
  overlap?: OverlapPolicy
  /** Members that are left out get their defaults. */
  retry?: Partial<RetryRule> | null
  heartbeat_url?: string | null
  heartbeat_signals?: HeartbeatSignal[]
}

/** What an expression means, while it is typed. */
export interface Preview {
  kind: Timing['kind']
  words: string
  timezone: string
  upcoming: Upcoming[]
  /** What somebody should know: it is never due again, `02:30` is skipped once a year … */
  warnings: string[]
}

export interface ScheduleFilter {
  /** This one only. */
  id?: number
  /** These only. */
  ids?: number[]
  scriptId?: number
  /** Of these scripts only. */
  scriptIds?: number[]
  state?: AskedState
  q?: string
}

export interface SchedulePage {
  limit: number
  offset: number
  /** `id`, also when left out: in the order of their numbers; `next`: what runs next first, what has ended last. */
  order?: 'id' | 'next'
}

/** What a schedule does next, from what is stored: nothing is computed. */
export interface NextUp {
  schedule_id: number
  script_id: number
  at: string
  words: string
  description: string
  timezone: string
}

/** A day of the calendar, in its zone: `2027-03-14`. */
export interface CalendarDay {
  date: string
  entries: CalendarEntry[]
}

export interface CalendarEntry {
  schedule_id: number
  script_id: number
  /** On this day: all, or the first ones of many. */
  times: { at: string; local: string }[]
  count: number
  /** There are more than `count`: nobody counted further. */
  is_more?: boolean
}

export interface SchedulerState {
  /** Whether this gateway starts what is due. */
  is_scheduling: boolean
  /** Why it cannot just now. */
  problem: string | null
  /** By the setting schedules_paused. */
  is_paused: boolean
  /** The gateway that schedules in its place. */
  other: { host: string; pid: number; seen_at: string } | null
}

export interface SchedulerStatus extends SchedulerState {
  active: number
  broken: number
  missed: number
  next_at: string | null
}

/** One line of a crontab, and what is made of it. */
export interface CrontabEntry {
  line: number
  text: string
  cron_expression: string | null
  timezone: string | null
  command: string | null
  script_id: number | null
  params: Record<string, unknown>
  /** What the line calls after a good end, as the schedule shows it: its host alone. */
  heartbeat_url: string | null
  /** Why nothing can be made of it; null where a schedule can. */
  problem: string | null
  warnings: string[]
  /** Once it was made. */
  schedule_id: number | null
  /** The schedule that it has already, of the same script, times and values: it gets no other unless `lines` names it. */
  existing_id: number | null
}

/** Who asks, for the traces. */
export interface Asker {
  name: string
}

/** What the routes and the pages ask; everything throws `not_found` for a schedule that is not of the script. */
export interface Schedules {
  list(filter: ScheduleFilter, page: SchedulePage): { items: Schedule[]; total: number }
  get(scriptId: number, id: number): Schedule
  /** Throws `validation`. */
  create(scriptId: number, input: ScheduleInput, asker: Asker): Schedule
  /** Throws `validation`. */
  update(scriptId: number, id: number, input: ScheduleInput, rights?: { mayEdit: boolean }): Schedule
  remove(scriptId: number, id: number): void
  /** Brings one back that was removed a moment ago, with its number; what became of its times is not remembered. Throws `conflict` when it is too late. */
  restore(scriptId: number, id: number): Schedule
  /** Throws `validation`. */
  preview(input: Pick<ScheduleInput, 'cron_expression' | 'timezone' | 'starts_at' | 'ends_at'>, count: number): Preview
  upcoming(scriptId: number, id: number, count: number): Upcoming[]
  /** Newest first. */
  occurrences(
    scriptId: number,
    id: number,
    page: { limit: number; offset: number },
  ): { items: Occurrence[]; total: number }
  /** `from`, `to`: days such as `2027-03-14`, at most 62 of them; entries of the scripts in `filter`. Rejects with `validation`. */
  calendar(filter: ScheduleFilter, span: CalendarSpan): Promise<CalendarDay[]>
  /** Starts it now with its parameters, beside its times. Throws what a start of a run throws. */
  runNow(scriptId: number, id: number, asker: Asker): Promise<{ run_id: number }>
  /** Takes the badge away: of one script, or of these. */
  markSeen(filter: ScheduleFilter): number
  status(filter: ScheduleFilter): SchedulerStatus
  /** Times that were missed and that nobody has seen; of `status` what every page says. */
  missed(filter: ScheduleFilter): number
  /** What is due next, soonest first: one for each schedule, or each script; from the stored next times of those that run. */
  soonest(filter: ScheduleFilter, options: { limit: number; isPerScript?: boolean }): NextUp[]
  /** When each script is due next, ms since 1970; of those that have a schedule that runs. */
  dueByScript(filter: ScheduleFilter): Map<number, number>
  /** The next times of all of them together, soonest first. */
  nextTimes(filter: ScheduleFilter, limit: number): NextUp[]
  /** What a crontab comes to; `isApplied` makes the schedules. Throws `validation`. */
  importCrontab(text: string, options: CrontabImport): CrontabEntry[]
}

/** Days such as `2027-03-14`, both included. */
export interface CalendarSpan {
  from: string
  to: string
  timezone: string
  /** Of no more than so many schedules: those that are due first. */
  limit?: number
}

/** What became another one of a schedule: somebody changed it, or a time of it came, was missed, or ended. */
export interface ScheduleChange {
  id: number
  scriptId: number
  what: 'added' | 'changed' | 'removed' | 'due'
}

export interface CrontabImport {
  /** For lines without CRON_TZ; null: the gateway's. */
  timezone: string | null
  isApplied: boolean
  /** Lines that are to become schedules; undefined: all that can, and that have none yet. */
  lines?: number[]
  /** With a column for the user before the command; undefined: it is found out. */
  isSystem?: boolean
  /** Made paused. */
  enabled: boolean
  /** The scripts that may be scheduled. */
  scriptIds?: number[]
  asker: Asker
}
