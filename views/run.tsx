/** One run: its form, its log, its result. Fragments, sent together when it ends: #run-status #run-actions #run-facts #run-note #run-attempts #run-result #run-details #log-size. */
import { clock } from '../public/js/format.js'
import type { LogLine, Run } from '../src/runs/model.ts'
import type { Param, Script } from '../src/scripts/model.ts'
import type { OnInterrupt } from '../src/scripts/policy-model.ts'
import type { Version } from '../src/scripts/versions.ts'
import { StopForm } from './actions.tsx'
import { fieldId, RunForm } from './form.tsx'
import { Page } from './layout.tsx'
import { LogPanel, LogSize } from './log.tsx'
import { Icon, Partial, Runtime, Status, scriptName, statusWord } from './parts.tsx'
import { type ResultView, RunResult } from './result.tsx'
import { RunAttempts } from './run-attempts.tsx'
import { RunDetails } from './run-details.tsx'
import { QueuePlace, RunFacts } from './run-facts.tsx'
import type { MissingModule } from './run-hint.tsx'
import { RunNote } from './run-note.tsx'
import { Crumbs } from './script-head.tsx'
import { t } from './texts.ts'
import { mayDo, type Viewed } from './viewer.ts'

export interface RunProps extends Viewed {
  /** Of the script's file, as it ran. */
  version?: Version | null
  run: Run
  script: Script
  params: Param[]
  /** The end of its log. */
  lines: LogLine[]
  /** They are what is before this line instead. */
  before?: number | null
  shown: ResultView
  /** While it goes on: the last run of its script that gave a result. */
  previous?: { run: Run; now: number } | null
  /** Its result as safe HTML, where it is a text that is Markdown. */
  markdown?: string | null
  /** Its time limit in minutes, where it is known. */
  timeoutMin: number | null
  /** Runs that repeat this one, newest first; not all of them where there are many. */
  repeats: Run[]
  /** All attempts, this one among them, in their order; empty where it was not tried again. */
  attempts: Run[]
  /** Names of the parameters whose values were not kept: secrets and files. */
  lost: string[]
  /** What its last words say it did not find. */
  missing: MissingModule | null
  /** What becomes of this script's interrupted runs. */
  onInterrupt: OnInterrupt
  now: number
}

export const RunPage = (props: RunProps) => {
  const { run, script, params, lost, lines, viewer } = props
  const readOnly = !mayDo(viewer, 'run', script)
  return (
    <Page title={titleOf(props)} current="executions" kind="run" now={props.now} viewer={viewer}>
      <div class="head">
        <Crumbs script={script} />
        <Runtime script={script} />
        <h1 safe>{scriptName(script)}</h1>
        <RunStatusPill run={run} />
        <RunActions {...props} />
      </div>
      <RunFacts {...props} />
      <RunNote {...props} mayEdit={mayDo(props.viewer, 'edit', props.script)} />
      <RunAttempts {...props} />
      <div class="split run three">
        <RunForm {...{ script, params, lost, readOnly }} values={run.params} retryOf={run.id} problems={[]} folded />
        <div class="stack-4">
          <LogPanel run={run} lines={lines} before={props.before} />
          <RunResult {...props} />
        </div>
        <RunDetails {...props} />
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
      <RunActions {...props} />
    </Partial>
    <Partial id="run-facts">
      <RunFacts {...props} />
    </Partial>
    <Partial id="run-note">
      <RunNote {...props} mayEdit={mayDo(props.viewer, 'edit', props.script)} />
    </Partial>
    <Partial id="run-attempts">
      <RunAttempts {...props} />
    </Partial>
    <Partial id="run-result">
      <RunResult {...props} />
    </Partial>
    <Partial id="run-details">
      <RunDetails {...props} />
    </Partial>
    <Partial id="log-size">
      <LogSize run={props.run} />
    </Partial>
  </>
)

/** While it waits: its place in the queue, what it waits for, and nothing else. */
export const RunPlaceFragment = (props: RunProps) => (
  <>
    <Partial id="run-place">
      <QueuePlace run={props.run} />
    </Partial>
    <Partial id="run-note">
      <RunNote {...props} />
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

const RunActions = ({ run, script, params, lost, viewer }: RunProps) => (
  <div class="row push" id="run-actions">
    <a class="button quiet" href={`/scripts/${script.id}`}>
      <Icon name="code" />
      {t('Script')}
    </a>
    {!mayDo(viewer, 'run', script) ? (
      ''
    ) : run.finished_at === null ? (
      <StopForm runId={run.id} name={scriptName(script)} isQueued={run.status === 'queued'} />
    ) : lost.length > 0 && script.state === 'active' ? (
      // To the first field that has to be filled again: a browser unfolds the form around it.
      <a class="button" href={`#${fieldId(params.findIndex(({ name }) => lost.includes(name)))}`}>
        <Icon name="refresh" />
        {t('Run again')}
      </a>
    ) : (
      <button form="run-form" type="submit" disabled={script.state !== 'active'}>
        <Icon name="refresh" />
        {t('Run again')}
      </button>
    )}
  </div>
)
