/** One run: its form, its log, its result. Fragments, sent together when it ends: #run-status #run-actions #run-facts #run-note #run-result. */
import { clock, count, durationWords } from '../public/js/format.js'
import type { LogLine, Run } from '../src/runs/model.ts'
import type { Param, Script } from '../src/scripts/model.ts'
import { Elapsed, StopForm } from './actions.tsx'
import { query } from './attr.ts'
import { RunForm } from './form.tsx'
import { Page } from './layout.tsx'
import { LogPanel } from './log.tsx'
import { Ago, Icon, Partial, Runtime, Status, scriptName, statusWord, triggerOf } from './parts.tsx'
import { type ResultView, RunResult } from './result.tsx'
import { RunNote } from './run-note.tsx'
import { Crumbs } from './script.tsx'

export interface RunProps {
  run: Run
  script: Script
  params: Param[]
  /** The end of its log. */
  lines: LogLine[]
  shown: ResultView
  /** Its time limit in minutes, where it is known. */
  timeoutMin: number | null
  now: number
}

export const RunPage = (props: RunProps) => {
  const { run, script, params, lines, shown } = props
  return (
    <Page title={titleOf(props)} current="executions" kind="run" now={props.now}>
      <div class="head">
        <Crumbs script={script} />
        <Runtime script={script} />
        <h1 safe>{scriptName(script)}</h1>
        <RunStatusPill run={run} />
        <RunActions run={run} script={script} />
      </div>
      <RunFacts {...props} />
      <RunNote run={run} script={script} />
      <div class="split run">
        <RunForm script={script} params={params} values={run.params} problems={[]} folded />
        <div class="stack-4">
          <LogPanel run={run} lines={lines} />
          <RunResult run={run} shown={shown} />
        </div>
      </div>
    </Page>
  )
}

/** Everything that changes when the run starts or ends; each takes the place of the element with its id. */
export const RunFragments = (props: RunProps) => (
  <>
    <Partial id="run-status">
      <RunStatusPill run={props.run} />
    </Partial>
    <Partial id="run-actions">
      <RunActions run={props.run} script={props.script} />
    </Partial>
    <Partial id="run-facts">
      <RunFacts {...props} />
    </Partial>
    <Partial id="run-note">
      <RunNote run={props.run} script={props.script} />
    </Partial>
    <Partial id="run-result">
      <RunResult run={props.run} shown={props.shown} />
    </Partial>
  </>
)

/** "1:24 running · resize-images"; the browser keeps it up. */
const titleOf = ({ run, script, now }: RunProps) => {
  const elapsed =
    run.finished_at === null && run.started_at !== null ? `${clock(now - Date.parse(run.started_at))} ` : ''
  return `${elapsed}${statusWord(run.status).toLowerCase()} · ${scriptName(script)}`
}

const RunStatusPill = ({ run }: { run: Run }) => (
  <span
    id="run-status"
    role="status"
    data-status-name={run.status}
    data-started={run.started_at ?? undefined}
    data-finished={run.finished_at ? 'yes' : undefined}
  >
    <Status status={run.status} pill />
  </span>
)

const RunActions = ({ run, script }: { run: Run; script: Script }) => (
  <div class="row push" id="run-actions">
    <a class="button quiet" href={`/scripts/${script.id}`}>
      <Icon name="code" />
      Script
    </a>
    {run.finished_at === null ? (
      <StopForm runId={run.id} name={scriptName(script)} />
    ) : (
      <button form="run-form" type="submit" disabled={script.state !== 'active'}>
        <Icon name="refresh" />
        Run again
      </button>
    )}
  </div>
)

const RunFacts = ({ run, timeoutMin, now }: RunProps) => {
  const trigger = triggerOf(run.trigger)
  return (
    <ul class="facts" id="run-facts">
      <li>
        <Icon name="clock" />
        <TimeSpent run={run} timeoutMin={timeoutMin} now={now} />
      </li>
      <li>
        <Icon name="history" />
        Run <a href={`/executions/${run.id}`}>{`#${count(run.id)}` as 'safe'}</a>
      </li>
      <li>
        <Icon name={trigger.icon} />
        {trigger.word as 'safe'}
      </li>
      <li>
        <Icon name="calendar" />
        <Ago at={run.started_at ?? run.queued_at} now={now} />
      </li>
      {run.exit_code !== null && run.exit_code !== 0 ? <li>{`Exit code ${run.exit_code}` as 'safe'}</li> : ''}
      {run.signal ? (
        <li>
          Signal <span safe>{run.signal}</span>
        </li>
      ) : (
        ''
      )}
      <li>
        <a class="muted" href={`/executions${query({ script_id: run.script_id })}`}>
          All its runs
        </a>
      </li>
    </ul>
  )
}

const TimeSpent = ({ run, timeoutMin, now }: Pick<RunProps, 'run' | 'timeoutMin' | 'now'>) => {
  if (run.started_at === null)
    return (
      <span>
        {run.finished_at === null ? (
          <>
            Waiting <Elapsed since={run.queued_at} now={now} />
          </>
        ) : (
          'Never started'
        )}
      </span>
    )
  return (
    <span>
      <span class="sr">Elapsed </span>
      <b>
        {run.finished_at === null ? (
          <Elapsed since={run.started_at} now={now} />
        ) : (
          (durationWords(run.duration_ms ?? 0) as 'safe')
        )}
      </b>
      {run.finished_at === null && timeoutMin !== null ? (` of ${durationWords(timeoutMin * 60_000)}` as 'safe') : ''}
    </span>
  )
}
