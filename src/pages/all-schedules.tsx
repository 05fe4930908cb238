/** Every schedule that the visitor sees: list, calendar, scheduler, crontab. */
import type { CalendarProps, ShownDay } from '../../views/calendar.tsx'
import { CrontabPage, type CrontabProps } from '../../views/crontab.tsx'
import { scriptName } from '../../views/parts.tsx'
import { SchedulesPage, shownStates } from '../../views/schedules.tsx'
import { mayDo } from '../../views/viewer.ts'
import { GatewayError } from '../errors.ts'
import type { ScheduleState } from '../schedules/model.ts'
import { localAt } from '../schedules/times/offsets.ts'
import { dayText, normalZone, zones } from '../schedules/times/zone.ts'
import { zoneHint } from '../schedules/times/zone-hint.ts'
import type { CalendarDay, CalendarEntry, CrontabEntry, Schedule, ScheduleFilter } from '../schedules/view-model.ts'
import type { PageDeps } from './deps.ts'
import { oneOf, sentence, textIn } from './form.ts'
import { html, seeOther } from './html.tsx'
import { gatewayZone } from './schedule-props.tsx'
import { listed, pageIn, scheduleDone } from './schedules.tsx'

const atOnce = 50
const searchCharsMax = 200
const dayMs = 24 * 60 * 60 * 1000

export async function showSchedules(deps: PageDeps, search: URLSearchParams, now: number): Promise<Response> {
  const filter = {
    q: (search.get('q') ?? '').trim().slice(0, searchCharsMax),
    state: oneOf(shownStates, search.get('state')),
  }
  const isCalendar = search.get('view') === 'calendar'
  return html(
    <SchedulesPage
      {...{ viewer: deps.viewer, filter, now }}
      status={deps.schedules.status({})}
      list={isCalendar ? null : listProps(deps, filter, pageIn(search))}
      calendar={isCalendar ? await calendarProps(deps, filter, search, now) : null}
      mayMark={deps.scripts.list().some((script) => mayDo(deps.viewer, 'run', script))}
      done={scheduleDone(search) ?? allDone[search.get('done') ?? ''] ?? null}
    />,
  )
}

const allDone: Record<string, string> = {
  'all-paused': 'All schedules are paused.',
  'all-resumed': 'The schedules run again.',
}

interface Filter {
  q: string
  state: ScheduleState | null
}

const asked = ({ q, state }: Filter): ScheduleFilter => ({ q: q || undefined, state: state ?? undefined })

function listProps(deps: PageDeps, filter: Filter, wanted: number) {
  const ask = (page: number) =>
    deps.schedules.list(asked(filter), { limit: atOnce, offset: (page - 1) * atOnce, order: 'next' })
  const first = ask(wanted)
  const pages = Math.max(1, Math.ceil(first.total / atOnce))
  const page = Math.min(wanted, pages)
  const { items, total } = page === wanted ? first : ask(page)
  const scripts = new Map(deps.scripts.list().map((script) => [script.id, script]))
  const schedules = items.map((schedule) => {
    const script = scripts.get(schedule.script_id)
    return listed(
      schedule,
      script !== undefined && mayDo(deps.viewer, 'run', script),
      script ? scriptName(script) : `script ${schedule.script_id}`,
    )
  })
  return { schedules, total, page, pages }
}

// The calendar

const dayNames = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const monthNames = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July'],
  ...['August', 'September', 'October', 'November', 'December'],
]

/** Whole weeks around the month, from this week on. */
async function calendarProps(
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
  const { known, problem } = await dueOn(deps, filter, { dates: dates.filter((date) => date >= today), timezone })
  const days = shownDays(deps, { dates, known, today, month, state: filter.state })
  return {
    ...{ month, timezone, zones: zones(), days, problem },
    title: `${monthNames[Number(month.slice(5)) - 1]} ${month.slice(0, 4)}`,
    before: month <= today.slice(0, 7) ? null : dayText(monthStart(month, -1)).slice(0, 7),
    after: dayText(next).slice(0, 7),
    zoneError:
      typed !== '' && zone === null
        ? `${sentence(`There is no time zone "${typed}"${zoneHint(typed)}`)} This is ${timezone}.`
        : null,
    chosen: days.find(({ date }) => date === search.get('day')) ?? null,
    filter: { q: filter.q, state: filter.state ?? '' },
  }
}

/** There may be too many to be counted. */
async function dueOn(deps: PageDeps, filter: Filter, { dates, timezone }: { dates: string[]; timezone: string }) {
  const [from, to] = [dates[0], dates.at(-1)]
  if (from === undefined || to === undefined) return { known: [], problem: null }
  try {
    return { known: await deps.schedules.calendar(asked(filter), { from, to, timezone }), problem: null }
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
  state: ScheduleState | null
}

function shownDays(deps: PageDeps, { dates, known, today, month, state }: DaysGiven): ShownDay[] {
  const names = new Map(deps.scripts.list().map((script) => [script.id, scriptName(script)]))
  const entries = new Map(known.map((day) => [day.date, day.entries]))
  const said = saidOf(deps, known, state)
  return dates.map((date) => {
    const at = new Date(`${date}T00:00:00Z`)
    return {
      date,
      day: at.getUTCDate(),
      name: `${dayNames[at.getUTCDay()]} ${at.getUTCDate()} ${monthNames[at.getUTCMonth()]}`,
      ...{ isToday: date === today, isPast: date < today, isOtherMonth: !date.startsWith(month) },
      entries: (entries.get(date) ?? []).toSorted(byFirstTime).map((entry, _, all) => ({
        ...{ scriptId: entry.script_id, scheduleId: entry.schedule_id },
        ...{ count: entry.count, isMore: entry.is_more ?? false },
        script: names.get(entry.script_id) ?? `script ${entry.script_id}`,
        isOneOfSeveral: all.filter(({ script_id }) => script_id === entry.script_id).length > 1,
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

/** Of very many, only the soonest say when they are due. */
const saidMax = 2000

function saidOf({ schedules }: PageDeps, known: CalendarDay[], state: ScheduleState | null): Map<number, Said> {
  if (known.every(({ entries }) => entries.length === 0)) return new Map()
  if (state === null || state === 'active')
    return new Map(schedules.soonest({}, { limit: saidMax }).map((next) => [next.schedule_id, next]))
  return new Map(schedules.list({ state }, { limit: saidMax, offset: 0 }).items.map((one) => [one.id, one]))
}

// The scheduler

/** 303 to the page. */
export function postPause({ settings }: PageDeps, isPaused: boolean): Response {
  settings.update({ schedules_paused: isPaused })
  return seeOther(`/schedules?done=all-${isPaused ? 'paused' : 'resumed'}`)
}

/** 303 to the page. */
export function postSeen({ schedules }: PageDeps): Response {
  schedules.markSeen({})
  return seeOther('/schedules?done=seen')
}

// A crontab

export const showImport = (deps: PageDeps, now: number) =>
  html(<CrontabPage {...crontabProps(deps, new URLSearchParams({ enabled: '1' }), now)} />)

/** What it comes to, to choose from; or, of the chosen lines, schedules. */
export function postCrontab(deps: PageDeps, form: URLSearchParams, now: number): Response {
  const isApplied = form.get('act') === 'import'
  const lines = form.getAll('line').map(Number)
  const shown = crontabProps(deps, form, now)
  try {
    if (isApplied && lines.length === 0) throw new GatewayError('validation', 'Choose at least one line.')
    const entries = deps.schedules.importCrontab(form.get('crontab') ?? '', {
      timezone: textIn(form, 'timezone') || null,
      lines: isApplied ? lines : undefined,
      enabled: form.has('enabled'),
      isApplied,
      asker: { name: deps.viewer?.name ?? '' },
    })
    return html(<CrontabPage {...shown} entries={entriesOf(deps, entries)} isDone={isApplied} />)
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    const problems = error.details.map(({ path, message }) => sentence(`${path.slice(1)} ${message}`.trim()))
    const message = problems.length > 0 ? problems.join(' ') : sentence(error.message)
    return html(<CrontabPage {...shown} message={message} />, { status: error.status })
  }
}

/** Before anybody has looked, schedules begin at once. */
const crontabProps = (deps: PageDeps, form: URLSearchParams, now: number): CrontabProps => ({
  ...{ viewer: deps.viewer, zone: gatewayZone(deps), zones: zones(), now },
  text: (form.get('crontab') ?? '').replaceAll('\r\n', '\n'),
  timezone: textIn(form, 'timezone'),
  enabled: form.has('enabled') || form.get('act') === 'look',
  ...{ entries: null, isDone: false, message: null },
})

function entriesOf(deps: PageDeps, entries: CrontabEntry[]): CrontabProps['entries'] {
  const names = new Map(deps.scripts.list().map((script) => [script.id, scriptName(script)]))
  return entries.map((entry) => ({
    ...entry,
    script: entry.script_id === null ? null : (names.get(entry.script_id) ?? null),
    words: wordsFor(deps, entry),
  }))
}

function wordsFor({ schedules }: PageDeps, { cron_expression, timezone }: CrontabEntry): string | null {
  if (cron_expression === null) return null
  try {
    return schedules.preview({ cron_expression, ...(timezone !== null && { timezone }) }, 0).words
  } catch (error) {
    if (error instanceof GatewayError) return null
    throw error
  }
}
