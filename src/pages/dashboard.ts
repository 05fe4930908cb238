/** Which scripts the dashboard shows, and in which order. */
import {
  type Dashboard,
  type DashboardProps,
  type DashboardQuery,
  type Facet,
  facets,
  naturalDir,
  type RowsProps,
  type Sort,
  sorts,
  type TableProps,
} from '../../views/dashboard.tsx'
import { ratedRuns, scriptName } from '../../views/parts.tsx'
import type { RailProps } from '../../views/rail.tsx'
import { isAtLeast, mayDo } from '../../views/viewer.ts'
import type { Run, RunStatus } from '../runs/model.ts'
import type { Script } from '../scripts/model.ts'
import type { PageDeps, SparkRun } from './deps.ts'

/** What fills a tall screen; the rest comes as one scrolls, so that a table that changes while one types is drawn in a frame. */
const rowsAtOnce = 50
const shownMax = 1000
const failuresMax = 6
/** Of each way to fail: so many are looked through for other scripts than the one that fails all the time. */
const failuresRead = 20
const upcomingMax = 5
const failedStatuses = ['failed', 'timeout', 'killed', 'interrupted'] as const satisfies RunStatus[]

/** The address of the page is the only state; anything unknown in it is passed over. */
export function readQuery(search: URLSearchParams): DashboardQuery {
  const sort = sorts.find((one) => one === search.get('sort')) ?? 'last'
  const dir = search.get('dir')
  return {
    q: (search.get('q') ?? '').slice(0, 200),
    facets: facets.filter((facet) => search.getAll('state').includes(facet)),
    tag: search.get('tag') ?? '',
    runtime: search.get('runtime') ?? '',
    sort,
    dir: dir === 'asc' || dir === 'desc' ? dir : naturalDir[sort],
    all: search.get('all') === '1',
  }
}

export function dashboardProps(
  deps: PageDeps,
  query: DashboardQuery,
  now: number,
): Omit<DashboardProps, 'scriptsDir' | 'done'> {
  const all = known(deps)
  return {
    ...tableProps(deps, query, { now, all }),
    ...railProps(deps, now, all),
    ...countsOf(all),
    query,
    isolation: deps.host().isolation.level,
    tags: [...new Set(all.scripts.flatMap((script) => script.tags))].sort((a, b) => a.localeCompare(b)),
  }
}

/** Read once for a page: its parts ask the same of all scripts. */
interface Known {
  scripts: Script[]
  /** When each of them is due next, by itself. */
  next: Map<number, number>
  /** Whether there is any that the visitor may do something with. */
  maySelect: boolean
}

function known(deps: PageDeps): Known {
  const scripts = deps.scripts.list()
  const { viewer } = deps
  return {
    scripts,
    next: deps.schedules.dueByScript({}),
    maySelect: isAtLeast(viewer, 'operator') || scripts.some((script) => mayDo(viewer, 'run', script)),
  }
}

function countsOf({ scripts, next }: Known): Dashboard {
  const counts = Object.fromEntries(facets.map((facet) => [facet, 0])) as Record<Facet, number>
  for (const script of scripts) for (const facet of facets) if (inFacet[facet](script, next)) counts[facet]++
  return {
    total: scripts.length,
    newest: scripts.reduce((highest, { id }) => Math.max(highest, id), 0),
    groups: new Set(scripts.map((script) => `${script.runtime}/${script.group}`)).size,
    counts,
  }
}

interface Look {
  now: number
  all?: Known
  /** As many rows as are there already: nothing that was scrolled to goes away. */
  shown?: number
}

export function tableProps(deps: PageDeps, query: DashboardQuery, { now, all = known(deps), shown = 0 }: Look) {
  const ordered = inOrder(deps, query, all)
  const count = query.all ? ordered.length : Math.max(rowsAtOnce, Math.min(shown, shownMax))
  return {
    ...rowsProps(deps, ordered.slice(0, count), all, { query, now }),
    matching: ordered.length,
  } satisfies TableProps
}

/** The rows after those that are shown. `after`: the last one of them, so that none is lost when others have moved up meanwhile. */
export function moreRows(
  deps: PageDeps,
  query: DashboardQuery,
  { from, after, now }: { from: number; after: number; now: number },
) {
  const all = known(deps)
  const ordered = inOrder(deps, query, all)
  const place = ordered.findIndex(({ id }) => id === after) + 1
  const start = place > 0 && Math.abs(place - from) < rowsAtOnce ? place : from
  const rows = rowsProps(deps, ordered.slice(start, start + rowsAtOnce), all, { query, now })
  return { ...rows, from: start, matching: ordered.length }
}

function rowsProps(
  deps: PageDeps,
  scripts: Script[],
  { next, maySelect }: Known,
  look: { query: DashboardQuery; now: number },
): RowsProps {
  const sparks = deps.runs.sparks(scripts.map(({ id }) => id))
  // In words of those that are shown alone: a thousand take longer than the rest of the page.
  const scriptIds = scripts.flatMap(({ id }) => (next.has(id) ? id : []))
  const due = deps.schedules.soonest({ scriptIds }, { limit: scriptIds.length, isPerScript: true })
  const shown = new Map(due.map((one) => [one.script_id, one]))
  const rows = scripts.map((script) => ({
    script,
    spark: sparks.get(script.id) ?? [],
    next: shown.get(script.id) ?? null,
  }))
  return { ...look, rows, from: 0, maySelect, viewer: deps.viewer }
}

/** What changed: the rows of these scripts, in no order, and which of them are gone. */
export function liveProps(deps: PageDeps, query: DashboardQuery, { ids, now }: { ids: number[]; now: number }) {
  const all = known(deps)
  const wanted = new Set(ids)
  const scripts = all.scripts.filter(({ id }) => wanted.delete(id))
  return {
    ...{ rail: railProps(deps, now, all), counts: countsOf(all), gone: [...wanted] },
    rows: rowsProps(deps, scripts, all, { query, now }),
  }
}

function railProps(deps: PageDeps, now: number, { scripts }: Known): RailProps {
  const names = new Map(scripts.map((script) => [script.id, scriptName(script)]))
  const nameOf = (id: number) => names.get(id) ?? `script ${id}`
  const named = (run: Run) => ({ run, name: nameOf(run.script_id) })
  const failures = failedStatuses
    .flatMap((status) => deps.runs.list({ status, isLastAttempt: true, page_size: failuresRead }).items)
    .sort((a, b) => b.id - a.id)
    .filter(({ script_id: one }, i, all) => all.findIndex(({ script_id }) => script_id === one) === i)
    .slice(0, failuresMax)
  return {
    active: deps.runs.active().map(named),
    upcoming: deps.schedules
      .soonest({}, { limit: upcomingMax })
      .map((next) => ({ next, name: nameOf(next.script_id) })),
    missed: deps.schedules.status({}).missed,
    failures: failures.map(named),
    now,
  }
}

const hasFailed = (status: string | undefined) => failedStatuses.some((one) => one === status)

const inFacet: Record<Facet, (script: Script, next: Known['next']) => boolean> = {
  running: ({ last_run }) => last_run?.status === 'running' || last_run?.status === 'queued',
  failing: ({ last_run }) => hasFailed(last_run?.status),
  scheduled: ({ id }, next) => next.has(id),
  error: ({ state }) => state === 'error',
  inactive: ({ state }) => state === 'inactive',
  missing: ({ state }) => state === 'missing',
}

function inOrder(deps: PageDeps, query: DashboardQuery, { scripts, next }: Known): Script[] {
  const words = query.q.toLowerCase().split(/\s+/).filter(Boolean)
  const matching = scripts.filter((script) => matches(script, query, words, next))
  const sorted = withKeys(matching, keyOf(deps, query.sort, matching, next), query.dir)
  // What goes on comes first, whatever ran last.
  return query.sort === 'last' && query.dir === 'desc' ? runningFirst(sorted, next) : sorted
}

/** Every word is somewhere in it, one of the chosen facets holds, and tag and runtime are as asked. */
function matches(
  script: Script,
  { facets: wanted, tag, runtime }: DashboardQuery,
  words: string[],
  next: Known['next'],
) {
  if (wanted.length > 0 && !wanted.some((facet) => inFacet[facet](script, next))) return false
  if (tag !== '' && !script.tags.includes(tag)) return false
  if (runtime !== '' && script.runtime !== runtime) return false
  if (words.length === 0) return true
  const text = textOf(script)
  return words.every((word) => text.includes(word))
}

/** What is searched in a script. */
export const textOf = ({ alias, slug, filename, description, tags }: Script) =>
  `${alias ?? ''} ${slug} ${filename} ${description} ${tags.join(' ')}`.toLowerCase()

const stateOrder = { error: 0, missing: 1, inactive: 2, active: 3 }

type Key = number | string | null

/** What is compared; null comes last, whatever the direction. */
function keyOf(deps: PageDeps, sort: Sort, scripts: Script[], next: Known['next']): (script: Script) => Key {
  if (sort === 'name') return scriptName
  if (sort === 'state') return ({ state }) => stateOrder[state]
  if (sort === 'last') return ({ last_run }) => last_run?.id ?? null
  if (sort === 'next') return ({ id }) => next.get(id) ?? null
  const sparks = deps.runs.sparks(scripts.map(({ id }) => id))
  return ({ id }) => rateOf(sparks.get(id) ?? [])
}

const rates = new WeakMap<SparkRun[], { rate: number | null }>()

/** The share that succeeded, of those that say how reliable a script is. */
function rateOf(spark: SparkRun[]): number | null {
  const known = rates.get(spark)
  if (known) return known.rate
  const rated = ratedRuns(spark)
  const good = rated.filter(({ status }) => status === 'success').length
  const rate = rated.length === 0 ? null : good / rated.length
  rates.set(spark, { rate })
  return rate
}

const names = new Intl.Collator('en', { numeric: true })

function withKeys(scripts: Script[], keyOfOne: (script: Script) => Key, dir: 'asc' | 'desc'): Script[] {
  const keyed = scripts.map((script) => ({ script, key: keyOfOne(script), name: scriptName(script) }))
  const sign = dir === 'asc' ? 1 : -1
  keyed.sort((a, b) => {
    if (a.key === null || b.key === null)
      return Number(a.key === null) - Number(b.key === null) || names.compare(a.name, b.name)
    const order = typeof a.key === 'string' ? names.compare(a.key, String(b.key)) : a.key - Number(b.key)
    return sign * order || names.compare(a.name, b.name)
  })
  return keyed.map(({ script }) => script)
}

function runningFirst(scripts: Script[], next: Known['next']): Script[] {
  const [running, rest]: [Script[], Script[]] = [[], []]
  for (const script of scripts) (inFacet.running(script, next) ? running : rest).push(script)
  return [...running, ...rest]
}
