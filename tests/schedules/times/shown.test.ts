/** What is said of a schedule before it comes: warnings, notes at its times, the calendar, and names of zones. */
import { expect, test } from 'bun:test'
import type { TimePlan } from '../../../src/schedules/model.ts'
import { calendarDays } from '../../../src/schedules/times/calendar.ts'
import { describeTiming, warningsOf } from '../../../src/schedules/times/describe.ts'
import { upcoming } from '../../../src/schedules/times/upcoming.ts'
import {
  firstMoment,
  localText,
  localTexts,
  normalZone,
  startOfDay,
  systemZone,
  zones,
} from '../../../src/schedules/times/zone.ts'
import { cronPlan } from './plans.ts'

const newYork = 'America/New_York'
const at = (text: string) => Date.parse(text)

test.each<[what: string, cron: string, zone: string, after: string, expected: (string | null)[]]>([
  [
    'a skipped time',
    '30 2 * * *',
    newYork,
    '2027-03-13T12:00Z',
    ['02:30 does not exist on 14 Mar 2027, clocks go forward: it runs at 03:00', null],
  ],
  [
    'a skipped time that meets another',
    '0,30 2,3 * * *',
    newYork,
    '2027-03-13T12:00Z',
    ['02:00 does not exist on 14 Mar 2027, clocks go forward: it is one with 03:00', null],
  ],
  [
    'a series that is skipped',
    '*/30 1-3 * * *',
    newYork,
    '2027-03-14T06:00Z',
    [null, '02:00 does not exist on 14 Mar 2027, clocks go forward from 02:00 to 03:00: it is passed over', null],
  ],
  [
    'a repeated time, fixed',
    '30 1 * * *',
    newYork,
    '2027-11-06T12:00Z',
    ['the clock shows 01:30 twice on 7 Nov 2027; this is the first', null],
  ],
  [
    'a repeated time, in a series',
    '30 * * * *',
    newYork,
    '2027-11-07T05:00Z',
    [
      'the clock shows 01:30 twice on 7 Nov 2027; this is the first',
      'the clock shows 01:30 twice on 7 Nov 2027; this is the second',
      null,
    ],
  ],
  [
    'half an hour',
    '15 2 * * *',
    'Australia/Lord_Howe',
    '2026-10-03T00:00Z',
    ['02:15 does not exist on 4 Oct 2026, clocks go forward: it runs at 02:30'],
  ],
  [
    'over midnight',
    '30 23 * * *',
    'America/Nuuk',
    '2027-03-27T12:00Z',
    ['23:30 does not exist on 27 Mar 2027, clocks go forward: it runs at 00:00', null],
  ],
  [
    'a day that was left out',
    '0 12 * * *',
    'Pacific/Apia',
    '2011-12-29T12:00Z',
    [null, '30 Dec 2011 was left out of the calendar of Pacific/Apia', null],
  ],
  [
    'leap years',
    '0 9 29 2 *',
    'UTC',
    '2095-01-01T00:00Z',
    ['29 February comes in leap years only: not in 2095', '29 February comes in leap years only: not in 2097 to 2103'],
  ],
  ['no 31st', '0 9 31 * *', 'UTC', '2027-01-30T00:00Z', [null, 'February 2027 has no 31st', 'April 2027 has no 31st']],
  [
    'no fifth Monday',
    '0 9 * * 1#5',
    'UTC',
    '2027-05-01T00:00Z',
    [null, 'June 2027 and July 2027 have no fifth Monday'],
  ],
  ['nothing odd', '0 9 * * *', newYork, '2027-06-01T00:00Z', [null, null, null]],
])('notes: %s', (_what, cron, zone, after, expected) => {
  expect(upcoming(cronPlan(cron, zone), at(after), expected.length).map(({ note }) => note)).toEqual(expected)
})

test('a text that cannot be read stands for itself', () => {
  expect(describeTiming({ kind: 'cron', cron: 'nonsense' }, 'UTC')).toBe('nonsense')
})

test('notes: days that are counted, at a time that is skipped and at one that comes twice', () => {
  const daysOf = (first: string): TimePlan => {
    const timing = { kind: 'every' as const, everyMs: 2 * 86_400_000, anchorAt: at('2027-01-01T00:00Z') }
    return { ...cronPlan('', newYork), timing: { ...timing, anchorLocal: at(first) } }
  }
  const notes = (first: string, after: string) => upcoming(daysOf(first), at(after), 2).map(({ note }) => note)
  expect([
    notes('2027-03-12T02:30Z', '2027-03-13T12:00Z'),
    notes('2027-03-12T03:00Z', '2027-03-13T12:00Z'),
    notes('2027-11-05T01:30Z', '2027-11-06T12:00Z'),
  ]).toEqual([
    ['02:30 does not exist on 14 Mar 2027, clocks go forward: it runs at 03:00', null],
    [null, null],
    ['the clock shows 01:30 twice on 7 Nov 2027; this is the first', null],
  ])
})

test('times are shown in UTC and on the clock, with where they start and end', () => {
  const plan: TimePlan = {
    ...cronPlan('0 9 * * *', newYork),
    startsAt: at('2027-03-13T00:00Z'),
    endsAt: at('2027-03-14T13:00Z'),
  }
  expect(upcoming(plan, at('2027-01-01T00:00Z'), 10)).toEqual([
    {
      at: '2027-03-13T14:00:00.000Z',
      local: 'Sat 13 Mar 2027 09:00 EST',
      note: 'it starts on Fri 12 Mar 2027 19:00 EST',
    },
    {
      at: '2027-03-14T13:00:00.000Z',
      local: 'Sun 14 Mar 2027 09:00 EDT',
      note: 'the last one: it ends on Sun 14 Mar 2027 09:00 EDT',
    },
  ])
})

const warned = (timing: TimePlan['timing'], timezone = 'UTC', more: Partial<TimePlan> = {}) =>
  warningsOf({ timing, timezone, startsAt: null, endsAt: null, ...more }, at('2027-01-01T00:00Z'))

test.each<[what: string, found: string[], expected: string[]]>([
  ['never', warned(cronPlan('0 0 31 2 *', 'UTC').timing), ['It is never due: there is no such day in any year.']],
  [
    'over',
    warned({ kind: 'once', at: at('2026-12-31T09:00Z') }),
    ['It is never due again: Thu 31 Dec 2026 09:00 UTC is over.'],
  ],
  [
    'ended',
    warned({ kind: 'cron', cron: '0 9 1 6 *' }, 'UTC', { endsAt: at('2027-05-01T00:00Z') }),
    ['It is never due again: its end date comes before its next time.'],
  ],
  ['many a minute', warned({ kind: 'cron', cron: '*/2 * * * * *' }), ['It is due 30 times a minute.']],
  [
    'many a minute, counted',
    warned({ kind: 'every', everyMs: 7000, anchorAt: 0 }),
    ['It is due every 7 seconds: more often than once a minute.'],
  ],
  [
    'an uneven step',
    warned({ kind: 'cron', cron: '*/7 * * * *' }),
    ['"*/7" begins anew each hour, so the last step is shorter; "every 7 minutes" counts on.'],
  ],
  [
    'a step of days',
    warned({ kind: 'cron', cron: '0 9 */2 * *' }),
    ['"*/2" begins anew on the 1st of each month; "every 2 days" counts on.'],
  ],
  [
    'no 31st',
    warned({ kind: 'cron', cron: '0 9 31 * *' }),
    ['Months without a 31st are passed over; "L" is the last day of each month.'],
  ],
  ['29 February', warned({ kind: 'cron', cron: '0 9 29 2 *' }), ['29 February comes in leap years only.']],
  [
    'the 29th',
    warned({ kind: 'cron', cron: '0 9 29 * *' }),
    ['February has a 29th in leap years only; else it is passed over.'],
  ],
  ['a fifth Friday', warned({ kind: 'cron', cron: '0 9 * * 5#5' }), ['Months without a fifth Friday are passed over.']],
  [
    'either day',
    warned({ kind: 'cron', cron: '0 9 13 * 5' }),
    [
      'The day of the month and the weekday are both given: either of them is enough. Write "+" before the weekday for both.',
    ],
  ],
  [
    'a numbered weekday of six fields',
    warned({ kind: 'cron', cron: '0 0 9 * * 6L' }),
    [
      '"6L" means Saturday here, where Monday is 1; Quartz counts from Sunday = 1: names such as SAT mean the same in both.',
    ],
  ],
  [
    'numbered weekdays of six fields',
    warned({ kind: 'cron', cron: '0 0 9 * * 2-6/2,7#3' }),
    [
      '"2-6/2,7#3" means Tuesday, Thursday, Saturday and Sunday here, where Monday is 1; Quartz counts from Sunday = 1: names such as TUE mean the same in both.',
    ],
  ],
  ['named weekdays of six fields', warned({ kind: 'cron', cron: '0 0 9 * * FRI#3,MON-WED/2' }), []],
  ['any weekday of six fields', warned({ kind: 'cron', cron: '0 0 9 * * */2' }), []],
  ['both days', warned({ kind: 'cron', cron: '0 9 13 * +5' }), []],
  [
    'a skipped time',
    warned({ kind: 'cron', cron: '30 2 * * *' }, newYork),
    ['02:30 does not exist on 14 Mar 2027, clocks go forward: it runs at 03:00.'],
  ],
  [
    'a skipped series',
    warned({ kind: 'cron', cron: '*/30 2 * * *' }, newYork),
    ['02:00 does not exist on 14 Mar 2027, clocks go forward: that is passed over.'],
  ],
  ['clocks change on Sundays', warned({ kind: 'cron', cron: '30 2 * * 1-5' }, newYork), []],
  ['all day long', warned({ kind: 'cron', cron: '*/15 * * * *' }, newYork), []],
  ['counted days', warned({ kind: 'every', everyMs: 172_800_000, anchorAt: 0, anchorLocal: 0 }, newYork), []],
  [
    'counted hours move',
    warned({ kind: 'every', everyMs: 172_800_000, anchorAt: 0 }, newYork),
    ['It counts 48 hours: on the clock of America/New_York it moves when clocks change.'],
  ],
  [
    'counted hours where clocks never change',
    warned({ kind: 'every', everyMs: 172_800_000, anchorAt: 0 }, 'Asia/Kolkata'),
    [],
  ],
])('warnings: %s', (_what, found, expected) => {
  expect(found).toEqual(expected)
})

test('a calendar counts each day of its own zone, 23 hours long, too', () => {
  const plans = [
    cronPlan('* * * * * *', newYork),
    cronPlan('30 2 * * *', newYork),
    cronPlan('0 0 * * *', 'UTC'),
    cronPlan('0 9 1 1 *', 'UTC'),
  ]
  const days = calendarDays(plans, '2027-03-13', '2027-03-14', newYork, 2)
  expect(
    days.map(({ date, entries }) => [date, entries.map(({ plan, count, isMore }) => [plan, count, isMore])]),
  ).toEqual([
    [
      '2027-03-13',
      [
        [0, 86_400, false],
        [1, 1, false],
        [2, 1, false],
      ],
    ],
    [
      '2027-03-14',
      [
        [0, 82_800, false],
        [1, 1, false],
        [2, 1, false],
      ],
    ],
  ])
  expect(days[1]!.entries.map(({ times }) => times.map(({ local }) => local))).toEqual([
    ['Sun 14 Mar 2027 00:00:00 EST', 'Sun 14 Mar 2027 00:00:01 EST'],
    ['Sun 14 Mar 2027 03:00 EDT'],
    ['Sun 14 Mar 2027 20:00 EDT'],
  ])
})

test.each<[what: string, plan: TimePlan, count: number, isMore: boolean]>([
  ['a series by arithmetic', cronPlan('*/5 8-17 * * *', newYork), 120, false],
  ['a day of 25 hours', cronPlan('*/30 * * * *', newYork), 50, false],
  [
    'counted time',
    { ...cronPlan('', newYork), timing: { kind: 'every', everyMs: 7000, anchorAt: 0 } },
    Math.round((25 * 3600) / 7),
    false,
  ],
  ['until its end', { ...cronPlan('*/30 * * * *', newYork), endsAt: at('2027-11-07T05:30Z') }, 4, false],
  ['from its start', { ...cronPlan('*/30 * * * *', newYork), startsAt: at('2027-11-08T04:00Z') }, 2, false],
  ['two expressions, one by one', cronPlan('*/30 * * * * | 15 9 * * *', newYork), 51, false],
  ['too many to count one by one', cronPlan('0-59 0-59 0-23 * * *', newYork), 1440, true],
])('a calendar counts %s', (_what, plan, count, isMore) => {
  const [day] = calendarDays([plan], '2027-11-07', '2027-11-07', newYork, 1)
  expect(day!.entries.map((entry) => [entry.count, entry.isMore, entry.times.length])).toEqual([[count, isMore, 1]])
})

test.each(['2027-02-29', '2027-3-14', 'today', ''])('a calendar refuses the date "%s"', (date) => {
  expect(() => calendarDays([], date, '2027-03-14', 'UTC', 1)).toThrow(RangeError)
})

test.each<[string, string | null]>([
  ['europe/berlin', 'Europe/Berlin'],
  ['AMERICA/NEW_YORK', newYork],
  ['America/Argentina/Buenos_Aires', 'America/Argentina/Buenos_Aires'],
  ['utc', 'UTC'],
  ['Etc/UTC', 'UTC'],
  ['GMT', 'UTC'],
  ['US/Eastern', 'US/Eastern'],
  ['Asia/Calcutta', 'Asia/Calcutta'],
  ['Japan', 'Japan'],
  [' Europe/Paris ', 'Europe/Paris'],
  ['EST', null],
  ['CET', null],
  ['PST8PDT', null],
  ['+02:00', null],
  ['UTC+2', null],
  ['Europe/Atlantis', null],
  ['../../etc/passwd', null],
  ['', null],
])('the zone "%s" is %p', (name, expected) => {
  expect(normalZone(name)).toBe(expected)
})

test('zones to choose from are those that are understood, UTC first', () => {
  const all = zones()
  expect(all[0]).toBe('UTC')
  expect(all.length).toBeGreaterThan(300)
  expect(all.filter((name) => normalZone(name) !== name)).toEqual([])
  expect(normalZone(systemZone())).toBe(systemZone())
})

test.each<[string, string, string]>([
  ['2027-03-14T07:00:00Z', newYork, 'Sun 14 Mar 2027 03:00 EDT'],
  ['2027-07-01T10:00:05Z', 'Europe/Berlin', 'Thu 1 Jul 2027 12:00:05 CEST'],
  ['2027-07-01T10:00:00Z', 'Asia/Kathmandu', 'Thu 1 Jul 2027 15:45 UTC+05:45'],
  ['2027-07-01T10:00:00Z', 'UTC', 'Thu 1 Jul 2027 10:00 UTC'],
])('%s in %s is %s', (time, zone, text) => {
  expect(localText(at(time), zone)).toBe(text)
})

test.each<[string, string[], string[]]>([
  ['one has seconds: all show them', ['17:19:55', '17:20:00'], ['17:19:55', '17:20:00']],
  ['none has: none does', ['17:19:00', '17:20:00'], ['17:19', '17:20']],
  ['none', [], []],
])('of a list of times, %s', (_, clocks, expected) => {
  const times = clocks.map((clock) => at(`2027-07-01T${clock}Z`))
  expect(localTexts(times, 'UTC')).toEqual(expected.map((clock) => `Thu 1 Jul 2027 ${clock} UTC`))
})

test('a schedule with seconds is shown with them in the preview and in the calendar', () => {
  const plan = cronPlan('*/20 59 17 * * *', 'UTC')
  const clocks = ['17:59:00', '17:59:20', '17:59:40']
  const shown = (times: { local: string }[]) => times.map(({ local }) => local.split(' ')[4])
  expect(shown(upcoming(plan, at('2027-07-01T00:00Z'), 3))).toEqual(clocks)
  expect(shown(calendarDays([plan], '2027-07-01', '2027-07-01', 'UTC', 3)[0]!.entries[0]!.times)).toEqual(clocks)
})

test('a day begins where its clock does, at 1:00 if midnight is skipped', () => {
  expect(new Date(firstMoment(Date.UTC(2018, 10, 4), 'America/Sao_Paulo')).toISOString()).toBe(
    '2018-11-04T03:00:00.000Z',
  )
  expect(localText(startOfDay(at('2018-11-04T15:00Z'), 'America/Sao_Paulo'), 'America/Sao_Paulo')).toBe(
    'Sun 4 Nov 2018 01:00 UTC−02:00',
  )
})
