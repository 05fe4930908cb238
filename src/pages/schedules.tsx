/** Schedules on the page of a script: what is shown, and what becomes of posted forms. */
import { ScheduleDetail, type ScheduleProps } from '../../views/schedule.tsx'
import type { Back, ListedSchedule } from '../../views/schedule-row.tsx'
import { SchedulesTab, type SchedulesTabProps } from '../../views/schedules-tab.tsx'
import { ScriptPage } from '../../views/script.tsx'
import { isAtLeast, mayDo } from '../../views/viewer.ts'
import { GatewayError } from '../errors.ts'
import { localTexts } from '../schedules/times/zone.ts'
import type { Occurrence, Schedule } from '../schedules/view-model.ts'
import type { Param, Script } from '../scripts/model.ts'
import type { PageDeps } from './deps.ts'
import { oneOf, sentence } from './form.ts'
import { html, seeOther } from './html.tsx'
import { errorsOf, inputOf } from './schedule-form.ts'
import { formProps, type RefusedSchedule, savedProps } from './schedule-props.tsx'
import { findScript, pageProps } from './script.tsx'

const schedulesMax = 100
const occurrencesAtOnce = 20

const doneWords: Record<string, string> = {
  added: 'The schedule is there.',
  saved: 'The schedule is saved.',
  paused: 'It is paused: nothing of it is due until it is resumed.',
  resumed: 'It runs again, from its next time on.',
  deleted: 'The schedule is gone. Its runs are kept.',
  seen: 'The mark is gone. What was missed stays in the list.',
}

/** What has just been done, as the address says it. */
export const scheduleDone = (search: URLSearchParams) => doneWords[search.get('done') ?? ''] ?? null

/** The tab with all of a script's schedules. */
export async function showSchedulesOf(deps: PageDeps, idOrSlug: string, search: URLSearchParams, now: number) {
  const { script, params } = findScript(deps, idOrSlug)
  return tabPage(deps, { script, params, done: scheduleDone(search), refused: null, now })
}

interface Shown {
  script: Script
  params: Param[]
  done: string | null
  refused: RefusedSchedule | null
  now: number
}

async function tabPage(deps: PageDeps, { script, params, done, refused, now }: Shown): Promise<Response> {
  const mayRun = mayDo(deps.viewer, 'run', script)
  const { items } = deps.schedules.list({ scriptId: script.id }, { limit: schedulesMax, offset: 0, order: 'next' })
  const schedules: SchedulesTabProps = {
    scriptId: script.id,
    schedules: items.map((schedule) => listed(schedule, mayRun)),
    status: deps.schedules.status({ scriptId: script.id }),
    form: mayRun ? formProps(deps, { script, params, schedule: null, refused, now }) : null,
    done: refused ? null : done,
    isAdmin: isAtLeast(deps.viewer, 'admin'),
    now,
  }
  const page = await pageProps(deps, script, params, now)
  return html(
    <ScriptPage {...page} tab="schedules" call="curl" source={null} content={<SchedulesTab {...schedules} />} />,
    {
      status: refused?.status ?? 200,
    },
  )
}

/** With its next times on its own clock. */
export const listed = (schedule: Schedule, mayRun: boolean, script?: string): ListedSchedule => ({
  ...{ schedule, mayRun, script },
  next: localTexts(schedule.next_runs.map(Date.parse), schedule.timezone),
})

function shownOccurrences(items: Occurrence[], timezone: string) {
  const due = items.map(({ due_at }) => Date.parse(due_at))
  const lastDue = items.map(({ last_due_at, due_at }) => Date.parse(last_due_at ?? due_at))
  const texts = localTexts([...due, ...lastDue], timezone)
  return items.map((occurrence, index) => ({
    occurrence,
    due: texts[index]!,
    lastDue: occurrence.last_due_at && texts[items.length + index]!,
  }))
}

/** One of them. */
export async function showSchedule(
  deps: PageDeps,
  { id: idOrSlug, schedule: number }: Record<string, string>,
  search: URLSearchParams,
  now: number,
) {
  const { script, params } = findScript(deps, idOrSlug!)
  const schedule = deps.schedules.get(script.id, idIn(number))
  return schedulePage(deps, schedule, { script, params, done: scheduleDone(search), refused: null, now }, search)
}

async function schedulePage(
  deps: PageDeps,
  schedule: Schedule,
  { script, params, done, refused, now }: Shown,
  search: URLSearchParams,
): Promise<Response> {
  const { timezone } = schedule
  const mayRun = mayDo(deps.viewer, 'run', script)
  const form = mayRun ? formProps(deps, { script, params, schedule, refused, now }) : null
  const page = pageIn(search)
  const { items, total } = deps.schedules.occurrences(script.id, schedule.id, {
    limit: occurrencesAtOnce,
    offset: (page - 1) * occurrencesAtOnce,
  })
  const scheduled: ScheduleProps = {
    ...{ schedule, form, now },
    status: deps.schedules.status({ scriptId: script.id }),
    preview: form?.preview ?? savedProps(deps, schedule, now),
    occurrences: {
      ...{ schedule, total, page, mayRun, now },
      occurrences: shownOccurrences(items, timezone),
      pages: Math.max(1, Math.ceil(total / occurrencesAtOnce)),
    },
    done: refused ? null : done,
    isAdmin: isAtLeast(deps.viewer, 'admin'),
  }
  const props = await pageProps(deps, script, params, now)
  return html(
    <ScriptPage {...props} tab="schedules" call="curl" source={null} content={<ScheduleDetail {...scheduled} />} />,
    {
      status: refused?.status ?? 200,
    },
  )
}

/** 303 to the tab; a refused form comes back as it was typed, with what is wrong. */
export async function postSchedules(deps: PageDeps, idOrSlug: string, form: URLSearchParams, now: number) {
  const { script, params } = findScript(deps, idOrSlug)
  const tab = `/scripts/${script.id}/schedules`
  if (form.get(':act') === 'seen') {
    deps.schedules.markSeen({ scriptId: script.id })
    return seeOther(`${tab}?done=seen`)
  }
  const refused = refusable(form, params, () => {
    deps.schedules.create(script.id, inputOf(form, params, null), { name: deps.viewer?.name ?? '' })
  })
  return refused ? tabPage(deps, { script, params, done: null, refused, now }) : seeOther(`${tab}?done=added`)
}

const acts = ['save', 'pause', 'resume', 'run', 'delete', 'seen'] as const
const backs: Record<Back, (script: number, id: number) => string> = {
  all: () => '/schedules',
  script: (script) => `/scripts/${script}/schedules`,
  one: (script, id) => `/scripts/${script}/schedules/${id}`,
}

/** 303 to where the form was, or to the run that was started; a form that is refused comes back as it was typed. */
export async function postSchedule(
  deps: PageDeps,
  { id: idOrSlug, schedule: number }: Record<string, string>,
  form: URLSearchParams,
  now: number,
): Promise<Response> {
  const { script, params } = findScript(deps, idOrSlug!)
  const schedule = deps.schedules.get(script.id, idIn(number))
  const act = oneOf(acts, form.get(':act') ?? 'save')
  const back = oneOf(['all', 'script', 'one'], form.get(':back')) ?? 'one'
  const leave = (done: string) => seeOther(`${backs[back](script.id, schedule.id)}?done=${done}`)
  if (act === null) throw new GatewayError('validation', `":act" must be one of ${acts.join(', ')}.`)
  if (act === 'run') {
    const { run_id } = await deps.schedules.runNow(script.id, schedule.id, { name: deps.viewer?.name ?? '' })
    return seeOther(`/executions/${run_id}`)
  }
  if (act === 'delete') {
    deps.schedules.remove(script.id, schedule.id)
    return leave('deleted')
  }
  if (act === 'seen') {
    deps.schedules.markSeen({ scriptId: script.id, id: schedule.id })
    return leave('seen')
  }
  if (act !== 'save') {
    deps.schedules.update(script.id, schedule.id, { enabled: act === 'resume' })
    return leave(act === 'resume' ? 'resumed' : 'paused')
  }
  const refused = refusable(form, params, () => {
    deps.schedules.update(script.id, schedule.id, inputOf(form, params, schedule))
  })
  return refused
    ? schedulePage(deps, schedule, { script, params, done: null, refused, now }, new URLSearchParams())
    : leave('saved')
}

/** What a form is refused for is data; anything else is thrown on. */
function refusable(form: URLSearchParams, params: Param[], act: () => void): RefusedSchedule | null {
  try {
    act()
    return null
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    const { errors, others } = errorsOf(error.details, params)
    const isAtFields = error.details.length > 0 && others.length === 0
    return {
      ...{ form, errors, status: error.status },
      message: isAtFields ? null : others.length > 0 ? others.join(' ') : sentence(error.message),
    }
  }
}

/** Throws `not_found` for what is no number. */
function idIn(text = ''): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text)
  throw new GatewayError('not_found', 'There is no such schedule.')
}

export const pageIn = (search: URLSearchParams) => {
  const text = search.get('page') ?? ''
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : 1
}
