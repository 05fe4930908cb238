/** Texts with `{{name}}` in them: names of facts, and nothing else. No code, no nesting, and a value is never rendered again. */
import { nearest } from '../nearest.ts'
import type { FactName } from '../notify/model.ts'

/** Every name there is, in words. */
export const factHelp: Record<FactName, string> = {
  event: 'What happened: failure, recovery, missed …',
  script: 'The name of the script',
  script_id: 'Its number',
  status: 'How the run ended: success, failed, timeout …; missed, broken or not_started where there is none',
  reason: 'Why, in words',
  run_id: 'The number of the run',
  url: 'The address of its page',
  trigger: 'What started it: api, schedule …',
  started_by: 'Who started it',
  schedule: 'The schedule in words',
  schedule_id: 'Its number',
  attempt: 'Which attempt it was',
  duration: 'How long it took, such as 1.4 s',
  duration_ms: 'The same in milliseconds',
  queued_at: 'When it was asked for (ISO 8601)',
  started_at: 'When it began',
  finished_at: 'When it ended',
  due_at: 'When the schedule was due, the first time of several (ISO 8601)',
  due: 'The same on the clock of its zone, such as Sun 14 Mar 2027 03:00 EDT',
  last_due_at: 'The last time, of several that were missed (ISO 8601)',
  last_due: 'The same on the clock of its zone',
  timezone: 'The zone of the schedule',
  exit_code: 'Its exit code',
  stderr: 'The end of its error output',
  usual_duration: 'How long it usually takes',
  missed_count: 'How many occurrences were missed',
  host: 'The machine it ran on',
}

const names = Object.keys(factHelp)
const placeholder = /\{\{([^{}]*)\}\}/g

/** `text` with the value in the place of each name; a name that is not in `facts` stays as it is written. */
export const renderTemplate = (text: string, facts: Readonly<Record<string, string>>): string =>
  text.replace(placeholder, (written, name: string) =>
    Object.hasOwn(facts, name.trim()) ? (facts[name.trim()] as string) : written,
  )

/** What is wrong with a template, each as what follows its name; empty when all is well. */
export function problemsOf(text: string): string[] {
  const unknown = [...text.matchAll(placeholder)].map(([, name = '']) => name.trim()).filter((name) => !isFact(name))
  const problems = [...new Set(unknown)].slice(0, problemsMax).map(unknownProblem)
  const rest = text.replace(placeholder, '')
  if (rest.includes('{{')) problems.push('has a {{ that is not closed by }}')
  return problems
}

const problemsMax = 10
const isFact = (name: string): name is FactName => Object.hasOwn(factHelp, name)

function unknownProblem(name: string): string {
  if (name === '') return `has {{}} without a name in it: there are ${names.join(', ')}`
  const near = nearest(name, names)
  const advice = near ? `did you mean {{${near}}}?` : `there are ${names.join(', ')}`
  return `has {{${name.slice(0, 40)}}}, which is nothing that is known: ${advice}`
}
