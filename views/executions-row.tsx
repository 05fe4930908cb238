/** One run as a row of a list. Fragment: #run-ID. */
import { count, duration } from '../public/js/format.js'
import type { Run } from '../src/runs/model.ts'
import { ActForm, Elapsed, StopForm } from './actions.tsx'
import { attr } from './attr.ts'
import { limitShort } from './limits.tsx'
import { Ago, exact, Icon, Status, TriggerWord, triggerOf } from './parts.tsx'
import { placeShort } from './run-facts.tsx'
import { say, t } from './texts.ts'

export interface NamedRun {
  run: Run
  name: string
  /** Whether whoever looks may stop it, and run it again. */
  mayStop?: boolean
}

export interface RowProps extends NamedRun {
  now: number
  /** Whether it can be chosen, for an act on many: there is a form `bulk` then. */
  isSelectable?: boolean
  isSelected?: boolean
  /** The longest of the list, to which bars are drawn; null: no bars, for all runs are of one script. */
  longestMs?: number | null
}

export const RunRow = ({ run, name, mayStop = false, now, isSelectable, isSelected, longestMs = null }: RowProps) => {
  const trigger = triggerOf(run.trigger)
  const number = `#${count(run.id)}`
  return (
    <tr id={`run-${run.id}`}>
      {isSelectable ? (
        <td class="c-check">
          <input
            type="checkbox"
            name="run"
            value={String(run.id)}
            form="bulk"
            id={`pick-${run.id}`}
            checked={isSelected}
            aria-label={t('Select run {number}', { number: count(run.id) })}
          />
        </td>
      ) : (
        ''
      )}
      <td class="line">
        <Status status={run.status} />
        <RowHint run={run} />
      </td>
      <td class="c-name">
        {/* On the page of one script its name would stand in every row. */}
        <a href={`/executions/${run.id}`} data-open-row safe>
          {longestMs === null ? number : name}
        </a>
        <small>
          {longestMs === null ? '' : <span class="mono">{number as 'safe'}</span>}{' '}
          {run.attempt > 1 ? <span class="chip">{t('attempt {n}', { n: count(run.attempt) })}</span> : ''}
        </small>
      </td>
      <td class="p1 p2">
        <span class="state">
          <Icon name={trigger.icon} />
          <TriggerWord run={run} />
        </span>
        {run.asked_by !== null && longestMs !== null ? (
          <small class="by cut" title={attr(run.asked_by)} safe>
            {run.asked_by}
          </small>
        ) : (
          ''
        )}
      </td>
      <td class="c-when">
        <Ago at={run.started_at ?? run.queued_at} now={now} />
        <small>{(run.started_at ?? run.queued_at).slice(11, 19) as 'safe'}</small>
      </td>
      <td class="c-dur n">
        <Length run={run} now={now} longestMs={longestMs} />
      </td>
      <td class="acts p1">
        {run.finished_at === null && mayStop ? (
          <StopForm
            runId={run.id}
            name={say('run {number}', { number: count(run.id) })}
            small
            isQueued={run.status === 'queued'}
          />
        ) : (
          ''
        )}
        {run.finished_at !== null && mayStop && isSelectable ? (
          <ActForm
            action="/executions/batch"
            icon="refresh"
            label={say('Run {number} again', { number: count(run.id) })}
            fields={{ act: 'rerun', run: run.id, go: 'run' }}
          />
        ) : (
          ''
        )}
        <a
          class="button quiet only small"
          href={`/executions/${run.id}#log`}
          aria-label={t('Log of run {number}', { number: count(run.id) })}
          title={t('Log')}
        >
          <Icon name="terminal" />
        </a>
      </td>
    </tr>
  )
}

function Length({ run, now, longestMs }: { run: Run; now: number; longestMs: number | null }) {
  const since = run.started_at ?? run.queued_at
  if (run.status === 'queued' && longestMs !== null) return <span class="muted">–</span>
  const ms = run.finished_at === null ? Math.max(0, now - Date.parse(since)) : run.duration_ms
  const words =
    run.finished_at === null ? (
      <Elapsed since={since} now={now} />
    ) : (
      ((run.duration_ms === null ? '–' : duration(run.duration_ms)) as 'safe')
    )
  if (longestMs === null || ms === null) return <>{words as 'safe'}</>
  const width = Math.max(1, Math.round((barWidth * Math.min(ms, longestMs)) / Math.max(1, longestMs)))
  return (
    <div class="dur">
      <output>{words as 'safe'}</output>
      <svg
        viewBox={`0 0 ${barWidth} 4`}
        preserveAspectRatio="none"
        aria-hidden="true"
        data-status={run.finished_at === null ? 'running' : attr(run.status)}
      >
        <rect width={String(width)} height="4" />
      </svg>
    </div>
  )
}

const barWidth = 72

/** What it waits for, when it is tried again, which limit ended it, or why it ended as it did. */
const RowHint = ({ run }: { run: Run }) => {
  const hint =
    run.waiting_for_installation !== null
      ? say('installing packages')
      : run.queue_position
        ? placeShort(run.queue_position)
        : run.retry_at
          ? say('next attempt at {time}', { time: exact(run.retry_at).slice(11) })
          : run.limit
            ? limitShort(run.limit)
            : run.reason
  return hint ? (
    <small class="cut reason" title={attr(run.reason ?? hint)} safe>
      {hint}
    </small>
  ) : (
    ''
  )
}

/** Where there is nothing further, it only looks like one. */
export const PagerLink = ({ href, children }: { href: string | null; children: (JSX.Element | string)[] }) =>
  href === null ? (
    <span class="button small" aria-disabled="true">
      {children as 'safe'[]}
    </span>
  ) : (
    <a class="button small" href={href}>
      {children as 'safe'[]}
    </a>
  )
