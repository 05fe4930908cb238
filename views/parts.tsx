/** The small parts that every page is made of: icons, states, times, notes. */
import { ago, bytes } from '../public/js/format.js'
import type { Run, RunStatus, Trigger } from '../src/runs/model.ts'
import type { Script, ScriptState } from '../src/scripts/model.ts'
import { asset } from './assets.ts'
import { attr } from './attr.ts'
import { type Text, t } from './texts.ts'

type Children = { children?: JSX.Element | JSX.Element[] | string | (JSX.Element | string)[] }

/** A symbol of icons.svg. Decoration only: the words beside it say the same. */
export const Icon = ({ name }: { name: string }) => (
  <svg class="icon" aria-hidden="true">
    <use href={`${asset('icons.svg')}#${name}`} />
  </svg>
)

const statusWords: Record<RunStatus, Text> = {
  queued: 'Queued',
  running: 'Running',
  success: 'Success',
  failed: 'Failed',
  timeout: 'Timeout',
  cancelled: 'Cancelled',
  killed: 'Killed',
  interrupted: 'Interrupted',
}

export const runStatusNames = Object.keys(statusWords) as RunStatus[]

export const statusWord = (status: string) =>
  Object.hasOwn(statusWords, status) ? t(statusWords[status as RunStatus]) : status

/** How a run went: always icon and word. */
export const Status = ({ status, pill = false, id }: { status: string; pill?: boolean; id?: string }) => (
  <span class={pill ? 'status pill' : 'status'} data-status={attr(status)} id={id}>
    <Icon name={Object.hasOwn(statusWords, status) ? status : 'info'} />
    <span safe>{statusWord(status)}</span>
  </span>
)

const stateWords: Record<ScriptState, Text> = {
  active: 'Active',
  inactive: 'Inactive',
  error: 'Error',
  missing: 'Missing',
}

/** What a script is, not how a run went. */
export const State = ({ state }: { state: ScriptState }) => (
  <span class="state" data-state={state}>
    <span class="dot" />
    {t(stateWords[state])}
  </span>
)

const languageOf = (script: Pick<Script, 'runtime' | 'filename'>) =>
  script.runtime === 'python'
    ? { short: 'Py', name: 'Python' }
    : /\.[cm]?ts$/.test(script.filename)
      ? { short: 'TS', name: 'TypeScript' }
      : { short: 'JS', name: 'JavaScript' }

export function Runtime({ script }: { script: Pick<Script, 'runtime' | 'filename'> }) {
  const { short, name } = languageOf(script)
  return (
    <span class="runtime" title={name}>
      {short as 'safe'}
    </span>
  )
}

const triggerWords: Record<Trigger, { icon: string; word: Text }> = {
  form: { icon: 'user', word: 'Form' },
  api: { icon: 'terminal', word: 'API' },
  schedule: { icon: 'calendar', word: 'Schedule' },
  webhook: { icon: 'webhook', word: 'Webhook' },
  retry: { icon: 'refresh', word: 'Retry' },
}

export const triggerOf = (trigger: Trigger) => ({
  icon: triggerWords[trigger].icon,
  word: t(triggerWords[trigger].word),
})

/** Of a run that a schedule asked for, a link to it. */
export function TriggerWord({ run }: { run: Pick<Run, 'trigger' | 'script_id' | 'schedule_id'> }) {
  const { word } = triggerOf(run.trigger)
  if (run.schedule_id === null) return <>{word}</>
  return <a href={`/scripts/${run.script_id}/schedules/${run.schedule_id}`}>{word}</a>
}

/** "2 min ago", kept up by the browser, with the exact time as its title. */
export const Ago = ({ at, now }: { at: string; now: number }) => (
  <time datetime={at} title={exact(at)} data-ago>
    {ago(now - Date.parse(at)) as 'safe'}
  </time>
)

/** 2026-11-21 03:18:04 UTC */
export const exact = (at: string) => `${at.slice(0, 10)} ${at.slice(11, 19)} UTC`

/** The name people know a script by: its alias, else its file's name without the folder and ending. */
export const scriptName = (script: Pick<Script, 'alias' | 'filename'>) =>
  script.alias || script.filename.slice(script.filename.lastIndexOf('/') + 1).replace(/\.[^.]+$/, '')

/** A fragment that takes the place of the element with its id, whatever that is: also a table row. */
export const Partial = ({ id, children }: { id: string; children: JSX.Element }) => (
  <>
    {`<template hx type="partial" hx-target="#${id}" hx-swap="outerMorph">` as 'safe'}
    {children as 'safe'}
    {'</template>'}
  </>
)

export const Note = ({
  kind,
  icon,
  id,
  alert = false,
  title,
  children,
}: Children & { kind: 'info' | 'warn' | 'bad'; icon: string; id?: string; alert?: boolean; title: string }) => (
  <div
    class={kind === 'info' ? 'note' : `note ${kind}`}
    id={id}
    role={alert ? 'alert' : undefined}
    tabindex={id ? '-1' : undefined}
  >
    <Icon name={icon} />
    <strong safe>{title}</strong>
    {children as 'safe'}
  </div>
)

/** A button that puts the text of the element `from` on the clipboard. Needs JavaScript, and hides without it. */
export const CopyButton = ({ from, label, word }: { from: string; label: string; word?: string }) => (
  <button
    class={word ? 'small needs-js' : 'quiet only small needs-js'}
    type="button"
    data-copy={attr(from)}
    aria-label={word ? undefined : attr(label)}
    title={attr(label)}
  >
    <Icon name="copy" />
    {(word ?? '') as 'safe'}
  </button>
)

export interface SparkRun {
  status: string
  duration_ms: number | null
}

const sparkSlots = 20
const sparkHeight = 20

/** The runs that say how reliable a script is: what waits, runs or was cancelled by a person does not. */
export const ratedRuns = <R extends { status: string }>(runs: R[]): R[] =>
  runs.filter(({ status }) => status !== 'queued' && status !== 'running' && status !== 'cancelled')

/** The last 20 runs, oldest left, as bars as high as they were long, and the share that succeeded. */
export function Spark({ runs, words = true }: { runs: SparkRun[]; words?: boolean }) {
  const rated = ratedRuns(runs)
  const good = rated.filter((run) => run.status === 'success').length
  return (
    <div class="spark p2-text">
      <svg
        viewBox="0 0 79 20"
        role="img"
        aria-label={t('{good} of the last {n} runs succeeded', { good, n: rated.length })}
      >
        {sparkPaths(runs.slice(-sparkSlots)).map(({ status, d }) => (
          <path data-status={status === '' ? undefined : attr(status)} d={d} />
        ))}
      </svg>
      {words ? <output>{rated.length > 0 ? `${Math.round((100 * good) / rated.length)}%` : '–'}</output> : ''}
    </div>
  )
}

/** One path for each status: two hundred rows of twenty bars are 600 elements, not 4,000. Empty slots have no status. */
function sparkPaths(runs: SparkRun[]): { status: string; d: string }[] {
  const longestMs = Math.max(1, ...runs.map((run) => run.duration_ms ?? 0))
  const empty = sparkSlots - runs.length
  const paths = new Map<string, string>()
  const bar = (status: string, slot: number, height: number) =>
    paths.set(status, `${paths.get(status) ?? ''}M${slot * 4} ${sparkHeight}v-${height}h3v${height}z`)
  for (let slot = 0; slot < empty; slot++) bar('', slot, 1)
  runs.forEach(({ status, duration_ms }, index) => {
    bar(status, empty + index, Math.max(3, Math.round((sparkHeight * (duration_ms ?? 0)) / longestMs)))
  })
  return [...paths].map(([status, d]) => ({ status, d }))
}

/** The path of a file, broken behind a folder where it has to be. */
export const FilePath = ({ path }: { path: string }) => (
  <code>{Bun.escapeHTML(path).replaceAll('/', '/<wbr>') as 'safe'}</code>
)

export const size = (value: number) => bytes(value) as 'safe'
