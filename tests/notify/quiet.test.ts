/** Quiet hours on the clocks of real zones, over midnight and over the days when clocks are changed. */
import { describe, expect, test } from 'bun:test'
import { isTimeOfDay, quietUntil, timeOfDay } from '../../src/notify/quiet.ts'
import { summaryText } from '../../src/notify/summary.ts'

const berlin = 'Europe/Berlin' // 29 March 2026 02:00 → 03:00, 25 October 2026 03:00 → 02:00
const lordHowe = 'Australia/Lord_Howe' // half an hour: 4 October 2026 02:00 → 02:30

describe('quiet hours', () => {
  test.each<[string, string, string, string, string | null]>([
    ['inside of a day', '12:00-14:00', 'UTC', '2026-06-01T13:00Z', '2026-06-01T14:00Z'],
    ['at their first moment', '12:00-14:00', 'UTC', '2026-06-01T12:00Z', '2026-06-01T14:00Z'],
    ['at their end', '12:00-14:00', 'UTC', '2026-06-01T14:00Z', null],
    ['before', '12:00-14:00', 'UTC', '2026-06-01T11:59:59.999Z', null],
    ['over midnight, in the evening', '22:00-07:00', 'UTC', '2026-06-01T23:00Z', '2026-06-02T07:00Z'],
    ['over midnight, in the morning', '22:00-07:00', 'UTC', '2026-06-02T06:59Z', '2026-06-02T07:00Z'],
    ['over midnight, in the day', '22:00-07:00', 'UTC', '2026-06-02T07:00Z', null],
    ['over the end of a year', '22:00-07:00', 'UTC', '2026-12-31T22:30Z', '2027-01-01T07:00Z'],
    ['in another zone', '22:00-07:00', 'America/New_York', '2026-01-02T02:59Z', null],
    ['in another zone, begun', '22:00-07:00', 'America/New_York', '2026-01-02T03:00Z', '2026-01-02T12:00Z'],
    ['to midnight', '18:00-00:00', berlin, '2026-06-01T18:00Z', '2026-06-01T22:00Z'],
    ['a night that is an hour shorter', '22:00-07:00', berlin, '2026-03-28T21:00Z', '2026-03-29T05:00Z'],
    ['a night that is an hour longer', '22:00-07:00', berlin, '2026-10-24T20:00Z', '2026-10-25T06:00Z'],
    [
      'to a time that clocks skip: to the end of what is skipped',
      '22:00-02:30',
      berlin,
      '2026-03-29T00:59Z',
      '2026-03-29T01:00Z',
    ],
    ['from a time that clocks skip: from the end of what is skipped', '02:30-05:00', berlin, '2026-03-29T00:59Z', null],
    ['and then to their end', '02:30-05:00', berlin, '2026-03-29T01:00Z', '2026-03-29T03:00Z'],
    ['to a time that comes twice: to the first', '22:00-02:30', berlin, '2026-10-25T00:29Z', '2026-10-25T00:30Z'],
    ['and not again', '22:00-02:30', berlin, '2026-10-25T01:10Z', null],
    ['from a time that comes twice: from the first', '02:30-05:00', berlin, '2026-10-25T00:30Z', '2026-10-25T04:00Z'],
    ['where clocks are changed by half an hour', '22:00-02:15', lordHowe, '2026-10-03T15:00Z', '2026-10-03T15:30Z'],
  ])('%s: %s %s at %s', (_, hours, zone, now, until) => {
    const [from, to] = hours.split('-') as [string, string]
    const end = quietUntil({ from, to }, zone, Date.parse(now))
    expect(end === null ? null : new Date(end).toISOString()).toBe(until && new Date(until).toISOString())
  })

  test('end later than now, whenever that is, and then are over', () => {
    for (const zone of [berlin, lordHowe, 'America/Sao_Paulo'])
      for (let at = Date.parse('2026-03-27T00:00Z'); at < Date.parse('2026-03-31T00:00Z'); at += 61 * 60_000) {
        const until = quietUntil({ from: '22:00', to: '07:00' }, zone, at)
        if (until === null) continue
        expect(until).toBeGreaterThan(at)
        expect(quietUntil({ from: '22:00', to: '07:00' }, zone, until)).toBeNull()
      }
  })
})

test.each([
  ['22:00', true],
  ['00:00', true],
  ['24:00', false],
  ['7:00', false],
  ['07:60', false],
  ['', false],
])('%p is a time of day: %p', (text, is) => {
  expect(isTimeOfDay(text)).toBe(is)
})

test('a time of day in a zone', () => {
  expect(timeOfDay(berlin, Date.parse('2026-10-25T00:30Z'))).toBe('02:30')
  expect(timeOfDay('Mars/Base', Date.parse('2026-10-25T00:30Z'))).toBe('00:30')
})

test.each([
  ['of one minute', '2026-06-01T12:10:05Z', '2026-06-01T12:10:50Z', 'at 12:10 UTC'],
  ['of a day', '2026-06-01T12:10:05Z', '2026-06-02T12:10:05Z', 'between 12:10 and 12:10 UTC'],
])('what is told together is %s', (_, from, to, when) => {
  const moments = { from: Date.parse(from), to: Date.parse(to), clockOf: (at: number) => timeOfDay('UTC', at) }
  const { title } = summaryText({ rows: [], outcomes: new Map([['failed', 2]]), ...moments, zoneOf: () => 'UTC' })
  expect(title).toBe(`2 failed: 2 notifications ${when}`)
})
