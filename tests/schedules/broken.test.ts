/** A schema changes: schedules that do not fit any more are shown as broken, and heal when they fit again. */
import { describe, expect, test } from 'bun:test'
import { masked } from '../../src/logs/mask.ts'
import { createSchedules } from '../../src/schedules/schedules.ts'
import type { ScheduleInput } from '../../src/schedules/view-model.ts'
import type { ArgsMap } from '../../src/scripts/model.ts'
import type { NewScript } from '../../src/scripts/store.ts'
import { createVault } from '../../src/variables/vault.ts'
import { asker, createLab, refusalOf } from './service-lab.ts'

const lab = createLab()
const { schedules } = lab
const before: ArgsMap = { text: { type: 'str', required: true }, width: { type: 'int' }, pin: { type: 'str' } }
const params = { text: 'canary', width: '7', pin: '1234' }

/** A script with these schedules. */
function scheduled(...inputs: Partial<ScheduleInput>[]) {
  const script = lab.script(before)
  const made = inputs.map((input) => schedules.create(script, { cron_expression: '@daily', params, ...input }, asker))
  return { script, ids: made.map(({ id }) => id), get: (index = 0) => schedules.get(script, made[index]!.id) }
}

describe('a schedule whose script', () => {
  test.each<[string, Partial<NewScript>, string[]]>([
    ['takes no such parameter any more', { params: { text: before.text!, width: before.width! } }, ['/params/pin']],
    ['wants one more', { params: { ...before, size: { type: 'int', required: true } } }, ['/params/size']],
    ['wants another type', { params: { ...before, text: { type: 'int' } } }, ['/params/text']],
    ['has a lower maximum', { params: { ...before, width: { type: 'int', max: 3 } } }, ['/params/width']],
    ['has neither', { params: { width: { type: 'float', max: 1 } } }, ['/params/text', '/params/pin', '/params/width']],
    ['takes more than before', { params: { ...before, size: { type: 'int', default: 1 } } }, []],
    ['is inactive', { enabled: false }, []],
    ['is missing, whatever it took', { missingSince: 1, params: {} }, []],
    ['has an error, whatever it took', { error: 'it has none', params: {} }, []],
  ])('%s', (_, change, paths) => {
    const { script, ids, get } = scheduled({})
    lab.change(script, change)
    expect(schedules.recheck([script])).toEqual(paths.length > 0 ? ids : [])
    const { state, problems, next_runs } = get()
    const isBroken = paths.length > 0
    expect<unknown>([state, problems.map(({ path }) => path), next_runs.length]).toEqual(
      isBroken ? ['broken', paths, 0] : ['active', [], 3],
    )
    expect(schedules.recheck([script])).toEqual([])

    lab.change(script, { params: before, enabled: true, missingSince: null, error: null })
    expect(schedules.recheck([script])).toEqual(paths.length > 0 ? ids : [])
    expect([get().state, get().problems]).toEqual(['active', []])
  })

  test('only those that do not fit are broken, and only scripts that were asked about are looked at', () => {
    const [one, other] = [scheduled({}, { params: { text: 'a' } }), scheduled({})]
    for (const { script } of [one, other]) lab.change(script, { params: { text: before.text! } })
    expect(schedules.recheck([one.script])).toEqual([one.ids[0]!])
    expect([one.get(0).state, one.get(1).state, other.get().state]).toEqual(['broken', 'active', 'active'])
    expect(schedules.status({ scriptId: one.script })).toMatchObject({ active: 1, broken: 1 })
  })

  test('keeps its times, so that what comes due leaves a trace; a paused one stays paused and tells what is the matter', () => {
    const { script, ids, get } = scheduled({}, { enabled: false })
    const times = () => lab.db.$client.query('SELECT next_at, fire_at FROM schedules WHERE id = ?').get(ids[0]!)
    const due = times()
    lab.change(script, { params: {} })
    expect(schedules.recheck([script])).toEqual(ids)
    expect(times()).toEqual(due)
    expect([get(1).state, get(1).problems.length]).toEqual(['paused', 3])
    expect(schedules.status({ scriptId: script })).toMatchObject({ active: 0, broken: 1 })
  })

  test('is not run by hand, and is mended by parameters that fit', async () => {
    const { script, ids, get } = scheduled({})
    lab.change(script, { params: { text: { type: 'int' } } })
    schedules.recheck([script])
    const refused = await schedules.runNow(script, ids[0]!, asker).catch((error) => error)
    expect([refused.type, refused.details.length, lab.started]).toEqual(['conflict', 3, []])
    schedules.update(script, ids[0]!, { description: 'looked at' })
    expect(get().state).toBe('broken')
    expect(refusalOf(() => schedules.update(script, ids[0]!, { params })).type).toBe('validation')
    expect(schedules.update(script, ids[0]!, { params: { text: 5 } }).state).toBe('active')
    expect(await schedules.runNow(script, ids[0]!, asker)).toEqual({ run_id: 1 })
    expect(lab.started).toEqual([[ids[0], asker]])
  })
})

describe('a parameter that becomes a secret', () => {
  const rowText = (id: number) =>
    JSON.stringify(lab.db.$client.query('SELECT params, problems FROM schedules WHERE id = ?').get(id))

  test('is masked from then on, also when the schema changes its mind', () => {
    const { script, ids, get } = scheduled({})
    expect(rowText(ids[0]!)).toContain('canary')
    lab.change(script, { params: { ...before, text: { type: 'str', secret: true } } })
    expect(schedules.recheck([script])).toEqual(ids)
    expect(get().params).toEqual({ ...params, text: masked })
    lab.change(script, { params: before })
    expect(schedules.recheck([script])).toEqual([])
    expect(rowText(ids[0]!)).not.toContain('canary')
  })

  test('is in no problem, when it does not fit any more', () => {
    const { script, ids, get } = scheduled({})
    lab.change(script, { params: { ...before, text: { type: 'str', secret: true } } })
    schedules.recheck([script])
    lab.change(script, { params: { ...before, text: { type: 'int' } } })
    expect(schedules.recheck([script])).toEqual(ids)
    expect(get().problems).toEqual([{ path: '/params/text', message: 'must be a whole number' }])
    expect(rowText(ids[0]!)).not.toContain('canary')
  })
})

test('secrets that were sealed with another key: broken, and well again with the right one', () => {
  const { script, ids, get } = scheduled({ heartbeat_url: 'https://hc.example/u' })
  lab.change(script, { params: { ...before, pin: { type: 'str', secret: true } } })
  schedules.recheck([script])
  const given = { db: lab.db, catalog: lab.catalog, clock: lab.clock, changed() {}, startNow: () => Promise.reject() }
  const other = createSchedules({
    ...given,
    setting: ((name: string) => (name === 'schedule_timezone' ? 'UTC' : [])) as never,
    vault: createVault({ key: new Uint8Array(32).fill(1) }),
    schedulerStatus: () => ({ is_scheduling: true, problem: null, is_paused: false, other: null }),
  })
  expect(other.recheck([script])).toEqual(ids)
  expect(other.get(script, ids[0]!)).toMatchObject({
    ...{ state: 'broken', heartbeat_url: masked, params: { ...params, pin: masked } },
  })
  expect(get().problems[0]!.message).toContain('sealed with another key')
  expect(schedules.recheck([script])).toEqual(ids)
  expect(get().state).toBe('active')
})

test('a zone that is not known here breaks its schedule alone, until it has another one', () => {
  const { script, ids, get } = scheduled({}, {})
  lab.db.$client.run("UPDATE schedules SET timezone = 'Mars/Base' WHERE id = ?", [ids[0]!])
  expect(schedules.recheck([script])).toEqual([ids[0]!])
  expect(get()).toMatchObject({
    ...{ state: 'broken', timezone: 'Mars/Base' },
    problems: [{ path: '/timezone', message: '"Mars/Base" is not known to this gateway: choose another one' }],
  })
  expect(schedules.list({ scriptId: script }, { limit: 9, offset: 0 }).items.map(({ state }) => state)).toEqual([
    'broken',
    'active',
  ])
  expect(schedules.update(script, ids[0]!, { timezone: 'UTC' })).toMatchObject({ state: 'active', problems: [] })
})

test('a script that is deleted takes its schedules along', () => {
  const { script, ids } = scheduled({}, {})
  lab.db.$client.run('DELETE FROM scripts WHERE id = ?', [script])
  lab.catalog.refresh([script])
  expect(schedules.recheck([script])).toEqual([])
  expect(refusalOf(() => schedules.get(script, ids[0]!)).type).toBe('not_found')
})
