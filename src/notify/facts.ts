/** What is known of a run, or of occurrences that were missed, as texts for templates and webhooks. */
import type { Run } from '../runs/model.ts'
import type { About } from './history-store.ts'
import { type Facts, factNames, type Missed } from './model.ts'

/** Of stderr, its end. */
const stderrCharsMax = 500

interface ScriptName {
  id: number
  name: string
}

const nothing = Object.fromEntries(factNames.map((name) => [name, ''])) as Facts

/** `usualMs`: what the run usually takes, where it was asked. */
export function factsOfRun(
  run: Run,
  {
    event,
    script,
    about,
    usualMs,
    baseUrl,
  }: { event: string; script: ScriptName; about: About | null; usualMs: number | null; baseUrl: string },
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
    exit_code: textOf(run.exit_code),
    stderr: lastLines(run.stderr),
    usual_duration: durationWords(usualMs),
    host: run.host,
  }
}

export const factsOfMissed = (
  { scheduleId, dueAt, count, reason }: Missed,
  {
    script,
    about,
    baseUrl,
  }: { script: ScriptName; about: Pick<About, 'expression' | 'description'> | null; baseUrl: string },
): Facts => ({
  ...nothing,
  event: 'missed',
  script: script.name,
  script_id: String(script.id),
  status: 'missed',
  reason,
  url: `${baseUrl}/scripts/${script.id}/schedules`,
  trigger: 'schedule',
  schedule: scheduleName(about),
  schedule_id: String(scheduleId),
  due_at: timeOf(dueAt),
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
  const trimmed = text.trimEnd()
  if (trimmed.length <= stderrCharsMax) return trimmed.trimStart()
  const end = trimmed.slice(-stderrCharsMax)
  const line = end.indexOf('\n')
  if (line >= 0) return end.slice(line + 1)
  return /^[\uDC00-\uDFFF]/.test(end) ? end.slice(1) : end // half a character
}

const scheduleName = (about: Pick<About, 'expression' | 'description'> | null) =>
  about?.description || about?.expression || ''
const textOf = (value: number | null) => (value === null ? '' : String(value))
const timeOf = (ms: number | null | undefined) => (ms == null ? '' : new Date(ms).toISOString())
