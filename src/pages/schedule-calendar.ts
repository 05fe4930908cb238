/** A month of what is due, as the page of all schedules shows it. */
import { type CalendarProps, entriesShown, type ShownDay } from '../../views/calendar.tsx'
import { say, type Text } from '../../views/texts.ts'
import { GatewayError } from '../errors.ts'
import { schedulesOver } from '../schedules/calendar.ts'
import { localAt } from '../schedules/times/offsets.ts'
import { dayText, normalZone, zones } from '../schedules/times/zone.ts'
import { zoneHint } from '../schedules/times/zone-hint.ts'
import type { CalendarDay, CalendarEntry, Schedule } from '../schedules/view-model.ts'
import { asked, type Filter, knownScripts } from './all-schedules.tsx'
import type { PageDeps } from './deps.ts'
import { oneOf, sentence } from './form.ts'
import { gatewayZone } from './schedule-props.tsx'

const dayMs = 24 * 60 * 60 * 1000

const dayNames = [
  ...(['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] satisfies Text[]),
] as const
const monthNames = [
  ...(['January', 'February', 'March', 'April', 'May|month', 'June', 'July'] satisfies Text[]),
  ...(['August', 'September', 'October', 'November', 'December'] satisfies Text[]),
] as const

/** Whole weeks around the month, from this week on. */
export async function calendarProps(
  deps: PageDeps,
  filter: Filter,
  search: URLSearchParams,
  now: number,
): Promise<CalendarProps> {
  const typed = (search.get('timezone') ?? '').trim()
  const zone = typed === '' ? null : normalZone(typed)
  const timezone = zone ?? gatewayZone(deps)
  const today = dayText(localAt(timezone, now))
  const wanted = monthIn(search.get('month')) ?? today
  const isOver = wanted < today
  const month = (isOver ? today : wanted).slice(0, 7)
  const [first, next] = [monthStart(month, 0), monthStart(month, 1)]
  const from = first - mondayOffset(first) * dayMs
  const to = next + ((7 - mondayOffset(next)) % 7) * dayMs
  const weeks = Array.from({ length: (to - from) / (7 * dayMs) }, (_, index) => from + 7 * index * dayMs)
  const open = weeks.filter((monday) => dayText(monday + 6 * dayMs) >= today) // what is over has its traces elsewhere
  const dates = open.flatMap((monday) => Array.from({ length: 7 }, (_, day) => dayText(monday + day * dayMs)))
  const ahead = dates.filter((date) => date >= today)
  const limit = schedulesOver(ahead.length)
  const { known, problem } = await dueOn(deps, filter, { dates: ahead, timezone, limit })
  const { total, items: leftOut } = deps.schedules.list(asked({ ...filter, state: filter.state ?? 'active' }), {
    ...{ limit: 1, offset: limit, order: 'next' },
  })
  const isRunning = filter.state !== 'missed' || leftOut[0]?.state === 'active' // of those alone it shows what is due
  const cutFrom = leftOut[0] && isRunning ? cutDay(leftOut[0], timezone) : undefined
  const chosen = oneOf(dates, search.get('day'))
  const days = shownDays(deps, { dates, known, today, month, chosen: chosen ?? today, cutFrom })
  return {
    ...{ month, timezone, zones: zones(), days, problem },
    title: say('{month} {year}', {
      month: say(monthNames[Number(month.slice(5)) - 1]!),
      year: month.slice(0, 4),
    }),
    cut: total > limit ? limit : null,
    before: month <= today.slice(0, 7) ? null : dayText(monthStart(month, -1)).slice(0, 7),
    after: dayText(next).slice(0, 7),
    zoneError:
      typed !== '' && zone === null
        ? `${sentence(`There is no time zone "${typed}"${zoneHint(typed)}`)} ${say('This is {zone}.', { zone: timezone })}`
        : null,
    chosen: days.find(({ date }) => date === (chosen ?? today)) ?? null,
    isChosen: chosen !== null,
    filter: { q: filter.q, state: filter.state ?? '' },
  }
}

/** From which day on one that there was no room for may be due. */
const cutDay = ({ state, next_runs: [next] }: Schedule, timezone: string) =>
  state !== 'active' || next === undefined ? '' : dayText(localAt(timezone, Date.parse(next)))

/** There may be too many to be counted. */
interface Asked {
  dates: string[]
  timezone: string
  limit: number
}

async function dueOn(deps: PageDeps, filter: Filter, { dates, timezone, limit }: Asked) {
  const [from, to] = [dates[0], dates.at(-1)]
  if (from === undefined || to === undefined) return { known: [], problem: null }
  try {
    return { known: await deps.schedules.calendar(asked(filter), { from, to, timezone, limit }), problem: null }
  } catch (error) {
    if (!(error instanceof GatewayError) || error.type !== 'validation') throw error
    return { known: [], problem: error.message }
  }
}

/** `2027-03`, of years that people mean. */
const monthIn = (text: string | null) =>
  text !== null && /^(19[7-9]\d|20\d\d)-(0[1-9]|1[0-2])$/.test(text) ? text : null
const monthStart = (month: string, by: number) =>
  Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)) - 1 + by, 1)
const mondayOffset = (at: number) => (new Date(at).getUTCDay() + 6) % 7

interface DaysGiven {
  dates: string[]
  known: CalendarDay[]
  today: string
  month: string
  /** All of its entries are shown. */
  chosen: string
  /** From here on there may be more than what is known; undefined: nowhere. */
  cutFrom: string | undefined
}

function shownDays(deps: PageDeps, { dates, known, today, month, chosen, cutFrom }: DaysGiven): ShownDay[] {
  const { nameOf } = knownScripts(deps)
  const days = new Map(known.map((day) => [day.date, day.entries.toSorted(byFirstTime)]))
  const shownOf = (date: string) => (date === chosen ? saidMax : entriesShown)
  const said = saidOf(
    deps,
    dates.flatMap((date) => (days.get(date) ?? []).slice(0, shownOf(date))),
  )
  // Whatever is due next on another day may have been due today, too.
  const isCut = (date: string) => cutFrom !== undefined && (date >= cutFrom || date === today)
  return dates.map((date) => {
    const at = new Date(`${date}T00:00:00Z`)
    const entries = days.get(date) ?? []
    const ofScript = new Map<number, number>()
    for (const { script_id } of entries) ofScript.set(script_id, (ofScript.get(script_id) ?? 0) + 1)
    return {
      date,
      day: at.getUTCDate(),
      name: say('{weekday} {day} {month}', {
        ...{ weekday: say(dayNames[at.getUTCDay()]!), day: at.getUTCDate() },
        month: say(monthNames[at.getUTCMonth()]!),
      }),
      ...{ isToday: date === today, isPast: date < today, isOtherMonth: !date.startsWith(month) },
      total: entries.reduce((sum, { count }) => sum + count, 0),
      isCut: isCut(date),
      isMore: isCut(date) || entries.some(({ is_more }) => is_more === true),
      hidden: Math.max(0, entries.length - entriesShown),
      entries: entries.slice(0, shownOf(date)).map((entry) => ({
        ...{ scriptId: entry.script_id, scheduleId: entry.schedule_id },
        ...{ count: entry.count, isMore: entry.is_more ?? false },
        script: nameOf(entry.script_id),
        isOneOfSeveral: ofScript.get(entry.script_id)! > 1,
        ...(said.get(entry.schedule_id) ?? { words: '', description: '' }),
        times: entry.times.map(({ local }) => clockIn(local)),
      })),
    }
  })
}

/** `Sun 14 Mar 2027 03:00 EDT` → `03:00`. */
const clockIn = (local: string) => /\d\d:\d\d(:\d\d)?/.exec(local)?.[0] ?? local

const byFirstTime = (a: CalendarEntry, b: CalendarEntry) =>
  (a.times[0]?.at ?? '').localeCompare(b.times[0]?.at ?? '') || a.schedule_id - b.schedule_id

type Said = Pick<Schedule, 'words' | 'description'>

/** Of one day that is shown whole. */
const saidMax = 200

/** What those that are shown say of themselves. */
function saidOf({ schedules }: PageDeps, shown: CalendarEntry[]): Map<number, Said> {
  const ids = [...new Set(shown.map(({ schedule_id }) => schedule_id))]
  if (ids.length === 0) return new Map()
  const { items } = schedules.list({ ids }, { limit: ids.length, offset: 0 })
  return new Map(items.map((one) => [one.id, one]))
}
