/** Who is told of what: rules, as a table. */
import { describe, expect, test } from 'bun:test'
import type { MissedKind, NotifyEvent } from '../../src/notify/model.ts'
import { type Ended, matchesOf, missedMatches, type RuleLike, usualDuration } from '../../src/notify/rules.ts'
import type { RunStatus, Trigger } from '../../src/runs/model.ts'

const rule = (id: number | null, events: NotifyEvent[], rest: Partial<RuleLike> = {}): RuleLike => ({
  ...{ id, events, channel_id: id, script_id: null, triggers: [], tags: [], slow_factor: 2 },
  ...rest,
})

interface Past {
  before?: RunStatus
  usual?: number[]
  ms?: number | null
  triggers?: Trigger[]
  tags?: string[]
  isMuted?: boolean
}

const ended = (status: RunStatus, past: Past = {}): Ended => ({
  run: { script_id: 1, status, duration_ms: past.ms === undefined ? 100 : past.ms },
  triggers: past.triggers ?? ['api'],
  tags: past.tags ?? [],
  isMuted: past.isMuted ?? false,
  before: () => past.before,
  usual: () => past.usual ?? [],
})

const told = (rules: RuleLike[], of: Ended) => matchesOf(rules, of).map(({ rule: { id }, event }) => [id, event])

const good: RunStatus = 'success'
const slowly = { ms: 10_000, usual: [2000, 2100, 1900] }

describe('one rule for one event', () => {
  test.each<[NotifyEvent, RunStatus, Past, boolean]>([
    ['always', 'success', {}, true],
    ['always', 'failed', {}, true],
    ['always', 'cancelled', {}, true],
    ['always', 'interrupted', {}, true],
    ['success', 'success', {}, true],
    ['success', 'failed', {}, false],
    ['success', 'cancelled', {}, false],
    ['failure', 'failed', {}, true],
    ['failure', 'killed', {}, true],
    ['failure', 'timeout', {}, true],
    ['failure', 'interrupted', {}, true],
    ['failure', 'cancelled', {}, false],
    ['failure', 'success', {}, false],
    ['timeout', 'timeout', {}, true],
    ['timeout', 'killed', {}, false],
    ['first_failure', 'failed', { before: 'success' }, true],
    ['first_failure', 'failed', {}, true],
    ['first_failure', 'timeout', { before: 'success' }, true],
    ['first_failure', 'failed', { before: 'failed' }, false],
    ['first_failure', 'failed', { before: 'interrupted' }, false],
    ['first_failure', 'success', { before: 'success' }, false],
    ['first_failure', 'cancelled', { before: 'success' }, false],
    ['recovery', 'success', { before: 'failed' }, true],
    ['recovery', 'success', { before: 'timeout' }, true],
    ['recovery', 'success', { before: 'killed' }, true],
    ['recovery', 'success', { before: 'success' }, false],
    ['recovery', 'success', {}, false],
    ['recovery', 'failed', { before: 'failed' }, false],
    ['slow', 'success', slowly, true],
    ['slow', 'failed', slowly, false],
    ['slow', 'success', { ms: 4000, usual: [2000, 2000, 2000] }, false],
    ['slow', 'success', { ms: 4001, usual: [2000, 2000, 2000] }, true],
    ['slow', 'success', { ms: 900, usual: [10, 10, 10] }, false],
    ['slow', 'success', { ms: 1010, usual: [10, 10, 10] }, true],
    ['slow', 'success', { ms: 10_000, usual: [10, 10] }, false],
    ['slow', 'success', { ms: null, usual: [10, 10, 10] }, false],
    ['missed', 'failed', {}, false],
  ])('%s is told of a run that ended %s, with %j before: %p', (event, status, past, isTold) => {
    expect(told([rule(1, [event])], ended(status, past))).toEqual(isTold ? [[1, event]] : [])
  })
})

describe('which rules say anything', () => {
  const own = { script_id: 1 }
  test.each<[string, RuleLike, Past, boolean]>([
    ['a rule of the script', rule(1, ['always'], own), {}, true],
    ['a rule of another script', rule(1, ['always'], { script_id: 2 }), {}, false],
    ['a rule for all of a script that is muted', rule(1, ['always']), { isMuted: true }, false],
    ['NOTIFY_URL of a script that is muted', rule(null, ['always']), { isMuted: true }, false],
    ['a rule of the script that is muted', rule(1, ['always'], own), { isMuted: true }, true],
    ['one for schedules, of a call', rule(1, ['always'], { triggers: ['schedule'] }), {}, false],
    [
      'one for schedules, of the second attempt of a scheduled run',
      rule(1, ['always'], { triggers: ['schedule'] }),
      { triggers: ['retry', 'schedule'] },
      true,
    ],
    ['one for two triggers', rule(1, ['always'], { triggers: ['form', 'api'] }), {}, true],
    ['one for a tag', rule(1, ['always'], { tags: ['nightly'] }), { tags: ['nightly', 'x'] }, true],
    ['one for a tag, of a script without it', rule(1, ['always'], { tags: ['nightly'] }), { tags: ['x'] }, false],
  ])('%s', (_, given, past, isTold) => {
    expect(told([given], ended(good, past))).toHaveLength(isTold ? 1 : 0)
  })
})

describe('a channel is told once of a run', () => {
  const same = { channel_id: 7 }
  const all: NotifyEvent[] = ['always', 'success', 'failure', 'first_failure', 'recovery', 'timeout', 'slow']
  test.each<[string, RuleLike[], RunStatus, Past, [number | null, NotifyEvent][]]>([
    ['as the most telling event', [rule(1, all, same)], 'timeout', { before: 'success' }, [[1, 'timeout']]],
    ['as the first failure', [rule(1, all, same)], 'failed', { before: 'success' }, [[1, 'first_failure']]],
    ['as a failure', [rule(1, all, same)], 'failed', { before: 'failed' }, [[1, 'failure']]],
    ['as a recovery', [rule(1, all, same)], good, { ...slowly, before: 'failed' }, [[1, 'recovery']]],
    ['as slow', [rule(1, all, same)], good, { ...slowly, before: good }, [[1, 'slow']]],
    ['as a success', [rule(1, all, same)], good, { before: good }, [[1, 'success']]],
    [
      'by the most telling of its rules',
      [rule(1, ['always'], same), rule(2, ['failure'], same)],
      'failed',
      {},
      [[2, 'failure']],
    ],
    [
      'by the script’s own rule, where two say the same',
      [rule(1, ['failure'], same), rule(2, ['failure'], { ...same, script_id: 1 })],
      'failed',
      {},
      [[2, 'failure']],
    ],
    [
      'by the older rule, where nothing else decides',
      [rule(2, ['always'], same), rule(1, ['always'], same)],
      good,
      {},
      [[1, 'always']],
    ],
    [
      'and each channel for itself, NOTIFY_URL among them',
      [rule(1, ['always']), rule(2, ['failure']), rule(null, ['always'])],
      'failed',
      {},
      [
        [1, 'always'],
        [2, 'failure'],
        [null, 'always'],
      ],
    ],
  ])('%s', (_, rules, status, past, expected) => {
    expect(told(rules, ended(status, past))).toEqual(expected)
  })
})

test('the past is asked once for many rules, and not where none needs it', () => {
  let asked = 0
  const of = (status: RunStatus): Ended => ({
    ...ended(status),
    before() {
      asked++
      return 'failed'
    },
  })
  matchesOf([rule(1, ['always', 'success', 'failure', 'timeout'])], of('failed'))
  expect(asked).toBe(0)
  expect(
    told(
      [1, 2, 3].map((id) => rule(id, ['recovery'])),
      of(good),
    ),
  ).toHaveLength(3)
  expect(asked).toBe(1)
})

test('missed occurrences are told by rules for them, as a schedule’s', () => {
  const rules = [
    rule(1, ['missed']),
    rule(2, ['always', 'failure']),
    rule(3, ['missed'], { triggers: ['api'] }),
    rule(4, ['missed'], { triggers: ['schedule'] }),
    rule(5, ['missed'], { channel_id: 1, script_id: 1 }),
  ]
  const about = { run: { script_id: 1 }, triggers: ['schedule' as const], tags: [], isMuted: false }
  const missed = { kind: 'missed' as const, isFirst: () => true }
  expect(missedMatches(rules, about, missed).map(({ rule: { id } }) => id)).toEqual([5, 4])
  expect(missedMatches(rules, { ...about, isMuted: true }, missed).map(({ rule: { id } }) => id)).toEqual([5])
})

test.each<[MissedKind, boolean, [number, NotifyEvent][]]>([
  [
    'missed',
    true,
    [
      [1, 'missed'],
      [4, 'missed'],
    ],
  ],
  [
    'broken',
    true,
    [
      [1, 'missed'],
      [4, 'missed'],
    ],
  ],
  [
    'not_started',
    true,
    [
      [1, 'missed'],
      [2, 'failure'],
      [3, 'first_failure'],
      [4, 'missed'],
    ],
  ],
  [
    'not_started',
    false,
    [
      [1, 'missed'],
      [2, 'failure'],
      [4, 'missed'],
    ],
  ],
])('what is %s (first: %p) is told as %j, to each channel once', (kind, isFirst, told) => {
  const rules = [
    rule(1, ['missed']),
    rule(2, ['failure', 'always']),
    rule(3, ['first_failure']),
    rule(4, ['failure', 'missed']),
    rule(5, ['failure'], { channel_id: 4 }),
    rule(6, ['always', 'timeout', 'recovery', 'success', 'slow']),
  ]
  const about = { run: { script_id: 1 }, triggers: ['schedule' as const], tags: [], isMuted: false }
  const matches = missedMatches(rules, about, { kind, isFirst: () => isFirst })
  expect(matches.map(({ rule: { id }, event }) => [id as number, event])).toEqual(told)
})

test.each<[number[], number | null]>([
  [[], null],
  [[5, 1], null],
  [[5, 1, 9], 5],
  [[4, 1, 9, 6], 5],
])('the usual duration of %j is %p', (durations, usual) => {
  expect(usualDuration(durations)).toBe(usual)
})
