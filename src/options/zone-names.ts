/** Names of time zones, and what Intl knows by them. */

/** Names that mean UTC; and modern names for those that Intl lists under an old one. */
const utcNames = new Set([
  'utc',
  'gmt',
  'zulu',
  'uct',
  'universal',
  'greenwich',
  'etc/utc',
  'etc/gmt',
  'etc/uct',
  'etc/zulu',
])
let byLowerCase: Map<string, string> | null = null

/**
 * The proper name of an IANA time zone, however its letters are written (`europe/berlin`), or null for what is none: offsets (`+02:00`) and
 * abbreviations (`EST`, `CET`), which know nothing of changes of the clock or mean several places.
 */
export function normalZone(name: string): string | null {
  const text = name.trim().toLowerCase()
  if (text.length > 64 || !/^[a-z][a-z0-9_+/-]*$/.test(text)) return null
  if (utcNames.has(text)) return 'UTC'
  const known = zoneNames().get(text)
  if (known) return known
  if (/^[a-z]{1,4}(\d[a-z]*)?$/.test(text)) return null
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: text }).resolvedOptions().timeZone
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

/** Every zone to choose from, UTC first. */
export const zones = (): string[] => [...zoneNames().values()]

function zoneNames(): Map<string, string> {
  if (byLowerCase) return byLowerCase
  const names = Intl.supportedValuesOf('timeZone').filter((name) => name.includes('/') && !name.startsWith('Etc/'))
  byLowerCase = new Map(['UTC', ...names.sort()].map((name) => [name.toLowerCase(), name]))
  return byLowerCase
}

/**
 * Writes a moment as the clock of the zone shows it, in numbers: month, day, year, hour, minute, second. null: this machine does
 * not know the zone. Making one takes a hundred times as long as using it: keep it.
 */
export function makeZoneClock(timeZone: string): Intl.DateTimeFormat | null {
  const numeric = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric' } as const
  try {
    return new Intl.DateTimeFormat('en-US', {
      ...{ timeZone, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23' },
      ...{ ...numeric, minute: 'numeric', second: 'numeric' },
    })
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}
