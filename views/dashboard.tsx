/** The scripts, how each last went, and what happens now. Fragments: #script-table, #script-ID, #facets, #rail. */
import { count } from '../public/js/format.js'
import type { NextUp } from '../src/schedules/view-model.ts'
import type { Script } from '../src/scripts/model.ts'
import { attr, query } from './attr.ts'
import { BulkBar } from './bulk-bar.tsx'
import { EmptyDashboard } from './empty.tsx'
import { Unconfined } from './host.tsx'
import { Page } from './layout.tsx'
import { Icon, type SparkRun } from './parts.tsx'
import { Rail, type RailProps } from './rail.tsx'
import { ScriptTable } from './script-table.tsx'
import { plural, say, type Text, t } from './texts.ts'
import { Done, type DoneProps } from './toast.tsx'
import { isAtLeast, type Viewed } from './viewer.ts'

export const sorts = ['last', 'name', 'state', 'rate', 'next'] as const
export type Sort = (typeof sorts)[number]
export type Dir = 'asc' | 'desc'
/** The end that one looks for first: what ran last, what fails most, what is due soonest. */
export const naturalDir: Record<Sort, Dir> = { last: 'desc', name: 'asc', state: 'asc', rate: 'asc', next: 'asc' }
export const facets = ['running', 'failing', 'scheduled', 'error', 'inactive', 'missing'] as const
export type Facet = (typeof facets)[number]

/** What the filters say; the page's address holds all of it. */
export interface DashboardQuery {
  q: string
  facets: Facet[]
  tag: string
  runtime: string
  sort: Sort
  dir: Dir
  all: boolean
}

export interface RowsProps extends Viewed {
  query: DashboardQuery
  rows: { script: Script; spark: SparkRun[]; next: NextUp | null }[]
  /** How many come before them. */
  from: number
  /** Whether there is a column to choose rows in. */
  maySelect: boolean
  now: number
}

export interface TableProps extends RowsProps {
  /** How many match, shown or not. */
  matching: number
}

export interface Dashboard {
  total: number
  groups: number
  /** The highest number of a script. */
  newest: number
  counts: Record<Facet, number>
}

export interface DashboardProps extends TableProps, RailProps, Dashboard {
  tags: string[]
  /** Where scripts are dropped. */
  scriptsDir: string
  /** What has just been deleted. */
  done: DoneProps | null
  /** What confines them. */
  isolation: string
}

export const DashboardPage = (props: DashboardProps) => (
  <Page title={say('Scripts')} current="scripts" kind="dashboard" now={props.now} viewer={props.viewer}>
    <div class="head">
      <h1>{t('Scripts')}</h1>
      <Counts {...props} />
      {isAtLeast(props.viewer, 'editor') ? <NewScript /> : ''}
    </div>
    <Done done={props.done} />
    <Unconfined level={props.isolation} viewer={props.viewer} />
    {props.total === 0 ? (
      <EmptyDashboard scriptsDir={props.scriptsDir} viewer={props.viewer} />
    ) : (
      // Alpine has nothing to look for in rows that come and go while one types.
      <div class="with-aside" x-ignore>
        <div class="stack-4">
          <Filters {...props} />
          <div class="note bad" id="refused" role="alert" hidden />
          <ScriptTable {...props} />
          <BulkBar tags={props.tags} viewer={props.viewer} rows={props.rows} query={props.query} />
        </div>
        <Rail {...props} />
      </div>
    )}
    <div class="menu" id="row-menu" popover="auto" />
  </Page>
)

const NewScript = () => (
  <div class="group push">
    <a class="button primary" href="/scripts/new">
      <Icon name="plus" />
      {t('New script')}
    </a>
    <button class="primary only" type="button" aria-label={t('Other ways to add a script')} popovertarget="new-menu">
      <Icon name="down" />
    </button>
    <div class="menu" id="new-menu" popover="auto">
      <a href="/scripts/new">
        <Icon name="code" />
        {t('From a template')}
      </a>
      <a href="/scripts/new?from=upload">
        <Icon name="upload" />
        {t('Upload files')}
      </a>
      <a href="/import">
        <Icon name="box" />
        {t('Import')}
      </a>
    </div>
  </div>
)

export const Counts = ({ total, groups, newest }: Omit<Dashboard, 'counts'>) => (
  <p id="counts" data-newest={String(newest)}>
    {total === 0
      ? t('None yet')
      : groups > 0
        ? t('{scripts} in {folders}', {
            scripts: plural(total, '1 script', '{n} scripts'),
            folders: plural(groups, '1 folder', '{n} folders'),
          })
        : plural(total, '1 script', '{n} scripts')}
  </p>
)

const facetWords = {
  running: 'Running',
  failing: 'Failing',
  scheduled: 'Scheduled',
  error: 'Errors',
  inactive: 'Inactive',
  missing: 'Missing',
} satisfies Record<Facet, Text>
/** These are there always: what is chosen does not come and go. */
const usualFacets: Facet[] = ['running', 'failing', 'scheduled']

/** A GET form: with JavaScript the table is swapped as one types, without it the button sends it. */
const Filters = ({ query: wanted, counts, tags }: DashboardProps) => (
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
          value={attr(wanted.q)}
          aria-label={t('Search scripts')}
          placeholder={t('Search name, tag or text')}
          autocomplete="off"
          data-search
        />
        <kbd class="needs-js">/</kbd>
      </div>
      <Facets chosen={wanted.facets} counts={counts} />
      {tags.length > 0 ? (
        <select name="tag" aria-label={t('Tag')}>
          <option value="">{t('All tags')}</option>
          {tags.map((name) => (
            <option value={attr(name)} selected={name === wanted.tag} safe>
              {name}
            </option>
          ))}
        </select>
      ) : (
        ''
      )}
      <select name="runtime" aria-label={t('Runtime')}>
        <option value="">{t('All runtimes')}</option>
        <option value="python" selected={wanted.runtime === 'python'}>
          Python
        </option>
        <option value="js" selected={wanted.runtime === 'js'}>
          JavaScript
        </option>
      </select>
      <button class="needs-js selects" type="button" data-selecting aria-pressed="false">
        {t('Select')}
      </button>
      <noscript>
        <button type="submit">{t('Apply')}</button>
      </noscript>
    </form>
  </search>
)

/** With how many scripts each of them has; kept up while the page is open. */
export const Facets = ({ chosen, counts }: { chosen: Facet[]; counts: Record<Facet, number> }) => (
  <fieldset class="chips" id="facets" aria-label={t('Filter by state')}>
    {facets
      .filter((facet) => counts[facet] > 0 || chosen.includes(facet) || usualFacets.includes(facet))
      .map((facet) => (
        <label class="chip filter" id={`facet-${facet}`}>
          <input type="checkbox" name="state" value={facet} id={`state-${facet}`} checked={chosen.includes(facet)} />
          {t(facetWords[facet])} <span class="num">{count(counts[facet]) as 'safe'}</span>
        </label>
      ))}
  </fieldset>
)

/** What the address of the dashboard, or of a part of it, says after its path. */
export const dashboardQuery = ({ q, facets: state, tag, runtime, sort, dir, all }: DashboardQuery) => ({
  ...{ q, state, tag, runtime },
  sort: sort === 'last' ? '' : sort,
  dir: dir === naturalDir[sort] ? '' : dir,
  all: all ? 1 : '',
})

/** The address of the dashboard with these filters. */
export const dashboardHref = (wanted: DashboardQuery) => `/${query(dashboardQuery(wanted))}`
