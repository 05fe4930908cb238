/** Every run, newest first. Fragments: #runs-body rows (#run-ID), #arrivals. */
import { count, duration } from '../public/js/format.js'
import type { Run, RunStatus } from '../src/runs/model.ts'
import { Elapsed, StopForm } from './actions.tsx'
import { attr, query } from './attr.ts'
import { Page } from './layout.tsx'
import { limitShort } from './limits.tsx'
import { Ago, exact, Icon, runStatusNames, Status, statusWord, TriggerWord, triggerOf } from './parts.tsx'
import { placeShort } from './run-facts.tsx'
import type { Viewed } from './viewer.ts'

export interface NamedRun {
  run: Run
  name: string
  /** Whether whoever looks may stop it. */
  mayStop?: boolean
}

export interface ExecutionsProps extends Viewed {
  runs: NamedRun[]
  total: number
  scripts: { id: number; name: string }[]
  scriptId: number | null
  status: RunStatus | null
  /** Keyset: the ids to go on from, null where there is nothing further. */
  newer: number | null
  older: number | null
  now: number
}

export const ExecutionsPage = (props: ExecutionsProps) => (
  <Page title="Executions" current="executions" kind="executions" now={props.now} viewer={props.viewer}>
    <div class="head">
      <h1>Executions</h1>
      <p>{(props.total === 1 ? '1 run' : `${count(props.total)} runs`) as 'safe'}</p>
    </div>
    <Filters {...props} />
    <RunsTable {...props} />
  </Page>
)

/** Plain links and a plain select: every combination has an address. */
const Filters = ({ scripts, scriptId, status }: ExecutionsProps) => (
  <search>
    <form class="filters" aria-label="Filter runs" action="/executions" data-autosubmit>
      <select name="script_id" aria-label="Script">
        <option value="">All scripts</option>
        {scripts.map(({ id, name }) => (
          <option value={String(id)} selected={id === scriptId} safe>
            {name}
          </option>
        ))}
      </select>
      <fieldset class="chips" aria-label="Status">
        {[null, ...runStatusNames].map((one) => (
          <label class="chip filter" data-status={one ?? undefined}>
            <input type="radio" name="status" value={one ?? ''} checked={one === status} />
            {one === null ? '' : <Icon name={one} />}
            {(one === null ? 'All' : statusWord(one)) as 'safe'}
          </label>
        ))}
      </fieldset>
      <noscript>
        <button type="submit">Apply</button>
      </noscript>
    </form>
  </search>
)

const RunsTable = (props: ExecutionsProps) =>
  props.runs.length === 0 ? (
    <NoRuns filtered={props.scriptId !== null || props.status !== null} />
  ) : (
    <div class="table-wrap">
      <div class="bar arrivals" id="arrivals" hidden>
        <a class="button quiet small accent" href="/executions" data-arrivals>
          <Icon name="up" />
          <span data-arrivals-text>New runs</span>
        </a>
      </div>
      <table class="stack runs" id="runs" data-newest={String(props.runs[0]!.run.id)}>
        <caption class="sr">Runs, newest first</caption>
        <thead>
          <tr>
            <th>Status</th>
            <th>Script</th>
            <th class="p1 p2">Trigger</th>
            <th class="p1">Started</th>
            <th class="n">Duration</th>
            <th class="p1">
              <span class="sr">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody id="runs-body">
          {props.runs.map((row) => (
            <RunRow {...row} now={props.now} />
          ))}
        </tbody>
      </table>
      <Pager {...props} />
    </div>
  )

const NoRuns = ({ filtered }: { filtered: boolean }) => (
  <div class="panel">
    <div class="empty">
      <Icon name="history" />
      <h2>{filtered ? 'Nothing matches' : 'Nothing has run yet'}</h2>
      <p>
        {filtered
          ? 'No run has all of that.'
          : 'Every run of a script is listed here, with its log and its result. Start one from its form, or call its endpoint.'}
      </p>
      <div class="row">
        <a class="button" href={filtered ? '/executions' : '/'}>
          {filtered ? 'Clear the filters' : 'All scripts'}
        </a>
      </div>
    </div>
  </div>
)

export const RunRow = ({ run, name, mayStop = false, now }: NamedRun & { now: number }) => {
  const trigger = triggerOf(run.trigger)
  return (
    <tr id={`run-${run.id}`}>
      <td class="line">
        <Status status={run.status} />
        <RowHint run={run} />
      </td>
      <td class="c-name">
        <a href={`/executions/${run.id}`} data-open-row safe>
          {name}
        </a>
        <small>
          <span class="mono">{`#${count(run.id)}` as 'safe'}</span>{' '}
          {run.attempt > 1 ? <span class="chip">{`attempt ${count(run.attempt)}` as 'safe'}</span> : ''}
        </small>
      </td>
      <td class="p1 p2">
        <span class="state">
          <Icon name={trigger.icon} />
          <TriggerWord run={run} />
        </span>
      </td>
      <td class="c-when">
        <Ago at={run.started_at ?? run.queued_at} now={now} />
        <small>{(run.started_at ?? run.queued_at).slice(11, 19) as 'safe'}</small>
      </td>
      <td class="c-dur n">
        {run.finished_at === null ? (
          <Elapsed since={run.started_at ?? run.queued_at} now={now} />
        ) : (
          ((run.duration_ms === null ? '–' : duration(run.duration_ms)) as 'safe')
        )}
      </td>
      <td class="acts p1">
        {run.finished_at === null && mayStop ? (
          <StopForm runId={run.id} name={`run ${count(run.id)}`} small isQueued={run.status === 'queued'} />
        ) : (
          ''
        )}
        <a
          class="button quiet only small"
          href={`/executions/${run.id}#log`}
          aria-label={`Log of run ${count(run.id)}`}
          title="Log"
        >
          <Icon name="terminal" />
        </a>
      </td>
    </tr>
  )
}

/** What it waits for, when it is tried again, which limit ended it, or why it ended as it did. */
const RowHint = ({ run }: { run: Run }) => {
  const hint =
    run.waiting_for_installation !== null
      ? 'installing packages'
      : run.queue_position
        ? placeShort(run.queue_position)
        : run.retry_at
          ? `next attempt at ${exact(run.retry_at).slice(11)}`
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

/** Newer and older, never page numbers: what is on a page does not move while one reads. */
const Pager = ({ newer, older, scriptId, status, runs }: ExecutionsProps) => {
  const filters = { script_id: scriptId, status }
  const [first, last] = [runs[0]!.run.queued_at, runs.at(-1)!.run.queued_at]
  return (
    <nav class="pager" aria-label="Pages">
      <span>
        {`${first.slice(0, 16).replace('T', ' ')} back to ${last.slice(0, 16).replace('T', ' ')} UTC` as 'safe'}
      </span>
      <span class="push" />
      <PagerLink href={newer === null ? null : `/executions${query({ ...filters, after: newer })}`}>
        <Icon name="left" />
        Newer
      </PagerLink>
      <PagerLink href={older === null ? null : `/executions${query({ ...filters, before: older })}`}>
        Older
        <Icon name="right" />
      </PagerLink>
    </nav>
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
