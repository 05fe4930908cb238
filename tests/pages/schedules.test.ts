/** The pages about schedules: what they show to whom, what becomes of their forms, and how they look. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import type { Browser, Page } from 'playwright-core'
import { GatewayError } from '../../src/errors.ts'
import type { Caller } from '../../src/http/caller.ts'
import { createPages } from '../../src/pages/pages.tsx'
import { inLanguage } from '../../views/texts.ts'
import { eventually } from '../harness/folder.ts'
import { launch } from './browser.ts'
import { createFake, type Fake } from './fake.ts'
import { callerWith } from './fake-access.ts'
import { hostileText, scheduleOf } from './fake-schedules.ts'
import { type Preview, startPreview } from './preview.ts'

let fake: Fake
let pages: ReturnType<typeof createPages>

beforeEach(() => {
  fake = createFake()
  pages = createPages(() => fake)
})

const get = (path: string, init?: RequestInit) => pages.handle(new Request(`http://localhost${path}`, init))
const shown = async (path: string) => (await get(path)).text()
/** What one reads of it. */
const plain = (page: string) => page.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ')
const words = async (path: string) => plain(await shown(path))
const post = (path: string, body: Record<string, string | string[]>, headers: Record<string, string> = {}) => {
  const form = new URLSearchParams()
  for (const [name, value] of Object.entries(body)) for (const one of [value].flat()) form.append(name, one)
  return get(path, { method: 'POST', body: form.toString(), headers })
}
const ends = async (path: string, body: Record<string, string | string[]>) => {
  const response = await post(path, body)
  return [response.status, response.headers.get('location')]
}
const asked = () => fake.schedules.fake.asked
const sent = () => fake.schedules.fake.inputs.at(-1)!
const viewer = callerWith('viewer', { seesAll: true })
const operator = callerWith('operator', { seesAll: true })
const filled = { images: 'https://example.com/a.zip', width: '1600', format: 'webp' }
const refusal = (...details: { path: string; message: string }[]) =>
  new GatewayError('validation', 'The schedule does not fit.', { details })

describe('what is shown', () => {
  test.each<[string, string, string[]]>([
    [
      'words, zone, values and the next time on its clock',
      '/scripts/3/schedules',
      [
        'Every weekday at 09:30 30 9 * * 1-5 · Europe/Berlin Before the shop opens',
        'in 23 h Sun 22 Nov 2026 04:19 CET Success',
        'images https://example.com/a.zip, width 1600, token ••••••, sizes [320,640]',
      ],
    ],
    ['what was missed and how the last run went', '/scripts/3/schedules', ['3 times were missed', 'Success 3 min ago']],
    ['what is broken, and why', '/scripts/4/schedules', ['Broken', 'a must be a whole number; got "x"']],
    ['that nothing is scheduled', '/scripts/5/schedules', ['It runs when it is asked to', 'Say below when.']],
    ['a number on the tab, and the next run in the head', '/scripts/3', ['Schedules 2 3 missed', 'Next run in 23 h']],
    [
      'the next ten times, with what is odd',
      '/scripts/3/schedules/1',
      ['Next times Europe/Berlin', 'clocks go forward'],
    ],
    ['that a paused one is not due', '/scripts/3/schedules/2', ['It is paused: it is not due until it is resumed.']],
    ['why one is not run', '/scripts/4/schedules/3', ['do not fit the script any more', 'a must be a whole number']],
    ['all of them with their scripts', '/schedules', ['3 active, 1 broken', 'Every 15 minutes', 'sync_crm', 'Ended']],
    ['one state alone', '/schedules?state=paused', ['Every hour every hour · Europe/Berlin']],
    ['those that were missed', '/schedules?state=missed', ['All Active Paused Broken Ended Missed', 'the shop opens']],
    ['that nothing matches', '/schedules?q=nope', ['Nothing matches', 'Clear the filters']],
    ['a month', '/schedules?view=calendar', ['November 2026', '288× price_watch', '09:30 resize_images']],
    ['another month', '/schedules?view=calendar&month=2027-02', ['February 2027']],
    [
      'a day of it',
      '/schedules?view=calendar&day=2026-11-25',
      ['Wednesday 25 November resize_images Every weekday at'],
    ],
    [
      'a zone that is none',
      '/schedules?view=calendar&timezone=Mars',
      ['There is no time zone "Mars"; did you', 'This is UTC.'],
    ],
    ['what is due next on the dashboard', '/', ['Upcoming 3 missed All', 'Every 5 minutes', 'Next run']],
  ])('%s', async (_, path, wanted) => {
    const text = (await words(path)).replaceAll('&quot;', '"')
    for (const one of wanted) expect(text).toContain(one)
  })

  test.each([
    ['Starting'],
    ['Waits for the earlier run Run 48,000 is not over yet.'],
    ['Failed Attempt 2 Another attempt in 4 min #48,002'],
    ['Run now by anna Success #48,900'],
    ['Skipped An earlier run of this schedule was not over.'],
    ['Missed, 3 times The gateway was down.'],
    ['Could not be started'],
  ])('of an occurrence: %s', async (wanted) => {
    expect(await words('/scripts/3/schedules/1')).toContain(wanted)
  })

  test('a day of the calendar in the order of its times, and schedules of one script told apart', async () => {
    const entry = (schedule_id: number, script_id: number, clock: string) => ({
      ...{ schedule_id, script_id, count: 1 },
      times: [{ at: `2026-11-25T${clock}:00Z`, local: `Wed 25 Nov 2026 ${clock} UTC` }],
    })
    const asked: unknown[] = []
    fake.schedules.fake.all.push(scheduleOf(7, 3, { words: 'Every day at 02:00', description: '' }))
    fake.schedules.calendar = async (filter) => {
      asked.push(filter.state)
      return [{ date: '2026-11-25', entries: [entry(1, 3, '09:00'), entry(6, 7, '23:00'), entry(7, 3, '02:00')] }]
    }
    const text = await words('/schedules?view=calendar')
    const seen = text.slice(text.indexOf('02:00'))
    expect(seen).toMatch(
      /^02:00 resize_images: Every day at 02:00 09:00 resize_images: Before the shop opens 23:00 \w+ /,
    )
    expect(seen).not.toContain('price_watch:')
    await words('/schedules?view=calendar&state=paused')
    expect(asked).toEqual([undefined, 'paused'])
  })

  test('a month with more schedules than fit says of which days it does not know all', async () => {
    const { calendar, list } = fake.schedules
    const times = [{ at: '2026-11-26T09:00:00Z', local: 'Thu 26 Nov 2026 09:00 UTC' }]
    const entry = { schedule_id: 1, script_id: 3, count: 1, times }
    fake.schedules.calendar = async () =>
      [21, 26, 27].map((day) => ({ date: `2026-11-${day}`, entries: Array(1333).fill(entry) }))
    fake.schedules.list = (filter, page) =>
      page.offset > 1000
        ? { items: [scheduleOf(99, 3, { next_runs: ['2026-11-27T00:30:00Z'] })], total: 2000 }
        : list(filter, page)
    try {
      const text = await words('/schedules?view=calendar&day=2026-11-27')
      expect(text).toMatch(/21 1,333\+ ?at least 1,333 times/) // today: what was due before now is not known
      expect(text).toContain('26 1,333 times')
      expect(text).toMatch(/27 1,333\+ ?at least 1,333 times/)
      expect(text).toMatch(/ 1,330\+ more .* 1,330 more .* 1,330\+ more .* 1,133\+ more/)
    } finally {
      Object.assign(fake.schedules, { calendar, list })
    }
  })

  test('what runs next comes first, what has ended last, and what still runs has not ended', async () => {
    const { all } = fake.schedules.fake
    const ended = all.find(({ state }) => state === 'ended')!
    const places = async () => {
      const text = await words('/schedules')
      return ['Every 5 minutes', ended.words].map((one) => text.indexOf(one))
    }
    all.unshift(...all.splice(all.indexOf(ended), 1))
    const [next, last] = await places()
    expect([next! > 0, last! > next!]).toEqual([true, true])
    const queued_at = '2026-11-21T03:19:50Z'
    ended.last_run = { id: 48_901, status: 'running', queued_at, finished_at: null, duration_ms: null }
    expect(await words('/schedules?state=ended')).toContain(' Running ')
    expect(await shown('/schedules?state=ended')).not.toContain('data-state="ended"')
  })

  test.each<[string, string, string[]]>([
    [
      'of a deleted one, where its runs are',
      '/scripts/3/schedules/99',
      ['This schedule is not there any more', 'See its runs'],
    ],
    [
      'a copy, in the form for a new one',
      '/scripts/3/schedules?copy=1',
      ['New schedule', 'value="30 9 * * 1-5"', 'value="1600"'],
    ],
    [
      'an example, in the same form',
      '/scripts/5/schedules?when=every+hour',
      ['value="every hour"', 'Means every hour'],
    ],
    ['examples, where there is none', '/scripts/5/schedules', ['schedules?when=every+15+minutes#schedule-form']],
    ['the next times of all together', '/schedules', ['id="next-times"', 'Sun 22 Nov 2026 03:14 UTC']],
    ['what is asked for by numbers', '/schedules?ids=2,6,x&q=nope', ['id="schedule-2"', 'id="schedule-6"']],
  ])('%s', async (_, path, wanted) => {
    const page = await shown(path)
    for (const one of wanted) expect(page).toContain(one)
  })

  test('in Chinese', async () => {
    const chinese = async (path: string) => {
      const page = await inLanguage('zh-CN', () => shown(path))
      return plain(page.slice(page.indexOf('<main')))
    }
    expect(await chinese('/schedules')).toContain('2026-11-22 周日 04:19 CET')
    expect(await chinese('/schedules/import')).toContain('运行本网关脚本的行会成为该脚本的计划任务。')
    expect(await chinese('/scripts/3/schedules/1')).toContain('跳过本次')
    const month = await chinese('/schedules?view=calendar&day=2026-11-26')
    for (const one of ['2026年11月', '周一', '11月26日 星期四', '还有 287 次']) expect(month).toContain(one)
  })

  test('a secret is not copied', async () => {
    expect(await shown('/scripts/3/schedules?copy=1')).not.toContain('It is kept')
  })

  test('what does not fit is not to be run now, and says why', async () => {
    const button = /value="run"\/>(?:<input[^>]*>)*<button[^>]*title="It cannot be run[^>]*disabled/
    expect(await shown('/scripts/4/schedules')).toMatch(button)
    expect(await shown('/scripts/4/schedules/3')).toMatch(button)
    expect(await shown('/scripts/3/schedules')).not.toMatch(button)
  })

  test('occurrences and schedules are pages', async () => {
    const { occurrences, all } = fake.schedules.fake
    for (let index = 0; index < 50; index++) {
      occurrences.push({ ...occurrences[0]!, id: 100 + index })
      all.push(scheduleOf(200 + index, 1))
    }
    expect(await words('/scripts/3/schedules/1?page=3')).toContain('Page 3 of 3')
    expect(await words('/schedules?page=9')).toContain('Page 2 of 2, 56 schedules')
  })

  test('the navigation says of every page what was missed', async () => {
    fake.viewer = { ...fake.viewer!, missed: 3 }
    expect(await words('/executions')).toContain('Schedules 3 missed')
    fake.viewer = { ...fake.viewer, missed: 0 }
    expect(await words('/executions')).not.toContain('missed')
  })

  test('that nothing is started, and who starts it', async () => {
    fake.schedules.fake.status = { is_paused: true }
    expect(await words('/schedules')).toContain('All schedules are paused')
    expect(await shown('/scripts/3/schedules')).toContain('action="/schedules/resume"')
    const other = { host: 'second', pid: 7, seen_at: '2026-11-21T03:19:50Z' }
    fake.schedules.fake.status = { is_scheduling: false, other }
    expect(await words('/schedules')).toContain('Another gateway schedules second , process 7')
  })

  test.each<[string, Caller, string[], string[]]>([
    ['a viewer', viewer, ['Every weekday'], ['value="delete"', 'id="schedule-form"', 'value="seen"', 'Pause all']],
    ['an operator', operator, ['value="delete"'], ['Import a crontab', 'Pause all']],
    ['an editor', callerWith('editor', { seesAll: true }), ['Import a crontab'], ['Pause all']],
    ['an administrator', callerWith('admin'), ['Pause all', 'Mark all as seen'], []],
  ])('for %s', async (_, who, there, not) => {
    fake.viewer = who
    const page =
      (await shown('/scripts/3/schedules')) + (await shown('/schedules')) + (await shown('/scripts/3/schedules/1'))
    for (const one of there) expect(page).toContain(one)
    for (const one of not) expect(page).not.toContain(one)
  })

  test.each(['/scripts/3/schedules/99', '/scripts/4/schedules/1', '/scripts/3/schedules/x', '/scripts/77/schedules'])(
    '%s is not there',
    async (path) => {
      expect((await get(path)).status).toBe(404)
    },
  )
})

describe('what becomes of a form', () => {
  test('a new one is sent with values of their types and without what was left empty', async () => {
    const body = {
      ...{ ':cron_expression': ' every day at 9 ', ':timezone': '', ':starts_at': '2027-01-01T09:00', ':ends_at': '' },
      ...{ ':enabled': '1', ':jitter_sec': '30', ':retry_count': '2', ':retry_on': ['failed', 'killed'] },
      ...{
        ':overlap': 'queue',
        ':misfire': 'all',
        ':heartbeat_url': 'https://hc.example/x',
        ':heartbeat_signals': 'start',
      },
      ...filled,
      ...{
        sizes: ['320', '', '640'],
        strip: ['false', 'true'],
        dry_run: 'false',
        options: '{"a":1}',
        token: '',
        hook: '',
      },
    }
    expect(await ends('/scripts/3/schedules', body)).toEqual([303, '/scripts/3/schedules?done=added'])
    expect(asked()).toEqual(['create 3 by anna'])
    expect(sent()).toEqual({
      ...{ cron_expression: 'every day at 9', description: '', enabled: true },
      ...{ starts_at: '2027-01-01T09:00', ends_at: null, jitter_sec: 30, misfire: 'all', overlap: 'queue' },
      retry: { count: 2, on: ['failed', 'killed'] },
      ...{ heartbeat_url: 'https://hc.example/x', heartbeat_signals: ['start'] },
      params: {
        ...{ images: 'https://example.com/a.zip', width: 1600, format: 'webp', sizes: [320, 640] },
        ...{ strip: true, dry_run: false, options: { a: 1 } },
      },
    })
    expect(await words('/scripts/3/schedules?done=added')).toContain('The schedule is there.')
  })

  const edited = { ':act': 'save', ':cron_expression': '30 9 * * 1-5', ':timezone': 'Europe/Berlin', ...filled }

  test('of a change only what was changed says when; secrets and the heartbeat stay', async () => {
    expect(await ends('/scripts/3/schedules/1', { ...edited, ':heartbeat_signals': 'fail' })).toEqual([
      303,
      '/scripts/3/schedules/1?done=saved',
    ])
    const { cron_expression, starts_at, heartbeat_url, heartbeat_signals, enabled, params, retry } = sent()
    expect({ cron_expression, starts_at, heartbeat_url, enabled, retry }).toEqual({
      ...{
        cron_expression: undefined,
        starts_at: undefined,
        heartbeat_url: undefined,
        enabled: undefined,
        retry: null,
      },
    })
    expect([heartbeat_signals, params?.token]).toEqual([['fail'], '••••••'])
  })

  test.each<[string, Record<string, string>, object]>([
    ['another zone is about bounds on its clock', { ':timezone': 'UTC' }, { timezone: 'UTC', starts_at: null }],
    ['no zone is the usual one', { ':timezone': '' }, { timezone: '' }],
    ['a heartbeat is forgotten', { ':heartbeat_remove': '1' }, { heartbeat_url: null }],
    ['what is no number goes on as it was typed', { ':jitter_sec': 'soon' }, { jitter_sec: 'soon' }],
  ])('%s', async (_, change, wanted) => {
    await post('/scripts/3/schedules/1', { ...edited, ...change })
    expect(sent()).toMatchObject(wanted)
  })

  test('a secret is replaced or forgotten', async () => {
    await post('/scripts/3/schedules/1', { ...edited, token: 'canary-of-a-secret' })
    expect(sent().params).toMatchObject({ token: 'canary-of-a-secret' })
    await post('/scripts/3/schedules/1', { ...edited, ':forget': 'token' })
    expect(sent().params).not.toHaveProperty('token')
  })

  test('no secret is in the form, and the address of a heartbeat neither', async () => {
    const page = await shown('/scripts/3/schedules/1')
    expect(page).not.toContain('••••••')
    expect(plain(page)).toContain('hc-ping.com is called')
  })

  test('a refused one comes back as it was typed, with what is wrong at its field', async () => {
    fake.schedules.fake.refuse = refusal(
      { path: '/cron_expression', message: 'hour 25 is over 23' },
      { path: '/params/width', message: 'must be at least 16; got 3' },
      { path: '/retry/count', message: 'must be a whole number from 1 to 20' },
    )
    const body = { ':cron_expression': hostileText, ':retry_count': '99', ...filled, token: 'canary-of-a-secret' }
    const response = await post('/scripts/3/schedules', body)
    const page = await response.text()
    expect(response.status).toBe(422)
    for (const one of ['Hour 25 is over 23.', 'Must be at least 16; got 3.', 'from 1 to 20.', 'Type it again.'])
      expect(plain(page)).toContain(one)
    for (const one of ['value="99"', '<details open', 'aria-invalid="true"', 'value="https://example.com/a.zip"'])
      expect(page).toContain(one)
    for (const one of ['canary-of-a-secret', '<img src=x']) expect(page).not.toContain(one)
    expect(fake.reported).toEqual([])
  })

  test('what belongs to no field is said above the form', async () => {
    fake.schedules.fake.refuse = new GatewayError('conflict', 'The script has 100 schedules already: delete one first.')
    const response = await post('/scripts/3/schedules', { ':cron_expression': 'hourly' })
    expect([response.status, plain(await response.text())]).toEqual([409, expect.stringContaining('delete one first.')])
    fake.schedules.fake.refuse = refusal({ path: '/params/gone', message: 'is not known' })
    expect(plain(await (await post('/scripts/3/schedules/1', edited)).text())).toContain('Params/gone is not known.')
  })

  test.each<[Record<string, string>, string, string]>([
    [{ ':act': 'pause' }, '/scripts/3/schedules/1?done=paused&of=3-1', 'update 3 1 {"enabled":false}'],
    [
      { ':act': 'resume', ':back': 'script' },
      '/scripts/3/schedules?done=resumed&of=3-1',
      'update 3 1 {"enabled":true}',
    ],
    [{ ':act': 'run' }, '/executions/48900', 'run 3 1 by anna'],
    [{ ':act': 'delete', ':back': 'all' }, '/schedules?done=deleted&of=3-1', 'remove 3 1'],
    [{ ':act': 'seen' }, '/scripts/3/schedules/1?done=seen', 'seen {"scriptId":3,"id":1}'],
  ])('%j', async (body, location, line) => {
    expect(await ends('/scripts/3/schedules/1', body)).toEqual([303, location])
    expect(asked()).toEqual([line])
  })

  test('all at once', async () => {
    expect(await ends('/schedules/pause', {})).toEqual([303, '/schedules?done=all-paused'])
    expect(fake.settings.list().find(({ name }) => name === 'schedules_paused')?.value).toBe(true)
    expect(await ends('/schedules/resume', {})).toEqual([303, '/schedules?done=all-resumed'])
    expect(await ends('/schedules/seen', {})).toEqual([303, '/schedules?done=seen'])
    expect(await ends('/scripts/3/schedules', { ':act': 'seen' })).toEqual([303, '/scripts/3/schedules?done=seen'])
    expect(asked()).toEqual(['seen {}', 'seen {"scriptId":3}'])
  })

  test('another site cannot post, and an act that is none is refused', async () => {
    for (const path of ['/scripts/3/schedules', '/scripts/3/schedules/1', '/schedules/pause', '/schedules/import'])
      expect((await post(path, { ':act': 'delete' }, { 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    expect((await post('/scripts/3/schedules/1', { ':act': 'explode' })).status).toBe(422)
    expect(asked()).toEqual([])
  })
})

describe('while one types', () => {
  const preview = (query: Record<string, string>) => shown(`/fragments/schedules/preview?${new URLSearchParams(query)}`)

  test.each<[string, Record<string, string>, string[]]>([
    [
      'what it means',
      { ':cron_expression': '0 9 31 * *', ':timezone': 'Asia/Kolkata' },
      ['Means 0 9 31 * *', 'Months without a 31st', 'Next times Asia/Kolkata'],
    ],
    [
      'what is wrong with it',
      { ':cron_expression': 'nonsense' },
      ['nonsense&quot; says no time: write', 'as soon as it is clear'],
    ],
    ['what is wrong with the zone', { ':cron_expression': 'hourly', ':timezone': 'Mars/Base' }, ['is no time zone']],
    ['nothing, of nothing', { ':cron_expression': '' }, ['Plain words, such as', 'as soon as it is clear']],
  ])('%s', async (_, query, wanted) => {
    const text = plain(await preview(query))
    for (const one of wanted) expect(text).toContain(one)
  })

  test('every field has its line, which goes when it is right', async () => {
    const page = await preview({ ':cron_expression': 'hourly' })
    for (const name of ['cron_expression', 'timezone', 'starts_at', 'ends_at'])
      expect(page).toMatch(new RegExp(`<p class="error" id="s-${name}-error" hidden`))
  })
})

describe('a crontab', () => {
  const crontab = `0 3 * * * backup\n# nothing\n0 4 * * * ${hostileText}`

  test('is looked at first, then the chosen lines become schedules', async () => {
    const page = await (await post('/schedules/import', { act: 'look', crontab })).text()
    for (const one of ['name="line" value="1"', '&lt;/textarea', 'Its output is kept here.'])
      expect(page).toContain(one)
    for (const one of ['<img src=x', 'value="2"']) expect(page).not.toContain(one)
    const made = await post('/schedules/import', { act: 'import', crontab, line: ['1'], timezone: 'UTC' })
    expect(plain(await made.text())).toContain('One schedule was made')
    expect(asked()).toEqual(['import dry all false null by anna', 'import for good 1 false UTC by anna'])
  })

  test('a line that has its schedule is not chosen by itself', async () => {
    const page = await (
      await post('/schedules/import', { act: 'look', crontab: `${crontab}\n1 1 * * * backup again` })
    ).text()
    expect(page).toMatch(/value="1" checked/)
    expect(page).toMatch(/value="4"(?! checked)/)
    expect(plain(page)).toContain('A second schedule, if it is chosen')
  })

  test('without a line nothing is made', async () => {
    const response = await post('/schedules/import', { act: 'import', crontab })
    expect([response.status, plain(await response.text())]).toEqual([422, expect.stringContaining('at least one line')])
    expect(asked()).toEqual([])
  })
})

test('whatever a schedule says, it stays text', async () => {
  const all = ['/', '/schedules', '/schedules?view=calendar&day=2026-11-25', '/scripts/16', '/scripts/16/schedules']
  for (const path of [...all, '/scripts/16/schedules/5', `/schedules?q=${encodeURIComponent(hostileText)}`]) {
    const page = await shown(path)
    expect(page).toContain('&lt;img src=x')
    expect(page).not.toContain('<img src=x')
  }
})

describe('what can be taken back', () => {
  const hx = { 'hx-request': 'true' }
  const fragment = async (path: string, body: Record<string, string>) => (await post(path, body, hx)).text()

  test('a pause answers with the row, and a toast that undoes it', async () => {
    const text = await fragment('/scripts/3/schedules/1', { ':act': 'pause', ':back': 'all' })
    expect(text).toStartWith(
      '<template hx type="partial" hx-target="#schedule-1" hx-swap="outerMorph"><tr id="schedule-1"',
    )
    expect(plain(text)).toContain('resize_images')
    expect(text).toContain('name=":act" value="resume"')
    expect(plain(text)).toEndWith('It is paused: nothing of it is due until it is resumed. Undo ')
  })

  test('a deleted row stays, with the way back, which brings it back', async () => {
    const gone = await fragment('/scripts/3/schedules/1', { ':act': 'delete', ':back': 'script' })
    expect(plain(gone)).toContain('“Every weekday at 09:30” was deleted. Undo')
    expect(gone).toContain('name=":act" value="restore"')
    const back = await fragment('/scripts/3/schedules', { ':act': 'restore', ':id': '1', ':back': 'script' })
    expect(back).toContain('<tr id="schedule-1" data-live')
    expect(asked()).toEqual(['remove 3 1', 'restore 3 1'])
  })

  test.each<[Record<string, string>, string]>([
    [{ ':act': 'restore', ':id': '1', ':back': 'all' }, '/schedules?done=restored'],
    [{ ':act': 'restore', ':id': '1', ':back': 'script' }, '/scripts/3/schedules?done=restored'],
  ])('without JavaScript %j leads to %s', async (body, location) => {
    expect(await ends('/scripts/3/schedules', body)).toEqual([303, location])
  })

  test.each([
    ['deleted', '/schedules?done=deleted&of=3-1', 'action="/scripts/3/schedules"'],
    ['paused', '/scripts/3/schedules?done=paused&of=3-2', 'action="/scripts/3/schedules/2"'],
    ['done to nobody knows what', '/schedules?done=deleted&of=x', ''],
  ])('the page says what was %s', async (_, path, action) => {
    const page = await shown(path)
    const toast = page.slice(page.indexOf('data-toast'), page.indexOf('</main>')).split('</div>')[0]!
    expect(toast.includes('Undo')).toBe(action !== '')
    expect(toast).toContain(action)
  })

  test('what cannot be brought back is a page that says so', async () => {
    fake.schedules.fake.refuse = new GatewayError('conflict', 'Schedule 1 cannot be brought back.')
    const response = await post('/scripts/3/schedules', { ':act': 'restore', ':id': '1' })
    expect([response.status, await response.text()]).toEqual([409, expect.stringContaining('cannot be brought back')])
  })
})

describe('in a browser', () => {
  let preview: Preview
  let browser: Browser
  let page: Page
  const faults: string[] = []

  beforeAll(async () => {
    preview = startPreview()
    browser = await launch()
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    page.setDefaultTimeout(15_000)
    page.on('pageerror', (error) => faults.push(error.message))
  })

  afterAll(async () => {
    await browser.close()
    preview.stop()
  })

  test('what is refused has the focus at the first field that is wrong, also in what was folded', async () => {
    preview.fake.schedules.fake.refuse = refusal({ path: '/misfire_max', message: 'must be a whole number' })
    await page.goto(`${preview.url}/scripts/5/schedules`)
    await page.fill('#s-cron_expression', 'every hour')
    await page.click('#schedule-form [value=save]')
    await page.waitForFunction(() => document.activeElement?.id === 's-misfire_max')
    preview.fake.schedules.fake.refuse = null
  }, 60_000)

  test('what one types is explained, and the field is left alone', async () => {
    const addresses: string[] = []
    page.on('request', (request) => addresses.push(request.url()))
    await page.goto(`${preview.url}/scripts/3/schedules`)
    await page.locator('[data-htmx-powered]').first().waitFor({ state: 'attached' })
    await page.fill('[name=token]', 'canary-of-a-secret')
    await page.locator('#s-cron_expression').pressSequentially('nonsense')
    await page.locator('#s-cron_expression-error:visible', { hasText: 'says no time' }).waitFor()
    await page.locator('#s-cron_expression[aria-invalid=true]').waitFor()
    await page.locator('#s-cron_expression').fill('every hour')
    await page.locator('#when-words', { hasText: 'Means every hour' }).waitFor()
    await page.locator('#schedule-preview li').nth(9).waitFor()
    expect(await page.locator('#s-cron_expression').getAttribute('aria-invalid')).toBeNull()
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('s-cron_expression')
    expect(addresses.join()).not.toContain('canary')
  }, 60_000)

  test('rows change where they are, and follow what others do', async () => {
    const { all } = preview.fake.schedules.fake
    const follows = preview.followed()
    await page.goto(`${preview.url}/schedules?state=active&done=saved`)
    await page.locator('[data-toast]', { hasText: 'The schedule is saved.' }).waitFor()
    await page.waitForFunction(() => location.search === '?state=active')
    await eventually('the page listens', () => preview.followed() > follows)
    await page.click('#pause-6')
    await page.locator('#toasts', { hasText: 'It is paused' }).waitFor()

    // Another one changes it, one is missed, one goes, and one comes.
    Object.assign(all.find(({ id }) => id === 1)!, { missed: 7 })
    preview.tell('schedules', { id: 1, script_id: 3, what: 'due' })
    await page.locator('#schedule-1', { hasText: '7 missed' }).waitFor()
    preview.tell('schedules', { id: 5, script_id: 16, what: 'removed' })
    await page.locator('#schedule-5.gone[inert]').waitFor()
    preview.tell('schedules', { id: 99, script_id: 3, what: 'added' })
    await page.locator('#schedules-arrived:visible', { hasText: '1 new entry' }).waitFor()

    await page.click('#delete-1')
    await page.click('#confirm-yes')
    await page.locator('#schedule-1', { hasText: 'was deleted' }).waitFor()
    expect(all.some(({ id }) => id === 1)).toBe(false)
    await page.click('#delete-1')
    await page.locator('#schedule-1:not(.gone)').waitFor()
    expect(all.some(({ id }) => id === 1)).toBe(true)
    expect(faults).toEqual([])
  }, 60_000)
})
