/** What became of the times that a schedule was due. */
import { count } from '../public/js/format.js'
import type { Occurrence, Schedule } from '../src/schedules/view-model.ts'
import { ActForm } from './actions.tsx'
import { Arrivals } from './arrivals.tsx'
import { PagerLink } from './executions.tsx'
import { exact, Icon, Status } from './parts.tsx'
import { Until } from './schedule-words.tsx'
import { markup, say, type Text, t } from './texts.ts'

export interface ShownOccurrence {
  occurrence: Occurrence
  /** On the clock of the schedule's zone. */
  due: string
  lastDue: string | null
}

export interface OccurrencesProps {
  schedule: Schedule
  occurrences: ShownOccurrence[]
  total: number
  /** From 1. */
  page: number
  pages: number
  mayRun: boolean
  now: number
}

export const Occurrences = (props: OccurrencesProps) => {
  const { schedule, occurrences, total, mayRun, now } = props
  return (
    <section class="table-wrap" id="occurrences" aria-labelledby="h-occurrences">
      <div class="bar">
        <h2 class="panel-title" id="h-occurrences">
          {t('What became of its times')}
        </h2>
        <span class="count" id="occurrence-count" data-live="schedules" data-of={String(schedule.script_id)}>
          {count(total) as 'safe'}
        </span>
        <span class="push" />
        {mayRun && schedule.missed > 0 ? (
          <ActForm
            action={`/scripts/${schedule.script_id}/schedules/${schedule.id}`}
            {...{ icon: 'eye', word: say('Mark missed as seen'), kind: 'plain', fields: { ':act': 'seen' } }}
          />
        ) : (
          ''
        )}
      </div>
      <Arrivals id="occurrences-arrived" />
      <div
        id="occurrence-list"
        data-live={occurrences.length === 0 ? 'schedules' : undefined}
        data-of={String(schedule.script_id)}
      >
        {occurrences.length === 0 ? (
          <p class="body muted">{t('It has not been due yet.')}</p>
        ) : (
          <table class="stack occurrences">
            <caption class="sr">{t('Occurrences, newest first')}</caption>
            <thead>
              <tr>
                <th>{t('Due')}</th>
                <th>{t('What became of it')}</th>
                <th>{t('Run')}</th>
              </tr>
            </thead>
            <tbody id="occurrence-rows" data-live-list={props.page === 1 ? 'occurrences-arrived' : undefined}>
              {occurrences.map((one) => (
                <Row {...one} now={now} />
              ))}
            </tbody>
          </table>
        )}
      </div>
      <Pager {...props} />
    </section>
  )
}

const Row = ({ occurrence, due, lastDue, now }: ShownOccurrence & { now: number }) => (
  <tr id={`occurrence-${occurrence.id}`} data-live="schedules" data-of={String(occurrence.script_id)}>
    <td class="c-name">
      <time datetime={occurrence.due_at} title={exact(occurrence.due_at)} safe>
        {due}
      </time>
      {occurrence.is_manual ? (
        <small safe>
          {occurrence.asked_by === null ? say('Run now') : say('Run now by {name}', { name: occurrence.asked_by })}
        </small>
      ) : (
        ''
      )}
      {lastDue !== null && occurrence.count > 1 ? <small>{t('to {time}', { time: lastDue })}</small> : ''}
    </td>
    <td class="line">
      <Outcome occurrence={occurrence} />
      {occurrence.reason === null ? (
        ''
      ) : (
        <small class="any-wrap" safe>
          {occurrence.reason}
        </small>
      )}
      {occurrence.attempt > 1 ? <small>{t('Attempt {n}', { n: occurrence.attempt })}</small> : ''}
      {occurrence.retry_at === null ? (
        ''
      ) : (
        <small>{markup('Another attempt {time}', { time: <Until at={occurrence.retry_at} now={now} /> })}</small>
      )}
    </td>
    <td class="line c-run">
      {occurrence.run_id === null ? (
        <span class="muted">–</span>
      ) : (
        <a href={`/executions/${occurrence.run_id}`}>{`#${count(occurrence.run_id)}` as 'safe'}</a>
      )}
    </td>
  </tr>
)

const outcomes = {
  claimed: { icon: 'queued', status: 'queued', word: 'Starting' },
  waiting: { icon: 'queued', status: 'queued', word: 'Waits for the earlier run' },
  started: { icon: 'running', status: 'running', word: 'Started' },
  ran: { icon: 'success', status: 'success', word: 'Ran' },
  skipped: { icon: 'right', status: 'cancelled', word: 'Skipped' },
  missed: { icon: 'warn', status: 'timeout', word: 'Missed' },
  failed: { icon: 'failed', status: 'failed', word: 'Could not be started' },
} as const satisfies Record<string, { icon: string; status: string; word: Text }>

const Outcome = ({ occurrence }: { occurrence: Occurrence }) => {
  const { state, run_status, count: times, is_seen } = occurrence
  if ((state === 'started' || state === 'ran') && run_status !== null) return <Status status={run_status} />
  const { icon, status, word } = outcomes[state]
  return (
    <span class="status" data-status={status}>
      <Icon name={icon} />
      <span>
        {t(word)}
        {times > 1 ? t(', {n} times', { n: count(times) }) : ''}
        {state === 'missed' && is_seen ? t(', seen') : ''}
      </span>
    </span>
  )
}

const Pager = ({ schedule, page, pages }: OccurrencesProps) => {
  if (pages < 2) return ''
  const at = (wanted: number) => `/scripts/${schedule.script_id}/schedules/${schedule.id}?page=${wanted}#occurrences`
  return (
    <nav class="pager row" aria-label={t('Pages')}>
      <span>{t('Page {page} of {pages}', { page: count(page), pages: count(pages) })}</span>
      <span class="push" />
      <PagerLink href={page === 1 ? null : at(page - 1)}>
        <Icon name="left" />
        {t('Newer')}
      </PagerLink>
      <PagerLink href={page === pages ? null : at(page + 1)}>
        {t('Older')}
        <Icon name="right" />
      </PagerLink>
    </nav>
  )
}
