/** What a schedule is: when it is due, what becomes of an occurrence, and the words for both. Times are milliseconds since 1970, UTC. */
import type { RunStatus } from '../runs/model.ts'

/**
 * When, as it was understood:
 * - `cron`: five or six fields (seconds first) in croner's grammar, on the clock of a zone; or several joined by ` | `, due when any is
 *   (9:30 and 14:00 are two): read it with times/pattern.ts, not with croner itself
 * - `every`: elapsed time counted from `anchorAt`, whatever clocks do; with `anchorLocal`, which is what the clock shows then, whole days on
 *   the clock of the zone
 * - `once`: at one moment
 */
export type Timing =
  | { kind: 'cron'; cron: string }
  | { kind: 'every'; everyMs: number; anchorAt: number; anchorLocal?: number }
  | { kind: 'once'; at: number }

/** All that says when a schedule is due. */
export interface TimePlan {
  timing: Timing
  /** IANA. */
  timezone: string
  /** Nothing before, nothing after; null: no bound. Both count themselves. */
  startsAt: number | null
  endsAt: number | null
}

/** What becomes of occurrences that were missed, while the gateway was down or its clock jumped: nothing, the last one runs, all run. */
export const misfirePolicies = ['skip', 'once', 'all'] as const
export type MisfirePolicy = (typeof misfirePolicies)[number]

/** What becomes of an occurrence while an earlier run of the same schedule is not over. */
export const overlapPolicies = ['skip', 'queue', 'replace', 'parallel'] as const
export type OverlapPolicy = (typeof overlapPolicies)[number]

/** Ends of a run that may be tried again; a run that somebody cancelled is not. */
export const retryOutcomes = ['failed', 'timeout', 'killed', 'interrupted'] as const satisfies RunStatus[]
export type RetryOutcome = (typeof retryOutcomes)[number]

/** Attempt n+1 begins `delay_sec * factor^(n-1)`, at most `delay_max_sec`, after the end of attempt n; `jitter` (0 to 1) moves it by that part, either way. */
export interface RetryRule {
  /** Further attempts after the first: 1 to 20. */
  count: number
  delay_sec: number
  factor: number
  delay_max_sec: number
  jitter: number
  on: RetryOutcome[]
}

/** What a dead man's switch is told: a good end; the start (`URL/start`) and a bad end (`URL/fail`) too, as Healthchecks has it. */
export const heartbeatSignals = ['success', 'start', 'fail'] as const
export type HeartbeatSignal = (typeof heartbeatSignals)[number]

/**
 * What became of an occurrence:
 * - `claimed`: it is being started (or waits to be tried again, when the queue was full)
 * - `waiting`: an earlier run of the schedule has to end first (overlap `queue`)
 * - `started`: it has a run that is not over, or another attempt follows (`retryAt`)
 * - `ran`: its run is over, whose status says how
 * - `skipped`: it did not run, `reason` says why
 * - `missed`: the gateway was not there in time, and the policy does not catch up
 * - `failed`: it could not be started
 */
export const occurrenceStates = ['claimed', 'waiting', 'started', 'ran', 'skipped', 'missed', 'failed'] as const
export type OccurrenceState = (typeof occurrenceStates)[number]

/** Of a schedule as people see it. `broken`: its parameters do not fit the script any more; `ended`: it is never due again. */
export const scheduleStates = ['active', 'paused', 'broken', 'ended'] as const
export type ScheduleState = (typeof scheduleStates)[number]

/** What schedules are asked for by: a state, or that nobody has seen yet that they were missed. */
export const askedStates = [...scheduleStates, 'missed'] as const
export type AskedState = (typeof askedStates)[number]
