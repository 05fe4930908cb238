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
])('a calendar of the state %s', (_, filter, ids) => {
  const days = schedules.calendar(filter, { from: '2027-03-05', to: '2027-03-05', timezone: 'UTC' })
  expect(days.flatMap(({ entries }) => entries.map((entry) => entry.schedule_id)).sort()).toEqual(ids)
})

test('what is due next says what it is called', () => {
  expect(schedules.soonest({}, { limit: 1 })).toMatchObject([{ schedule_id: soon, description: '0 13 * * *' }])
})
