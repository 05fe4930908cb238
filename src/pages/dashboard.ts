/** Which scripts the dashboard shows, and in which order. */
import {
  type DashboardProps,
  type DashboardQuery,
  type Facet,
  facets,
  sorts,
  type TableProps,
} from '../../views/dashboard.tsx'
import { ratedRuns, scriptName } from '../../views/parts.tsx'
import type { RailProps } from '../../views/rail.tsx'
import type { Run, RunStatus } from '../runs/model.ts'
import type { NextUp } from '../schedules/view-model.ts'
import type { Script } from '../scripts/model.ts'
import type { PageDeps, SparkRun } from './deps.ts'

const rowsMax = 200
const failuresMax = 6
const upcomingMax = 5
const failedStatuses = ['failed', 'timeout', 'killed', 'interrupted'] as const satisfies RunStatus[]

/** The address of the page is the only state; anything unknown in it is passed over. */
export function readQuery(search: URLSearchParams): DashboardQuery {
  return {
    q: (search.get('q') ?? '').slice(0, 200),
    facets: facets.filter((facet) => search.getAll('state').includes(facet)),
    tag: search.get('tag') ?? '',
    runtime: search.get('runtime') ?? '',
    sort: sorts.find((sort) => sort === search.get('sort')) ?? 'last',
    all: search.get('all') === '1',
  }
}

export function dashboardProps(deps: PageDeps, query: DashboardQuery, now: number): Omit<DashboardProps, 'scriptsDir'> {
  const all = deps.scripts.list()
  return {
    ...tableProps(deps, query, now, all),
    ...railProps(deps, now, all),
    total: all.length,
    isolation: deps.host().isolation.level,
    groups: new Set(all.map((script) => `${script.runtime}/${script.group}`)).size,
    counts: Object.fromEntries(facets.map((facet) => [facet, all.filter(inFacet[facet]).length])) as Record<
      Facet,
      number
    >,
    tags: [...new Set(all.flatMap((script) => script.tags))].sort((a, b) => a.localeCompare(b)),
  }
}

export function tableProps(deps: PageDeps, query: DashboardQuery, now: number, all = deps.scripts.list()): TableProps {
  const matching = all.filter((script) => matches(script, query))
  const ordered = query.sort === 'rate' ? byRate(deps, matching) : matching.toSorted(orders[query.sort])
  const shown = query.all ? ordered : ordered.slice(0, rowsMax)
  return { query, rows: withNext(deps, withSparks(deps, shown)), matching: matching.length, now, viewer: deps.viewer }
}

/** The rows of these scripts, in no order; unknown ids are passed over. */
export function rowsOf(deps: PageDeps, ids: number[]) {
  const wanted = new Set(ids)
  const scripts = deps.scripts.list().filter(({ id }) => wanted.has(id))
  return withNext(deps, withSparks(deps, scripts))
}

function withSparks(deps: PageDeps, scripts: Script[]): { script: Script; spark: SparkRun[] }[] {
  const ids = scripts.map(({ id }) => id)
  const sparks = deps.runs.sparks(ids)
  return scripts.map((script) => ({ script, spark: sparks.get(script.id) ?? [] }))
}

/** When each of them is due next, by itself. */
function withNext<R extends { script: Script }>(deps: PageDeps, rows: R[]): (R & { next: NextUp | null })[] {
  const scriptIds = rows.map(({ script }) => script.id)
  const soonest = deps.schedules.soonest({ scriptIds }, { limit: scriptIds.length, isPerScript: true })
  const next = new Map(soonest.map((one) => [one.script_id, one]))
  return rows.map((row) => ({ ...row, next: next.get(row.script.id) ?? null }))
}

export function railProps(deps: PageDeps, now: number, all = deps.scripts.list()): RailProps {
  const names = new Map(all.map((script) => [script.id, scriptName(script)]))
  const named = (run: Run) => ({ run, name: names.get(run.script_id) ?? `script ${run.script_id}` })
  const failures = failedStatuses
    .flatMap((status) => deps.runs.list({ status, isLastAttempt: true, page_size: failuresMax }).items)
    .sort((a, b) => b.id - a.id)
    .slice(0, failuresMax)
  return {
    active: deps.runs.active().map(named),
    upcoming: deps.schedules
      .soonest({}, { limit: upcomingMax })
      .map((next) => ({ next, name: names.get(next.script_id) ?? `script ${next.script_id}` })),
    missed: deps.schedules.status({}).missed,
    failures: failures.map(named),
    now,
  }
}

const hasFailed = (status: string | undefined) => failedStatuses.some((one) => one === status)

const inFacet: Record<Facet, (script: Script) => boolean> = {
  running: ({ last_run }) => last_run?.status === 'running' || last_run?.status === 'queued',
  failing: ({ last_run }) => hasFailed(last_run?.status),
  error: ({ state }) => state === 'error',
  inactive: ({ state }) => state === 'inactive',
  missing: ({ state }) => state === 'missing',
}

/** Every word is somewhere in it, one of the chosen facets holds, and tag and runtime are as asked. */
function matches(script: Script, { q, facets: chosen, tag, runtime }: DashboardQuery): boolean {
  if (chosen.length > 0 && !chosen.some((facet) => inFacet[facet](script))) return false
  if (tag !== '' && !script.tags.includes(tag)) return false
  if (runtime !== '' && script.runtime !== runtime) return false
  const { alias, slug, filename, description, tags } = script
  const text = `${alias ?? ''} ${slug} ${filename} ${description} ${tags.join(' ')}`.toLowerCase()
  return q
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}

const byName = (a: Script, b: Script) => scriptName(a).localeCompare(scriptName(b), 'en', { numeric: true })
const stateOrder = { error: 0, missing: 1, inactive: 2, active: 3 }
const lastRunId = ({ last_run }: Script) => last_run?.id ?? 0

const orders: Record<'last' | 'name' | 'state', (a: Script, b: Script) => number> = {
  last: (a, b) =>
    Number(inFacet.running(b)) - Number(inFacet.running(a)) || lastRunId(b) - lastRunId(a) || byName(a, b),
  name: byName,
  state: (a, b) => stateOrder[a.state] - stateOrder[b.state] || byName(a, b),
}

/** The ones that fail most come first; what has never run comes last. */
function byRate(deps: PageDeps, scripts: Script[]): Script[] {
  const rate = (spark: SparkRun[]) => {
    const rated = ratedRuns(spark)
    return rated.length === 0 ? 2 : rated.filter(({ status }) => status === 'success').length / rated.length
  }
  return withSparks(deps, scripts)
    .toSorted((a, b) => rate(a.spark) - rate(b.spark) || byName(a.script, b.script))
    .map(({ script }) => script)
}
