/** Rules of notifications as sentences. */
import type { Delivery, NotifyEvent, NotifyRule } from '../src/notify/model.ts'
import { statusWord, triggerOf } from './parts.tsx'
import { say, type Text } from './texts.ts'

/** `when` goes into a sentence, `word` stands alone, `help` beside a choice. */
const events: Record<NotifyEvent, { word: Text; when: Text; help: Text | null }> = {
  failure: {
    word: 'Failed',
    when: 'it fails',
    help: 'an error, a limit, or the gateway stopped; the last attempt',
  },
  first_failure: {
    word: 'Began to fail',
    when: 'it begins to fail',
    help: 'after a success, or the first run of all',
  },
  recovery: { word: 'Works again', when: 'it works again', help: 'a success after a failure' },
  timeout: { word: 'Timeout', when: 'its time limit stops it', help: null },
  missed: {
    word: 'Missed',
    when: 'a schedule was missed',
    help: 'the gateway was not there, or it could not be started',
  },
  slow: { word: 'Slow', when: 'it is slower than usual', help: 'against the median of its last good runs' },
  success: { word: 'Success', when: 'it succeeds', help: null },
  always: { word: 'Ended', when: 'it ends, however it went', help: null },
}

/** In the order in which they are offered: what most want comes first. */
export const offeredEvents = Object.entries(events).map(([name, words]) => ({ name: name as NotifyEvent, ...words }))

/** Of a delivery: an event, or what is sent beside the rules. */
export function eventWord(event: string): string {
  const word = events[event as NotifyEvent]?.word ?? otherEvents[event]
  return word ? say(word) : event
}

const otherEvents: Record<string, Text> = {
  test: 'Test|event',
  summary: 'Several together',
  heartbeat_start: 'Heartbeat: start',
  heartbeat_success: 'Heartbeat: good end',
  heartbeat_fail: 'Heartbeat: failure',
}

/** What it was told as, and how that went where the one does not say the other: Ended · Failed */
export function whatWords({ event, outcome, kind }: Pick<Delivery, 'event' | 'outcome' | 'kind'>): string {
  const words = [eventWord(event)]
  if (outcome !== null && kind !== 'heartbeat') {
    const other = withoutRun[outcome]
    words.push(other ? say(other) : statusWord(outcome))
  }
  return [...new Set(words)].join(' · ')
}

const withoutRun: Record<string, Text> = { missed: 'Missed', broken: 'Broken', not_started: 'Could not be started' }

/** When it fails, or works again */
export function whenWords(chosen: readonly string[]): string {
  const phrases = offeredEvents.filter(({ name }) => chosen.includes(name)).map(({ when }) => say(when))
  return phrases.length === 0 ? say('Never') : say('When {events}', { events: either(phrases) })
}

/** What narrows a rule: Only runs by Schedule · tags prod · quiet 22:00 to 07:00 (Europe/Berlin) */
export function ruleDetails(rule: NotifyRule): string[] {
  const { triggers, tags, quiet_hours: quiet, timezone, max_per_hour: most, slow_factor: factor } = rule
  return [
    triggers.length > 0 ? say('only runs by {triggers}', { triggers: either(triggers.map(triggerWord)) }) : '',
    tags.length > 0 ? say('only scripts tagged {tags}', { tags: either(tags) }) : '',
    rule.events.includes('slow') ? say('slow is {factor} times as long as usual', { factor }) : '',
    quiet ? say('quiet from {from} to {to} ({timezone})', { ...quiet, timezone }) : '',
    most > 0 ? say('at most {n} an hour', { n: most }) : '',
    rule.title !== null || rule.body !== null ? say('a text of its own') : '',
  ].filter(Boolean)
}

export const triggerWord = (trigger: NotifyRule['triggers'][number]): string => triggerOf(trigger).word

/** a, b or c */
const either = (parts: readonly string[]) =>
  parts.length < 2
    ? parts.join('')
    : say('{first} or {last}', { first: parts.slice(0, -1).join(say(', |of a list')), last: parts.at(-1)! })
