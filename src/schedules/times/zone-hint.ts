/** What to take in place of a time zone that is none. */
import { nearest } from '../../nearest.ts'
import { HOUR_MS, MINUTE_MS, offsetAt } from './offsets.ts'
import { normalZone, zones } from './zone.ts'

/** Letters that say how far a clock is ahead, and a zone that has it. */
const byLetters: Readonly<Record<string, string>> = {
  ...{ cet: 'Europe/Berlin', cest: 'Europe/Berlin', mez: 'Europe/Berlin', mesz: 'Europe/Berlin', met: 'Europe/Berlin' },
  ...{ wet: 'Europe/Lisbon', west: 'Europe/Lisbon', bst: 'Europe/London', eet: 'Europe/Athens', eest: 'Europe/Athens' },
  ...{ msk: 'Europe/Moscow', et: 'America/New_York', est: 'America/New_York', edt: 'America/New_York' },
  ...{ est5edt: 'America/New_York', ct: 'America/Chicago', cst: 'America/Chicago', cdt: 'America/Chicago' },
  ...{ cst6cdt: 'America/Chicago', mt: 'America/Denver', mst: 'America/Denver', mdt: 'America/Denver' },
  ...{ mst7mdt: 'America/Denver', pt: 'America/Los_Angeles', pst: 'America/Los_Angeles', pdt: 'America/Los_Angeles' },
  ...{ pst8pdt: 'America/Los_Angeles', akst: 'America/Anchorage', hst: 'Pacific/Honolulu', brt: 'America/Sao_Paulo' },
  ...{ ist: 'Asia/Kolkata', jst: 'Asia/Tokyo', kst: 'Asia/Seoul', sgt: 'Asia/Singapore', hkt: 'Asia/Hong_Kong' },
  ...{ aest: 'Australia/Sydney', aedt: 'Australia/Sydney', acst: 'Australia/Adelaide', awst: 'Australia/Perth' },
  ...{ nzst: 'Pacific/Auckland', nzdt: 'Pacific/Auckland', sast: 'Africa/Johannesburg' },
}

/** Cities that many would take, and that the database of zones knows by another one. */
const byOtherCity: Readonly<Record<string, string>> = {
  ...{ beijing: 'Asia/Shanghai', shenzhen: 'Asia/Shanghai', guangzhou: 'Asia/Shanghai', china: 'Asia/Shanghai' },
  ...{ delhi: 'Asia/Kolkata', new_delhi: 'Asia/Kolkata', mumbai: 'Asia/Kolkata', bangalore: 'Asia/Kolkata' },
  ...{ osaka: 'Asia/Tokyo', hanoi: 'Asia/Ho_Chi_Minh', islamabad: 'Asia/Karachi', abu_dhabi: 'Asia/Dubai' },
  ...{ munich: 'Europe/Berlin', frankfurt: 'Europe/Berlin', hamburg: 'Europe/Berlin', cologne: 'Europe/Berlin' },
  ...{ geneva: 'Europe/Zurich', bern: 'Europe/Zurich', milan: 'Europe/Rome', barcelona: 'Europe/Madrid' },
  ...{ edinburgh: 'Europe/London', st_petersburg: 'Europe/Moscow', rio_de_janeiro: 'America/Sao_Paulo' },
  ...{ washington: 'America/New_York', boston: 'America/New_York', miami: 'America/New_York' },
  ...{ atlanta: 'America/New_York', houston: 'America/Chicago', dallas: 'America/Chicago', austin: 'America/Chicago' },
  ...{ san_francisco: 'America/Los_Angeles', seattle: 'America/Los_Angeles', las_vegas: 'America/Los_Angeles' },
  ...{ canberra: 'Australia/Sydney', wellington: 'Pacific/Auckland', cape_town: 'Africa/Johannesburg' },
}

/** Where many live: the first ones at an offset are proposed. */
const populous = [
  ...['UTC', 'Europe/London', 'Europe/Berlin', 'Europe/Athens', 'Africa/Lagos', 'Europe/Moscow', 'Asia/Dubai'],
  ...['Asia/Tehran', 'Asia/Karachi', 'Asia/Kolkata', 'Asia/Kathmandu', 'Asia/Dhaka', 'Asia/Yangon', 'Asia/Bangkok'],
  ...['Asia/Shanghai', 'Asia/Tokyo', 'Australia/Adelaide', 'Australia/Sydney', 'Pacific/Auckland', 'America/Sao_Paulo'],
  ...['America/Halifax', 'America/New_York', 'America/Chicago', 'America/Denver', 'America/Los_Angeles'],
  ...['America/Anchorage', 'Pacific/Honolulu'],
]

/** To be put behind `got "CET"`: why it is refused and what is meant, or nothing. */
export function zoneHint(name: string): string {
  const text = name.trim().toLowerCase().slice(0, 64)
  const letters = byLetters[text]
  if (letters)
    return `: letters do not say when clocks change, or mean several places; take a place, such as ${letters}`
  const places = placesAt(text)
  if (places)
    return `: an offset does not know when clocks change; take a place${places.length > 0 ? `, such as ${places.join(' or ')}` : ''}`
  const meant = byCity(text) ?? nearestOf(text)
  return meant ? `; did you mean "${meant}"?` : ''
}

/** Of `+01:00`, `UTC+1`, `GMT-5`: two zones that have it in winter or in summer; null: it is no offset. */
function placesAt(text: string): string[] | null {
  const match = /^(?:utc|gmt|etc\/gmt)?([+-])(\d{1,2})(?::?(\d{2}))?$/.exec(text)
  if (!match) return null
  // Etc/GMT+5 is what others call -05:00.
  const sign = (match[1] === '-') === text.startsWith('etc/') ? 1 : -1
  const offset = sign * (Number(match[2]) * HOUR_MS + Number(match[3] ?? 0) * MINUTE_MS)
  const [winter, summer] = [Date.UTC(2027, 0, 1), Date.UTC(2027, 6, 1)]
  const inWinter = populous.filter((zone) => offsetAt(zone, winter) === offset)
  const inSummer = populous.filter((zone) => offsetAt(zone, summer) === offset && !inWinter.includes(zone))
  return [...inWinter, ...inSummer].slice(0, 2)
}

const plainCity = (text: string) => text.replace(/[\s_-]+/g, '_')

/** `Berlin`, `new york`, `Europe/Lord_Howe`. */
function byCity(text: string): string | null {
  const city = plainCity(text.split('/').at(-1) ?? '')
  if (city === '') return null
  const found = zones().find((zone) => plainCity(zone.toLowerCase().split('/').at(-1)!) === city)
  return found ?? (Object.hasOwn(byOtherCity, city) ? byOtherCity[city]! : null)
}

function nearestOf(text: string): string | null {
  const all = zones().map((zone) => zone.toLowerCase())
  const meant = nearest(text, all)
  if (meant || text.includes('/')) return meant && normalZone(meant)
  const city = nearest(
    plainCity(text),
    all.map((zone) => zone.split('/').at(-1)!),
  )
  return city === null ? null : byCity(city)
}
