/** What is known of a run, or of occurrences that were missed, as texts for templates and webhooks. */
import { afterReturn, plain } from '../../public/js/ansi.js'
import type { Run } from '../runs/model.ts'
import type { About, ScheduleFacts } from './history-store.ts'
import { type Facts, factNames, type Missed } from './model.ts'

/** Of stderr, its end. */
const stderrCharsMax = 500

interface ScriptName {
  id: number
  name: string
}

const nothing = Object.fromEntries(factNames.map((name) => [name, ''])) as Facts

/** A moment in words on the clock of a zone, with its letters: `Sun 14 Mar 2027 03:00 EDT`. */
export type LocalText = (at: number, timezone: string) => string

/** `usualMs`: what the run usually takes, where it was asked. */
export function factsOfRun(
  run: Run,
  {
    event,
    script,
    about,
    usualMs,
    baseUrl,
    localText,
  }: {
    event: string
    script: ScriptName
    about: About | null
    usualMs: number | null
    baseUrl: string
    localText: LocalText
  },
): Facts {
  return {
    ...nothing,
    event,
    script: script.name,
    script_id: String(script.id),
    status: run.status,
    reason: run.reason ?? '',
    run_id: String(run.id),
    url: `${baseUrl}/executions/${run.id}`,
    trigger: about?.firstTrigger ?? run.trigger,
    started_by: run.started_by ?? '',
    schedule: scheduleName(about),
    schedule_id: textOf(run.schedule_id),
    attempt: String(run.attempt),
    duration: durationWords(run.duration_ms),
    duration_ms: textOf(run.duration_ms),
    queued_at: run.queued_at,
    started_at: run.started_at ?? '',
    finished_at: run.finished_at ?? '',
    due_at: timeOf(about?.dueAt),
    due: dueText(about?.dueAt, about, localText),
    timezone: about?.timezone ?? '',
    exit_code: textOf(run.exit_code),
    stderr: lastLines(run.stderr),
    usual_duration: durationWords(usualMs),
    host: run.host,
  }
}

/** `event`: what the rule is told it as. */
export const factsOfMissed = (
  { kind, scheduleId, dueAt, lastDueAt, count, reason }: Missed,
  {
    event,
    script,
    about,
    baseUrl,
    localText,
  }: { event: string; script: ScriptName; about: ScheduleFacts | null; baseUrl: string; localText: LocalText },
): Facts => ({
  ...nothing,
  event,
  script: script.name,
  script_id: String(script.id),
  status: kind,
  reason,
  url: `${baseUrl}/scripts/${script.id}/schedules/${scheduleId}`,
  trigger: 'schedule',
  schedule: scheduleName(about),
  schedule_id: String(scheduleId),
  due_at: timeOf(dueAt),
  due: dueText(dueAt, about, localText),
  last_due_at: count > 1 ? timeOf(lastDueAt) : '',
  last_due: count > 1 ? dueText(lastDueAt, about, localText) : '',
  timezone: about?.timezone ?? '',
  missed_count: String(count),
})

/** Of what is about no run: a test, or what was held and is told together. */
export const plainFacts = (event: string, url: string): Facts => ({ ...nothing, event, url })

/** `41 ms`, `1.4 s`, `3 min 5 s`, `2 h 4 min`; empty for null. */
export function durationWords(ms: number | null): string {
  if (ms === null) return ''
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 59_950) return `${Number((ms / 1000).toFixed(1))} s`
  const sec = Math.round(ms / 1000)
  if (sec < 3600) return parts([Math.floor(sec / 60), 'min'], [sec % 60, 's'])
  const min = Math.round(sec / 60)
  return parts([Math.floor(min / 60), 'h'], [min % 60, 'min'])
}

const parts = (...all: [number, string][]) =>
  all
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ')

/** As many whole lines from the end as there is room for; of one that is too long its end. */
function lastLines(text: string): string {
  const trimmed = asOnTerminal(text).trimEnd()
  if (trimmed.length <= stderrCharsMax) return trimmed.trimStart()
  const end = trimmed.slice(-stderrCharsMax)
  const line = end.indexOf('\n')
  if (line >= 0) return end.slice(line + 1)
  return /^[\uDC00-\uDFFF]/.test(end) ? end.slice(1) : end // half a character
}

/** Colours are dropped, and of a progress bar the last state is left: elsewhere both are rubbish around what went wrong. */
const asOnTerminal = (text: string) =>
  text
    .split('\n')
    .map((line) => plain(afterReturn(line)))
    .join('\n')

const scheduleName = (about: ScheduleFacts | null) => about?.description || about?.expression || ''
const dueText = (at: number | null | undefined, about: ScheduleFacts | null, localText: LocalText) =>
  at == null ? '' : localText(at, about?.timezone ?? 'UTC')
const textOf = (value: number | null) => (value === null ? '' : String(value))
const timeOf = (ms: number | null | undefined) => (ms == null ? '' : new Date(ms).toISOString())
