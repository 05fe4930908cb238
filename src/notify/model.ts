/** Who is told what: events of runs and schedules, rules that send them to channels, and what became of each delivery. */
import type { notifyEventNames } from '../options/notify.ts'
import type { Run, Trigger } from '../runs/model.ts'

/**
 * - `always`: every run that ended; `success`: a good end
 * - `failure`: failed, killed, timed out or interrupted (its last attempt); cancelled is none
 * - `first_failure`: a failure after a success, or the first run of all; `recovery`: a success after a failure — of the same schedule, or of the script's other runs
 * - `timeout`: stopped at its time limit
 * - `slow`: took more than `slow_factor` times the median of its last good runs
 * - `missed`: a schedule was due and the gateway was not there, or it could not be started
 */
export type NotifyEvent = (typeof notifyEventNames)[number]

/** What every text may say, as `{{name}}`. Secrets are masked; numbers as texts. */
export const factNames = [
  'event',
  'script',
  'script_id',
  'status',
  'reason',
  'run_id',
  'url',
  'trigger',
  'started_by',
  'schedule',
  'schedule_id',
  'attempt',
  'duration',
  'duration_ms',
  'queued_at',
  'started_at',
  'finished_at',
  'due_at',
  'due',
  'last_due_at',
  'last_due',
  'timezone',
  'exit_code',
  'stderr',
  'usual_duration',
  'missed_count',
  'host',
] as const
export type FactName = (typeof factNames)[number]

/** Everything that is known of what happened; a fact that there is not is an empty text. */
export type Facts = Record<FactName, string>

/** What the rest of the gateway tells: it never waits and nothing of it throws. */
export interface Notify {
  /** A run has ended for good: no further attempt follows. */
  runFinished(run: Run): void
  /** A run has begun, or ended; a dead man's switch of its schedule is told. */
  heartbeat(signal: 'start' | 'success' | 'fail', target: { url: string; run: Run }): void
  /** Occurrences of a schedule were missed, or could not be started. */
  missed(missed: Missed): void
}

/** `broken`: it cannot run until its parameters, or its script, are put right; `not_started`: due in time, and refused. */
export type MissedKind = 'missed' | 'broken' | 'not_started'

export interface Missed {
  kind: MissedKind
  scheduleId: number
  scriptId: number
  /** The first, milliseconds since 1970. */
  dueAt: number
  /** The last of several, where it is known. */
  lastDueAt?: number
  count: number
  reason: string
}

/** When nothing of a rule is sent, on the clock of its zone: what comes then is told together at its end. `22:00` to `07:00` goes over midnight. */
export interface QuietHours {
  from: string
  to: string
}

/** A rule as the API gives it. */
export interface NotifyRule {
  id: number
  /** Null: of every script. */
  script_id: number | null
  channel_id: number
  events: NotifyEvent[]
  /** Only of runs with these triggers, and of scripts with one of these tags; empty: of all. */
  triggers: Trigger[]
  tags: string[]
  /** Templates; null: the usual text. */
  title: string | null
  body: string | null
  slow_factor: number
  quiet_hours: QuietHours | null
  timezone: string
  /** Deliveries in any 60 minutes; what is over it is told together when the hour is over. 0: no limit. */
  max_per_hour: number
  enabled: boolean
  created_at: string
  updated_at: string
}

export type RuleInput = Partial<Omit<NotifyRule, 'id' | 'script_id' | 'quiet_hours' | 'created_at' | 'updated_at'>> & {
  quiet_hours?: Partial<QuietHours> | null
}

/**
 * - `pending`: it is tried at `next_at`; `held`: quiet hours, or over the limit of an hour: told together with others then
 * - `sent`, `failed` (given up), `joined` (told as part of another delivery)
 */
export const deliveryStates = ['pending', 'held', 'sent', 'failed', 'joined'] as const
export type DeliveryState = (typeof deliveryStates)[number]

export interface Delivery {
  id: number
  /** Null: NOTIFY_URL, or a heartbeat. */
  channel_id: number | null
  rule_id: number | null
  kind: string
  event: string
  /** How the run ended, or `missed`, `broken`, `not_started`; null: it is about neither. */
  outcome: string | null
  script_id: number | null
  run_id: number | null
  schedule_id: number | null
  title: string
  body: string
  state: DeliveryState
  attempts: number
  next_at: string | null
  /** HTTP status of the last answer. */
  status: number | null
  /** Why the last try failed, in words. */
  problem: string | null
  /** The beginning of the last answer. */
  answer: string | null
  duration_ms: number | null
  created_at: string
  finished_at: string | null
  redelivery_of: number | null
}
