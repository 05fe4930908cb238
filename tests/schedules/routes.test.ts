/** Schedules over HTTP, on a real gateway: their whole life, who sees what, and that secrets stay secret. */
import { Database } from 'bun:sqlite'
import { describe, expect, test } from 'bun:test'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AuditEntry } from '../../src/audit/model.ts'
import { masked } from '../../src/logs/mask.ts'
import type { Run } from '../../src/runs/model.ts'
import type {
  CalendarDay,
  CrontabEntry,
  Occurrence,
  Schedule,
  SchedulerStatus,
} from '../../src/schedules/view-model.ts'
import { javascriptScript, startApp } from '../harness/app.ts'
import { eventually } from '../harness/folder.ts'
import { unconfined } from '../harness/isolation.ts'
import { adminToken, bearer, makePerson } from '../harness/people.ts'

const argsMap = {
  text: { type: 'str', required: true },
  width: { type: 'int', max: 9 },
  pin: { type: 'str', secret: true },
}
const gateway = await startApp(
  {
    'js/report.js': javascriptScript(argsMap, 'console.log(JSON.stringify({ args }))'),
    'js/other.js': javascriptScript({}, 'console.log(1)'),
    'js/many.js': javascriptScript({}, 'console.log(1)'),
    'js/changes.js': javascriptScript(argsMap, 'console.log(1)'),
  },
  { auth: 'on' },
  { secrets: { adminToken }, isolation: unconfined },
)
const idOf = (slug: string) => gateway.app.scripts().find((script) => script.slug === slug)!.id
const [report, other, many] = [idOf('report'), idOf('other'), idOf('many')]

type Who = Record<string, string>
const root = bearer(adminToken)
async function ask<T = Schedule>(method: string, path: string, body?: unknown, who: Who = root) {
  const init = { method, headers: { ...who, 'content-type': 'application/json' }, body: body && JSON.stringify(body) }
  const response = await gateway.fetch(path, init as RequestInit)
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, body: (text ? JSON.parse(text) : null) as T }
}
interface Page<T> {
  items: T[]
  total: number
  page: number
  page_size: number
}
interface Refused {
  error: { type: string; message: string; details?: { path: string; message: string }[] }
}
const yearly = { cron_expression: '0 0 1 1 *', timezone: 'UTC' }
const params = { text: 'hello' }
const make = async (script: number, input: object = {}) =>
  (await ask('POST', `/api/scripts/${script}/schedules`, { ...yearly, ...input })).body

describe('refused', () => {
  test.each<[string, string, string, unknown, number, string[]]>([
    ['no JSON', 'POST', '/api/scripts/report/schedules', undefined, 400, ['']],
    ['an empty schedule', 'POST', '/api/scripts/report/schedules', {}, 422, ['/cron_expression', '/params/text']],
    ['a script that is not there', 'POST', '/api/scripts/nope/schedules', yearly, 404, []],
    ['a schedule that is not there', 'GET', '/api/scripts/report/schedules/99', undefined, 404, []],
    ['a name for a number', 'GET', '/api/scripts/report/schedules/daily', undefined, 422, ['/schedule']],
    ['changing none', 'PATCH', '/api/scripts/report/schedules/99', {}, 404, []],
    ['deleting none', 'DELETE', '/api/scripts/report/schedules/99', undefined, 404, []],
    ['running none', 'POST', '/api/scripts/report/schedules/99/run', undefined, 404, []],
    ['too large a page', 'GET', '/api/schedules?page_size=201', undefined, 422, ['/page_size']],
    ['an unknown filter', 'GET', '/api/schedules?colour=red', undefined, 422, ['/colour']],
    ['an unknown state', 'GET', '/api/scripts/report/schedules?state=late', undefined, 422, ['/state']],
    [
      'a calendar without days',
      'GET',
      '/api/schedules/calendar?from=x&to=2027-02-30',
      undefined,
      422,
      ['/from', '/to'],
    ],
    ['one backwards', 'GET', '/api/schedules/calendar?from=2027-02-02&to=2027-02-01', undefined, 422, ['/to']],
    ['one of a year', 'GET', '/api/schedules/calendar?from=2027-01-01&to=2027-12-31', undefined, 422, ['/to']],
    [
      'one of nowhere',
      'GET',
      '/api/schedules/calendar?from=2027-01-01&to=2027-01-02&timezone=Berlin',
      undefined,
      422,
      ['/timezone'],
    ],
    ['a preview of nothing', 'POST', '/api/schedules/preview', {}, 422, ['/cron_expression']],
    [
      'a thousand times ahead',
      'POST',
      '/api/schedules/preview',
      { cron_expression: '@daily', count: 1000 },
      422,
      ['/count'],
    ],
    ['an import of nothing', 'POST', '/api/schedules/import', {}, 422, ['/crontab']],
    [
      'a line that starts nothing',
      'POST',
      '/api/schedules/import',
      { crontab: '# nothing\n', lines: [1] },
      422,
      ['/lines/0'],
    ],
  ])('%s', async (_, method, path, body, status, paths) => {
    const answer = await ask<Refused>(method, path, body)
    expect([answer.status, answer.body.error.details?.map((one) => one.path) ?? []]).toEqual([status, paths])
  })
})

test('a life: made, seen, changed, paused, run, deleted', async () => {
  const input = { ...yearly, description: 'New Year', params: { ...params, pin: 'canary-one' }, retry: { count: 2 } }
  const made = await ask('POST', '/api/scripts/report/schedules', {
    ...input,
    heartbeat_url: 'https://hc.example/canary-two',
  })
  const path = `/api/scripts/${report}/schedules/${made.body.id}`
  expect([made.status, made.headers.get('location')]).toEqual([201, path])
  expect(made.body).toMatchObject({
    ...yearly,
    state: 'active',
    heartbeat_url: 'hc.example',
    created_by: 'ADMIN_TOKEN',
  })
  expect(made.body.params).toEqual({ ...params, pin: masked })
  expect((await ask('GET', path)).body).toEqual(made.body)
  expect((await ask<Page<Schedule>>('GET', '/api/scripts/report/schedules')).body).toEqual({
    ...{ items: [made.body], total: 1, page: 1, page_size: 50 },
  })

  const put = await ask('PUT', path, { ...made.body, description: 'Later', cron_expression: '@monthly' })
  expect([put.status, put.body.description, put.body.params]).toEqual([200, 'Later', { ...params, pin: masked }])
  const paused = await ask('PATCH', path, { enabled: false })
  expect([paused.body.state, paused.body.cron_expression, paused.body.next_runs]).toEqual(['paused', '@monthly', []])
  const none = await ask<Page<unknown>>('GET', `${path}/upcoming?count=5`)
  expect([none.status, none.body.total]).toEqual([200, 0])

  const started = await ask<{ run_id: number; url: string }>('POST', `${path}/run`)
  expect([started.status, started.headers.get('location')]).toEqual([202, `/api/runs/${started.body.run_id}`])
  const run = await eventually('the run ends', async () => {
    const { body } = await ask<Run>('GET', started.body.url)
    return body.finished_at ? body : undefined
  })
  expect(run).toMatchObject({ status: 'success', trigger: 'schedule', params: { ...params, pin: masked } })
  expect(run.started_by).toMatch(/^Run now of schedule \d+ "Later" by ADMIN_TOKEN$/)
  expect((run.result as { data: unknown }).data).toEqual({ args: ['--text', 'hello', '--pin', masked] })
  expect((await ask('GET', path)).body.last_run).toMatchObject({ id: run.id, status: 'success' })
  const { items } = (await ask<Page<Occurrence>>('GET', `${path}/occurrences`)).body
  expect(items).toMatchObject([{ is_manual: true, run_id: run.id, run_status: 'success', asked_by: 'ADMIN_TOKEN' }])

  const told = await ask<Page<AuditEntry>>('GET', '/api/audit?action=schedule.run')
  expect(told.body.items[0]).toMatchObject({
    ...{ object_type: 'schedule', object_id: String(made.body.id), object_name: 'report.js: @monthly' },
    ...{ status: 202, after: { run_id: run.id } },
  })

  const deleted = await ask('DELETE', path)
  expect([deleted.status, deleted.text]).toEqual([204, ''])
  expect((await ask('GET', path)).status).toBe(404)
  expect((await ask<Run>('GET', `/api/runs/${run.id}`)).body.id).toBe(run.id)
})

test('secrets are in no answer, nor in the database', async () => {
  await make(report, { params: { ...params, pin: 'canary-three' }, heartbeat_url: 'https://hc.example/canary-four' })
  const answers = await Promise.all([
    ask('GET', '/api/schedules'),
    ask('GET', '/api/scripts/report/schedules'),
    ask('GET', '/api/audit'),
  ])
  for (const { status, text } of answers) expect([status, text.includes('canary-')]).toEqual([200, false])
  const files = readdirSync(gateway.dataDir).filter((name) => name.startsWith('gateway.db'))
  const bytes = Buffer.concat(files.map((name) => readFileSync(join(gateway.dataDir, name))))
  expect([bytes.includes('schedule.create'), bytes.includes('canary-')]).toEqual([true, false])
})

test('a schema that changes breaks a schedule, and mends it', async () => {
  const { id } = await make(idOf('changes'), { params })
  const path = `/api/scripts/changes/schedules/${id}`
  const file = join(gateway.scriptsDir, 'js/changes.js')
  const become = async (map: object, state: string) => {
    writeFileSync(file, javascriptScript(map as typeof argsMap, 'console.log(2)'))
    await ask('POST', '/api/scripts/changes/rescan')
    return eventually(`it is ${state}`, async () => {
      const { body } = await ask('GET', path)
      return body.state === state ? body : undefined
    })
  }
  const broken = await become({ words: { type: 'str' } }, 'broken')
  expect([broken.problems.map((one) => one.path), broken.next_runs]).toEqual([['/params/text'], []])
  expect((await ask<Refused>('POST', `${path}/run`)).body.error).toMatchObject({ type: 'conflict' })
  expect((await ask<Page<Schedule>>('GET', '/api/schedules?state=broken')).body.items.map((one) => one.id)).toEqual([
    id,
  ])
  expect((await become(argsMap, 'active')).problems).toEqual([])
})

test('what an expression means, with what clocks do to it', async () => {
  const { status, body } = await ask<{
    words: string
    upcoming: { at: string; note: string | null }[]
    warnings: string[]
  }>('POST', '/api/schedules/preview', {
    ...{ cron_expression: '30 2 * * *', timezone: 'america/new_york', starts_at: '2027-03-13', count: 3 },
  })
  expect(status).toBe(200)
  expect(body).toMatchObject({ kind: 'cron', timezone: 'America/New_York' })
  expect(body.upcoming.map(({ at }) => at)).toEqual([
    ...['2027-03-13T07:30:00.000Z', '2027-03-14T07:00:00.000Z', '2027-03-15T06:30:00.000Z'],
  ])
  expect(body.upcoming[1]!.note).toContain('02:30')
  const never = await ask<typeof body>('POST', '/api/schedules/preview', { cron_expression: '0 0 31 2 *' })
  expect([never.status, never.body.upcoming, never.body.warnings.length > 0]).toEqual([200, [], true])
})

test('the days of a calendar, over a change of the clock', async () => {
  const fixed = await make(other, { cron_expression: '30 2 * * *', timezone: 'America/New_York' })
  const often = await make(other, { cron_expression: '0 * * * *', timezone: 'UTC' })
  const paused = await make(other, { cron_expression: '@daily', enabled: false })
  const query = `from=2027-03-13&to=2027-03-15&timezone=America/New_York&script_id=${other}`
  const { body } = await ask<Page<CalendarDay> & { timezone: string }>('GET', `/api/schedules/calendar?${query}`)
  expect([body.total, body.timezone, body.items.map(({ date }) => date)]).toEqual([
    ...[3, 'America/New_York', ['2027-03-13', '2027-03-14', '2027-03-15']],
  ])
  const entriesOf = (id: number) => body.items.map(({ entries }) => entries.find((entry) => entry.schedule_id === id))
  expect(entriesOf(fixed.id).map((entry) => entry?.times.map(({ at }) => at))).toEqual([
    ...[['2027-03-13T07:30:00.000Z'], ['2027-03-14T07:00:00.000Z'], ['2027-03-15T06:30:00.000Z']],
  ])
  expect(entriesOf(often.id).map((entry) => entry?.count)).toEqual([24, 23, 24])
  expect(entriesOf(paused.id)).toEqual([undefined, undefined, undefined])
})

test('a thousand schedules, page by page', async () => {
  const first = await make(many, { description: 'copied' }) // to make each of them would take seconds
  const file = new Database(join(gateway.dataDir, 'gateway.db'))
  const names = (file.query('PRAGMA table_info(schedules)').all() as { name: string }[])
    .map(({ name }) => name)
    .filter((name) => name !== 'id')
    .join()
  file.run(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 999)
     INSERT INTO schedules (${names}) SELECT ${names} FROM schedules, n WHERE id = ?`,
    [first.id],
  )
  file.close()
  const seen: number[] = []
  for (let page = 1; page <= 6; page++) {
    const { body } = await ask<Page<Schedule>>('GET', `/api/schedules?q=COPIED&page=${page}&page_size=200`)
    expect([body.total, body.page, body.page_size]).toEqual([1000, page, 200])
    seen.push(...body.items.map(({ id }) => id))
  }
  expect([seen.length, new Set(seen).size, seen.toSorted((a, b) => a - b)]).toEqual([1000, 1000, seen])
  const status = async (query: string) => (await ask<SchedulerStatus>('GET', `/api/schedules/status${query}`)).body
  expect((await status(`?script_id=${many}`)).active).toBe(1000)
})

test.each([
  ['text of the expression', 'q=1 1 %2A', 'report'],
  ['words of the script', 'q=report', 'report'],
  ['a script', `script_id=${report}`, 'report'],
  ['nothing that there is', 'q=100%25', null],
])('found by %s', async (_, query, slug) => {
  await make(report, { params })
  const { body } = await ask<Page<Schedule>>('GET', `/api/schedules?${query}&page_size=200`)
  const scripts = new Set(body.items.map((one) => one.script_id))
  expect(slug === null ? scripts.size === 0 : scripts.has(report)).toBeTrue()
})

test('all are paused and go on, and a missed time is seen', async () => {
  const paused = await ask<SchedulerStatus>('POST', '/api/schedules/pause')
  expect([paused.status, paused.body.is_paused]).toEqual([200, true])
  const resumed = await ask<SchedulerStatus>('POST', '/api/schedules/resume')
  expect([resumed.status, resumed.body.is_paused]).toEqual([200, false])

  const { id } = await make(other, { description: 'missed' })
  const file = new Database(join(gateway.dataDir, 'gateway.db'))
  file.run(
    `INSERT INTO occurrences (schedule_id, script_id, due_at, claimed_at, state, count) VALUES (?1, ?2, 1, 1, 'missed', 5), (?1, ?2, 2, 2, 'skipped', 1)`,
    [id, other],
  )
  file.close()
  const path = `/api/scripts/other/schedules/${id}`
  const missed = async () =>
    (await ask<{ items: Schedule[] }>('GET', '/api/schedules?state=missed')).body.items.map((one) => one.id)
  expect((await ask('GET', path)).body.missed).toBe(5)
  expect(await missed()).toEqual([id])
  expect((await ask<{ marked: number }>('POST', `${path}/seen`)).body).toEqual({ marked: 1 })
  expect((await ask('GET', path)).body.missed).toBe(0)
  expect(await missed()).toEqual([])
  expect((await ask<{ marked: number }>('POST', '/api/schedules/seen')).body).toEqual({ marked: 0 })
})

describe('a crontab', () => {
  const crontab = [
    '# of the old machine',
    '15 4 * * 1-5 node /srv/scripts/other.js',
    '@daily node /srv/report.js --text canary-five --width 99',
    '0 5 * * * node /srv/report.js --text hello --pin canary-six',
    '0 6 * * * /usr/bin/backup',
  ].join('\n')
  type Imported = { dry_run: boolean; created: number; items: CrontabEntry[] }
  const bring = (more: object, who?: Who) =>
    ask<Imported>('POST', '/api/schedules/import', { crontab, timezone: 'Europe/Berlin', ...more }, who)
  const total = async () => (await ask<Page<Schedule>>('GET', '/api/schedules')).body.total

  test('is looked at first: nothing is made', async () => {
    const before = await total()
    const { status, body } = await bring({})
    expect([status, body.dry_run, body.created, await total()]).toEqual([200, true, 0, before])
    expect(body.items.map((one) => [one.line, one.script_id, one.problem === null])).toEqual([
      ...[
        [2, other, true],
        [3, null, false],
        [4, report, true],
        [5, null, false],
      ],
    ])
    expect(body.items[2]!.params).toEqual({ text: 'hello', pin: masked })
  })

  test('makes the lines that were chosen, paused where that is asked for', async () => {
    const { body } = await bring({ dry_run: false, lines: [2], enabled: false })
    expect([body.created, body.items.map((one) => one.schedule_id !== null)]).toEqual([1, [true, false, false, false]])
    const made = (await ask('GET', `/api/scripts/other/schedules/${body.items[0]!.schedule_id}`)).body
    expect(made).toMatchObject({
      ...{ cron_expression: '15 4 * * 1-5', timezone: 'Europe/Berlin', state: 'paused', created_by: 'ADMIN_TOKEN' },
      description: 'From a crontab, line 2',
    })
  })

  test('does not make a line again, unless it is chosen', async () => {
    const line = (more: string) => ({ crontab: `35 4 * * * node /srv/scripts/other.js ${more}`, timezone: null })
    const made = (await bring({ ...line(''), dry_run: false, lines: null, enabled: false })).body.items[0]!
    for (const dry_run of [true, false]) {
      const { body } = await bring({ ...line(''), dry_run, enabled: null })
      expect([body.created, body.items[0]!.existing_id]).toEqual([0, made.schedule_id])
      expect(body.items[0]!.warnings.join()).toContain(`It is there already, as schedule ${made.schedule_id}`)
    }
    const again = (await bring({ ...line(''), dry_run: false, lines: [1], enabled: false })).body.items[0]!
    for (const id of [made.schedule_id, again.schedule_id])
      expect(await ask('DELETE', `/api/scripts/other/schedules/${id}`)).toMatchObject({ status: 204 })
  })

  test('takes a column of users for one where that is said', async () => {
    const crontab = '0 5 * * * shop node /srv/scripts/other.js'
    const found = [await bring({ crontab }), await bring({ crontab, is_system: true })]
    expect(found.map(({ body }) => body.items[0]!.problem === null)).toEqual([false, true])
  })

  test('gives a schedule the heartbeat of its line, whose address nobody sees again', async () => {
    const line = '25 4 * * * node /srv/scripts/other.js && curl -fsS -m 10 "https://hc-ping.com/canary-ping" >/dev/null'
    const shown = [await bring({ crontab: line }), await bring({ crontab: line, dry_run: false, enabled: false })]
    expect(shown.map(({ body }) => body.items[0]!.heartbeat_url)).toEqual(['hc-ping.com', 'hc-ping.com'])
    const path = `/api/scripts/other/schedules/${shown[1]!.body.items[0]!.schedule_id}`
    const made = await ask('GET', path)
    expect(made.body).toMatchObject({ heartbeat_url: 'hc-ping.com', heartbeat_signals: ['success'] })
    const audit = await ask<unknown>('GET', '/api/audit?action=schedule.import')
    expect(JSON.stringify([shown, made, audit])).not.toContain('canary-ping')
    expect(await ask('DELETE', path)).toMatchObject({ status: 204 })
  })
})

describe('who may', () => {
  test('sees the schedules of its scripts, and starts or makes no others', async () => {
    const guest = await makePerson(gateway, { name: 'guest', grants: [{ script_id: other, right: 'see' }] })
    const runner = await makePerson(gateway, { name: 'runner', grants: [{ script_id: other, right: 'run' }] })
    const [asGuest, asRunner] = [bearer(guest.token), bearer(runner.token)]
    const { items } = (await ask<Page<Schedule>>('GET', '/api/schedules?page_size=200', undefined, asGuest)).body
    expect(new Set(items.map((one) => one.script_id))).toEqual(new Set([other]))
    const status = async (method: string, path: string, who: Who, body?: unknown) =>
      (await ask(method, path, body, who)).status
    expect([
      await status('GET', '/api/scripts/report/schedules', asGuest),
      await status('POST', '/api/scripts/other/schedules', asGuest, yearly),
      await status('POST', '/api/scripts/other/schedules', asRunner, yearly),
      await status('POST', '/api/schedules/import', asRunner, { crontab: '# x' }),
      await status('POST', '/api/schedules/pause', asRunner),
    ]).toEqual([404, 403, 201, 403, 403])
    const all = (await ask<SchedulerStatus>('GET', '/api/schedules/status', undefined, asGuest)).body
    expect(all.active).toBeLessThan(100)
    const calendar = '/api/schedules/calendar?from=2027-03-13&to=2027-03-13'
    const days = (await ask<Page<CalendarDay>>('GET', calendar, undefined, asGuest)).body.items
    expect(new Set(days.flatMap(({ entries }) => entries.map((entry) => entry.script_id)))).toEqual(new Set([other]))
  })
})

test('every route about schedules is in the document, with an example of a schedule', async () => {
  const { body } = await ask<{ paths: Record<string, Record<string, { requestBody?: object }>> }>(
    'GET',
    '/openapi.json',
  )
  const paths = Object.keys(body.paths).filter((path) => path.includes('schedules'))
  expect(paths.length).toBe(14)
  expect(JSON.stringify(body.paths['/api/scripts/{id}/schedules']!.post!.requestBody)).toContain(
    'every weekday at 9:30',
  )
})
