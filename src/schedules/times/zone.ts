/** Moments in words on the clock of a time zone. */
import { normalZone } from '../../options/zone-names.ts'
import {
  DAY_MS,
  HOUR_MS,
  isKnownZone,
  localAt,
  MINUTE_MS,
  offsetAt,
  resolveLocal,
  SECOND_MS,
  stretchAt,
} from './offsets.ts'

export { normalZone, zones } from '../../options/zone-names.ts'

/** The zone of the gateway's own clock (TZ, /etc/localtime); UTC where that is none that has a name. */
export const systemZone = (): string => normalZone(Intl.DateTimeFormat().resolvedOptions().timeZone ?? 'UTC') ?? 'UTC'

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `Sun 14 Mar 2027 03:00 EDT`; with seconds where there are any. Of several times: `localTexts`. */
export const localText = (at: number, timezone: string): string => momentText(at, timezone, hasSeconds(at, timezone))

/** Of one list: with seconds in all of them where any has some, so that they can be compared. */
export function localTexts(times: number[], timezone: string): string[] {
  const withSeconds = times.some((at) => hasSeconds(at, timezone))
  return times.map((at) => momentText(at, timezone, withSeconds))
}

const hasSeconds = (at: number, timezone: string) => Math.floor(localAt(timezone, at) / SECOND_MS) % 60 !== 0

function momentText(at: number, timezone: string, withSeconds: boolean): string {
  const local = localAt(timezone, at)
  const clock = clockText(local, withSeconds)
  return `${weekdays[new Date(local).getUTCDay()]} ${dateText(local)} ${clock} ${zoneText(at, timezone)}`
}

/** `14 Mar 2027`, of a local time. */
export function dateText(local: number): string {
  const date = new Date(local)
  return `${date.getUTCDate()} ${months[date.getUTCMonth()]} ${date.getUTCFullYear()}`
}

/** `02:30`, or `02:30:15` where it has seconds or they are asked for, of a local time or of milliseconds since midnight. */
export function clockText(local: number, withSeconds = false): string {
  const ofDay = ((local % DAY_MS) + DAY_MS) % DAY_MS
  const parts = [Math.floor(ofDay / HOUR_MS), Math.floor(ofDay / MINUTE_MS) % 60, Math.floor(ofDay / SECOND_MS) % 60]
  return (parts[2] === 0 && !withSeconds ? parts.slice(0, 2) : parts)
    .map((part) => String(part).padStart(2, '0'))
    .join(':')
}

/** Languages whose readers know the zones of a continent by their letters; Intl writes GMT+1 in all others. */
const languages = ['en-US', 'en-GB', 'en-AU', 'en-IN', 'en-ZA']
const zoneTexts = new Map<string, string>()
const ZONE_TEXTS_MAX = 5000

/** `EDT`, `CET`; `UTC+05:45` where nobody says it in letters. */
export function zoneText(at: number, timezone: string): string {
  if (timezone === 'UTC' || !isKnownZone(timezone)) return 'UTC'
  const key = `${timezone} ${stretchAt(timezone, at).start}`
  const known = zoneTexts.get(key)
  if (known) return known
  if (zoneTexts.size >= ZONE_TEXTS_MAX) zoneTexts.clear()
  const text = zoneLetters(at, timezone) ?? offsetText(offsetAt(timezone, at))
  zoneTexts.set(key, text)
  return text
}

function zoneLetters(at: number, timezone: string): string | null {
  for (const language of languages) {
    const text = new Intl.DateTimeFormat(language, { timeZone: timezone, timeZoneName: 'short' })
      .formatToParts(at)
      .find((part) => part.type === 'timeZoneName')?.value
    if (text && /^[A-Z]+$/.test(text)) return text
  }
  return null
}

function offsetText(offsetMs: number): string {
  const minutes = Math.round(Math.abs(offsetMs) / MINUTE_MS)
  const [hour, minute] = [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0'))
  return `UTC${offsetMs < 0 ? '−' : '+'}${hour}:${minute}`
}

/** `-04:00`, as ISO 8601 has it. */
export function isoOffset(offsetMs: number): string {
  return offsetText(offsetMs).slice(3).replace('−', '-')
}

/** The local date as `2027-03-14`. */
export const dayText = (local: number) => new Date(local).toISOString().slice(0, 10)

/**
 * The moment at which a zone's clock first shows `local` (see offsets.ts); where clocks skip it, the moment at which they do: so the first
 * moment of a day is `firstMoment(midnight)` even where the day begins at 01:00.
 */
export const firstMoment = (local: number, timezone: string): number => resolveLocal(timezone, local).at

/** The first moment of the local day of `at`. */
export const startOfDay = (at: number, timezone: string): number =>
  firstMoment(Math.floor(localAt(timezone, at) / DAY_MS) * DAY_MS, timezone)

const units = [
  ['week', 7 * DAY_MS],
  ['day', DAY_MS],
  ['hour', HOUR_MS],
  ['minute', MINUTE_MS],
  ['second', SECOND_MS],
] as const

/** In the largest unit that counts it without a rest. */
export function spanParts(ms: number): { count: number; unit: (typeof units)[number][0] } {
  const [unit, unitMs] = units.find(([name, unitMs]) => ms % unitMs === 0 && !(name === 'day' && ms === unitMs)) ?? [
    'second',
    SECOND_MS,
  ]
  return { count: ms / unitMs, unit }
}

/** `36 hours`, `2 weeks`. */
export function spanText(ms: number): string {
  const { count, unit } = spanParts(ms)
  return count === 1 ? unit : `${count} ${unit}s`
}
