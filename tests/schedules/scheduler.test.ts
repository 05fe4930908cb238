/** The scheduler at work: a real gateway with a clock that the test sets. */
import { beforeEach, describe, expect, test } from 'bun:test'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Run } from '../../src/runs/model.ts'
import type { Occurrence, Schedule, ScheduleInput } from '../../src/schedules/view-model.ts'
import type { Script } from '../../src/scripts/model.ts'
import { javascriptScript, startApp } from '../harness/app.ts'
import { eventually, tempFolder } from '../harness/folder.ts'
import { unconfined } from '../harness/isolation.ts'

const minute = 60_000
const hour = 60 * minute

/** Noon of a quiet day; only the test moves it on. */
let now = Date.parse('2027-05-12T12:00:00Z')
const clock = { now: () => now, sleep: (ms: number) => Bun.sleep(ms) }
const folder = tempFolder()
const gate = join(folder, 'gate')

const scripts = {
  'js/quick.js': javascriptScript({ name: { type: 'str' } }, 'console.log(JSON.stringify({ args }))'),
  'js/slow.js': javascriptScript({}, `while (!require('fs').existsSync(${JSON.stringify(gate)})) await Bun.sleep(5)`),
  'js/shaky.js': javascriptScript(
    { good: { type: 'int', default: 3 } },
    `const [count, good] = [require('fs').readFileSync(${JSON.stringify(join(folder, 'count'))}, 'utf8').length + 1, Number(args[1])]
require('fs').appendFileSync(${JSON.stringify(join(folder, 'count'))}, 'x')
if (count < good) process.exit(3)`,
  ),
  'js/single.js': javascriptScript({}, `while (!require('fs').existsSync(${JSON.stringify(gate)})) await Bun.sleep(5)`),
  'js/.single.policy.json': JSON.stringify({ queue: { second_start: 'skip' } }),
}

const gateway = await startApp(scripts, {}, { clock, isolation: unconfined })
const ids = new Map(
  (await gateway.json<{ items: Script[] }>('/api/scripts')).body.items.map(({ id, filename }) => [filename, id]),
)

const path = (file: string, rest = '') => `/api/scripts/${ids.get(file)}/schedules${rest}`

async function make(file: string, input: ScheduleInput): Promise<Schedule> {
  const { status, body } = await gateway.json<Schedule>(path(file), {
    method: 'POST',
    body: JSON.stringify({ timezone: 'UTC', ...input }),
    headers: { 'content-type': 'application/json' },
  })
  expect({ status, body }).toMatchObject({ status: 201 })
  return body
}

const change = (file: string, id: number, input: ScheduleInput) =>
  gateway.json<Schedule>(path(file, `/${id}`), {
    method: 'PATCH',
    body: JSON.stringify(input),
    headers: { 'content-type': 'application/json' },
  })

/** null: as it is by default. */
const limit = (settings: Record<string, number | null>) =>
  gateway.fetch('/api/settings', {
    method: 'PATCH',
    body: JSON.stringify(settings),
    headers: { 'content-type': 'application/json' },
  })

/** Oldest first. */
async function traces(file: string, id: number): Promise<Occurrence[]> {
  const { body } = await gateway.json<{ items: Occurrence[] }>(path(file, `/${id}/occurrences?page_size=200`))
  return body.items.reverse()
}

const settled = (file: string, id: number, count: number, states = ['ran', 'skipped', 'missed', 'failed']) =>
  eventually(`${count} occurrences are over`, async () => {
    const all = await traces(file, id)
    return all.filter(({ state }) => states.includes(state)).length >= count ? all : undefined
  })

/** Moves the clock on, and lets the scheduler look. */
function pass(ms: number) {
  now += ms
  gateway.app.lookAtSchedules()
}

const time = (text: string) => `2027-05-12T${text}:00.000Z`

beforeEach(async () => {
  const { body } = await gateway.json<{ items: Schedule[] }>('/api/schedules?page_size=200')
  for (const { id, script_id } of body.items)
    await gateway.fetch(`/api/scripts/${script_id}/schedules/${id}`, { method: 'DELETE' })
  writeFileSync(gate, '')
  await eventually('nothing runs', () => (gateway.app.runs.active().length === 0 ? true : undefined))
  rmSync(gate)
  writeFileSync(join(folder, 'count'), '')
  now = Date.parse('2027-05-12T12:00:00Z')
})

test('what is due is started once, with its parameters, and says which schedule asked', async () => {
  const { id, next_runs } = await make('quick.js', {
    cron_expression: '*/15 * * * *',
    params: { name: 'Ada' },
    description: 'Quarterly',
  })
  expect(next_runs[0]).toBe(time('12:15'))
  pass(15 * minute - 1)
  expect(await traces('quick.js', id)).toEqual([])
  pass(1)
  pass(0)
  const [one, ...others] = await settled('quick.js', id, 1)
  expect(others).toEqual([])
  expect(one).toMatchObject({ state: 'ran', due_at: time('12:15'), reason: null, run_status: 'success', attempt: 1 })
  const { body: run } = await gateway.json<Run>(`/api/runs/${one!.run_id}`)
  expect(run).toMatchObject({ trigger: 'schedule', schedule_id: id, started_by: `schedule ${id} "Quarterly"` })
  expect(run.result).toMatchObject({ data: { args: ['--name', 'Ada'] } })
  const { body: after } = await gateway.json<Schedule>(path('quick.js', `/${id}`))
  expect(after.next_runs[0]).toBe(time('12:30'))
  expect(after.last_run).toMatchObject({ id: run.id, status: 'success' })
})

describe('three hours that nobody was there for', () => {
  test.each<[ScheduleInput, { ran: string[]; missed: string[]; skipped: string[] }]>([
    [{ misfire: 'skip' }, { ran: [], missed: ['12:30', '13:30', '14:30'], skipped: [] }],
    [{ misfire: 'once' }, { ran: ['14:30'], missed: [], skipped: ['12:30', '13:30'] }],
    [
      { misfire: 'once', misfire_window_min: 15 },
      { ran: [], missed: ['12:30', '13:30', '14:30'], skipped: [] },
    ],
    [
      { misfire: 'all', misfire_window_min: 80 },
      { ran: ['14:30'], missed: ['12:30', '13:30'], skipped: [] },
    ],
    [
      { misfire: 'all', misfire_window_min: 600 },
      { ran: ['12:30', '13:30', '14:30'], missed: [], skipped: [] },
    ],
    [
      { misfire: 'all', misfire_window_min: 600, misfire_max: 2 },
      { ran: ['13:30', '14:30'], missed: ['12:30'], skipped: [] },
    ],
  ])('%j', async (policy, expected) => {
    const { id } = await make('quick.js', { cron_expression: '30 * * * *', ...policy })
    pass(3 * hour)
    const all = await settled('quick.js', id, 3)
    const of = (wanted: string) => all.filter(({ state }) => state === wanted).map(({ due_at }) => due_at.slice(11, 16))
    expect({ ran: of('ran'), missed: of('missed'), skipped: of('skipped') }).toEqual(expected)
    for (const { state, reason } of all) if (state !== 'ran') expect(reason).toContain(`misfire`)
    const { body } = await gateway.json<Schedule>(path('quick.js', `/${id}`))
    expect([body.missed, body.next_runs[0]]).toEqual([expected.missed.length, time('15:30')])
  })

  test('of very many, the newest have a row each and one row tells of the others', async () => {
    const { id } = await make('quick.js', { cron_expression: '* * * * *', misfire: 'skip' })
    pass(3 * hour + 40_000)
    const all = await settled('quick.js', id, 2)
    expect(all[0]).toMatchObject({ state: 'missed', due_at: time('12:01'), count: 160, last_due_at: time('14:40') })
    expect(all.slice(1).map(({ due_at }) => due_at.slice(11, 16))).toEqual(
      Array.from({ length: 20 }, (_, i) => `14:${41 + i}`.replace('14:60', '15:00')),
    )
  })

  test('a little late is not missed', async () => {
    const { id } = await make('quick.js', { cron_expression: '30 * * * *', misfire: 'skip' })
    pass(30 * minute + 29_000)
    expect(await settled('quick.js', id, 1)).toMatchObject([{ state: 'ran' }])
  })
})

describe('an earlier run of the schedule is not over', () => {
  test('skip', async () => {
    const { id } = await make('slow.js', { cron_expression: '* * * * *', overlap: 'skip' })
    pass(minute)
    await eventually('it runs', async () => (await traces('slow.js', id))[0]?.run_id ?? undefined)
    pass(minute)
    const [first, second] = await settled('slow.js', id, 1)
    expect(first).toMatchObject({ state: 'started', run_status: 'running' })
    expect(second).toMatchObject({
      state: 'skipped',
      reason: `Run ${first!.run_id} of this schedule was not over (overlap skip).`,
    })
    writeFileSync(gate, '')
    await settled('slow.js', id, 2)
    pass(minute)
    expect((await settled('slow.js', id, 3)).at(-1)).toMatchObject({ state: 'ran', run_status: 'success' })
  })

  test('queue: each waits for the one before', async () => {
    const { id } = await make('slow.js', { cron_expression: '* * * * *', overlap: 'queue' })
    pass(minute)
    pass(minute)
    pass(minute)
    const all = await eventually('two wait', async () => {
      const rows = await traces('slow.js', id)
      return rows[0]?.run_id && rows.length === 3 ? rows : undefined
    })
    expect(all.map(({ state }) => state)).toEqual(['started', 'waiting', 'waiting'])
    writeFileSync(gate, '')
    const done = await settled('slow.js', id, 3)
    const runs = await Promise.all(
      done.map(async ({ run_id }) => (await gateway.json<Run>(`/api/runs/${run_id}`)).body),
    )
    expect(runs.map(({ status }) => status)).toEqual(['success', 'success', 'success'])
    expect(new Set(runs.map(({ id }) => id)).size).toBe(3)
  })

  test('replace: the earlier one is cancelled, and says by what', async () => {
    const { id } = await make('slow.js', { cron_expression: '* * * * *', overlap: 'replace', retry: { count: 3 } })
    pass(minute)
    const first = await eventually('it runs', async () => (await traces('slow.js', id))[0]?.run_id ?? undefined)
    pass(minute)
    const run = await gateway.finished(first)
    expect(run).toMatchObject({ status: 'cancelled', retry_at: null })
    expect(run.reason).toContain('replaced')
    const all = await traces('slow.js', id)
    expect(all.map(({ state }) => state)).toEqual(['ran', 'started'])
  })

  test('replace: what waits for its turn is replaced in it', async () => {
    const start = async () =>
      (await gateway.json<{ run_id: number }>(`/api/scripts/${ids.get('slow.js')}/run?async=1`, { method: 'POST' }))
        .body
    await limit({ run_slots: 1 })
    const { id } = await make('quick.js', { cron_expression: '* * * * *', overlap: 'replace', params: { name: 'x' } })
    const holder = await start()
    pass(minute)
    await eventually('it waits', async () => (await traces('quick.js', id))[0]?.run_status === 'queued')
    const other = await start()
    pass(minute)
    pass(minute)
    const last = await eventually(
      'the third is there',
      async () => (await traces('quick.js', id))[2]?.run_id ?? undefined,
    )
    const place = async (run: number) => (await gateway.json<Run>(`/api/runs/${run}`)).body.queue_position
    expect([await place(last), await place(other.run_id)]).toEqual([1, 2])
    writeFileSync(gate, '')
    for (const run of [holder.run_id, other.run_id, last]) await gateway.finished(run)
    await limit({ run_slots: null })
  })

  test('parallel: both run', async () => {
    const { id } = await make('slow.js', { cron_expression: '* * * * *', overlap: 'parallel' })
    pass(minute)
    pass(minute)
    const all = await eventually('both run', async () => {
      const rows = await traces('slow.js', id)
      return rows.filter(({ run_status }) => run_status === 'running').length === 2 ? rows : undefined
    })
    expect(all.map(({ state }) => state)).toEqual(['started', 'started'])
  })

  test("the script's own rule holds beside it", async () => {
    const { id } = await make('single.js', { cron_expression: '* * * * *', overlap: 'parallel' })
    pass(minute)
    await eventually('it runs', async () => (await traces('single.js', id))[0]?.run_id ?? undefined)
    pass(minute)
    const all = await settled('single.js', id, 1)
    expect(all.map(({ state }) => state)).toEqual(['started', 'skipped'])
    expect(all[1]?.reason).toContain('second_start')
  })
})

describe('retries', () => {
  const attemptsOf = async (id: number) =>
    (await gateway.json<{ items: Run[] }>(`/api/runs?schedule_id=${id}&page_size=200`)).body.items.reverse()

  const waitsUntil = (id: number) =>
    eventually('another attempt is to come', async () => {
      const [one] = await traces('shaky.js', id)
      return one?.retry_at ? Date.parse(one.retry_at) : undefined
    })

  test('attempts are one run: each knows the first and the next, and only the last one is told', async () => {
    const { id } = await make('shaky.js', {
      cron_expression: '0 13 * * *',
      retry: { count: 3, delay_sec: 60, factor: 3, jitter: 0 },
    })
    pass(hour)
    expect((await waitsUntil(id)) - now).toBe(60_000)
    const [failed] = await attemptsOf(id)
    expect(failed).toMatchObject({ status: 'failed', attempt: 1, retry_at: new Date(now + 60_000).toISOString() })
    pass(59_999)
    expect(await attemptsOf(id)).toHaveLength(1)
    pass(1)
    await eventually('the second attempt failed', async () =>
      (await attemptsOf(id))[1]?.status === 'failed' ? true : undefined,
    )
    expect((await waitsUntil(id)) - now).toBe(180_000)
    pass(180_000)
    const [trace] = await settled('shaky.js', id, 1)
    expect(trace).toMatchObject({ state: 'ran', attempt: 3, run_status: 'success', retry_at: null })
    const [one, two, three] = await attemptsOf(id)
    expect([one, two, three]).toMatchObject([
      { trigger: 'schedule', attempt: 1, first_attempt_id: null, next_attempt_id: two!.id, retry_at: null },
      { trigger: 'retry', attempt: 2, first_attempt_id: one!.id, next_attempt_id: three!.id, retry_of: one!.id },
      { trigger: 'retry', attempt: 3, first_attempt_id: one!.id, next_attempt_id: null, retry_of: two!.id },
    ])
    const { body } = await gateway.json<{ items: Run[]; total: number }>(`/api/runs?schedule_id=${id}&attempts=last`)
    expect([body.total, body.items.map((run) => run.id)]).toEqual([1, [three!.id]])
  })

  test('when all are used up it is over', async () => {
    const { id } = await make('shaky.js', {
      cron_expression: '0 13 * * *',
      params: { good: 99 },
      retry: { count: 1, delay_sec: 1, jitter: 0 },
    })
    pass(hour)
    await waitsUntil(id)
    pass(1000)
    expect(await settled('shaky.js', id, 1)).toMatchObject([
      { state: 'ran', attempt: 2, run_status: 'failed', retry_at: null },
    ])
  })

  test('of other ends than those named there is none', async () => {
    const { id } = await make('shaky.js', {
      cron_expression: '0 13 * * *',
      params: { good: 99 },
      retry: { count: 5, on: ['timeout'] },
    })
    pass(hour)
    expect(await settled('shaky.js', id, 1)).toMatchObject([
      { state: 'ran', attempt: 1, run_status: 'failed', retry_at: null },
    ])
  })

  test('a schedule that is paused meanwhile tries no more', async () => {
    const { id } = await make('shaky.js', {
      cron_expression: '0 13 * * *',
      params: { good: 99 },
      retry: { count: 5, delay_sec: 60 },
    })
    pass(hour)
    await waitsUntil(id)
    await change('shaky.js', id, { enabled: false })
    pass(5 * minute)
    expect(await settled('shaky.js', id, 1)).toMatchObject([{ state: 'ran', attempt: 1, retry_at: null }])
    expect((await attemptsOf(id))[0]).toMatchObject({ retry_at: null, next_attempt_id: null })
  })
})

test('a start that is refused is tried again as a run that failed would be', async () => {
  const file = javascriptScript({ source: { type: 'file' } }, 'console.log(1)')
  ids.set('fetch.js', (await gateway.drop('js/fetch.js', file)).id)
  const { id } = await make('fetch.js', {
    cron_expression: '0 13 * * *',
    params: { source: 'http://127.0.0.1:9/none' },
    retry: { count: 1, delay_sec: 60, jitter: 0 },
  })
  pass(hour)
  const waits = await eventually('it is to be tried again', async () => {
    const [one] = await traces('fetch.js', id)
    return one?.retry_at ? one : undefined
  })
  expect(waits).toMatchObject({ state: 'claimed', attempt: 2, reason: expect.stringContaining('could not be fetched') })
  pass(minute)
  expect(await settled('fetch.js', id, 1)).toMatchObject([{ state: 'failed', attempt: 2, run_id: null }])
})

describe('nothing is passed over silently', () => {
  const skipped = async (file: string, id: number) => (await settled(file, id, 1)).at(-1)

  test('all schedules are paused', async () => {
    const { id } = await make('quick.js', { cron_expression: '0 13 * * *' })
    const put = (paused: boolean | null) =>
      gateway.fetch('/api/settings', {
        method: 'PATCH',
        body: JSON.stringify({ schedules_paused: paused }),
        headers: { 'content-type': 'application/json' },
      })
    await put(true)
    pass(hour)
    await put(null)
    expect(await skipped('quick.js', id)).toMatchObject({
      state: 'skipped',
      reason: 'All schedules are paused (setting schedules_paused).',
    })
  })

  test('its script is inactive', async () => {
    const { id } = await make('quick.js', { cron_expression: '0 13 * * *' })
    const set = (state: string) =>
      gateway.fetch(`/api/scripts/${ids.get('quick.js')}`, {
        method: 'PATCH',
        body: JSON.stringify({ state }),
        headers: { 'content-type': 'application/json' },
      })
    await set('inactive')
    pass(hour)
    await set('active')
    expect(await skipped('quick.js', id)).toMatchObject({ state: 'skipped', reason: 'Its script is inactive.' })
  })

  test('its parameters do not fit any more: it is broken until they do', async () => {
    const shape = (type: string) => javascriptScript({ size: { type } }, 'console.log(args[1])')
    const { id: script } = await gateway.drop('js/shape.js', shape('str'))
    ids.set('shape.js', script)
    const { id } = await make('shape.js', { cron_expression: '0 * * * *', params: { size: 'large' } })
    await gateway.drop('js/shape.js', shape('int'))
    const broken = await gateway.json<Schedule>(path('shape.js', `/${id}`))
    expect(broken.body).toMatchObject({ state: 'broken', problems: [{ path: '/params/size' }] })
    expect(await (await gateway.fetch('/metrics')).text()).toContain('scriptgateway_schedules{state="broken"} 1')
    pass(hour)
    expect(await skipped('shape.js', id)).toMatchObject({
      state: 'skipped',
      reason: expect.stringContaining('do not fit'),
    })
    await gateway.drop('js/shape.js', shape('str'))
    pass(hour)
    const all = await settled('shape.js', id, 2)
    expect(all.at(-1)).toMatchObject({ state: 'ran', run_status: 'success' })
  })

  test('a full queue is waited for', async () => {
    await limit({ run_slots: 1, queue_length_max: 0 })
    const { id: other } = await make('slow.js', { cron_expression: '0 13 * * *' })
    const { id } = await make('quick.js', { cron_expression: '0 13 * * *' })
    pass(hour)
    const waits = await eventually('it is to be tried again', async () => {
      const [one] = await traces('quick.js', id)
      return one?.retry_at ? one : undefined
    })
    expect(waits).toMatchObject({ state: 'claimed', run_id: null, reason: expect.stringContaining('queue') })
    writeFileSync(gate, '')
    await settled('slow.js', other, 1)
    pass(5000)
    expect(await settled('quick.js', id, 1)).toMatchObject([{ state: 'ran', run_status: 'success', attempt: 1 }])
    await limit({ run_slots: null, queue_length_max: null })
  })
})

describe('the clock is set', () => {
  test('back: what it shows again has been', async () => {
    const { id } = await make('quick.js', { cron_expression: '*/10 * * * *' })
    pass(10 * minute)
    await settled('quick.js', id, 1)
    pass(-9 * minute)
    for (let i = 0; i < 4; i++) {
      await Bun.sleep(1) // the times are looked at anew in the next turn
      pass(5 * minute)
    }
    const all = await settled('quick.js', id, 2)
    expect(all.map(({ due_at }) => due_at)).toEqual([time('12:10'), time('12:20')])
  })

  test('back by years: schedules are not silent until then', async () => {
    pass(5 * 365 * 24 * hour)
    const { id, next_runs } = await make('quick.js', { cron_expression: '0 * * * *' })
    expect(next_runs[0]?.slice(0, 4)).toBe('2032')
    now = Date.parse('2027-05-12T12:00:00Z')
    gateway.app.lookAtSchedules()
    await eventually('its next time is put right', async () => {
      const { body } = await gateway.json<Schedule>(path('quick.js', `/${id}`))
      return body.next_runs[0] === time('13:00') ? true : undefined
    })
    pass(hour)
    expect(await settled('quick.js', id, 1)).toMatchObject([{ due_at: time('13:00'), state: 'ran' }])
  })
})

test('once is once, and then it has ended', async () => {
  const { id } = await make('quick.js', { cron_expression: '2027-05-12 12:05' })
  pass(5 * minute)
  await settled('quick.js', id, 1)
  const { body } = await gateway.json<Schedule>(path('quick.js', `/${id}`))
  expect(body).toMatchObject({ kind: 'once', state: 'ended', next_runs: [] })
})

test('jitter delays it, and its time stays its time', async () => {
  const { id } = await make('quick.js', { cron_expression: '0 13 * * *', jitter_sec: 600, misfire: 'skip' })
  pass(hour - 1)
  expect(await traces('quick.js', id)).toEqual([])
  for (let i = 0; i <= 30; i++) pass(20_000)
  expect(await settled('quick.js', id, 1)).toMatchObject([{ due_at: time('13:00'), state: 'ran' }])
})

test('run now is beside its times, also while it is paused', async () => {
  const { id } = await make('quick.js', { cron_expression: '0 13 * * *', enabled: false })
  const { status, body } = await gateway.json<{ run_id: number }>(path('quick.js', `/${id}/run`), { method: 'POST' })
  expect(status).toBe(202)
  expect(await settled('quick.js', id, 1)).toMatchObject([{ is_manual: true, state: 'ran', run_id: body.run_id }])
  pass(2 * hour)
  expect(await traces('quick.js', id)).toHaveLength(1)
})

test('a schedule that goes leaves its run alone', async () => {
  const { id } = await make('slow.js', { cron_expression: '* * * * *' })
  pass(minute)
  const run = await eventually('it runs', async () => (await traces('slow.js', id))[0]?.run_id ?? undefined)
  await gateway.fetch(path('slow.js', `/${id}`), { method: 'DELETE' })
  expect(existsSync(gate)).toBe(false)
  writeFileSync(gate, '')
  expect(await gateway.finished(run)).toMatchObject({ status: 'success', schedule_id: id })
})
