/** Times that clients send: ISO 8601, and without an offset on the clock of a zone. */
import { firstMoment } from './times/zone.ts'

const pattern = /^(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)\s?([Zz]|[+-]\d\d:?\d\d)?)?$/
const dayMs = 24 * 60 * 60 * 1000

/**
 * `2027-03-01T09:00:00Z`, or with another offset; `2027-03-01T09:00` on the clock of the zone; `2027-03-01`, the beginning of that day there, or its
 * last moment for `isEnd`. null for what is no time, such as 30 February.
 */
export function readMoment(text: string, timezone: string, { isEnd = false } = {}): number | null {
  const found = pattern.exec(text.trim())
  if (!found) return null
  const [, date, time, offset] = found
  const midnight = Date.parse(`${date}T00:00:00Z`)
  if (Number.isNaN(midnight) || !new Date(midnight).toISOString().startsWith(date!)) return null
  if (time === undefined) return isEnd ? firstMoment(midnight + dayMs, timezone) - 1 : firstMoment(midnight, timezone)
  const at = Date.parse(`${date}T${time}${offset ? offset.toUpperCase() : 'Z'}`)
  if (Number.isNaN(at)) return null
  return offset ? at : firstMoment(at, timezone)
}

/** A day of a calendar as it is at midnight in UTC; null for what is none. */
export function readDay(text: string): number | null {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return null
  const at = Date.parse(`${text}T00:00:00Z`)
  return Number.isNaN(at) || !new Date(at).toISOString().startsWith(text) ? null : at
}
