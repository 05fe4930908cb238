/** Quiet hours on the clock of a zone, over midnight and over the days when clocks are changed. */
import { makeZoneClock } from '../options/zone-names.ts'
import type { QuietHours } from './model.ts'

const dayMs = 86_400_000
const minuteMs = 60_000
/** Clocks are not changed by more: further from their hours nothing needs to be looked at closely. */
const changeMsMax = 3 * 60 * minuteMs

/** When the quiet hours that `now` is in end; null outside of them. Milliseconds since 1970. */
export function quietUntil({ from, to }: QuietHours, timezone: string, now: number): number | null {
  const today = wallOf(timezone, now)
  const midnight = today - mod(today, dayMs)
  const start = minutesOf(from) * minuteMs
  const length = mod(minutesOf(to) - minutesOf(from), 24 * 60) * minuteMs
  // Those that began today, and those that began yesterday and go over midnight.
  for (const begun of [midnight + start, midnight - dayMs + start]) {
    if (today < begun - changeMsMax || today > begun + length + changeMsMax) continue
    if (instantOf(timezone, begun) > now) continue
    const end = instantOf(timezone, begun + length)
    if (now < end) return end
  }
  return null
}

/** Whether it is `HH:MM`. */
export const isTimeOfDay = (text: string) => /^([01]\d|2[0-3]):[0-5]\d$/.test(text)

/** `22:00` of a moment in the zone. */
export const timeOfDay = (timezone: string, at: number) => new Date(wallOf(timezone, at)).toISOString().slice(11, 16)

/**
 * When the clock of the zone shows this: the first time, where it does twice; where it never does, because clocks skip
 * it, the end of what they skip. `wall`: as if the clock were one of UTC.
 */
function instantOf(timezone: string, wall: number): number {
  const [early, late] = [wall - dayMs, wall + dayMs].map((at) => wall - (wallOf(timezone, at) - at)) as [number, number]
  const shown = [early, late].filter((at) => wallOf(timezone, at) === wall)
  if (shown.length > 0) return Math.min(...shown)
  let [before, after] = [Math.min(early, late), Math.max(early, late)] // the change is between the two
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (wallOf(timezone, middle) < wall) before = middle
    else after = middle
  }
  return after
}

/** What the clock of the zone shows, as if it were one of UTC. */
function wallOf(timezone: string, at: number): number {
  const parts: Record<string, number> = {}
  for (const { type, value } of formatOf(timezone).formatToParts(at)) parts[type] = Number(value)
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
  return Date.UTC(year, month - 1, day, hour, minute, second) + mod(at, 1000)
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** A zone that is not known, of a database from elsewhere, is UTC: others must be told. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known) return known
  const made = makeZoneClock(timeZone) ?? makeZoneClock('UTC')!
  if (formats.size > 1000) formats.clear() // names in all spellings would be kept for ever
  formats.set(timeZone, made)
  return made
}

const minutesOf = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3))
const mod = (value: number, by: number) => ((value % by) + by) % by
