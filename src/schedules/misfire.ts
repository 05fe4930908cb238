/** What becomes of times that nobody was there for: the gateway was down, or its clock was set forward. */
import type { MisfirePolicy, OccurrenceState, TimePlan } from './model.ts'
import { between, lastUpTo } from './times/next.ts'

/** Later than this an occurrence was missed; the policy of its schedule says whether it is caught up with. */
export const lateMs = 30_000

/** Missed ones that get a row each; the ones before them share one. */
const ownRowsMax = 20
/** Beyond that many it is not counted any more. */
export const countMax = 1000

export interface MisfireRule {
  misfire: MisfirePolicy
  misfireWindowMs: number
  misfireMax: number
}

/** An occurrence that does not run. Of `count` in a row, the first was due at `dueAt` and the last at `lastDueAt`. */
export interface Trace {
  dueAt: number
  state: Extract<OccurrenceState, 'missed' | 'skipped'>
  reason: string
  count: number
  lastDueAt: number | null
}

export interface Verdict {
  /** Due just now, and caught up with; in their order. */
  onTime: number[]
  late: number[]
  traces: Trace[]
  /** The latest time that it was due: the next one is after it. */
  last: number
}

/**
 * Decides on everything from `first`, the occurrence that the schedule waited for, up to `now`. `delayMs`: how much later
 * than its time the first one was to be fired, for jitter. Looks back from now: a year of missed seconds costs no more than an hour.
 */
export function settle(
  plan: TimePlan,
  rule: MisfireRule,
  { first, delayMs }: { first: number; delayMs: number },
  now: number,
): Verdict {
  const isOnTime = (at: number) => at + (at === first ? delayMs : 0) >= now - lateMs
  const newest: number[] = []
  const lookedAtMax = ownRowsMax + (rule.misfire === 'all' ? rule.misfireMax : 1) + lateMs / 1000
  for (let upTo = now; newest.length < lookedAtMax; upTo = newest.at(-1)! - 1) {
    const at = lastUpTo(plan, upTo, first - 1)
    if (at === null) break
    newest.push(at)
  }
  if (newest.length === 0) newest.push(first) // what is due by another rule of the zone than it was stored by
  const onTime = newest.filter(isOnTime)
  const missed = newest.filter((at) => !isOnTime(at))
  const caught = missed.filter((at) => now - at <= rule.misfireWindowMs).slice(0, caughtMax(rule, onTime.length))
  const left = missed.slice(caught.length)
  const own = left.slice(0, ownRowsMax)
  const oldest = own.at(-1) ?? newest.at(-1)!
  const before = between(plan, first - 1, oldest - 1, countMax)
  const because = { rule, isCaughtUp: onTime.length + caught.length > 0, now }
  const traces = own.map((at): Trace => ({ dueAt: at, ...fateOf(at, because), count: 1, lastDueAt: null }))
  if (before.length > 0)
    traces.push({
      dueAt: before[0]!,
      ...fateOf(before[0]!, because),
      count: before.length,
      lastDueAt: before.length < countMax ? before.at(-1)! : null,
    })
  return { onTime: onTime.reverse(), late: caught.reverse(), traces: traces.reverse(), last: newest[0]! }
}

function caughtMax({ misfire, misfireMax }: MisfireRule, onTime: number): number {
  if (misfire === 'all') return misfireMax
  return misfire === 'once' && onTime === 0 ? 1 : 0
}

/** With `once` the last one stands for those before it; otherwise what is not run was missed. */
function fateOf(
  at: number,
  { rule, isCaughtUp, now }: { rule: MisfireRule; isCaughtUp: boolean; now: number },
): Pick<Trace, 'state' | 'reason'> {
  if (rule.misfire === 'once' && isCaughtUp)
    return { state: 'skipped', reason: `${nobodyWasThere} The last one runs for all of them (misfire once).` }
  const isOld = now - at > rule.misfireWindowMs
  const why =
    rule.misfire === 'skip'
      ? 'It is not caught up with (misfire skip).'
      : isOld
        ? `It is more than ${minutes(rule.misfireWindowMs)} ago, and not caught up with (misfire_window_min).`
        : `Only the last ${rule.misfireMax} are caught up with (misfire_max).`
  return { state: 'missed', reason: `${nobodyWasThere} ${why}` }
}

const nobodyWasThere = 'The gateway was not running, or its clock was set forward.'

const minutes = (ms: number) => `${Number((ms / 60_000).toFixed(1))} min`
