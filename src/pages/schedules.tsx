/** Schedules on the page of a script: what is shown, and what becomes of posted forms. */
import { scriptName } from '../../views/parts.tsx'
import { ScheduleDetail, type ScheduleProps } from '../../views/schedule.tsx'
import type { Back } from '../../views/schedule-acts.tsx'
import { GoneRow, type ListedSchedule, RowFragments } from '../../views/schedule-row.tsx'
import { ScheduleGone, SchedulesTab, type SchedulesTabProps } from '../../views/schedules-tab.tsx'
import { ScriptPage } from '../../views/script.tsx'
import { say } from '../../views/texts.ts'
import type { DoneProps } from '../../views/toast.tsx'
import { isAtLeast, mayDo } from '../../views/viewer.ts'
import { GatewayError } from '../errors.ts'
import { localTexts } from '../schedules/times/zone.ts'
import type { Occurrence, Schedule } from '../schedules/view-model.ts'
import type { Param, Script } from '../scripts/model.ts'
import type { PageDeps } from './deps.ts'
import { oneOf, sentence } from './form.ts'
import { html, seeOther } from './html.tsx'
import { type DoneWord, doneOf, scheduleDone } from './schedule-done.ts'
import { errorsOf, inputOf } from './schedule-form.ts'
import { formProps, localWords, type RefusedSchedule, type Start, savedProps } from './schedule-props.tsx'
import { findScript, pageProps } from './script.tsx'

const schedulesMax = 100
const whenCharsMax = 200
const occurrencesAtOnce = 20

/** The tab with all of a script's schedules. */
export async function showSchedulesOf(deps: PageDeps, idOrSlug: string, search: URLSearchParams, now: number) {
  const { script, params } = findScript(deps, idOrSlug)
  const done = scheduleDone(search, 'script')
  return tabPage(deps, { script, params, done, refused: null, start: startIn(deps, script, search), now })
}

interface Shown {
  script: Script
  params: Param[]
  done: DoneProps | null
  refused: RefusedSchedule | null
  start?: Start
  now: number
}

/** `?copy=7`, `?when=every day at 9:00`. */
function startIn({ schedules }: PageDeps, script: Script, search: URLSearchParams): Start {
  const id = search.get('copy') ?? ''
  const [copied] = /^[1-9]\d{0,14}$/.test(id)
    ? schedules.list({ scriptId: script.id, id: Number(id) }, { limit: 1, offset: 0 }).items
    : []
  return { copied, when: (search.get('when') ?? '').slice(0, whenCharsMax) }
}

async function tabPage(deps: PageDeps, { script, params, done, refused, start, now }: Shown): Promise<Response> {
  const mayRun = mayDo(deps.viewer, 'run', script)
  const { items } = deps.schedules.list({ scriptId: script.id }, { limit: schedulesMax, offset: 0, order: 'next' })
  const schedules: SchedulesTabProps = {
    scriptId: script.id,
    schedules: items.map((schedule) => listed(schedule, mayRun)),
    status: deps.schedules.status({ scriptId: script.id }),
    form: mayRun ? formProps(deps, { script, params, schedule: null, start, refused, now }) : null,
    done: refused ? null : done,
    isAdmin: isAtLeast(deps.viewer, 'admin'),
    now,
  }
  return scriptPage(deps, { script, params, now, content: <SchedulesTab {...schedules} />, status: refused?.status })
}

interface Framed extends Pick<Shown, 'script' | 'params' | 'now'> {
  content: JSX.Element
  status?: number
}

/** The script's page around it. */
async function scriptPage(deps: PageDeps, { script, params, now, content, status }: Framed): Promise<Response> {
  const page = await pageProps(deps, script, params, now)
  return html(<ScriptPage {...page} tab="schedules" call="curl" content={content} />, { status })
}

/** With its next times on its own clock. */
export const listed = (schedule: Schedule, mayRun: boolean, script?: string): ListedSchedule => ({
  ...{ schedule, mayRun, script },
  next: localTexts(schedule.next_runs.map(Date.parse), schedule.timezone).map(localWords),
})

function shownOccurrences(items: Occurrence[], timezone: string) {
  const due = items.map(({ due_at }) => Date.parse(due_at))
  const lastDue = items.map(({ last_due_at, due_at }) => Date.parse(last_due_at ?? due_at))
  const texts = localTexts([...due, ...lastDue], timezone).map(localWords)
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
  const id = idIn(number)
  const [schedule] = deps.schedules.list({ scriptId: script.id, id }, { limit: 1, offset: 0 }).items
  if (!schedule) {
    const content = <ScheduleGone scriptId={script.id} id={id} />
    return scriptPage(deps, { script, params, now, content, status: 404 })
  }
  return schedulePage(deps, schedule, { script, params, done: scheduleDone(search, 'one'), refused: null, now }, search)
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
  return scriptPage(deps, { script, params, now, content: <ScheduleDetail {...scheduled} />, status: refused?.status })
}

/** Who posts, and what the answer is for: a page, or the row of a table. */
export interface Posted {
  form: URLSearchParams
  /** By htmx, which puts what comes in its place. */
  isInPlace: boolean
  now: number
}

/** 303 to the tab; a refused form comes back as it was typed, with what is wrong. */
export async function postSchedules(deps: PageDeps, idOrSlug: string, posted: Posted): Promise<Response> {
  const { script, params } = findScript(deps, idOrSlug)
  const { form, now } = posted
  const tab = `/scripts/${script.id}/schedules`
  if (form.get(':act') === 'seen') {
    deps.schedules.markSeen({ scriptId: script.id })
    return seeOther(`${tab}?done=seen`)
  }
  if (form.get(':act') === 'restore') {
    const back = deps.schedules.restore(script.id, idIn(form.get(':id') ?? ''))
    return answer(deps, script, back, { ...posted, done: 'restored' })
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

const backIn = (form: URLSearchParams): Back => oneOf(['all', 'script', 'one'], form.get(':back')) ?? 'one'

/** 303 to where the form was; or, for a table, the row as it is now and what was done. */
function answer(
  deps: PageDeps,
  script: Script,
  schedule: Schedule,
  { form, isInPlace, done, now }: Posted & { done: DoneWord },
): Response {
  const back = backIn(form)
  if (isInPlace && back !== 'one') {
    const row = { ...listed(schedule, mayDo(deps.viewer, 'run', script), scriptName(script)), back, now }
    return html(<RowFragments row={row} done={doneOf(done, schedule, back)} />)
  }
  const of = doneOf(done, schedule, back).undo ? `&of=${script.id}-${schedule.id}` : ''
  return seeOther(`${backs[back](script.id, schedule.id)}?done=${done}${of}`)
}

/** 303 to where the form was, or to the run that was started; a form that is refused comes back as it was typed. */
export async function postSchedule(
  deps: PageDeps,
  { id: idOrSlug, schedule: number }: Record<string, string>,
  posted: Posted,
): Promise<Response> {
  const { form, now } = posted
  const { script, params } = findScript(deps, idOrSlug!)
  const schedule = deps.schedules.get(script.id, idIn(number))
  const act = oneOf(acts, form.get(':act') ?? 'save')
  const done = (word: DoneWord, one = schedule) => answer(deps, script, one, { ...posted, done: word })
  if (act === null) throw new GatewayError('validation', `":act" must be one of ${acts.join(', ')}.`)
  if (act === 'run') {
    const { run_id } = await deps.schedules.runNow(script.id, schedule.id, { name: deps.viewer?.name ?? '' })
    return seeOther(`/executions/${run_id}`)
  }
  if (act === 'delete') {
    deps.schedules.remove(script.id, schedule.id)
    return posted.isInPlace ? html(<GoneRow schedule={schedule} back={backIn(form)} />) : done('deleted')
  }
  if (act === 'seen') {
    deps.schedules.markSeen({ scriptId: script.id, id: schedule.id })
    return done('seen')
  }
  if (act !== 'save') {
    const changed = deps.schedules.update(script.id, schedule.id, { enabled: act === 'resume' })
    return done(act === 'resume' ? 'resumed' : 'paused', changed)
  }
  const refused = refusable(form, params, () => {
    deps.schedules.update(script.id, schedule.id, inputOf(form, params, schedule))
  })
  return refused
    ? schedulePage(deps, schedule, { script, params, done: null, refused, now }, new URLSearchParams())
    : done('saved')
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
  throw new GatewayError('not_found', say('There is no such schedule.'))
}

export const pageIn = (search: URLSearchParams) => {
  const text = search.get('page') ?? ''
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : 1
}
