/** Who is told what of schedules that did not run: once, when it begins, with its first and its last time. */
import { describe, expect, test } from 'bun:test'
import { eq } from 'drizzle-orm'
import { schedules } from '../../src/schedules/table.ts'
import { createLab, minute, noon, refusal } from './scheduler-lab.ts'

const problems = [{ path: '/params/width', message: 'is needed' }]

describe('a schedule that breaks', () => {
  const create = () => {
    const lab = createLab()
    const { id } = lab.schedule()
    const become = (of: typeof problems) => {
      lab.db.update(schedules).set({ problems: of }).where(eq(schedules.id, id)).run()
      lab.scheduler.refitted([id])
    }
    lab.scheduler.start()
    return { ...lab, id, become, restart: lab.restart, kinds: () => lab.told.missed.map(({ kind }) => kind) }
  }

  test('is told at once, before it is due, and not again when it is', async () => {
    const { become, told, pass, id, traces } = create()
    become(problems)
    expect(told.missed).toEqual([
      {
        ...{ kind: 'broken', scheduleId: id, scriptId: 1, dueAt: noon + minute, count: 1 },
        reason: 'Its parameters do not fit its script: width is needed.',
      },
    ])
    await pass(minute)
    await pass(minute)
    expect(traces(id).map(({ state }) => state)).toEqual(['skipped', 'skipped'])
    expect(told.missed).toHaveLength(1)
  })

  test('is told again after it was whole', () => {
    const { become, kinds } = create()
    for (const of of [problems, [], problems]) become(of)
    expect(kinds()).toEqual(['broken', 'broken'])
  })

  test('is told of no more after the gateway was started again, unless it was whole meanwhile', async () => {
    const { become, kinds, pass, restart } = create()
    become(problems)
    await pass(minute)
    restart()
    await pass(minute)
    expect(kinds()).toEqual(['broken'])
    become([])
    become(problems)
    expect(kinds()).toEqual(['broken', 'broken'])
  })

  test.each([{ enabled: false }, { nextAt: null, fireAt: null }])('is told to nobody while it is %j', (change) => {
    const { db, id, become, kinds } = create()
    db.update(schedules).set(change).where(eq(schedules.id, id)).run()
    become(problems)
    expect(kinds()).toEqual([])
  })
})

test('what was missed is told with its first and its last time', async () => {
  const { schedule, scheduler, pass, told } = createLab()
  const { id } = schedule({ misfire: 'skip' })
  scheduler.start()
  await pass(40 * minute + 45_000) // more than have rows of their own
  expect(told.missed).toMatchObject([
    { kind: 'missed', scheduleId: id, dueAt: noon + minute, lastDueAt: noon + 40 * minute, count: 40 },
  ])
})

test('what the gateway refused for good could not be started', async () => {
  const { schedule, scheduler, pass, told, given } = createLab()
  schedule()
  scheduler.start()
  given.refusal = () => refusal('conflict')
  await pass(minute)
  expect(told.missed).toMatchObject([{ kind: 'not_started', dueAt: noon + minute, reason: 'No room.' }])
})
