/** Rules of notifications as sentences. */
import type { Delivery, NotifyEvent, NotifyRule } from '../src/notify/model.ts'
import { statusWord, triggerOf } from './parts.tsx'

/** `when` goes into a sentence, `word` stands alone, `help` beside a choice. */
const events: Record<NotifyEvent, { word: string; when: string; help: string }> = {
  failure: { word: 'Failed', when: 'it fails', help: 'an error, a limit, or the gateway stopped; the last attempt' },
  first_failure: { word: 'Began to fail', when: 'it begins to fail', help: 'after a success, or the first run of all' },
  recovery: { word: 'Works again', when: 'it works again', help: 'a success after a failure' },
  timeout: { word: 'Timeout', when: 'its time limit stops it', help: '' },
  missed: {
    word: 'Missed',
    when: 'a schedule was missed',
    help: 'the gateway was not there, or it could not be started',
  },
  slow: { word: 'Slow', when: 'it is slower than usual', help: 'against the median of its last good runs' },
  success: { word: 'Success', when: 'it succeeds', help: '' },
  always: { word: 'Ended', when: 'it ends, however it went', help: '' },
}

/** In the order in which they are offered: what most want comes first. */
export const offeredEvents = Object.entries(events).map(([name, words]) => ({ name: name as NotifyEvent, ...words }))

/** Of a delivery: an event, or what is sent beside the rules. */
export const eventWord = (event: string) => events[event as NotifyEvent]?.word ?? otherEvents[event] ?? event

const otherEvents: Record<string, string> = {
  test: 'Test',
  summary: 'Several together',
  heartbeat_start: 'Heartbeat: start',
  heartbeat_success: 'Heartbeat: good end',
  heartbeat_fail: 'Heartbeat: failure',
}

/** What it was told as, and how that went where the one does not say the other: Ended · Failed */
export function whatWords({ event, outcome, kind }: Pick<Delivery, 'event' | 'outcome' | 'kind'>): string {
  const words = [eventWord(event)]
  if (outcome !== null && kind !== 'heartbeat') words.push(withoutRun[outcome] ?? statusWord(outcome))
  return [...new Set(words)].join(' · ')
}

const withoutRun: Record<string, string> = { missed: 'Missed', broken: 'Broken', not_started: 'Could not be started' }

/** When it fails, or works again */
export function whenWords(chosen: readonly string[]): string {
  const phrases = offeredEvents.filter(({ name }) => chosen.includes(name)).map(({ when }) => when)
  return phrases.length === 0 ? 'Never' : `When ${joined(phrases, 'or')}`
}

/** What narrows a rule: Only runs by Schedule · tags prod · quiet 22:00 to 07:00 (Europe/Berlin) */
export function ruleDetails(rule: NotifyRule): string[] {
  const { triggers, tags, quiet_hours: quiet, timezone, max_per_hour: most, slow_factor: factor } = rule
  return [
    triggers.length > 0 ? `only runs by ${joined(triggers.map(triggerWord), 'or')}` : '',
    tags.length > 0 ? `only scripts tagged ${joined(tags, 'or')}` : '',
    rule.events.includes('slow') ? `slow is ${factor} times as long as usual` : '',
    quiet ? `quiet from ${quiet.from} to ${quiet.to} (${timezone})` : '',
    most > 0 ? `at most ${most} an hour` : '',
    rule.title !== null || rule.body !== null ? 'a text of its own' : '',
  ].filter(Boolean)
}

export const triggerWord = (trigger: NotifyRule['triggers'][number]) => triggerOf(trigger).word

const joined = (parts: string[], word: string) =>
  parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} ${word} ${parts.at(-1)}`
