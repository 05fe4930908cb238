/** What may be sent for a schedule, what is said of the rest, and what a change leaves as it was. */
import { describe, expect, test } from 'bun:test'
import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { masked } from '../../src/logs/mask.ts'
import { readMoment } from '../../src/schedules/moment.ts'
import type { Schedule, ScheduleInput } from '../../src/schedules/view-model.ts'
import { asker, createLab, noon, problemsOf, refusalOf } from './service-lab.ts'

const lab = createLab({ schedule_timezone: 'Europe/Berlin', local_file_access_patterns: ['/srv/*'] })
const { schedules, clock } = lab
const script = lab.script({
  text: { type: 'str', required: true },
  width: { type: 'int', max: 9 },
  pin: { type: 'str', secret: true, pattern: '^[0-9]+$' },
  doc: { type: 'file' },
})
const editor = { mayEdit: true }
const params = { text: 'hello' }
const usual = { cron_expression: '30 9 * * *', params }
const create = (input: object = {}) => schedules.create(script, { ...usual, ...input } as ScheduleInput, asker)
const at = (text: string) => Date.parse(text)

describe('refused', () => {
  test.each<[string, object, string, string]>([
    ['no expression', { cron_expression: undefined }, '/cron_expression', 'is required'],
    ['an empty one', { cron_expression: ' ' }, '/cron_expression', 'must be a text of 1 to 200 characters'],
    ['a long one', { cron_expression: 'x'.repeat(201) }, '/cron_expression', 'must be a text of 1 to 200'],
    ['a number for one', { cron_expression: 5 }, '/cron_expression', 'must be a text'],
    ['cron that is none', { cron_expression: '61 25 * * *' }, '/cron_expression', ''],
    ['words that are none', { cron_expression: 'whenever it rains' }, '/cron_expression', ''],
    ['a day that never comes', { cron_expression: '0 0 31 2 *' }, '/cron_expression', 'is never due'],
    ['a moment that is over', { cron_expression: '2027-03-01T00:00:00Z' }, '/cron_expression', '01:00 CET is over.'],
    ['a day of no year', { cron_expression: '0 0 30 2 *' }, '/cron_expression', 'there is no such day in any year'],
    ['a year', { cron_expression: '0 0 1 1 * 2030' }, '/cron_expression', 'six fields begin with the seconds'],
    [
      'what is never due between two days',
      { cron_expression: '0 0 1 1 *', starts_at: '2027-04-01', ends_at: '2027-05-01' },
      '/cron_expression',
      'is never due between its start and its end',
    ],
    ['an end that is over', { ends_at: '2027-03-01' }, '/ends_at', 'is over'],
    ['an end before the start', { starts_at: '2027-05-01', ends_at: '2027-04-01' }, '/ends_at', 'before starts_at'],
    ['a start that is no time', { starts_at: 'soon' }, '/starts_at', 'must be a time such as'],
    ['30 February', { starts_at: '2027-02-30' }, '/starts_at', 'must be a time such as'],
    ['a number for a start', { starts_at: 5 }, '/starts_at', 'must be a text'],
    ['an offset for a zone', { timezone: '+01:00' }, '/timezone', 'when clocks change; take a place, such as Europe/'],
    ['letters for a zone', { timezone: 'CEST' }, '/timezone', 'take a place, such as Europe/Berlin'],
    ['a city for a zone', { timezone: 'Berlin' }, '/timezone', 'did you mean "Europe/Berlin"?'],
    [
      'a city of another continent',
      { timezone: 'Europe/Lord_Howe' },
      '/timezone',
      'did you mean "Australia/Lord_Howe"?',
    ],
    ['a place that is none', { timezone: 'Mars/Base' }, '/timezone', 'got "Mars/Base"'],
    ['a city without a zone', { timezone: 'Asia/Beijing' }, '/timezone', 'did you mean "Asia/Shanghai"?'],
    ['a slip in a zone', { timezone: 'Europe/Belrin' }, '/timezone', 'did you mean "Europe/Berlin"?'],
    ['a long description', { description: 'x'.repeat(1001) }, '/description', 'at most 1000 characters'],
    ['a NUL', { description: 'a\0b' }, '/description', 'must be a text'],
    ['null for the expression', { cron_expression: null }, '/cron_expression', 'got null'],
    ['a number for a description', { description: 5 }, '/description', 'got 5; leave it out, or send null, for the d'],
    [
      'a text for a number',
      { misfire_max: '5' },
      '/misfire_max',
      'got "5"; leave it out, or send null, for the default',
    ],
    ['a text for an object', { retry: '3' }, '/retry', 'leave it out, or send null'],
    ['a word for a switch', { enabled: 'yes' }, '/enabled', 'must be true or false; got "yes"'],
    ['two days of jitter', { jitter_sec: 172_800 }, '/jitter_sec', 'must be a number from 0 to 86400; got 172800'],
    ['jitter backwards', { jitter_sec: -1 }, '/jitter_sec', 'must be a number from 0'],
    ['an unknown misfire policy', { misfire: 'never' }, '/misfire', 'must be one of skip, once, all; got "never"'],
    ['a window of two months', { misfire_window_min: 87_840 }, '/misfire_window_min', 'from 1 to 44640'],
    ['half a minute of window', { misfire_window_min: 0.5 }, '/misfire_window_min', 'must be a whole number'],
    ['too much to catch up with', { misfire_max: 101 }, '/misfire_max', 'from 1 to 100'],
    ['an unknown overlap', { overlap: 'kill' }, '/overlap', 'must be one of skip, queue, replace, parallel'],
    ['retries without a count', { retry: {} }, '/retry/count', 'is required'],
    ['too many retries', { retry: { count: 21 } }, '/retry/count', 'from 1 to 20'],
    ['no delay', { retry: { count: 1, delay_sec: 0 } }, '/retry/delay_sec', 'from 1 to 86400'],
    ['shrinking delays', { retry: { count: 1, factor: 0.5 } }, '/retry/factor', 'from 1 to 10'],
    ['a jitter of 2', { retry: { count: 1, jitter: 2 } }, '/retry/jitter', 'from 0 to 1'],
    [
      'a maximum under the delay',
      { retry: { count: 1, delay_sec: 90, delay_max_sec: 60 } },
      '/retry/delay_max_sec',
      '(90)',
    ],
    [
      'retries of what was cancelled',
      { retry: { count: 1, on: ['cancelled'] } },
      '/retry/on',
      'one or more of failed,',
    ],
    ['retries of nothing', { retry: { count: 1, on: [] } }, '/retry/on', 'one or more of'],
    ['a slip in a retry', { retry: { count: 1, delay: 5 } }, '/retry/delay', 'did you mean "delay_sec"?'],
    ['a number for retries', { retry: 3 }, '/retry', 'must be an object such as {"count": 3}'],
    ['a heartbeat by mail', { heartbeat_url: 'mailto:a@b.example' }, '/heartbeat_url', 'must be an http(s) address'],
    ['a heartbeat without its scheme', { heartbeat_url: 'hc.example' }, '/heartbeat_url', 'must be an http(s) address'],
    ['a heartbeat to a place in a page', { heartbeat_url: 'https://hc.example/x#y' }, '/heartbeat_url', 'must be'],
    ['a signal twice', { heartbeat_signals: ['fail', 'fail'] }, '/heartbeat_signals', 'each once'],
    ['no signal', { heartbeat_signals: [] }, '/heartbeat_signals', 'one or more of success, start, fail'],
    ['a slip in a name', { time_zone: 'UTC' }, '/time_zone', 'did you mean "timezone"?'],
    ['an unknown member', { q: 1 }, '/q', 'is not known here; there are cron_expression, timezone'],
    ['what the gateway says', { id: 7 }, '/id', "is the gateway's to say"],
    ['a list for parameters', { params: ['hello'] }, '/params', 'must be an object'],
    ['a required one left out', { params: {} }, '/params/text', 'is required'],
    ['one over its maximum', { params: { ...params, width: 10 } }, '/params/width', 'must be at most 9; got 10'],
    ['one that the script does not have', { params: { ...params, hight: 1 } }, '/params/hight', 'is not a parameter'],
    ['a mask for a secret', { params: { ...params, pin: masked } }, '/params/pin', 'must be the value itself'],
    ['the name of an upload', { params: { ...params, doc: 'cat.png' } }, '/params/doc', 'nothing can be uploaded'],
    ['a local file', { params: { ...params, doc: '/etc/hostname' } }, '/params/doc', 'local_file_access_patterns'],
    ['a way out of a pattern', { params: { ...params, doc: '/srv/../etc/x' } }, '/params/doc', 'does not allow'],
    ['too much', { params: { text: 'x'.repeat(270_000) } }, '/params', 'at most 262144 bytes'],
  ])('%s', (_, input, path, message) => {
    const problems = problemsOf(() => create(input))
    expect(problems.map((one) => one.path)).toEqual([path])
    expect(problems[0]!.message).toContain(message)
  })

  test('everything at once, and a secret is in no message', () => {
    const wrong = {
      cron_expression: '0 25 * * *',
      starts_at: 'y',
      timezone: 'x',
      jitter_sec: 'y',
      retry: { count: 0 },
      nope: 1,
      heartbeat_url: 'ftp://canary',
    }
    const error = refusalOf(() => create({ ...wrong, params: { pin: 'canary' } }))
    expect(error.details.map(({ path }) => path).sort()).toEqual([
      ...[
        '/cron_expression',
        '/heartbeat_url',
        '/jitter_sec',
        '/nope',
        '/params/pin',
        '/params/text',
        '/retry/count',
        '/starts_at',
        '/timezone',
      ],
    ])
    expect(JSON.stringify([error.message, error.details])).not.toContain('canary')
  })

  test.each<[string, unknown]>([
    ['nothing', null],
    ['a list', []],
    ['a text', '@daily'],
  ])('%s in place of a schedule', (_, input) => {
    expect(problemsOf(() => schedules.create(script, input as ScheduleInput, asker))[0]).toEqual({
      path: '',
      message: 'must be an object with the members of a schedule',
    })
  })

  test('more than 100 for one script', () => {
    const other = lab.script({})
    const input = { cron_expression: '@daily' }
    for (let i = 0; i < 100; i++) schedules.create(other, input, asker)
    const { type, message } = refusalOf(() => schedules.create(other, input, asker))
    expect([type, message]).toEqual(['conflict', 'The script has 100 schedules already: delete one first.'])
  })

  test.each([
    ['in error', { error: 'it has none' }, 'The script has an error'],
    ['missing', { missingSince: 1 }, 'The file of the script is gone'],
  ])('parameters for a script that is %s: nobody knows whether they fit', (_, state, message) => {
    const broken = lab.script({}, state)
    const error = refusalOf(() => schedules.create(broken, { cron_expression: '@daily' }, asker))
    expect([error.type, error.message]).toEqual(['conflict', expect.stringContaining(message)])
  })

  test('a schedule of another script', () => {
    const { id } = create()
    const other = lab.script({})
    for (const act of [
      () => schedules.get(other, id),
      () => schedules.update(other, id, {}),
      () => schedules.remove(other, id),
      () => schedules.upcoming(other, id, 1),
      () => schedules.occurrences(other, id, { limit: 1, offset: 0 }),
    ])
      expect(refusalOf(act).type).toBe('not_found')
    expect(schedules.get(script, id).id).toBe(id)
  })
})

describe('accepted', () => {
  test('what is left out gets its default', () => {
    const { created_at: _, updated_at: __, id: ___, words: ____, ...made } = create()
    expect(made).toEqual({
      ...{ script_id: script, cron_expression: '30 9 * * *', kind: 'cron', timezone: 'Europe/Berlin' },
      ...{ description: '', params, enabled: true, state: 'active', problems: [], starts_at: null, ends_at: null },
      ...{ jitter_sec: 0, misfire: 'once', misfire_window_min: 60, misfire_max: 10, overlap: 'skip', retry: null },
      ...{ heartbeat_url: null, heartbeat_signals: ['success'], last_run: null, missed: 0, created_by: 'anna' },
      next_runs: ['2027-03-05T08:30:00.000Z', '2027-03-06T08:30:00.000Z', '2027-03-07T08:30:00.000Z'],
    })
  })

  test('null is the default, as forms and other programs send it; so is an empty text that means nothing', () => {
    const {
      created_at: _,
      updated_at: __,
      id: ___,
      ...plain
    } = schedules.create(lab.script({}), { cron_expression: '30 9 * * *' }, asker)
    const names = ['timezone', 'description', 'params', 'enabled', 'starts_at', 'ends_at', 'jitter_sec', 'misfire']
    names.push('misfire_window_min', 'misfire_max', 'overlap', 'retry', 'heartbeat_url', 'heartbeat_signals')
    const nulls = Object.fromEntries(names.map((name) => [name, null]))
    const empty = { timezone: '', starts_at: '', ends_at: '', heartbeat_url: '' }
    for (const sent of [nulls, { ...nulls, ...empty }]) {
      const other = lab.script({})
      const made = schedules.create(other, { cron_expression: '30 9 * * *', ...sent } as ScheduleInput, asker)
      expect(made).toEqual({ ...made, ...plain, script_id: other })
      schedules.update(other, made.id, {
        ...{ timezone: 'UTC', description: 'a', enabled: false, jitter_sec: 5, misfire: 'all', misfire_window_min: 5 },
        ...{ misfire_max: 5, overlap: 'queue', retry: { count: 3 }, heartbeat_url: 'https://hc.example/u' },
        ...{ heartbeat_signals: ['fail'], starts_at: '2027-04-01', ends_at: '2027-05-01' },
      })
      expect({ ...schedules.update(other, made.id, sent as ScheduleInput), updated_at: '' }).toEqual({
        ...made,
        updated_at: '',
      })
    }
    const retry = { count: 2, delay_sec: null, factor: null, delay_max_sec: null, jitter: null, on: null }
    expect(create({ retry }).retry).toEqual(create({ retry: { count: 2 } }).retry)
  })

  test('the members of a retry have theirs, and the longest delay is no shorter than the first', () => {
    expect(create({ retry: { count: 2, delay_sec: 7200 } }).retry).toEqual({
      ...{ count: 2, delay_sec: 7200, factor: 2, delay_max_sec: 7200, jitter: 0.1 },
      on: ['failed', 'timeout', 'killed', 'interrupted'],
    })
  })

  test.each<[string, object, Partial<Schedule>]>([
    ['a zone however it is written', { timezone: 'america/new_york' }, { timezone: 'America/New_York' }],
    [
      'a heartbeat, shown as its host',
      { heartbeat_url: 'https://hc.example:8443/u/1' },
      { heartbeat_url: 'hc.example:8443' },
    ],
    ['an address for a file', { params: { ...params, doc: 'https://x.example/a' } }, {}],
    ['data for a file', { params: { ...params, doc: 'data:,x' } }, {}],
    ['an allowed path for a file', { params: { ...params, doc: '/srv/a' } }, {}],
    ['a secret, masked', { params: { ...params, pin: '42' } }, { params: { ...params, pin: masked } }],
    ['a number as text, as it was sent', { params: { ...params, width: '7' } }, { params: { ...params, width: '7' } }],
    ['a pause', { enabled: false }, { state: 'paused', next_runs: [] }],
    ['a start on the clock of its zone', { starts_at: '2027-04-01T09:00' }, { starts_at: '2027-04-01T07:00:00.000Z' }],
    ['a whole day at the end', { ends_at: '2027-04-01' }, { ends_at: '2027-04-01T21:59:59.999Z' }],
    ['once', { cron_expression: '2027-03-05T00:00:00Z' }, { kind: 'once', next_runs: ['2027-03-05T00:00:00.000Z'] }],
  ])('%s', (_, input, shown) => {
    const made = create(input)
    expect({ ...made, ...shown }).toEqual(made)
    expect(schedules.get(script, made.id)).toEqual(made)
  })

  test('nothing is due before its start, and what is due at it counts', () => {
    const made = create({ starts_at: '2027-06-01T09:30:00', ends_at: '2027-06-02' })
    expect(made.next_runs).toEqual(['2027-06-01T07:30:00.000Z', '2027-06-02T07:30:00.000Z'])
  })
})

describe('a change', () => {
  const row = (id: number) =>
    lab.db.$client.query('SELECT next_at, fire_at, timing FROM schedules WHERE id = ?').get(id) as {
      next_at: number | null
      fire_at: number | null
      timing: string
    }
  const later = (ms: number) => {
    clock.time += ms
  }

  test('leaves what is left out, and tells the scheduler', () => {
    const made = create({
      description: 'a',
      retry: { count: 1 },
      heartbeat_url: 'https://hc.example/u',
      misfire_max: 3,
    })
    lab.told.length = 0
    later(1000)
    const changed = schedules.update(script, made.id, { description: 'b' })
    expect(changed).toEqual({ ...made, description: 'b', updated_at: new Date(clock.time).toISOString() })
    expect(lab.told).toEqual([[made.id]])
  })

  test.each<[string, string, string]>([
    ['in 10 minutes', '2027-03-04T12:10:00.000Z', '2027-03-04T12:10:00.000Z'],
    ['tomorrow at 9', '2027-03-05T08:00:00.000Z', '2027-03-05T14:00:00.000Z'],
    ['tomorrow at 1', '2027-03-05T00:00:00.000Z', '2027-03-05T06:00:00.000Z'],
    ['2027-03-06 09:00', '2027-03-06T08:00:00.000Z', '2027-03-06T14:00:00.000Z'],
    ['2027-03-06T09:00+01:00', '2027-03-06T08:00:00.000Z', '2027-03-06T08:00:00.000Z'],
  ])('of the zone alone, of "%s": its clock, or its moment', (cron_expression, there, then) => {
    clock.time = noon
    const { id, next_runs } = create({ cron_expression })
    later(2000)
    const moved = schedules.update(script, id, { timezone: 'America/New_York', cron_expression })
    expect([next_runs, moved.next_runs]).toEqual([[there], [then]])
    expect(schedules.update(script, id, { timezone: 'Europe/Berlin' }).next_runs).toEqual([there])
    expect(schedules.update(script, id, { starts_at: '2027-03-01' }).next_runs).toEqual([there])
    clock.time = noon
  })

  test('of what has ended: the same words mean a new moment', () => {
    clock.time = noon
    const { id } = create({ cron_expression: 'in 10 minutes' })
    later(3_600_000)
    lab.db.$client.query('UPDATE schedules SET next_at = NULL, fire_at = NULL WHERE id = ?').run(id)
    expect(schedules.update(script, id, { description: 'b' }).state).toBe('ended')
    const armed = schedules.update(script, id, { cron_expression: 'in 10 minutes' })
    expect([armed.state, armed.next_runs]).toEqual(['active', [new Date(clock.time + 600_000).toISOString()]])
    clock.time = noon
  })

  test('may send back all that was read', () => {
    const made = create({
      params: { ...params, pin: '42' },
      heartbeat_url: 'https://hc.example/u',
      retry: { count: 1 },
    })
    const secrets = () =>
      lab.db.$client.query('SELECT sealed_params, heartbeat_url FROM schedules WHERE id = ?').get(made.id)
    const before = secrets()
    const changed = schedules.update(script, made.id, { ...made, description: 'b' })
    expect(changed).toEqual({ ...made, description: 'b', updated_at: changed.updated_at })
    expect((secrets() as { heartbeat_url: unknown }).heartbeat_url).toEqual(
      (before as { heartbeat_url: unknown }).heartbeat_url,
    )
  })

  test('beside other parameters a secret goes along for who may edit the script, and for nobody else', () => {
    const { id } = create({ params: { ...params, pin: '42' } })
    const theirs = { ...params, text: 'https://elsewhere.example', pin: masked }
    expect(problemsOf(() => schedules.update(script, id, { params: theirs }))).toEqual([
      { path: '/params/pin', message: expect.stringContaining('must be sent again: other parameters were changed') },
    ])
    const { text: _, ...fewer } = { ...params, pin: masked }
    expect(problemsOf(() => schedules.update(script, id, { params: fewer }))[0]).toMatchObject({ path: '/params/pin' })
    expect(schedules.update(script, id, { description: 'b', params: { ...params, pin: masked } }).description).toBe('b')
    expect(schedules.update(script, id, { params: theirs }, editor).params).toEqual(theirs)
    expect(schedules.update(script, id, { params: { ...theirs, pin: '43' } }).params).toEqual(theirs)
  })

  test('a mask that comes back is the value it hides: what is asked of that is asked of it', () => {
    const { id } = create({ params: { ...params, pin: '42' } })
    expect(schedules.update(script, id, { params: { text: 'b', pin: masked } }, editor).params).toEqual({
      text: 'b',
      pin: masked,
    })
    lab.change(script, {
      params: { ...lab.catalog.get(script)!.row.params, pin: { type: 'str', secret: true, pattern: '^x$' } },
    })
    const [problem] = problemsOf(() => schedules.update(script, id, { params: { text: 'b', pin: masked } }, editor))
    lab.change(script, { params: { ...lab.catalog.get(script)!.row.params, pin: { type: 'str', secret: true } } })
    expect(problem).toEqual({ path: '/params/pin', message: 'must match the pattern ^x$' })
    expect(schedules.update(script, id, { params: { text: 'c' } }).params).toEqual({ text: 'c' })
    const message = 'must be the value itself'
    expect(
      problemsOf(() => schedules.update(script, id, { params: { text: 'b', pin: masked } }, editor))[0]!.message,
    ).toContain(message)
  })

  test.each<[string, object, string]>([
    ['the state', { state: 'paused' }, '`enabled` pauses a schedule'],
    ['the script', { script_id: 99 }, 'cannot be set'],
  ])('cannot set %s', (_, input, message) => {
    const { id } = create()
    expect(problemsOf(() => schedules.update(script, id, input))[0]!.message).toContain(message)
  })

  test('of anything else does not put off what is meant from now on', () => {
    const made = create({ cron_expression: 'in 10 minutes' })
    const before = row(made.id)
    later(60_000)
    schedules.update(script, made.id, { ...made, description: 'x' })
    expect(row(made.id)).toEqual(before)
    expect(before.next_at).toBe(clock.time - 60_000 + 600_000)
  })

  test('of anything else loses no time that is due at this moment, and draws no jitter anew', () => {
    lab.dice.value = 0.5
    const { id } = create({ jitter_sec: 60 })
    const before = row(id)
    expect(before.fire_at! - before.next_at!).toBe(30_000)
    lab.dice.value = 0.9
    clock.time = before.next_at! + 1
    schedules.update(script, id, { description: 'x', jitter_sec: 60, cron_expression: '30 9 * * *' })
    expect(row(id)).toEqual(before)
  })

  test('of the jitter alone draws it anew, for the same time', () => {
    lab.dice.value = 0.5
    const { id } = create({ jitter_sec: 60 })
    schedules.update(script, id, { jitter_sec: 10 })
    const { next_at, fire_at } = row(id)
    expect(fire_at! - next_at!).toBe(5000)
  })

  test('a pause takes the next time away; going on counts from then', () => {
    clock.time = noon
    const { id } = create()
    expect(schedules.update(script, id, { enabled: false })).toMatchObject({ state: 'paused', next_runs: [] })
    expect(row(id)).toMatchObject({ next_at: null, fire_at: null })
    clock.time = at('2027-03-10T12:00:00Z')
    expect(schedules.update(script, id, { enabled: true }).next_runs[0]).toBe('2027-03-11T08:30:00.000Z')
    clock.time = noon
  })

  test('another zone moves the times', () => {
    const { id } = create()
    expect(schedules.update(script, id, { timezone: 'UTC' }).next_runs[0]).toBe('2027-03-05T09:30:00.000Z')
  })
})

describe('a time that is sent', () => {
  test.each<[string, string | null, boolean?]>([
    ['2027-03-01T09:00:00Z', '2027-03-01T09:00:00.000Z'],
    ['2027-03-01t09:00z', '2027-03-01T09:00:00.000Z'],
    ['2027-03-01T09:00:00.250+05:30', '2027-03-01T03:30:00.250Z'],
    ['2027-03-01 09:00', '2027-03-01T08:00:00.000Z'],
    ['2027-07-01T09:00:30', '2027-07-01T07:00:30.000Z'],
    ['2027-03-28T02:30', '2027-03-28T01:00:00.000Z'], // the hour that is skipped
    ['2027-03-01', '2027-02-28T23:00:00.000Z'],
    ['2027-03-01', '2027-03-01T22:59:59.999Z', true],
    ['2028-02-29', '2028-02-28T23:00:00.000Z'],
    ['2027-02-29', null],
    ['2027-13-01', null],
    ['2027-03-01T24:30', null],
    ['09:00', null],
    ['1 March 2027', null],
    ['2027-03-01T09:00 Europe/Berlin', null],
    ['', null],
  ])('%s is %p', (text, expected, isEnd = false) => {
    const found = readMoment(text, 'Europe/Berlin', { isEnd })
    expect(found === null ? null : new Date(found).toISOString()).toBe(expected)
  })
})

test('a link leads to where it leads', () => {
  const folder = lab.folder
  writeFileSync(join(folder, 'real.txt'), 'x')
  const open = createLab({ local_file_access_patterns: [`${folder}/*.txt`] })
  const id = open.script({ doc: { type: 'file' } })
  const of = (doc: string) => () => open.schedules.create(id, { cron_expression: '@daily', params: { doc } }, asker)
  expect(of(join(folder, 'real.txt'))().state).toBe('active')
  symlinkSync('/etc/hostname', join(folder, 'link.txt'))
  expect(problemsOf(of(join(folder, 'link.txt')))[0]!.message).toContain('does not allow')
})
