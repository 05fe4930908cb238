/** What becomes of missed times, and of runs that failed: pure decisions. */
import { describe, expect, test } from 'bun:test'
import { type MisfireRule, settle } from '../../src/schedules/misfire.ts'
import type { MisfirePolicy, RetryRule, TimePlan } from '../../src/schedules/model.ts'
import { retryDelayMs } from '../../src/schedules/retry.ts'

const plan = (cron: string): TimePlan => ({
  timing: { kind: 'cron', cron },
  timezone: 'UTC',
  startsAt: null,
  endsAt: null,
})
const rule = (misfire: MisfirePolicy, windowMin = 60, misfireMax = 10): MisfireRule => ({
  misfire,
  misfireWindowMs: windowMin * 60_000,
  misfireMax,
})
const at = (text: string) => Date.parse(`2027-05-${text}Z`)
const shown = (ms: number) => new Date(ms).toISOString().slice(8, 16).replace('T', ' ')

describe('after a gap', () => {
  test.each<[string, string, MisfireRule, string, string, { run: string[]; traces: [string, string, number][] }]>([
    [
      'the last minute is on time and stands for the others',
      '* * * * *',
      rule('once'),
      '12T12:01',
      '12T12:04:10',
      {
        run: ['12 12:04'],
        traces: [
          ['skipped', '12 12:01', 1],
          ['skipped', '12 12:02', 1],
          ['skipped', '12 12:03', 1],
        ],
      },
    ],
    [
      'skip runs what is on time',
      '* * * * *',
      rule('skip'),
      '12T12:01',
      '12T12:03:10',
      {
        run: ['12 12:03'],
        traces: [
          ['missed', '12 12:01', 1],
          ['missed', '12 12:02', 1],
        ],
      },
    ],
    [
      'all, and in their order',
      '* * * * *',
      rule('all'),
      '12T12:01',
      '12T12:03:10',
      { run: ['12 12:01', '12 12:02', '12 12:03'], traces: [] },
    ],
    [
      'all, at most so many: the newest',
      '0 * * * *',
      rule('all', 1440, 2),
      '12T08:00',
      '12T12:30',
      {
        run: ['12 11:00', '12 12:00'],
        traces: [
          ['missed', '12 08:00', 1],
          ['missed', '12 09:00', 1],
          ['missed', '12 10:00', 1],
        ],
      },
    ],
    [
      'a day is longer than the window',
      '0 3 * * *',
      rule('once'),
      '10T03:00',
      '12T12:00',
      {
        run: [],
        traces: [
          ['missed', '10 03:00', 1],
          ['missed', '11 03:00', 1],
          ['missed', '12 03:00', 1],
        ],
      },
    ],
    [
      'a window of none',
      '0 3 * * *',
      rule('all', 0),
      '12T03:00',
      '12T03:01',
      { run: [], traces: [['missed', '12 03:00', 1]] },
    ],
    [
      'a month of minutes is one row, but for the last twenty',
      '* * * * *',
      rule('skip'),
      '01T00:00',
      '12T12:00:45',
      {
        run: [],
        traces: [
          ['missed', '01 00:00', 1000],
          ...Array.from({ length: 20 }, (_, i): [string, string, number] => [
            'missed',
            `12 ${i < 19 ? `11:${41 + i}` : '12:00'}`,
            1,
          ]),
        ],
      },
    ],
  ])('%s', (_, cron, policy, first, now, expected) => {
    const { late, onTime, traces, last } = settle(plan(cron), policy, { first: at(first), delayMs: 0 }, at(now))
    expect({
      run: [...late, ...onTime].map(shown),
      traces: traces.map(({ state, dueAt, count }) => [state, shown(dueAt), count]),
    }).toEqual(expected as never)
    expect(last).toBeLessThanOrEqual(at(now))
    expect(last).toBeGreaterThan(at(now) - 24 * 3_600_000)
  })

  test('every time is in one row and in one only, whatever the policy', () => {
    for (const misfire of ['skip', 'once', 'all'] as const)
      for (const window of [0, 5, 60, 100_000])
        for (const minutes of [1, 7, 29, 90, 500]) {
          const now = at('12T12:00') + minutes * 60_000 + 15_000
          const { late, onTime, traces } = settle(
            plan('* * * * *'),
            rule(misfire, window),
            { first: at('12T12:00'), delayMs: 0 },
            now,
          )
          const total = late.length + onTime.length + traces.reduce((sum, { count }) => sum + count, 0)
          expect([misfire, window, minutes, total]).toEqual([misfire, window, minutes, minutes + 1])
        }
  })

  test('one that its jitter delays is on time until then', () => {
    const first = at('12T12:00')
    const { onTime } = settle(plan('0 12 * * *'), rule('skip'), { first, delayMs: 600_000 }, first + 620_000)
    expect(onTime).toEqual([first])
  })

  test('what is not due by its plan any more is still told of', () => {
    const first = at('12T12:07') // stored when the plan was another one
    expect(settle(plan('0 3 * * *'), rule('skip'), { first, delayMs: 0 }, at('12T13:00')).traces).toMatchObject([
      { dueAt: first, state: 'missed' },
    ])
  })
})

describe('the next attempt', () => {
  const usual: RetryRule = {
    count: 4,
    delay_sec: 10,
    factor: 3,
    delay_max_sec: 100,
    jitter: 0,
    on: ['failed', 'timeout'],
  }
  test.each<[string, RetryRule | null, Parameters<typeof retryDelayMs>[1], number, number, number | null]>([
    ['after the first', usual, 'failed', 1, 0.5, 10_000],
    ['waits longer each time', usual, 'failed', 2, 0.5, 30_000],
    ['and at most so long', usual, 'timeout', 4, 0.5, 100_000],
    ['when they are used up there is none', usual, 'failed', 5, 0.5, null],
    ['nor for another end', usual, 'killed', 1, 0.5, null],
    ['nor for a good one', usual, 'success', 1, 0.5, null],
    ['nor for one that somebody cancelled', usual, 'cancelled', 1, 0.5, null],
    ['nor without a rule', null, 'failed', 1, 0.5, null],
    ['jitter makes it sooner', { ...usual, jitter: 0.5 }, 'failed', 1, 0, 5000],
    ['or later', { ...usual, jitter: 0.5 }, 'failed', 1, 1, 15_000],
  ])('%s', (_, given, status, attempt, random, expected) => {
    expect(retryDelayMs(given, status, attempt, random)).toBe(expected)
  })
})
