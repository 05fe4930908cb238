/** What is said where a rule has no text of its own. The address is not in it: each channel shows it in its own way. */
import type { Facts, NotifyEvent } from '../notify/model.ts'

export interface Text {
  title: string
  body: string
}

/** Short and factual: `backup.py failed`, and `Exit code 3 after 1.4 s.` with the end of stderr below. */
export const usualText = (event: NotifyEvent, facts: Facts): Text => ({
  title: `${facts.script || 'A script'} ${deed(event, facts)}`,
  body: event === 'missed' ? missedBody(facts) : runBody(event, facts),
})

function deed(event: NotifyEvent, facts: Facts): string {
  const ended = endings[facts.status] ?? 'ended'
  if (event === 'first_failure') return `${ended}, for the first time since it worked`
  if (event === 'recovery') return 'works again'
  if (event === 'slow') return `was slow${facts.duration && `: ${facts.duration}`}`
  if (event === 'missed')
    return Number(facts.missed_count) > 1 ? `was missed ${facts.missed_count} times` : 'was missed'
  return ended
}

/** By the status of the run. */
const endings: Record<string, string> = {
  success: 'succeeded',
  failed: 'failed',
  timeout: 'was stopped at its time limit',
  killed: 'was killed',
  interrupted: 'was interrupted',
  cancelled: 'was cancelled',
}

function runBody(event: NotifyEvent, facts: Facts): string {
  const isGood = facts.status === 'success'
  const lines = [
    sentences(
      outcome(facts, isGood),
      event === 'slow' && facts.usual_duration && `It usually takes ${facts.usual_duration}`,
      Number(facts.attempt) > 1 && `This was attempt ${facts.attempt}`,
      !isGood && !saysExitCode(facts) && facts.reason,
      facts.schedule && `Schedule: ${facts.schedule}`,
    ),
    isGood ? '' : facts.stderr.trim(),
  ]
  return lines.filter((line) => line !== '').join('\n')
}

/** Then it says nothing more. */
const saysExitCode = ({ reason, exit_code }: Facts) => exit_code !== '' && reason.includes(`exit code ${exit_code}`)

function outcome({ exit_code, status, duration }: Facts, isGood: boolean): string {
  const what = isGood ? 'Succeeded' : exit_code === '' ? (outcomes[status] ?? 'Ended') : `Exit code ${exit_code}`
  return duration === '' ? what : `${what} after ${duration}`
}

const outcomes: Record<string, string> = {
  failed: 'Failed',
  timeout: 'Ended',
  killed: 'Killed',
  interrupted: 'Interrupted',
  cancelled: 'Cancelled',
}

const missedBody = (facts: Facts) =>
  sentences(
    facts.due_at && `It was due at ${facts.due_at}${Number(facts.missed_count) > 1 ? ' for the first time' : ''}`,
    facts.reason,
    facts.schedule && `Schedule: ${facts.schedule}`,
  )

const sentences = (...parts: (string | false)[]) =>
  parts
    .filter((part) => part)
    .map((part) => (/[.!?…]$/.test(part as string) ? part : `${part}.`))
    .join(' ')
