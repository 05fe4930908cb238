/**
 * When a schedule is due. The rules at changes of the clock:
 * - a fixed time (hours, minutes and seconds are numbers, lists or ranges) that clocks skip is due at the end of the gap; one that they show
 *   twice, at the first. A day that a zone left out altogether (Samoa, 30 December 2011) is passed over like 30 February;
 * - a series (a `*` or a step in them) follows the clock: what it skips is not due, what it shows twice is due twice;
 * - `every` counts elapsed time, whatever clocks do; days and weeks that were counted in words are fixed times.
 */
import type { TimePlan } from '../model.ts'
import { DAY_MS, localAt, resolveLocal, SECOND_MS, stretchAt } from './offsets.ts'
import { nextLocal, type Pattern, patternsOf } from './pattern.ts'

/** Nothing is due before or after: years of four digits, in which JavaScript's dates need no care. */
const TIME_MIN = Date.UTC(1900, 0, 1)
const TIME_MAX = Date.UTC(9999, 11, 31)

/** The first time that is strictly later than `after`, or null; never throws. About 1 µs, and up to 1 ms for a day that never comes. */
export function nextAfter(plan: TimePlan, after: number): number | null {
  if (Number.isNaN(after)) return null
  const from = Math.max(after, (plan.startsAt ?? Number.NEGATIVE_INFINITY) - 1, TIME_MIN)
  if (from > TIME_MAX) return null
  const at = nextOf(plan, from)
  // A time that is not later would be started again and again.
  if (at === null || !(at > from) || at > TIME_MAX) return null
  return plan.endsAt !== null && at > plan.endsAt ? null : at
}

/** All times in (after, upTo], the first `max` of them. */
export function between(plan: TimePlan, after: number, upTo: number, max: number): number[] {
  const times: number[] = []
  let at = nextAfter(plan, after)
  while (at !== null && at <= upTo && times.length < max) {
    times.push(at)
    at = nextAfter(plan, at)
  }
  return times
}

/** The latest time that is not after `upTo` and later than `after`, or null. Looks back in doubling steps: some 50 calls of nextAfter. */
export function lastUpTo(plan: TimePlan, upTo: number, after: number): number | null {
  const isBefore = (at: number | null) => at !== null && at <= upTo
  const first = nextAfter(plan, after)
  if (first === null || first > upTo) return null
  let low = first
  let high = upTo
  for (let step = SECOND_MS; upTo - step > low; step *= 2) {
    const at = nextAfter(plan, upTo - step)
    if (isBefore(at)) {
      low = at!
      break
    }
    high = upTo - step
  }
  // Due at `low`, and nothing is due in (high, upTo].
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const at = nextAfter(plan, middle)
    if (isBefore(at)) low = at!
    else high = middle
  }
  return low
}

function nextOf({ timing, timezone }: TimePlan, after: number): number | null {
  if (timing.kind === 'once') return timing.at > after ? timing.at : null
  if (timing.kind === 'every')
    return timing.anchorLocal === undefined
      ? nextEvery(timing.everyMs, timing.anchorAt, after)
      : after < timing.anchorAt
        ? timing.anchorAt // also where the start is in the second pass of a repeated hour
        : nextCountedDay(timing.everyMs, timing.anchorLocal, timezone, after)
  let first: number | null = null
  const patterns = readable(timing.cron)
  for (const pattern of patterns) {
    const at =
      patterns.length === 1 ? nextOfPattern(pattern, timezone, after) : rememberedNext(pattern, timezone, after)
    if (at !== null && (first === null || at < first)) first = at
  }
  return first
}

const found = new WeakMap<Pattern, { timezone: string; after: number; at: number | null }>()

/** Beside one that is due each second, one that is due in 28 years, or never, must not be looked for each second: up to 1 ms. */
function rememberedNext(pattern: Pattern, timezone: string, after: number): number | null {
  const known = found.get(pattern)
  if (known?.timezone === timezone && after >= known.after && (known.at === null || after < known.at)) return known.at
  const at = nextOfPattern(pattern, timezone, after)
  found.set(pattern, { timezone, after, at })
  return at
}

/** Nothing is due by a text that cannot be read: it was refused when it was written (parse.ts), and a scheduler must not fall over it. */
function readable(cron: string): Pattern[] {
  try {
    return patternsOf(cron)
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) return []
    throw error
  }
}

function nextEvery(everyMs: number, anchorAt: number, after: number): number | null {
  if (!(everyMs > 0)) return null
  if (after < anchorAt) return anchorAt
  return anchorAt + (Math.floor((after - anchorAt) / everyMs) + 1) * everyMs
}

/** Days are counted where all are as long: on the clock. One day may be left out, so the one after the next is looked at, too. */
function nextCountedDay(everyMs: number, anchorLocal: number, timezone: string, after: number): number | null {
  if (!(everyMs > 0)) return null
  const passed = Math.floor((localAt(timezone, after) - anchorLocal) / everyMs)
  for (let count = Math.max(0, passed - 1); count <= Math.max(0, passed) + 2; count++) {
    const at = dueAt(timezone, anchorLocal + count * everyMs)
    if (at !== null && at > after) return at
  }
  return null
}

/** The first time of one pattern after `after`. */
export const nextOfPattern = (pattern: Pattern, timezone: string, after: number) =>
  pattern.isFixed ? nextFixed(pattern, timezone, after) : nextInSeries(pattern, timezone, after)

/**
 * Later times on the clock come first for the first time at later moments, so those after what the clock shows now are tried in their order;
 * only in the second pass of a repeated hour are there some that were due before.
 */
function nextFixed(pattern: Pattern, timezone: string, after: number): number | null {
  let local = after + stretchAt(timezone, after).offsetMs
  for (;;) {
    const next = nextLocal(pattern, local + 1)
    if (next === null) return null
    const at = dueAt(timezone, next)
    if (at !== null && at > after) return at
    local = next
  }
}

/** When a fixed time on the clock is due; null: on a day that was left out. */
export function dueAt(timezone: string, local: number): number | null {
  const found = resolveLocal(timezone, local)
  return found.kind === 'gap' && found.gapMs >= DAY_MS ? null : found.at
}

/** Within a stretch of one offset the clock is a straight line; the next stretch begins with what the clock shows there. */
function nextInSeries(pattern: Pattern, timezone: string, after: number): number | null {
  let at = Math.floor(after / SECOND_MS) * SECOND_MS + SECOND_MS
  for (;;) {
    const { offsetMs, end } = stretchAt(timezone, at)
    const next = nextLocal(pattern, at + offsetMs)
    if (next === null) return null
    if (next - offsetMs < end) return next - offsetMs
    // No need to look at every piece of the years between. A change that is near is not passed over: clocks may go back to what was shown before.
    at = end - at < 2 * DAY_MS ? end : Math.max(end, next - 2 * DAY_MS)
  }
}
