/** When a schedule is due: what becomes of times that clocks skip or show twice, of days that are not in every month, of bounds. */
import { expect, test } from 'bun:test'
import type { TimePlan } from '../../../src/schedules/model.ts'
import { between, lastUpTo, nextAfter } from '../../../src/schedules/times/next.ts'
import { parseWhen } from '../../../src/schedules/times/parse.ts'
import { localText } from '../../../src/schedules/times/zone.ts'
import { cronPlan } from './plans.ts'

type Row = [what: string, cron: string, zone: string, after: string, expected: string[]]

const newYork = 'America/New_York'
const lordHowe = 'Australia/Lord_Howe'

test.each<Row>([
  [
    'a fixed time that clocks skip is due when they do',
    '30 2 * * *',
    newYork,
    '2027-03-13T12:00Z',
    ['Sun 14 Mar 2027 03:00 EDT', 'Mon 15 Mar 2027 02:30 EDT'],
  ],
  [
    'a list that clocks skip in part loses nothing',
    '30 2,14 * * *',
    newYork,
    '2027-03-13T23:00Z',
    ['Sun 14 Mar 2027 03:00 EDT', 'Sun 14 Mar 2027 14:30 EDT'],
  ],
  [
    'a skipped time that meets another is due once',
    '0,30 2,3 * * *',
    newYork,
    '2027-03-13T23:00Z',
    ['Sun 14 Mar 2027 03:00 EDT', 'Sun 14 Mar 2027 03:30 EDT', 'Mon 15 Mar 2027 02:00 EDT'],
  ],
  [
    'a range of hours is fixed times',
    '30 1-3 * * *',
    newYork,
    '2027-03-14T05:00Z',
    ['Sun 14 Mar 2027 01:30 EST', 'Sun 14 Mar 2027 03:00 EDT', 'Sun 14 Mar 2027 03:30 EDT'],
  ],
  [
    'a step follows the clock over the gap',
    '*/30 1-3 * * *',
    newYork,
    '2027-03-14T06:00Z',
    [
      'Sun 14 Mar 2027 01:30 EST',
      'Sun 14 Mar 2027 03:00 EDT',
      'Sun 14 Mar 2027 03:30 EDT',
      'Mon 15 Mar 2027 01:00 EDT',
    ],
  ],
  [
    'a wildcard follows the clock over the gap',
    '30 * * * *',
    newYork,
    '2027-03-14T06:00Z',
    ['Sun 14 Mar 2027 01:30 EST', 'Sun 14 Mar 2027 03:30 EDT'],
  ],
  [
    'a series that is in the gap alone is passed over',
    '*/30 2 * * *',
    newYork,
    '2027-03-13T08:00Z',
    ['Mon 15 Mar 2027 02:00 EDT'],
  ],
  [
    'a fixed time that the clock shows twice is due at the first',
    '30 1 * * *',
    newYork,
    '2027-11-06T12:00Z',
    ['Sun 7 Nov 2027 01:30 EDT', 'Mon 8 Nov 2027 01:30 EST'],
  ],
  [
    'a list in the repeated hour is due once',
    '0,30 1 * * *',
    newYork,
    '2027-11-06T12:00Z',
    ['Sun 7 Nov 2027 01:00 EDT', 'Sun 7 Nov 2027 01:30 EDT', 'Mon 8 Nov 2027 01:00 EST'],
  ],
  [
    'a range in the repeated hour is due once',
    '15 0-2 * * *',
    newYork,
    '2027-11-07T04:00Z',
    ['Sun 7 Nov 2027 00:15 EDT', 'Sun 7 Nov 2027 01:15 EDT', 'Sun 7 Nov 2027 02:15 EST'],
  ],
  [
    'a step is due twice in the repeated hour',
    '*/30 1 * * *',
    newYork,
    '2027-11-06T12:00Z',
    [
      'Sun 7 Nov 2027 01:00 EDT',
      'Sun 7 Nov 2027 01:30 EDT',
      'Sun 7 Nov 2027 01:00 EST',
      'Sun 7 Nov 2027 01:30 EST',
      'Mon 8 Nov 2027 01:00 EST',
    ],
  ],
  [
    'a wildcard is due twice in the repeated hour',
    '45 * * * *',
    newYork,
    '2027-11-07T05:00Z',
    ['Sun 7 Nov 2027 01:45 EDT', 'Sun 7 Nov 2027 01:45 EST', 'Sun 7 Nov 2027 02:45 EST'],
  ],
  [
    'a monthly series is due again in the repeated hour of its day',
    '*/30 1 7 11 *',
    newYork,
    '2027-11-07T05:31Z',
    ['Sun 7 Nov 2027 01:00 EST', 'Sun 7 Nov 2027 01:30 EST', 'Tue 7 Nov 2028 01:00 EST'],
  ],
  [
    'within the second pass nothing fixed comes again',
    '30 1 * * *',
    newYork,
    '2027-11-07T06:10Z',
    ['Mon 8 Nov 2027 01:30 EST'],
  ],
  [
    'Berlin goes forward at 2:00',
    '15 2 * * *',
    'Europe/Berlin',
    '2027-03-27T12:00Z',
    ['Sun 28 Mar 2027 03:00 CEST', 'Mon 29 Mar 2027 02:15 CEST'],
  ],
  [
    'Berlin goes back at 3:00',
    '15 2 * * *',
    'Europe/Berlin',
    '2027-10-30T12:00Z',
    ['Sun 31 Oct 2027 02:15 CEST', 'Mon 1 Nov 2027 02:15 CET'],
  ],
  [
    'a gap of half an hour',
    '15 2 * * *',
    lordHowe,
    '2026-10-03T00:00Z',
    ['Sun 4 Oct 2026 02:30 LHDT', 'Mon 5 Oct 2026 02:15 LHDT'],
  ],
  [
    'what is after half an hour of a gap stays',
    '45 2 * * *',
    lordHowe,
    '2026-10-03T00:00Z',
    ['Sun 4 Oct 2026 02:45 LHDT'],
  ],
  [
    'half an hour twice, fixed',
    '45 1 * * *',
    lordHowe,
    '2027-04-03T00:00Z',
    ['Sun 4 Apr 2027 01:45 LHDT', 'Mon 5 Apr 2027 01:45 LHST'],
  ],
  [
    'half an hour twice, in steps',
    '*/15 1 * * *',
    lordHowe,
    '2027-04-03T14:20Z',
    [
      'Sun 4 Apr 2027 01:30 LHDT',
      'Sun 4 Apr 2027 01:45 LHDT',
      'Sun 4 Apr 2027 01:30 LHST',
      'Sun 4 Apr 2027 01:45 LHST',
    ],
  ],
  [
    'midnight that clocks skip is 1:00',
    '0 0 * * *',
    'America/Sao_Paulo',
    '2018-11-03T12:00Z',
    ['Sun 4 Nov 2018 01:00 UTC−02:00', 'Mon 5 Nov 2018 00:00 UTC−02:00'],
  ],
  [
    'the hour before midnight twice',
    '30 23 * * *',
    'America/Sao_Paulo',
    '2019-02-16T12:00Z',
    ['Sat 16 Feb 2019 23:30 UTC−02:00', 'Sun 17 Feb 2019 23:30 UTC−03:00'],
  ],
  [
    'no change any more since 2019',
    '0 0 * * *',
    'America/Sao_Paulo',
    '2027-11-06T12:00Z',
    ['Sun 7 Nov 2027 00:00 UTC−03:00', 'Mon 8 Nov 2027 00:00 UTC−03:00'],
  ],
  [
    'a gap that ends on the next day',
    '30 23 * * *',
    'America/Nuuk',
    '2027-03-27T12:00Z',
    ['Sun 28 Mar 2027 00:00 UTC−01:00', 'Sun 28 Mar 2027 23:30 UTC−01:00'],
  ],
  [
    'a zone that never changes',
    '30 2 * * *',
    'Asia/Kolkata',
    '2027-03-13T00:00Z',
    ['Sun 14 Mar 2027 02:30 IST', 'Mon 15 Mar 2027 02:30 IST'],
  ],
  [
    'a day that was left out has no times',
    '0 12 * * *',
    'Pacific/Apia',
    '2011-12-28T23:00Z',
    ['Thu 29 Dec 2011 12:00 UTC−10:00', 'Sat 31 Dec 2011 12:00 UTC+14:00'],
  ],
  [
    'a series over a day that was left out',
    '0 */12 * * *',
    'Pacific/Apia',
    '2011-12-29T12:00Z',
    ['Thu 29 Dec 2011 12:00 UTC−10:00', 'Sat 31 Dec 2011 00:00 UTC+14:00'],
  ],
  [
    'UTC has no changes',
    '30 2 * * *',
    'UTC',
    '2027-03-13T12:00Z',
    ['Sun 14 Mar 2027 02:30 UTC', 'Mon 15 Mar 2027 02:30 UTC'],
  ],
  [
    '29 February, over a century that has none',
    '0 12 29 2 *',
    'UTC',
    '2096-01-01T00:00Z',
    ['Wed 29 Feb 2096 12:00 UTC', 'Fri 29 Feb 2104 12:00 UTC'],
  ],
  [
    'the last day of each month',
    '0 0 L * *',
    'UTC',
    '2028-01-15T00:00Z',
    [
      'Mon 31 Jan 2028 00:00 UTC',
      'Tue 29 Feb 2028 00:00 UTC',
      'Fri 31 Mar 2028 00:00 UTC',
      'Sun 30 Apr 2028 00:00 UTC',
    ],
  ],
  [
    'months without a 31st are passed over',
    '0 0 31 * *',
    'UTC',
    '2027-01-31T00:00Z',
    ['Wed 31 Mar 2027 00:00 UTC', 'Mon 31 May 2027 00:00 UTC'],
  ],
  [
    'the last weekday',
    '0 17 LW * *',
    'UTC',
    '2027-01-30T00:00Z',
    ['Fri 26 Feb 2027 17:00 UTC', 'Wed 31 Mar 2027 17:00 UTC'],
  ],
  [
    'the weekday nearest to the first stays in its month',
    '0 8 1W * *',
    'UTC',
    '2027-04-30T00:00Z',
    ['Mon 3 May 2027 08:00 UTC', 'Tue 1 Jun 2027 08:00 UTC'],
  ],
  [
    'the second and the last Friday',
    '0 9 * * 5#2,5L',
    'UTC',
    '2027-01-01T12:00Z',
    ['Fri 8 Jan 2027 09:00 UTC', 'Fri 29 Jan 2027 09:00 UTC'],
  ],
  [
    'a fifth Monday is not in every month',
    '0 9 * * 1#5',
    'UTC',
    '2027-01-30T00:00Z',
    ['Mon 29 Mar 2027 09:00 UTC', 'Mon 31 May 2027 09:00 UTC'],
  ],
  [
    'day and weekday: either',
    '0 9 13 * 5',
    'UTC',
    '2027-01-09T00:00Z',
    ['Wed 13 Jan 2027 09:00 UTC', 'Fri 15 Jan 2027 09:00 UTC'],
  ],
  [
    'day and weekday: both',
    '0 9 13 * +5',
    'UTC',
    '2027-01-09T00:00Z',
    ['Fri 13 Aug 2027 09:00 UTC', 'Fri 13 Oct 2028 09:00 UTC'],
  ],
  [
    'seconds',
    '*/20 59 23 * * *',
    'UTC',
    '2027-01-01T23:59:10.5Z',
    ['Fri 1 Jan 2027 23:59:20 UTC', 'Fri 1 Jan 2027 23:59:40 UTC', 'Sat 2 Jan 2027 23:59 UTC'],
  ],
  [
    'several expressions, each time once',
    '30 9 * * * | 0 14 * * * | 30 9,10 * * *',
    'UTC',
    '2027-01-01T00:00Z',
    ['Fri 1 Jan 2027 09:30 UTC', 'Fri 1 Jan 2027 10:30 UTC', 'Fri 1 Jan 2027 14:00 UTC'],
  ],
  ['a day that no year has', '0 0 31 2 *', 'UTC', '2027-01-01T00:00Z', []],
  ['a text that cannot be read', 'nonsense', 'UTC', '2027-01-01T00:00Z', []],
])('%s', (_what, cron, zone, after, expected) => {
  const count = expected.length === 0 ? 1 : expected.length
  const times = between(cronPlan(cron, zone), Date.parse(after), Number.POSITIVE_INFINITY, count)
  expect(times.map((at) => localText(at, zone))).toEqual(expected)
})

test.each([7, 36 * 60, 90])('every %d minutes is elapsed time, whatever clocks do', (minutes) => {
  const anchorAt = Date.parse('2027-03-13T05:00Z')
  const plan: TimePlan = {
    timing: { kind: 'every', everyMs: minutes * 60_000, anchorAt },
    timezone: newYork,
    startsAt: null,
    endsAt: null,
  }
  const times = between(plan, anchorAt - 1, Date.parse('2027-03-16T00:00Z'), 1000)
  expect(times[0]).toBe(anchorAt)
  expect(new Set(times.slice(1).map((at, index) => at - times[index]!))).toEqual(new Set([minutes * 60_000]))
})

test.each<[what: string, text: string, zone: string, now: string, expected: string[]]>([
  [
    'over both changes of the clock',
    'every 2 weeks on monday at 9:00',
    newYork,
    '2027-03-01T00:00Z',
    ['Mon 1 Mar 2027 09:00 EST', 'Mon 15 Mar 2027 09:00 EDT', 'Mon 29 Mar 2027 09:00 EDT'],
  ],
  [
    'a time that is skipped, at the end of the gap, and those after it at their own',
    'every other day at 2:30',
    newYork,
    '2027-03-12T00:00Z',
    ['Fri 12 Mar 2027 02:30 EST', 'Sun 14 Mar 2027 03:00 EDT', 'Tue 16 Mar 2027 02:30 EDT'],
  ],
  [
    'the first of them is skipped',
    'every other day at 2:30',
    newYork,
    '2027-03-14T06:00Z',
    ['Sun 14 Mar 2027 03:00 EDT', 'Tue 16 Mar 2027 02:30 EDT'],
  ],
  [
    'a time that comes twice, once',
    'every 7 days at 1:30',
    newYork,
    '2027-11-06T12:00Z',
    ['Sun 7 Nov 2027 01:30 EDT', 'Sun 14 Nov 2027 01:30 EST'],
  ],
  [
    'a midnight that there is not',
    'every 2 days',
    'Africa/Cairo',
    '2027-04-28T10:00Z',
    ['Fri 30 Apr 2027 01:00 EEST', 'Sun 2 May 2027 00:00 EEST'],
  ],
  [
    'a day that there is not',
    'every 2 days at 9:00',
    'Pacific/Apia',
    '2011-12-28T00:00Z',
    ['Wed 28 Dec 2011 09:00 UTC−10:00', 'Sun 1 Jan 2012 09:00 UTC+14:00'],
  ],
])('days that are counted are days on the clock: %s', (_what, text, timezone, now, expected) => {
  const read = parseWhen(text, { timezone, now: Date.parse(now) })
  if (!read.ok) throw new Error(read.problem)
  const plan = { timing: read.timing, timezone, startsAt: null, endsAt: null }
  const times = between(plan, Date.parse(now), Number.POSITIVE_INFINITY, expected.length)
  expect(times.map((time) => localText(time, timezone))).toEqual(expected)
  expect(times.map((time) => lastUpTo(plan, time, times[0]! - 1))).toEqual(times)
})

test('days are counted from their start, also where it is in the second pass of a repeated hour', () => {
  const startsAt = Date.parse('2027-11-07T06:30Z')
  const read = parseWhen('every 2 weeks', { timezone: newYork, startsAt, now: startsAt })
  if (!read.ok) throw new Error(read.problem)
  const times = between(
    { timing: read.timing, timezone: newYork, startsAt, endsAt: null },
    0,
    Number.POSITIVE_INFINITY,
    2,
  )
  expect(times.map((time) => localText(time, newYork))).toEqual([
    'Sun 7 Nov 2027 01:30 EST',
    'Sun 21 Nov 2027 01:30 EST',
  ])
})

const at = (text: string) => Date.parse(text)
const daily: TimePlan = {
  ...cronPlan('0 9 * * *', 'UTC'),
  startsAt: at('2027-01-05T09:00Z'),
  endsAt: at('2027-01-07T09:00Z'),
}

test.each<[string, TimePlan, string, string | null]>([
  ['the start counts', daily, '2027-01-01T00:00Z', '2027-01-05T09:00Z'],
  [
    'a start that is a moment later does not',
    { ...daily, startsAt: at('2027-01-05T09:00:00.001Z') },
    '2027-01-01T00:00Z',
    '2027-01-06T09:00Z',
  ],
  ['the end counts', daily, '2027-01-06T09:00Z', '2027-01-07T09:00Z'],
  [
    'an end that is a moment earlier does not',
    { ...daily, endsAt: at('2027-01-07T08:59:59.999Z') },
    '2027-01-06T09:00Z',
    null,
  ],
  ['nothing after the end', daily, '2027-01-07T09:00Z', null],
  ['strictly later: not the moment itself', daily, '2027-01-05T09:00Z', '2027-01-06T09:00Z'],
  ['a millisecond before is enough', daily, '2027-01-06T08:59:59.999Z', '2027-01-06T09:00Z'],
  [
    'once, before',
    { ...daily, timing: { kind: 'once', at: at('2027-01-06T00:00Z') } },
    '2027-01-01T00:00Z',
    '2027-01-06T00:00Z',
  ],
  ['once, over', { ...daily, timing: { kind: 'once', at: at('2027-01-06T00:00Z') } }, '2027-01-06T00:00Z', null],
  [
    'once, before the start',
    { ...daily, timing: { kind: 'once', at: at('2027-01-04T00:00Z') } },
    '2027-01-01T00:00Z',
    null,
  ],
  [
    'every, before its anchor',
    { ...daily, startsAt: null, timing: { kind: 'every', everyMs: 1000, anchorAt: at('2027-01-06T00:00Z') } },
    '2027-01-01T00:00Z',
    '2027-01-06T00:00Z',
  ],
  ['every nothing', { ...daily, timing: { kind: 'every', everyMs: 0, anchorAt: 0 } }, '2027-01-01T00:00Z', null],
])('bounds: %s', (_what, plan, after, expected) => {
  expect(nextAfter(plan, at(after))).toBe(expected === null ? null : at(expected))
})

test.each([Number.NaN, Number.POSITIVE_INFINITY, 9e15, -9e15, Number.NEGATIVE_INFINITY])(
  'no time is too odd to ask for the next: %d',
  (after) => {
    const next = nextAfter(cronPlan('0 9 * * *', newYork), after)
    expect(next === null || next > after).toBe(true)
  },
)

test.each<[string, string, string, string | null]>([
  ['the moment itself counts', '2027-01-06T09:00Z', '2027-01-01T00:00Z', '2027-01-06T09:00Z'],
  ['the one before', '2027-01-06T08:59Z', '2027-01-01T00:00Z', '2027-01-05T09:00Z'],
  ['none before the start', '2027-01-05T08:00Z', '2027-01-01T00:00Z', null],
  ['not the lower bound', '2027-01-06T08:00Z', '2027-01-05T09:00Z', null],
  ['the last one, long after the end', '2029-01-01T00:00Z', '2027-01-01T00:00Z', '2027-01-07T09:00Z'],
])('the last up to a moment: %s', (_what, upTo, after, expected) => {
  expect(lastUpTo(daily, at(upTo), at(after))).toBe(expected === null ? null : at(expected))
})
