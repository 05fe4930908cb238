/** The table of scripts, the first rows of it; the others come as one scrolls. Fragments: #script-table, #more-scripts. */
import { count } from '../public/js/format.js'
import { query } from './attr.ts'
import {
  type DashboardQuery,
  dashboardHref,
  dashboardQuery,
  naturalDir,
  type RowsProps,
  type Sort,
  type TableProps,
} from './dashboard.tsx'
import { Icon } from './parts.tsx'
import { ScriptRow } from './script-row.tsx'
import { type Text, t } from './texts.ts'

export function ScriptTable(props: TableProps) {
  const { rows, maySelect, query: wanted } = props
  if (rows.length === 0) return <NothingMatches wanted={wanted} />
  return (
    <div class="table-wrap" id="script-table">
      <div class="bar arrivals" id="new-scripts" hidden>
        <a class="button quiet small accent" href={dashboardHref(wanted)} data-new-scripts>
          <Icon name="up" />
          <span />
        </a>
      </div>
      <table class="stack fixed scripts" id="scripts">
        <caption class="sr">{t('Scripts')}</caption>
        <thead>
          <tr>
            {maySelect ? (
              <th class="w-check">
                <input class="needs-js" type="checkbox" aria-label={t('Select all that are shown')} data-select-all />
              </th>
            ) : (
              ''
            )}
            <SortHead wanted={wanted} sort="name" />
            <th class="p3 p1 w-tags">{t('Tags')}</th>
            <SortHead wanted={wanted} sort="state" class="p1 w-state" />
            <SortHead wanted={wanted} sort="last" class="w-last" />
            <SortHead wanted={wanted} sort="rate" class="w-spark" />
            <SortHead wanted={wanted} sort="next" class="p1 w-next" />
            <th class="w-acts">
              <span class="sr">{t('Actions')}</span>
            </th>
          </tr>
        </thead>
        <tbody id="script-rows">
          <ScriptRows {...props} />
        </tbody>
      </table>
      <MoreRows {...props} />
      {/* Part of the filters, though it changes with the table. */}
      {wanted.sort === 'last' ? '' : <input type="hidden" name="sort" value={wanted.sort} form="filters" />}
      {wanted.dir === naturalDir[wanted.sort] ? (
        ''
      ) : (
        <input type="hidden" name="dir" value={wanted.dir} form="filters" />
      )}
    </div>
  )
}

export const ScriptRows = ({ rows, now, viewer, maySelect }: RowsProps) => (
  <>
    {rows.map((row) => (
      <ScriptRow {...row} now={now} viewer={viewer} maySelect={maySelect} />
    ))}
  </>
)

/** What leads to the next rows: a link that is followed by itself when it comes near. Without JavaScript it leads to all. */
export function MoreRows({ rows, from, matching, query: wanted }: TableProps) {
  const shown = from + rows.length
  return (
    <div class="pager row" id="more-scripts" hidden={shown >= matching}>
      <span>{t('{n} of {total} scripts', { n: count(shown), total: count(matching) })}</span>
      <a
        class="button small push"
        href={dashboardHref({ ...wanted, all: true })}
        hx-get={`/fragments/scripts/rows${query({ ...dashboardQuery(wanted), from: shown, after: rows.at(-1)?.script.id })}`}
        hx-swap="none"
        data-more-scripts
      >
        {t('Show more')}
      </a>
    </div>
  )
}

const sortWords = {
  name: 'Name',
  state: 'State',
  last: 'Last run',
  rate: 'Last 20 runs',
  next: 'Next run',
} satisfies Record<Sort, Text>

interface SortHeadProps {
  wanted: DashboardQuery
  sort: Sort
  class?: string
}

/** Sorts by its column; again, the other way round. */
const SortHead = ({ wanted, sort, class: className }: SortHeadProps) => {
  const isSorted = wanted.sort === sort
  const dir = isSorted && wanted.dir === naturalDir[sort] ? (wanted.dir === 'asc' ? 'desc' : 'asc') : naturalDir[sort]
  const next = { ...wanted, sort, dir }
  return (
    <th class={className} aria-sort={isSorted ? (wanted.dir === 'asc' ? 'ascending' : 'descending') : undefined}>
      <a
        href={dashboardHref(next)}
        id={`sort-${sort}`}
        hx-get={`/fragments/scripts${query(dashboardQuery(next))}`}
        hx-target="#script-table"
        hx-swap="outerHTML"
      >
        {t(sortWords[sort])}
        {isSorted ? <Icon name={wanted.dir === 'asc' ? 'up' : 'down'} /> : ''}
      </a>
    </th>
  )
}

const NothingMatches = ({ wanted }: { wanted: DashboardQuery }) => (
  <div class="panel" id="script-table">
    <div class="empty">
      <Icon name="search" />
      <h2>{t('Nothing matches')}</h2>
      <p>{t('No script has all of that. Names, descriptions, folders and tags are searched.')}</p>
      <div class="row">
        <a class="button" href={dashboardHref({ ...wanted, q: '', facets: [], tag: '', runtime: '', all: false })}>
          {t('Clear the filters')}
        </a>
      </div>
    </div>
  </div>
)
