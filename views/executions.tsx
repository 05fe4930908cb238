/** Every run. Fragments: #results, #arrivals, rows (#run-ID), #further. */
import { count } from '../public/js/format.js'
import { attr } from './attr.ts'
import { BulkBar, BulkNote, type BulkOutcome } from './executions-bulk.tsx'
import { Charts, type ChartsProps } from './executions-charts.tsx'
import { Filters, firstPage, isFiltered, noFilters, type RunsAsked, runsHref } from './executions-filters.tsx'
import { type NamedRun, PagerLink, RunRow } from './executions-row.tsx'
import { Page } from './layout.tsx'
import { exact, Icon, Partial } from './parts.tsx'
import { gap, markup, plural, say, t } from './texts.ts'
import type { Viewed } from './viewer.ts'

export { type NamedRun, PagerLink, RunRow } from './executions-row.tsx'

export interface ListedRuns {
  runs: NamedRun[]
  /** Where the neighbours go on, null where there is nothing further. */
  newer: string | null
  older: string | null
  /** The list is not full because time was up: up to here it was looked through. */
  looked: { id: number; at: string | null } | null
  /** How many were found before, while it is looked further. */
  foundBefore: number
}

export interface ExecutionsProps extends Viewed, ListedRuns {
  asked: RunsAsked
  scripts: { id: number; name: string }[]
  users: string[]
  charts: ChartsProps
  /** The run whose number was searched for. */
  numbered: number | null
  /** The newest run there is: what comes later has arrived since. */
  newestId: number
  mayDelete: boolean
  /** Whether there is anything that the visitor may do to the runs that are shown. */
  mayAct: boolean
  outcome: BulkOutcome | null
  now: number
}

export const ExecutionsPage = (props: ExecutionsProps) => (
  <Page title={say('Executions')} current="executions" kind="executions" now={props.now} viewer={props.viewer}>
    <div class="head">
      <h1>{t('Executions')}</h1>
    </div>
    <Filters {...props} />
    <div class="stack-4" id="results">
      <Charts {...props.charts} />
      {props.outcome ? <BulkNote outcome={props.outcome} asked={props.asked} /> : ''}
      {props.numbered === null ? '' : <Numbered id={props.numbered} />}
      <RunsTable {...props} />
    </div>
  </Page>
)

const Numbered = ({ id }: { id: number }) => (
  <a class="panel numbered" href={`/executions/${id}`}>
    <Icon name="right" />
    {t('Open run {number}', { number: `#${count(id)}` })}
  </a>
)

/** The longest of what is shown: bars are drawn to it. */
export const longestOf = (runs: NamedRun[], now: number): number =>
  Math.max(
    1,
    ...runs.map(({ run }) =>
      run.status === 'running' ? now - Date.parse(run.started_at ?? run.queued_at) : (run.duration_ms ?? 0),
    ),
  )

const RunsTable = (props: ExecutionsProps) => {
  const { runs, asked, now, looked, newestId, mayAct } = props
  if (runs.length === 0 && looked === null) return <NoRuns asked={asked} newestId={newestId} />
  const longestMs = longestOf(runs, now)
  return (
    <div class="stack-4">
      <div class="table-wrap">
        <Arrivals number={0} asked={asked} />
        <table
          class={mayAct ? 'stack runs with-check' : 'stack runs'}
          id="runs"
          data-newest={String(newestId)}
          data-longest={String(longestMs)}
        >
          <caption class="sr">{captionOf(asked)}</caption>
          <thead>
            <tr>
              {mayAct ? (
                <th class="w-check">
                  <input type="checkbox" class="needs-js" data-pick-all aria-label={t('Select all on this page')} />
                </th>
              ) : (
                ''
              )}
              <th>{t('Status')}</th>
              <th>{t('Script')}</th>
              <th class="p1 p2">{t('Trigger')}</th>
              <th class="p1">{t('Started|when')}</th>
              <th class="n">{t('Duration')}</th>
              <th class="p1">
                <span class="sr">{t('Actions')}</span>
              </th>
            </tr>
          </thead>
          <tbody id="runs-body">
            {runs.map((row) => (
              <RunRow {...row} now={now} isSelectable={mayAct} longestMs={longestMs} />
            ))}
          </tbody>
        </table>
        <Further {...props} />
        <Pager {...props} />
      </div>
      {mayAct ? <BulkBar asked={asked} mayDelete={props.mayDelete} /> : ''}
    </div>
  )
}

const captionOf = ({ sort }: RunsAsked) =>
  sort === 'oldest' ? t('Runs, oldest first') : sort === 'longest' ? t('Runs, longest first') : t('Runs, newest first')

/** Nothing moves under the reader: new runs wait behind a link. */
export const Arrivals = ({ number, asked }: { number: number; asked: RunsAsked }) => (
  <div class="bar arrivals" id="arrivals" hidden={number === 0}>
    <a class="button quiet small accent" href={runsHref(asked, firstPage)} data-arrivals>
      <Icon name="up" />
      <span data-arrivals-text>
        {number > arrivalsMax
          ? t('More than {n} new runs', { n: arrivalsMax })
          : plural(number, '1 new run', '{n} new runs')}
      </span>
    </a>
  </div>
)

/** More than these nobody counts. */
export const arrivalsMax = 50

const NoRuns = ({ asked, newestId }: { asked: RunsAsked; newestId: number }) => (
  <div class="panel" id="runs" data-newest={String(newestId)}>
    <Arrivals number={0} asked={asked} />
    <div class="empty">
      <Icon name="history" />
      <h2>{isFiltered(asked) ? t('Nothing matches') : t('Nothing has run yet')}</h2>
      <p>
        {isFiltered(asked)
          ? t('No run has all of that.')
          : t(
              'Every run of a script is listed here, with its log and its result. Start one from its form, or call its endpoint.',
            )}
      </p>
      <div class="row">
        {isFiltered(asked) ? (
          <a class="button" href={runsHref(asked, noFilters)}>
            {t('Clear the filters')}
          </a>
        ) : (
          <a class="button" href="/">
            {t('All scripts')}
          </a>
        )}
      </div>
    </div>
  </div>
)

/** How far it looked for what is rare, and the way on: by itself where there is JavaScript, until the list is full. */
export const Further = ({ asked, runs, looked, older, foundBefore }: ListedRuns & { asked: RunsAsked }) => {
  if (looked === null || older === null) return <div id="further" hidden />
  const found = foundBefore + runs.length
  const on = runsHref(asked, { before: older, after: '' }).replaceAll('&amp;', '&')
  return (
    <div
      class="bar further"
      id="further"
      hx-get={attr(
        `/fragments/executions/further${on.slice('/executions'.length)}${on.includes('?') ? '&' : '?'}found=${found}`,
      )}
      hx-trigger="load delay:50ms"
      hx-swap="none"
    >
      <span>
        {markup(looked.at === null ? 'Looked as far as run {run}.' : 'Looked as far as run {run}, {time}.', {
          run: <b>{`#${count(looked.id)}` as 'safe'}</b>,
          time: <span>{(looked.at === null ? '' : exact(looked.at).slice(0, 16)) as 'safe'}</span>,
        })}
        {gap()}
        {plural(found, '1 run found so far.', '{n} runs found so far.')}
      </span>
      <a class="button small" href={attr(on)}>
        {t('Look further')}
      </a>
    </div>
  )
}

interface FurtherProps extends ListedRuns {
  asked: RunsAsked
  now: number
  longestMs: number
  isSelectable: boolean
}

/** What was found while it was looked further: rows below the others, and the way on. */
export const FurtherFragments = ({ asked, now, longestMs, isSelectable, ...listed }: FurtherProps) => (
  <>
    {'<template hx type="partial" hx-target="#runs-body" hx-swap="beforeend">' as 'safe'}
    {listed.runs.map((row) => (
      <RunRow {...row} now={now} isSelectable={isSelectable} longestMs={longestMs} />
    ))}
    {'</template>' as 'safe'}
    <Partial id="further">
      <Further asked={asked} {...listed} />
    </Partial>
    <Partial id="pager">
      <Pager asked={asked} {...listed} />
    </Partial>
  </>
)

/** Newer and older, never page numbers: what is on a page does not move while one reads. */
const Pager = ({ newer, older, asked, runs, looked, foundBefore }: ListedRuns & { asked: RunsAsked }) => {
  const [first, last] = [runs[0]?.run.queued_at, runs.at(-1)?.run.queued_at]
  const isByTime = asked.sort !== 'longest'
  return (
    <nav class="pager" id="pager" aria-label={t('Pages')}>
      <span>
        {first && last && isByTime && foundBefore === 0
          ? t(asked.sort === 'oldest' ? '{first} on to {last} UTC' : '{first} back to {last} UTC', {
              ...{ first: minuteOf(first), last: minuteOf(last) },
            })
          : ''}
      </span>
      <span class="push" />
      <PagerLink href={newer === null ? null : runsHref(asked, { after: newer, before: '' })}>
        <Icon name="left" />
        {isByTime ? (asked.sort === 'oldest' ? t('Older') : t('Newer')) : t('Longer')}
      </PagerLink>
      <PagerLink href={older === null || looked !== null ? null : runsHref(asked, { before: older, after: '' })}>
        {isByTime ? (asked.sort === 'oldest' ? t('Newer') : t('Older')) : t('Shorter')}
        <Icon name="right" />
      </PagerLink>
    </nav>
  )
}

const minuteOf = (at: string) => at.slice(0, 16).replace('T', ' ')
