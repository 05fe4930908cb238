/** Every schedule that the visitor sees: list, calendar, scheduler, crontab. */
import { CrontabPage, type CrontabProps } from '../../views/crontab.tsx'
import { scriptName } from '../../views/parts.tsx'
import { SchedulesPage, type SchedulesProps, shownStates } from '../../views/schedules.tsx'
import { say } from '../../views/texts.ts'
import { mayDo } from '../../views/viewer.ts'
import { GatewayError } from '../errors.ts'
import type { AskedState } from '../schedules/model.ts'
import { localTexts, zones } from '../schedules/times/zone.ts'
import type { CrontabEntry, ScheduleFilter } from '../schedules/view-model.ts'
import type { Script } from '../scripts/model.ts'
import type { PageDeps } from './deps.ts'
import { oneOf, sentence, textIn } from './form.ts'
import { html, seeOther } from './html.tsx'
import { calendarProps } from './schedule-calendar.ts'
import { scheduleDone } from './schedule-done.ts'
import { gatewayZone, localWords } from './schedule-props.tsx'
import { listed, pageIn } from './schedules.tsx'

const atOnce = 50
const searchCharsMax = 200

export async function showSchedules(deps: PageDeps, search: URLSearchParams, now: number): Promise<Response> {
  const filter = {
    q: (search.get('q') ?? '').trim().slice(0, searchCharsMax),
    state: oneOf(shownStates, search.get('state')),
  }
  const isCalendar = search.get('view') === 'calendar'
  const status = deps.schedules.status({})
  return html(
    <SchedulesPage
      {...{ viewer: deps.viewer, filter, now }}
      status={status}
      list={isCalendar ? null : listProps(deps, filter, search, now)}
      calendar={isCalendar ? await calendarProps(deps, filter, search, now) : null}
      mayMark={status.missed > 0 && deps.scripts.list().some((script) => mayDo(deps.viewer, 'run', script))}
      done={scheduleDone(search, 'all')}
    />,
  )
}

/** What is searched for. */
export interface Filter {
  q: string
  state: AskedState | null
}

/** The same, as the service is asked. */
export const asked = ({ q, state }: Filter): ScheduleFilter => ({ q: q || undefined, state: state ?? undefined })

const idsMax = 100

/** A page of them; or, while it is shown, those that are on it as they are now, wherever they would stand. */
function listProps(deps: PageDeps, filter: Filter, search: URLSearchParams, now: number): SchedulesProps['list'] {
  const wanted = pageIn(search)
  const shown = idsIn(search)
  const ask = (page: number) =>
    shown
      ? deps.schedules.list({ ids: shown }, { limit: idsMax, offset: 0 })
      : deps.schedules.list(asked(filter), { limit: atOnce, offset: (page - 1) * atOnce, order: 'next' })
  const first = ask(wanted)
  const pages = Math.max(1, Math.ceil(first.total / atOnce))
  const page = Math.min(wanted, pages)
  const { items, total } = page === wanted || shown ? first : ask(page)
  const { find, nameOf } = knownScripts(deps)
  const schedules = items.map((schedule) => {
    const script = find(schedule.script_id)
    return listed(schedule, script !== undefined && mayDo(deps.viewer, 'run', script), nameOf(schedule.script_id))
  })
  return { schedules, total, page, pages, next: nextProps(deps, filter, nameOf, now) }
}

function idsIn(search: URLSearchParams): number[] | null {
  const text = search.get('ids')
  return text === null ? null : text.split(',').slice(0, idsMax).map(Number).filter(Number.isSafeInteger)
}

/** Scripts by their numbers, looked up once: a page names few of many. */
export function knownScripts({ scripts }: Pick<PageDeps, 'scripts'>) {
  const known = new Map<number, Script | undefined>()
  const find = (id: number) => {
    if (!known.has(id)) known.set(id, scripts.find(String(id))?.script)
    return known.get(id)
  }
  return {
    find,
    nameOf(id: number): string {
      const script = find(id)
      return script ? scriptName(script) : say('script {id}', { id })
    },
  }
}

const nextTimesShown = 10

/** On the clock of the gateway: they are of many zones. */
function nextProps(deps: PageDeps, filter: Filter, nameOf: (id: number) => string, now: number) {
  const timezone = gatewayZone(deps)
  const next = deps.schedules.nextTimes(asked(filter), nextTimesShown)
  const texts = localTexts(
    next.map(({ at }) => Date.parse(at)),
    timezone,
  )
  const times = next.map(({ at, script_id, schedule_id, words }, index) => ({
    ...{ at, words, local: localWords(texts[index]!), script: nameOf(script_id) },
    href: `/scripts/${script_id}/schedules/${schedule_id}`,
  }))
  return { times, timezone, now }
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
    if (isApplied && lines.length === 0) throw new GatewayError('validation', say('Choose at least one line.'))
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
  const { find } = knownScripts(deps)
  return entries.map((entry) => ({
    ...entry,
    script: nameIn(find, entry.script_id),
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

function nameIn(find: (id: number) => Script | undefined, id: number | null): string | null {
  const script = id === null ? undefined : find(id)
  return script ? scriptName(script) : null
}
