/**
 * What clocks of a zone show: its offsets from UTC, where they change, and the way back from a time on the clock to a moment.
 * "Local" times are milliseconds since 1970 as if the clock showed UTC, so that calendar arithmetic needs no zone.
 */
import { makeZoneClock } from '../../options/zone-names.ts'

export const SECOND_MS = 1000
export const MINUTE_MS = 60_000
export const HOUR_MS = 3_600_000
export const DAY_MS = 86_400_000

/** A stretch of time in which a zone's offset stays the same: from `start` to before `end`. Long stretches come in several pieces. */
export interface Stretch {
  start: number
  end: number
  /** Local time = UTC + this. */
  offsetMs: number
}

/** What a time on the clock means: one moment, two of them (clocks went back), or none (clocks went forward, at `at`). */
export type Resolved =
  | { kind: 'single'; at: number }
  | { kind: 'twice'; at: number; second: number }
  | { kind: 'gap'; at: number; gapMs: number }

/** No zone changes its offset twice within this: the shortest in the tz database since 1970 are weeks (Morocco, Egypt in Ramadan). */
const SAMPLE_MS = 2 ** 29
const SAMPLES_A_CHUNK = 16
const CHUNK_MS = SAMPLE_MS * SAMPLES_A_CHUNK
const CHUNKS_MAX = 4096
/** Offsets are from −12 to +14 hours; before zones were agreed on up to ±15:13. */
const OFFSET_MAX_MS = 16 * HOUR_MS

const formatters = new Map<string, Intl.DateTimeFormat | null>()
const chunks = new Map<string, Map<number, Stretch[]>>()
let chunksKept = 0

/** The stretch of the same offset that `at` lies in; about 0.1 µs once its quarter of a year has been looked up. */
export function stretchAt(timezone: string, at: number): Stretch {
  if (timezone === 'UTC') return { start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY, offsetMs: 0 }
  const stretches = chunkOf(timezone, Math.floor(at / CHUNK_MS))
  for (const stretch of stretches) if (at < stretch.end) return stretch
  return stretches[stretches.length - 1]!
}

export const offsetAt = (timezone: string, at: number) => stretchAt(timezone, at).offsetMs

/** What the clock shows, see above. */
export const localAt = (timezone: string, at: number) => at + offsetAt(timezone, at)

/** The moments at which clocks show `local`; for one that they skip, the moment at which they do. */
export function resolveLocal(timezone: string, local: number): Resolved {
  const before = offsetAt(timezone, local - OFFSET_MAX_MS)
  const after = offsetAt(timezone, local + OFFSET_MAX_MS)
  if (before === after) return { kind: 'single', at: local - before }
  const [early, late] = [local - before, local - after]
  const isEarly = offsetAt(timezone, early) === before
  const isLate = offsetAt(timezone, late) === after
  if (isEarly && isLate) return { kind: 'twice', at: early, second: late }
  if (isEarly) return { kind: 'single', at: early }
  if (isLate) return { kind: 'single', at: late }
  return { kind: 'gap', at: changeBetween(timezone, late, early), gapMs: after - before }
}

/** The first change of the offset after `after` and not after `upTo`, or null. */
export function nextChange(timezone: string, after: number, upTo: number): number | null {
  let stretch = stretchAt(timezone, after)
  while (stretch.end <= upTo) {
    const next = stretchAt(timezone, stretch.end)
    if (next.offsetMs !== stretch.offsetMs) return stretch.end
    stretch = next
  }
  return null
}

const changeBetween = (timezone: string, from: number, to: number) => nextChange(timezone, from, to) ?? to

function chunkOf(timezone: string, index: number): Stretch[] {
  let ofZone = chunks.get(timezone)
  if (!ofZone) {
    ofZone = new Map()
    chunks.set(timezone, ofZone)
  }
  const known = ofZone.get(index)
  if (known) return known
  if (chunksKept >= CHUNKS_MAX) {
    for (const one of chunks.values()) one.clear()
    chunksKept = 0
  }
  const found = findStretches(timezone, index * CHUNK_MS)
  ofZone.set(index, found)
  chunksKept++
  return found
}

function findStretches(timezone: string, start: number): Stretch[] {
  const stretches: Stretch[] = []
  let current: Stretch = { start, end: start + CHUNK_MS, offsetMs: askOffset(timezone, start) }
  for (let sample = start + SAMPLE_MS; sample <= start + CHUNK_MS; sample += SAMPLE_MS) {
    const offsetMs = askOffset(timezone, sample)
    if (offsetMs === current.offsetMs) continue
    const change = findChange(timezone, sample - SAMPLE_MS, sample, current.offsetMs)
    stretches.push({ ...current, end: change })
    current = { start: change, end: start + CHUNK_MS, offsetMs }
  }
  if (current.start < current.end) stretches.push(current)
  return stretches
}

/** The second at which the offset is no longer `offsetMs`, which it is at `from` and is not at `to`. */
function findChange(timezone: string, from: number, to: number, offsetMs: number): number {
  let low = Math.floor(from / SECOND_MS)
  let high = Math.ceil(to / SECOND_MS)
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (askOffset(timezone, middle * SECOND_MS) === offsetMs) low = middle
    else high = middle
  }
  return high * SECOND_MS
}

/** Asks Intl, 3 µs: whole seconds. A zone that it does not know, of a database from elsewhere, is shown as UTC: broken.ts says so. */
function askOffset(timezone: string, at: number): number {
  const formatter = formatterOf(timezone)
  if (formatter === null) return 0
  const seconds = Math.floor(at / SECOND_MS) * SECOND_MS
  const [month, day, year, hour, minute, second] = formatter.format(seconds).match(/\d+/g)!.map(Number)
  return Date.UTC(year!, month! - 1, day, hour, minute, second) - seconds
}

/** Whether this machine knows the zone. */
export const isKnownZone = (timezone: string) => formatterOf(timezone) !== null

function formatterOf(timezone: string): Intl.DateTimeFormat | null {
  let formatter = formatters.get(timezone)
  if (formatter === undefined) {
    formatter = makeZoneClock(timezone)
    formatters.set(timezone, formatter)
  }
  return formatter
}

/** Days that are looked at for one that fits. */
const DAYS_MAX = 400

/**
 * The first moment after `after`, at a local time that `timeOn` gives for a day (milliseconds since its midnight; null: not on this day).
 * A time that clocks skip is taken at the end of the gap, one that they show twice at the first.
 */
export function firstLocal(timezone: string, after: number, timeOn: (midnight: number) => number | null): number {
  const today = Math.floor(localAt(timezone, after) / DAY_MS) * DAY_MS
  for (let day = 0; day < DAYS_MAX; day++) {
    const time = timeOn(today + day * DAY_MS)
    const at = time === null ? null : resolveLocal(timezone, today + day * DAY_MS + time).at
    if (at !== null && at > after) return at
  }
  throw new Error('There is no such day')
}
