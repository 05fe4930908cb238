/** What is said where a rule has no text of its own. The address is not in it: each channel shows it in its own way. */
import type { Facts, NotifyEvent } from '../notify/model.ts'

export interface Text {
  title: string
  body: string
}

/**
 * Short and factual: `backup.py failed`, and `Exit code 3 after 1.4 s.` with the end of stderr below. `isFirst`: nothing of
 * its kind ran before.
 */
export function usualText(event: NotifyEvent, facts: Facts, { isFirst = false } = {}): Text {
  const script = facts.script || 'A script'
  const hitch = hitches[facts.status]
  if (hitch) return { title: `${script}: schedule ${facts.schedule_id} ${hitch}`, body: hitchBody(facts) }
  if (event === 'missed') return { title: `${script} ${missedWords(facts)}`, body: missedBody(facts) }
  return { title: `${script} ${deed(event, facts, isFirst)}`, body: runBody(event, facts) }
}

/** Of a schedule that has no run to tell of. */
const hitches: Record<string, string> = { broken: 'is broken', not_started: 'could not be started' }

function deed(event: NotifyEvent, facts: Facts, isFirst: boolean): string {
  const ended = endings[facts.status] ?? 'ended'
  if (event === 'first_failure' && isFirst)
    return `${ended}, the first time ${facts.schedule_id === '' ? 'it ran' : 'this schedule ran it'}`
  if (event === 'first_failure') return `${ended}, for the first time since it worked`
  if (event === 'recovery') return 'works again'
  if (event === 'slow') return `was slow${facts.duration && `: ${facts.duration}`}`
  return ended
}

const isSeveral = ({ missed_count }: Facts) => Number(missed_count) > 1

const missedWords = (facts: Facts) => (isSeveral(facts) ? `was missed ${facts.missed_count} times` : 'was missed')

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
      ofSchedule(facts),
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

const missedBody = (facts: Facts) => sentences(wasDue(facts), facts.reason, ofSchedule(facts))

function wasDue(facts: Facts): string {
  if (facts.due === '') return ''
  if (!isSeveral(facts)) return `It was due ${facts.due}`
  return `It was first due ${facts.due}${facts.last_due && `, and last ${facts.last_due}`}`
}

const hitchBody = (facts: Facts) =>
  sentences(
    facts.reason,
    facts.status === 'broken' && 'It does not run until that is put right',
    facts.due && `It was to run ${facts.due}`,
    ofSchedule(facts),
  )

const ofSchedule = ({ schedule }: Facts) => schedule && `Schedule: ${schedule}`

const sentences = (...parts: (string | false)[]) =>
  parts
    .filter((part) => part)
    .map((part) => (/[.!?…]$/.test(part as string) ? part : `${part}.`))
    .join(' ')
