/** The runs of one script, newest first, with how they usually go. */
import { duration } from '../public/js/format.js'
import type { RunStatus } from '../src/runs/model.ts'
import type { Script } from '../src/scripts/model.ts'
import { attr, query } from './attr.ts'
import { type NamedRun, PagerLink, RunRow } from './executions.tsx'
import { Icon, runStatusNames, statusWord } from './parts.tsx'
import { markup, plural, t } from './texts.ts'

export interface HistoryProps {
  script: Pick<Script, 'id' | 'state'>
  runs: NamedRun[]
  status: RunStatus | null
  /** Keyset: the ids to go on from, null where there is nothing further. */
  newer: number | null
  older: number | null
  summary: HistorySummary | null
  now: number
}

/** Of the last runs that ended, as far as they say how reliable it is. */
export interface HistorySummary {
  runs: number
  good: number
  medianMs: number | null
  p95Ms: number | null
}

export const HistoryTab = (props: HistoryProps) => (
  <section id="history" class="stack-4" aria-labelledby="h-history">
    <h2 class="sr" id="h-history">
      {t('History')}
    </h2>
    <Summary {...props} />
    <Outcomes {...props} />
    {props.runs.length === 0 ? <None {...props} /> : <Table {...props} />}
  </section>
)

const Summary = ({ script, summary }: HistoryProps) => (
  <ul class="facts">
    {summary === null ? (
      ''
    ) : (
      <>
        <li>
          <span>
            {markup('{share} of {runs} succeeded', {
              share: <b>{`${Math.round((100 * summary.good) / summary.runs)}%` as 'safe'}</b>,
              runs: <>{plural(summary.runs, 'the last run', 'the last {n} runs')}</>,
            })}
          </span>
        </li>
        {summary.medianMs === null || summary.p95Ms === null ? (
          ''
        ) : (
          <li>
            <span>
              {markup('half of them took less than {median}, 95% less than {p95}', {
                median: <b>{duration(summary.medianMs) as 'safe'}</b>,
                p95: <b>{duration(summary.p95Ms) as 'safe'}</b>,
              })}
            </span>
          </li>
        )}
      </>
    )}
    <li class="push">
      <a href={`/executions?script_id=${script.id}`}>{t('All filters and charts')}</a>
    </li>
  </ul>
)

/** Links: every one of them has an address. */
const Outcomes = ({ script, status }: HistoryProps) => (
  <nav class="chips" aria-label={t('Outcome')} data-tabs>
    {[null, ...runStatusNames].map((one) => (
      <a
        class="chip filter"
        data-status={one ?? undefined}
        href={`/scripts/${script.id}${query({ tab: 'history', status: one })}`}
        aria-current={one === status ? 'true' : undefined}
      >
        {one === null ? '' : <Icon name={one} />}
        {(one === null ? t('All') : statusWord(one)) as 'safe'}
      </a>
    ))}
  </nav>
)

const Table = (props: HistoryProps) => {
  const { script, runs, status, newer, older, now } = props
  const path = `/scripts/${script.id}`
  const filters = { tab: 'history', status }
  return (
    <div class="table-wrap">
      <div class="bar arrivals" id="arrivals" hidden>
        <a class="button quiet small accent" href={`${path}?tab=history`} data-arrivals>
          <Icon name="up" />
          <span data-arrivals-text>{t('New runs')}</span>
        </a>
      </div>
      <table class="stack runs" id="runs" data-newest={attr(runs[0]!.run.id)}>
        <caption class="sr">{t('Runs, newest first')}</caption>
        <thead>
          <tr>
            <th>{t('Status')}</th>
            <th>{t('Run|noun')}</th>
            <th class="p1 p2">{t('Trigger')}</th>
            <th class="p1">{t('Started|at')}</th>
            <th class="n">{t('Duration')}</th>
            <th class="p1">
              <span class="sr">{t('Actions')}</span>
            </th>
          </tr>
        </thead>
        <tbody id="runs-body">
          {runs.map((row) => (
            <RunRow {...row} now={now} />
          ))}
        </tbody>
      </table>
      <nav class="pager" aria-label={t('Pages')}>
        <span>{plural(runs.length, '1 run', '{n} runs')}</span>
        <span class="push" />
        <PagerLink href={newer === null ? null : `${path}${query({ ...filters, after: newer })}`}>
          <Icon name="left" />
          {t('Newer')}
        </PagerLink>
        <PagerLink href={older === null ? null : `${path}${query({ ...filters, before: older })}`}>
          {t('Older')}
          <Icon name="right" />
        </PagerLink>
      </nav>
    </div>
  )
}

const None = ({ script, status }: HistoryProps) => (
  <div class="panel">
    <div class="empty">
      <Icon name="history" />
      <h2>{status === null ? t('It has not run yet') : t('Nothing matches')}</h2>
      <p>
        {status === null
          ? t('Each run is listed here, whoever or whatever started it, with its log and its result.')
          : t('No run of it has ended like that.')}
      </p>
      <div class="row">
        {status === null ? (
          <a class="button" href={`/scripts/${script.id}#run-form`}>
            {t('Open its form')}
          </a>
        ) : (
          <a class="button" href={`/scripts/${script.id}?tab=history`}>
            {t('Clear the filters')}
          </a>
        )}
      </div>
    </div>
  </div>
)
