/** What lists of schedules begin with, and what the calendar counts. */
import { expect, test } from 'bun:test'
import { asker, createLab } from './service-lab.ts'

const lab = createLab({ schedule_timezone: 'UTC' })
const { schedules } = lab
const script = lab.script({})

const make = (cron_expression: string, enabled = true) =>
  schedules.create(script, { cron_expression, enabled, description: cron_expression }, asker).id
const paused = make('0 1 * * *', false)
const late = make('0 23 * * *')
const soon = make('0 13 * * *')
const ended = make('in 10 minutes')
lab.db.$client.query('UPDATE schedules SET next_at = NULL, fire_at = NULL WHERE id = ?').run(ended)

test.each([
  ['next', [soon, late, paused, ended]],
  ['id', [paused, late, soon, ended]],
  [undefined, [paused, late, soon, ended]],
] as const)('in the order %s', (order, ids) => {
  const pages = [0, 2].map((offset) => schedules.list({}, { limit: 2, offset, order }).items)
  expect(pages.flat().map(({ id }) => id)).toEqual([...ids])
})

test.each([
  ['that nobody asked for: what will run', {}, [late, soon]],
  ['undefined: the same', { state: undefined }, [late, soon]],
  ['paused: what would run', { state: 'paused' as const }, [paused]],
])('a calendar of the state %s', async (_, filter, ids) => {
  const days = await schedules.calendar(filter, { from: '2027-03-05', to: '2027-03-05', timezone: 'UTC' })
  expect(days.flatMap(({ entries }) => entries.map((entry) => entry.schedule_id)).sort()).toEqual(ids)
})

test('a calendar of those that were missed has those of them that run', async () => {
  for (const id of [paused, late])
    lab.db.$client
      .query(
        "INSERT INTO occurrences (schedule_id, script_id, due_at, claimed_at, state) VALUES (?, ?, 1, 1, 'missed')",
      )
      .run(id, script)
  const [day] = await schedules.calendar({ state: 'missed' }, { from: '2027-03-05', to: '2027-03-05', timezone: 'UTC' })
  schedules.markSeen({})
  expect(day!.entries.map(({ schedule_id }) => schedule_id)).toEqual([late])
})

test('what is due next says what it is called', () => {
  expect(schedules.soonest({}, { limit: 1 })).toMatchObject([{ schedule_id: soon, description: '0 13 * * *' }])
})

test('a calendar of so many has those that are due first', async () => {
  const span = { from: '2027-03-05', to: '2027-03-05', timezone: 'UTC', limit: 1 }
  const [day] = await schedules.calendar({}, span)
  expect(day!.entries.map(({ schedule_id }) => schedule_id)).toEqual([soon])
})

test('the next times of all of them, one after the other', () => {
  const times = schedules.nextTimes({}, 4)
  expect(times.map(({ schedule_id, at }) => [schedule_id, at.slice(5, 13)])).toEqual([
    [soon, '03-04T13'],
    [late, '03-04T23'],
    [soon, '03-05T13'],
    [late, '03-05T23'],
  ])
  expect(schedules.nextTimes({ scriptId: 999 }, 4)).toEqual([])
})

test('how many there are of what, and what is due first', () => {
  expect(schedules.status({})).toMatchObject({ active: 2, broken: 0, next_at: '2027-03-04T13:00:00.000Z' })
  expect(schedules.status({ scriptId: 999 })).toMatchObject({ active: 0, broken: 0, next_at: null })
})

test('these alone', () => {
  const { items } = schedules.list({ ids: [late, paused, 999] }, { limit: 9, offset: 0 })
  expect(items.map(({ id }) => id)).toEqual([paused, late])
})
