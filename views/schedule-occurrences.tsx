/** What became of the times that a schedule was due. */
import { count } from '../public/js/format.js'
import type { Occurrence, Schedule } from '../src/schedules/view-model.ts'
import { PagerLink } from './executions.tsx'
import { exact, Icon, Status } from './parts.tsx'
import { Until } from './schedule-words.tsx'

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
          What became of its times
        </h2>
        <span class="count">{count(total) as 'safe'}</span>
        <span class="push" />
        {mayRun && schedule.missed > 0 ? (
          <form class="inline" method="post" action={`/scripts/${schedule.script_id}/schedules/${schedule.id}`}>
            <button class="small" type="submit" name=":act" value="seen">
              <Icon name="eye" />
              Mark missed as seen
            </button>
          </form>
        ) : (
          ''
        )}
      </div>
      {occurrences.length === 0 ? (
        <p class="body muted">It has not been due yet.</p>
      ) : (
        <table class="stack occurrences">
          <caption class="sr">Occurrences, newest first</caption>
          <thead>
            <tr>
              <th>Due</th>
              <th>What became of it</th>
              <th>Run</th>
            </tr>
          </thead>
          <tbody>
            {occurrences.map((one) => (
              <Row {...one} now={now} />
            ))}
          </tbody>
        </table>
      )}
      <Pager {...props} />
    </section>
  )
}

const Row = ({ occurrence, due, lastDue, now }: ShownOccurrence & { now: number }) => (
  <tr id={`occurrence-${occurrence.id}`}>
    <td class="c-name">
      <time datetime={occurrence.due_at} title={exact(occurrence.due_at)} safe>
        {due}
      </time>
      {occurrence.is_manual ? (
        <small safe>{occurrence.asked_by === null ? 'Run now' : `Run now by ${occurrence.asked_by}`}</small>
      ) : (
        ''
      )}
      {lastDue !== null && occurrence.count > 1 ? <small safe>{`to ${lastDue}`}</small> : ''}
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
      {occurrence.attempt > 1 ? <small>{`Attempt ${occurrence.attempt}` as 'safe'}</small> : ''}
      {occurrence.retry_at === null ? (
        ''
      ) : (
        <small>
          Another attempt <Until at={occurrence.retry_at} now={now} />
        </small>
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
} as const

const Outcome = ({ occurrence }: { occurrence: Occurrence }) => {
  const { state, run_status, count: times, is_seen } = occurrence
  if ((state === 'started' || state === 'ran') && run_status !== null) return <Status status={run_status} />
  const { icon, status, word } = outcomes[state]
  return (
    <span class="status" data-status={status}>
      <Icon name={icon} />
      <span>
        {
          `${word}${times > 1 ? `, ${count(times)} times` : ''}${state === 'missed' && is_seen ? ', seen' : ''}` as 'safe'
        }
      </span>
    </span>
  )
}

const Pager = ({ schedule, page, pages }: OccurrencesProps) => {
  if (pages < 2) return ''
  const at = (wanted: number) => `/scripts/${schedule.script_id}/schedules/${schedule.id}?page=${wanted}#occurrences`
  return (
    <nav class="pager row" aria-label="Pages">
      <span>{`Page ${count(page)} of ${count(pages)}` as 'safe'}</span>
      <span class="push" />
      <PagerLink href={page === 1 ? null : at(page - 1)}>
        <Icon name="left" />
        Newer
      </PagerLink>
      <PagerLink href={page === pages ? null : at(page + 1)}>
        Older
        <Icon name="right" />
      </PagerLink>
    </nav>
  )
}
