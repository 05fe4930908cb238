/** The scripts, how each last went, and what happens now. Fragments: #script-table, #script-ID, #rail. */
import { count } from '../public/js/format.js'
import type { NextUp } from '../src/schedules/view-model.ts'
import type { Script } from '../src/scripts/model.ts'
import { attr, query } from './attr.ts'
import { EmptyDashboard } from './empty.tsx'
import { Unconfined } from './host.tsx'
import { Page } from './layout.tsx'
import { Icon, type SparkRun } from './parts.tsx'
import { Rail, type RailProps } from './rail.tsx'
import { ScriptRow } from './script-row.tsx'
import { isAtLeast, type Viewed } from './viewer.ts'

export const sorts = ['last', 'name', 'state', 'rate'] as const
export type Sort = (typeof sorts)[number]
export const facets = ['running', 'failing', 'error', 'inactive', 'missing'] as const
export type Facet = (typeof facets)[number]

/** What the filters say; the page's address holds all of it. */
export interface DashboardQuery {
  q: string
  facets: Facet[]
  tag: string
  runtime: string
  sort: Sort
  all: boolean
}

export interface TableProps extends Viewed {
  query: DashboardQuery
  rows: { script: Script; spark: SparkRun[]; next: NextUp | null }[]
  /** How many match, shown or not. */
  matching: number
  now: number
}

export interface DashboardProps extends TableProps, RailProps {
  total: number
  groups: number
  counts: Record<Facet, number>
  tags: string[]
  /** Where scripts are dropped. */
  scriptsDir: string
  /** What confines them. */
  isolation: string
}

export const DashboardPage = (props: DashboardProps) => (
  <Page title="Scripts" current="scripts" kind="dashboard" now={props.now} viewer={props.viewer}>
    <div class="head">
      <h1>Scripts</h1>
      <Counts {...props} />
      {isAtLeast(props.viewer, 'editor') ? (
        <a class="button push" href="/import">
          <Icon name="upload" />
          Import
        </a>
      ) : (
        ''
      )}
    </div>
    <Unconfined level={props.isolation} viewer={props.viewer} />
    {props.total === 0 ? (
      <EmptyDashboard scriptsDir={props.scriptsDir} viewer={props.viewer} />
    ) : (
      <div class="with-aside">
        <div class="stack-4">
          <Filters {...props} />
          <ScriptTable {...props} />
        </div>
        <Rail {...props} />
      </div>
    )}
  </Page>
)

const Counts = ({ total, groups }: DashboardProps) => (
  <p id="counts">
    {(total === 0 ? 'None yet' : total === 1 ? '1 script' : `${count(total)} scripts`) as 'safe'}
    {(groups > 0 ? ` in ${groups} ${groups === 1 ? 'folder' : 'folders'}` : '') as 'safe'}
  </p>
)

const facetWords: Record<Facet, string> = {
  running: 'Running',
  failing: 'Failing',
  error: 'Errors',
  inactive: 'Inactive',
  missing: 'Missing',
}

/** A GET form: with JavaScript the table is swapped as one types, without it the button sends it. */
const Filters = ({ query: { q, facets: chosen, tag, runtime, sort }, counts, tags }: DashboardProps) => (
  <search>
    <form
      class="filters"
      id="filters"
      action="/"
      hx-get="/fragments/scripts"
      hx-target="#script-table"
      hx-swap="outerHTML"
      hx-trigger="input delay:150ms, submit"
      hx-sync="this:replace"
    >
      <div class="inlay">
        <Icon name="search" />
        <input
          type="search"
          name="q"
          value={attr(q)}
          aria-label="Search scripts"
          placeholder="Search name, tag or text"
          autocomplete="off"
          data-search
        />
        <kbd class="needs-js">/</kbd>
      </div>
      <fieldset class="chips" aria-label="Filter by state">
        {facets
          .filter((facet) => counts[facet] > 0 || chosen.includes(facet) || facet === 'running' || facet === 'failing')
          .map((facet) => (
            <label class="chip filter">
              <input type="checkbox" name="state" value={facet} checked={chosen.includes(facet)} />
              {facetWords[facet] as 'safe'} <span class="num">{count(counts[facet]) as 'safe'}</span>
            </label>
          ))}
      </fieldset>
      {tags.length > 0 ? (
        <select name="tag" aria-label="Tag">
          <option value="">All tags</option>
          {tags.map((name) => (
            <option value={attr(name)} selected={name === tag} safe>
              {name}
            </option>
          ))}
        </select>
      ) : (
        ''
      )}
      <select name="runtime" aria-label="Runtime">
        <option value="">All runtimes</option>
        <option value="python" selected={runtime === 'python'}>
          Python
        </option>
        <option value="js" selected={runtime === 'js'}>
          JavaScript
        </option>
      </select>
      {sort === 'last' ? '' : <input type="hidden" name="sort" value={sort} />}
      <noscript>
        <button type="submit">Apply</button>
      </noscript>
    </form>
  </search>
)

/** The address of the dashboard with these filters. */
export const dashboardHref = ({ q, facets: state, tag, runtime, sort, all }: DashboardQuery) =>
  `/${query({ q, state, tag, runtime, sort: sort === 'last' ? '' : sort, all: all ? 1 : '' })}`

export function ScriptTable(props: TableProps) {
  const { rows, matching, now, viewer, query: wanted } = props
  if (rows.length === 0) return <NothingMatches />
  return (
    <div class="table-wrap" id="script-table">
      <table class="stack fixed scripts" id="scripts">
        <caption class="sr">Scripts</caption>
        <thead>
          <tr>
            <SortHead {...props} sort="name" word="Name" />
            <th class="p3 p1 w-tags">Tags</th>
            <SortHead {...props} sort="state" word="State" class="p1 w-state" />
            <SortHead {...props} sort="last" word="Last run" class="w-last" />
            <SortHead {...props} sort="rate" word="Last 20 runs" class="w-spark" />
            <th class="p1 w-next">Next run</th>
            <th class="w-acts-2">
              <span class="sr">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody id="script-rows">
          {rows.map((row) => (
            <ScriptRow {...row} now={now} viewer={viewer} />
          ))}
        </tbody>
      </table>
      {rows.length < matching ? (
        <div class="pager">
          <span>{`${count(rows.length)} of ${count(matching)} scripts` as 'safe'}</span>
          <a class="button small push" href={dashboardHref({ ...wanted, all: true })}>
            Show all
          </a>
        </div>
      ) : (
        ''
      )}
    </div>
  )
}

const SortHead = ({
  query: wanted,
  sort,
  word,
  class: className,
}: TableProps & { sort: Sort; word: string; class?: string }) => (
  <th class={className} aria-sort={wanted.sort === sort ? (sort === 'last' ? 'descending' : 'ascending') : undefined}>
    <a href={dashboardHref({ ...wanted, sort })}>
      {word as 'safe'}
      {wanted.sort === sort ? <Icon name={sort === 'last' ? 'down' : 'up'} /> : ''}
    </a>
  </th>
)

const NothingMatches = () => (
  <div class="panel" id="script-table">
    <div class="empty">
      <Icon name="search" />
      <h2>Nothing matches</h2>
      <p>No script has all of that. Names, descriptions, folders and tags are searched.</p>
      <div class="row">
        <a class="button" href="/">
          Clear the filters
        </a>
      </div>
    </div>
  </div>
)
