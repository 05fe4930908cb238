/** The list of all runs: what the address asks for, what it shows, and one act on many. */
import {
  Arrivals,
  arrivalsMax,
  ExecutionsPage,
  type ExecutionsProps,
  FurtherFragments,
  type ListedRuns,
  type NamedRun,
  RunRow,
} from '../../views/executions.tsx'
import { momentOf } from '../../views/executions-axes.tsx'
import { type BulkAction, BulkConfirmPage, type BulkItem, type BulkOutcome } from '../../views/executions-bulk.tsx'
import type { ChartsProps } from '../../views/executions-charts.tsx'
import {
  firstPage,
  isFiltered,
  orders,
  type RunsAsked,
  rangeNames,
  rangeWord,
  runsHref,
} from '../../views/executions-filters.tsx'
import { Partial, scriptName } from '../../views/parts.tsx'
import { mayDo } from '../../views/viewer.ts'
import type { BatchItem } from '../gateway/batch.ts'
import { type Run, runStatuses, triggers } from '../runs/model.ts'
import type { Place, RunQuery } from '../runs/search.ts'
import type { Script } from '../scripts/model.ts'
import type { PageDeps } from './deps.ts'
import { oneOf, readForm } from './form.ts'
import { html, seeOther } from './html.tsx'

const pageSize = 50
const hourMs = 3_600_000
const dayMs = 24 * hourMs
const rangeMs = { '1h': hourMs, '24h': dayMs, '7d': 7 * dayMs, '30d': 30 * dayMs } as const
/** So far back there are numbers for charts. */
const chartsMsMax = 400 * dayMs

/** What the address asks for; what is no answer to that is left out. */
export function readAsked(search: URLSearchParams): RunsAsked {
  return {
    scriptId: idIn(search.get('script_id')),
    statuses: runStatuses.filter((one) => search.getAll('status').includes(one)),
    trigger: oneOf(triggers, search.get('trigger')),
    user: (search.get('user') ?? '').slice(0, 200),
    range: oneOf(rangeNames, search.get('range')) ?? '',
    from: momentIn(search.get('from')),
    to: momentIn(search.get('to')),
    q: (search.get('q') ?? '').trim().slice(0, 200),
    sort: oneOf(orders, search.get('sort')) ?? 'newest',
    before: placeIn(search.get('before')),
    after: placeIn(search.get('after')),
  }
}

const idIn = (text: string | null) => {
  const id = Number(text)
  return Number.isSafeInteger(id) && id > 0 ? id : null
}
const momentIn = (text: string | null) => (/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/.test(text ?? '') ? text! : '')
const placeIn = (text: string | null) => (/^(\d{1,15}-)?\d{1,15}$/.test(text ?? '') ? text! : '')

/** A place as the address has it: its number, and before that where the order is that of lengths how long it took. */
const textOf = ({ id, ms }: Place) => (ms === undefined ? String(id) : `${ms}-${id}`)

function placeOf(text: string, { sort }: RunsAsked): Place | null {
  const [id, ms] = text.split('-').map(Number).reverse()
  if (!id || (sort === 'longest') !== (ms !== undefined)) return null
  return ms === undefined ? { id } : { id, ms }
}

function queryOf(deps: PageDeps, asked: RunsAsked, now: number): RunQuery {
  const { scriptId, statuses, trigger, user, range, q, sort } = asked
  const wanted = q.toLowerCase()
  const named = () => deps.scripts.list().filter((script) => scriptName(script).toLowerCase().includes(wanted))
  return {
    ...{ order: sort, isLastAttempt: true, scriptId: scriptId ?? undefined, statuses },
    ...{ trigger: trigger ?? undefined, askedBy: user || undefined },
    ...(range === 'between'
      ? { from: timeOf(asked.from), to: endOf(asked.to) }
      : range !== '' && { from: now - rangeMs[range] }),
    ...(q !== '' && { text: { q, scriptIds: named().map(({ id }) => id) } }),
  }
}

const timeOf = (moment: string) => (moment === '' ? undefined : Date.parse(`${moment}Z`) || undefined)
/** To the end of the minute that was named. */
const endOf = (moment: string) => {
  const time = timeOf(moment)
  return time === undefined ? undefined : time + (moment.length === 16 ? 59_999 : 999)
}

/** A page of runs, or what there was time for. */
function listed(deps: PageDeps, asked: RunsAsked, now: number, foundBefore = 0): ListedRuns {
  const isBack = asked.after !== ''
  const from = placeOf(isBack ? asked.after : asked.before, asked)
  const { items, next, isPartial } = deps.runs.search(queryOf(deps, asked, now), {
    ...{ from, isBack, count: Math.max(1, pageSize - foundBefore) },
  })
  const place = (run: Run | undefined) =>
    run === undefined
      ? null
      : textOf(asked.sort === 'longest' ? { id: run.id, ms: run.duration_ms ?? 0 } : { id: run.id })
  const [further, back] = [
    next && textOf(next),
    from === null ? null : (place(items[0]) ?? (isBack ? null : textOf(from))),
  ]
  const looked = isPartial && !isBack && next ? { id: next.id, at: deps.runs.get(next.id)?.queued_at ?? null } : null
  return {
    runs: named(
      deps,
      items.map((run) => placed(deps, run)),
    ),
    newer: isBack ? further : back,
    older: isBack ? (place(items.at(-1)) ?? (from && textOf(from))) : further,
    ...{ looked, foundBefore },
  }
}

/** A list does not know where its runs wait. */
const placed = (deps: PageDeps, run: Run) => (run.status === 'queued' ? (deps.runs.get(run.id) ?? run) : run)

/** Each run with the name of its script, and whether it may be stopped. */
export function named(deps: PageDeps, runs: Run[]): NamedRun[] {
  const scripts = new Map(deps.scripts.list().map((script) => [script.id, script]))
  return runs.map((run) => {
    const script = scripts.get(run.script_id)
    return {
      run,
      name: script ? scriptName(script) : `script ${run.script_id}`,
      mayStop: script !== undefined && mayDo(deps.viewer, 'run', script),
    }
  })
}

export function executionsProps(
  deps: PageDeps,
  asked: RunsAsked,
  now: number,
  outcome: BulkOutcome | null = null,
): ExecutionsProps {
  const list = listed(deps, asked, now)
  const scripts = deps.scripts.list()
  const users = deps.runs.askers()
  const shown = new Set(list.runs.map(({ run }) => run.script_id))
  const mayDelete = scripts.some((script) => shown.has(script.id) && mayDo(deps.viewer, 'edit', script))
  const wanted = /^#?([\d,]{1,20})$/.exec(asked.q)?.[1]?.replaceAll(',', '')
  return {
    ...list,
    ...{ asked, outcome, now, mayDelete, viewer: deps.viewer },
    mayAct: mayDelete || list.runs.some(({ mayStop }) => mayStop),
    scripts: byName(scripts),
    users: asked.user === '' || users.includes(asked.user) ? users : [...users, asked.user],
    charts: chartsOf(deps, scripts, asked, now),
    numbered: wanted ? (deps.runs.get(Number(wanted))?.id ?? null) : null,
    newestId: deps.runs.newestId(),
  }
}

/** By plain comparison: a language's own takes milliseconds for a thousand names. */
const byName = (scripts: Script[]) =>
  scripts
    .map((script) => ({ id: script.id, name: scriptName(script) }))
    .map((one) => ({ ...one, key: one.name.toLowerCase() }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.id - b.id))

function chartsOf(deps: PageDeps, scripts: Script[], asked: RunsAsked, now: number): ChartsProps {
  const { range, scriptId } = asked
  const isShort = range === '' || range === '1h'
  const to = range === 'between' ? Math.min(endOf(asked.to) ?? now, now) : now
  const from =
    range === 'between'
      ? Math.min(Math.max(timeOf(asked.from) ?? to - dayMs, now - chartsMsMax), to)
      : now - (isShort ? dayMs : rangeMs[range])
  const stats = deps.runs.stats({ from, to: Math.max(from, to), scriptId: scriptId ?? undefined, now })
  const names = new Map(scripts.map((script) => [script.id, scriptName(script)]))
  return {
    ...stats,
    scripts: stats.scripts.map(({ scriptId: id, ...rest }) => ({
      ...{ ...rest, id, name: names.get(id) ?? `script ${id}` },
      href: runsHref(asked, { ...firstPage, scriptId: id }),
    })),
    range: range === 'between' ? `${momentOf(from, 0)} – ${momentOf(to, 0)}` : rangeWord(isShort ? '24h' : range),
    isWider: isFiltered({ ...asked, range: '', scriptId: null }),
  }
}

/** The address bar follows the filters, without what is empty. */
export function showExecutions(deps: PageDeps, search: URLSearchParams, now: number, outcome?: BulkOutcome): Response {
  const asked = readAsked(search)
  return html(<ExecutionsPage {...executionsProps(deps, asked, now, outcome)} />, {
    headers: outcome ? {} : { 'hx-push-url': runsHref(asked).replaceAll('&amp;', '&') },
  })
}

/** What was found while it was looked further. */
export function showFurther(deps: PageDeps, search: URLSearchParams, now: number): Response {
  const asked = readAsked(search)
  const found = Math.min(pageSize - 1, Math.max(0, Number(search.get('found')) || 0))
  const list = listed(deps, asked, now, found)
  return html(
    <FurtherFragments {...list} asked={asked} now={now} isSelectable={isOf(search)} longestMs={longestIn(search)} />,
  )
}

const isOf = (search: URLSearchParams) => search.get('select') !== 'no'

/** Rows that have changed, and how many have arrived since the list was made. */
export function showRows(deps: PageDeps, search: URLSearchParams, ids: number[], now: number): Response {
  const asked = readAsked(search)
  const since = idIn(search.get('since'))
  const rows = named(
    deps,
    ids.flatMap((id) => deps.runs.get(id) ?? []),
  )
  const isList = search.has('longest')
  return html(
    <>
      {rows.map((row) => (
        <Partial id={`run-${row.run.id}`}>
          <RunRow
            {...row}
            now={now}
            isSelectable={isList && isOf(search)}
            longestMs={isList ? longestIn(search) : null}
          />
        </Partial>
      ))}
      {since === null ? (
        ''
      ) : (
        <Partial id="arrivals">
          <Arrivals number={arrivedSince(deps, asked, since, now)} asked={asked} />
        </Partial>
      )}
    </>,
  )
}

const longestIn = (search: URLSearchParams) => idIn(search.get('longest')) ?? 1

/** As many as the filters let through, as far as anybody counts. */
function arrivedSince(deps: PageDeps, asked: RunsAsked, since: number, now: number): number {
  const query = queryOf(deps, { ...asked, sort: 'oldest' }, now)
  return deps.runs.search(query, { from: { id: since }, isBack: false, count: arrivalsMax + 1 }).items.length
}

const actions = ['cancel', 'delete', 'rerun'] as const satisfies BulkAction[]
const idsMax = 200

/** One act on the runs that were selected; what can do harm is asked first, on a page where no script did. */
export async function postBatch(
  deps: PageDeps,
  request: Request,
  search: URLSearchParams,
  now: number,
): Promise<Response> {
  const form = await readForm(request)
  const action = oneOf(actions, form.get('act'))
  const ids = [...new Set(form.getAll('run').flatMap((id) => idIn(id) ?? []))].slice(0, idsMax)
  if (action === null || ids.length === 0)
    return showExecutions(deps, search, now, { action: action ?? 'cancel', items: [], undoIds: [] })
  if (action !== 'rerun' && form.get('confirmed') !== 'yes') {
    const runs = named(
      deps,
      ids.flatMap((id) => deps.runs.get(id) ?? []),
    )
    return html(<BulkConfirmPage {...{ action, runs }} asked={readAsked(search)} viewer={deps.viewer} />)
  }
  const items = (await deps.runs.batch(action, ids)).map(toItem)
  const [first] = items
  if (form.get('go') === 'run' && items.length === 1 && first?.newId) return seeOther(`/executions/${first.newId}`)
  const undoIds = action === 'delete' ? ids.filter((id) => deps.runs.comesBack(id)) : []
  return showExecutions(deps, search, now, { action, items, undoIds })
}

/** Brings back runs that the visitor deleted a moment ago: `runs`, with commas between them. */
export async function postRestore(
  deps: PageDeps,
  request: Request,
  search: URLSearchParams,
  now: number,
): Promise<Response> {
  const named = ((await readForm(request)).get('runs') ?? '').split(',')
  const ids = [...new Set(named.flatMap((id) => idIn(id) ?? []))].slice(0, idsMax)
  const items = (await deps.runs.bringBack(ids)).map(toItem)
  return showExecutions(deps, search, now, { action: 'restore', items, undoIds: [] })
}

const toItem = (item: BatchItem): BulkItem => ({
  id: item.id,
  problem: item.ok ? null : item.error.message,
  newId: item.ok ? (item.run_id ?? null) : null,
})
