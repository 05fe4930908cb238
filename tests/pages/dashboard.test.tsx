/** The dashboard on made-up data: what is shown in which order, what is done to scripts, and the way to any page. */
import { beforeEach, describe, expect, test } from 'bun:test'
import { createPages } from '../../src/pages/pages.tsx'
import { inLanguage } from '../../views/texts.ts'
import { createFake, type Fake } from './fake.ts'
import { callerWith } from './fake-access.ts'

let fake: Fake
beforeEach(() => {
  fake = createFake()
})

const handle = (path: string, init?: RequestInit) =>
  createPages(() => fake).handle(new Request(`http://localhost${path}`, init))
const text = async (path: string) => (await handle(path)).text()
const ids = (html: string) => [...html.matchAll(/<tr id="script-(\d+)"/g)].map((match) => Number(match[1]))
const post = (path: string, fields: [string, string][], accept = 'application/json') =>
  handle(path, { method: 'POST', body: new URLSearchParams(fields), headers: { accept } })
const answerOf = async (response: Response | Promise<Response>) => (await response).json()

describe('order', () => {
  test.each([
    ['sort=name', ['ascending', 5], (first: string) => first < 'd'],
    ['sort=name&dir=desc', ['descending', 5], (first: string) => first > 'r'],
  ])('by %s', async (search, [aria], isRight) => {
    const html = await text(`/?${search}`)
    expect(html).toContain(`aria-sort="${aria}"`)
    const [first] = ids(html)
    const named = fake.allScripts
      .filter(({ id }) => id !== 16)
      .find(({ id }) => id === (first === 16 ? ids(html)[1] : first))
    expect(isRight(named!.filename.replace(/^.*\//, ''))).toBe(true)
  })

  test('what never ran, and what is not due, comes last in both directions', async () => {
    for (const dir of ['asc', 'desc']) {
      expect(ids(await text(`/?sort=last&dir=${dir}`)).at(-1)).toBe(15)
      const due = ids(await text(`/?sort=next&dir=${dir}`))
      const scheduled = [...fake.schedules.soonest({}, { limit: 100, isPerScript: true })].map((one) => one.script_id)
      expect(due.slice(0, scheduled.length).sort()).toEqual(scheduled.sort())
    }
  })

  test('a head leads to its other direction, and keeps the filters', async () => {
    const html = await text('/?sort=name&tag=ops')
    expect(html).toContain('href="/?tag=ops&amp;sort=name&amp;dir=desc"')
    expect(html).toContain('name="sort" value="name" form="filters"')
  })
})

describe('a thousand', () => {
  test('come in pages that leave none out and say none twice, also while others move up', async () => {
    fake = createFake({ scripts: 180 })
    const seen = ids(await text('/?sort=name'))
    for (let html = ''; seen.length < 180; ) {
      html = await text(`/fragments/scripts/rows?sort=name&from=${seen.length}&after=${seen.at(-1)}`)
      seen.push(...ids(html))
      if (seen.length === 100) fake.allScripts.find(({ id }) => id === seen[3])!.alias = 'zzz' // before what comes now
    }
    expect(seen).toHaveLength(181) // the one that went to the end, again
    expect(new Set(seen).size).toBe(180)
    expect(await text('/fragments/scripts/rows?from=500')).not.toContain('<tr')
  })

  test('as many as were shown are shown again', async () => {
    fake = createFake({ scripts: 180 })
    expect(ids(await text('/fragments/scripts?shown=150'))).toHaveLength(150)
    expect(ids(await text('/fragments/scripts?all=1'))).toHaveLength(180)
  })
})

describe('what changed', () => {
  test('rows, counts and the rail come again; one that is gone is taken out', async () => {
    const html = await text('/fragments/live?ids=3,404&state=failing')
    for (const id of ['rail', 'counts', 'facets', 'script-3']) expect(html).toContain(`hx-target="#${id}"`)
    expect(html).toContain('hx-target="#script-404" hx-swap="delete"')
    expect(html).toMatch(/value="failing"[^>]*checked/)
  })
})

test('a script that fails all the time leaves the other failures in sight', async () => {
  const failed = fake.allRuns.find(({ status }) => status === 'failed')!
  for (let id = 60_000; id < 60_010; id++) fake.allRuns.push({ ...failed, id })
  const rail = (await text('/')).split('id="h-failures"')[1]!
  expect(rail.match(/executions\/60\d{3}/g)).toEqual(['executions/60009'])
  expect(new Set(rail.match(/executions\/\d+/g)).size).toBe(5)
})

describe('one script', () => {
  test('is switched off and on again, and what runs is told to go on', async () => {
    const off = await answerOf(post('/scripts/1/state', [['state', 'inactive']]))
    expect(off).toEqual({
      said: 'nightly_backup is inactive. Its run goes on.',
      undo: { action: '/scripts/1/state', fields: [['state', 'active']] },
      ...{ refused: [], ids: [1] },
    })
    expect(fake.allScripts[0]!.state).toBe('inactive')
    const { said } = await answerOf(post(off.undo.action, off.undo.fields))
    expect([said, fake.allScripts[0]!.state]).toEqual(['nightly_backup is active.', 'active'])
  })

  test('that has schedules says that they wait; one that is broken, that it cannot run', async () => {
    const due = fake.schedules.soonest({}, { limit: 1 })[0]!.script_id
    expect((await answerOf(post(`/scripts/${due}/state`, [['state', 'inactive']]))).said).toContain(
      'Its schedules start nothing',
    )
    expect((await answerOf(post('/scripts/9/state', [['state', 'active']]))).said).toContain('cannot run')
    expect((await post('/scripts/1/state', [['state', 'both']])).status).toBe(422)
  })

  test('is deleted after it was said what goes', async () => {
    fake.allRuns[0]!.script_id = 1
    const asked = await handle('/scripts/1/delete', { headers: { accept: 'application/json' } })
    const { title, text: told } = await asked.json()
    expect(title).toBe('Delete nightly_backup?')
    expect(told).toContain(fake.allScripts[0]!.filename)
    expect(told).toMatch(
      /1 run with its log and result.* The run that goes on is ended\. Undo, right after, brings back all of this but runs/,
    )
    const page = await text('/scripts/1/delete?back=https://evil.example')
    expect(page).toContain('action="/scripts/1/delete"')
    expect(page).not.toContain('evil.example')
    const done = await post('/scripts/1/delete', [['back', '/?q=x']], 'text/html')
    expect([done.status, done.headers.get('location')]).toEqual([303, '/?q=x&deleted=1'])
    expect(fake.allScripts.some(({ id }) => id === 1)).toBe(false)
    const after = await text('/?q=x&deleted=1,404,x')
    expect(after).toMatch(/is deleted\..*action="\/scripts\/restore".*name="ids" value="1"/s)
    const back = await post('/scripts/restore', [['ids', '1']], 'text/html')
    expect([back.status, back.headers.get('location')]).toEqual([303, '/'])
    expect(fake.allScripts.some(({ id }) => id === 1)).toBe(true)
    expect(await text('/?deleted=1')).not.toContain('/scripts/restore')
  })

  test('its menu holds what the visitor may', async () => {
    expect(await text('/fragments/scripts/3/menu')).toContain('Deactivate')
    expect(await text('/fragments/scripts/14/menu')).toContain('Activate')
    fake.viewer = callerWith('operator')
    expect(await text('/fragments/scripts/3/menu')).not.toContain('Deactivate')
  })
})

describe('many scripts', () => {
  const batch = (act: string, scripts: number[], tag = '') =>
    answerOf(post('/batch', [...scripts.map((id): [string, string] => ['id', String(id)]), ['tag', tag], ['act', act]]))

  test('are switched off; the ones that were so already are not undone', async () => {
    const off = await batch('deactivate', [1, 2, 14, 404])
    expect([off.said, off.ids, off.refused]).toEqual(['2 scripts deactivated.', [1, 2], []])
    await post(off.undo.action, off.undo.fields)
    expect(fake.allScripts.filter(({ state }) => state === 'inactive').map(({ id }) => id)).toEqual([14])
  })

  test('are tagged and lose the tag again, but for who had it before', async () => {
    const tagged = await batch('tag', [1, 3], 'OPS')
    expect([tagged.said, tagged.ids]).toEqual(['1 script tagged.', [3]])
    expect(fake.allScripts[2]!.tags).toContain('OPS')
    expect((await batch('untag', [3], 'ops')).said).toBe('The tag of 1 script removed.')
    expect(fake.allScripts[2]!.tags).not.toContain('OPS')
  })

  test('are run where they need nothing; of the others it is said', async () => {
    const done = await batch('run', [1, 2])
    expect([done.said, done.undo, done.refused]).toEqual([
      '1 run started.',
      null,
      [{ name: 'transcode_video', message: 'a is missing.' }],
    ])
  })

  test('are deleted, and what goes was said in sum', async () => {
    const asked = await handle('/batch/delete?id=1&id=3', { headers: { accept: 'application/json' } })
    expect((await asked.json()).title).toBe('Delete 2 scripts?')
    expect(await text('/batch/delete?id=1&id=3')).toContain('action="/batch"')
    const done = await batch('delete', [1, 3])
    expect(done.said).toBe('2 scripts deleted.')
    expect(fake.allScripts.map(({ id }) => id)).not.toContain(3)
    const back = await answerOf(post(done.undo.action, [...done.undo.fields, ['id', '77']]))
    expect([back.said, back.ids, back.isBack]).toEqual(['2 scripts are back.', [1, 3], true])
    expect(back.refused).toEqual([{ name: 'Script 77', message: expect.stringContaining('too long ago') }])
    expect((await post('/scripts/restore', [['id', 'x']])).status).toBe(422)
  })

  test.each([
    ['no script', [['act', 'run']], 422],
    ['no act', [['id', '1']], 422],
    [
      'an act that is none',
      [
        ['id', '1'],
        ['act', 'constructor'],
      ],
      422,
    ],
    [
      'no tag',
      [
        ['id', '1'],
        ['act', 'tag'],
      ],
      422,
    ],
    ['too many', [...Array.from({ length: 201 }, (_, i) => ['id', String(i + 1)]), ['act', 'run']], 422],
  ] as [string, [string, string][], number][])('%s is refused', async (_, fields, status) => {
    expect((await post('/batch', fields)).status).toBe(status)
  })

  test('what the visitor may not is refused, each by its name; without JavaScript as a page', async () => {
    fake.viewer = callerWith('operator')
    const refused = await batch('delete', [1])
    expect(refused.refused).toEqual([{ name: 'nightly_backup', message: 'You may not do that to this script.' }])
    expect(fake.allScripts[0]!.id).toBe(1)
    const page = await post(
      '/batch',
      [
        ['id', '1'],
        ['act', 'deactivate'],
      ],
      'text/html',
    )
    expect([page.status, await page.text()]).toEqual([409, expect.stringContaining('nightly_backup: You may not')])
  })

  test('what is shown is what may be done', async () => {
    const shown = async () => {
      const html = await text('/')
      return ['name="id"', 'value="run"', 'value="deactivate"', 'data-edit-row', '/scripts/new'].map((part) =>
        html.includes(part),
      )
    }
    expect(await shown()).toEqual([true, true, true, true, true])
    fake.viewer = callerWith('operator')
    expect(await shown()).toEqual([true, true, false, false, false])
    fake.viewer = callerWith('viewer')
    expect(await shown()).toEqual([false, false, false, false, false])
  })
})

describe('go to', () => {
  const labels = (html: string) => [...html.matchAll(/<b class="cut"[^>]*>([^<]*)<\/b>/g)].map((match) => match[1]!)

  test.each([
    ['backup', 'nightly_backup'],
    ['#48,900', 'Run #48900'],
    ['48900', 'Run #48900'],
    ['run nightly', 'Run nightly_backup'],
    ['schedules', 'Schedules'],
    ['audit', 'Audit log'],
    ['dark', 'Theme: dark'],
    ['timeout_min', 'TIMEOUT_MIN'],
    ['sign out', 'Sign out'],
  ])('%s leads first to %s', async (q, first) => {
    expect(labels(await text(`/fragments/go?q=${encodeURIComponent(q)}`))[0]).toBe(first)
  })

  test('without a question: what was chosen lately, as far as it is there, then pages and acts', async () => {
    const found = labels(await text('/fragments/go?recent=script-3,run-48900,script-404,/users,constructor,<b>'))
    expect(found.slice(0, 4)).toEqual(['resize_images', 'Run #48900', 'Users', 'Scripts'])
    expect(found.filter((label) => label === 'Users')).toHaveLength(1)
  })

  test('what a visitor may not do is not there', async () => {
    fake.viewer = callerWith('viewer')
    for (const q of ['audit', 'timeout_min', 'new script', 'run nightly'])
      expect(labels(await text(`/fragments/go?q=${encodeURIComponent(q)}`))).toEqual([])
    expect(await text('/fragments/go?recent=/users,start-1,setting-timeout_min')).not.toMatch(/Users|TIMEOUT|Run night/)
    expect(await text('/fragments/go?q=nothing-like-it')).toContain('Nothing is called that')
  })

  test('it is found in the language one reads, and in English', async () => {
    const chinese = (q: string) => inLanguage('zh-CN', () => text(`/fragments/go?q=${encodeURIComponent(q)}`))
    expect(labels(await chinese('审计'))[0]).toBe('审计日志')
    expect(labels(await chinese('audit'))[0]).toBe('审计日志')
    expect(labels(await chinese('运行 nightly'))[0]).toBe('运行 nightly_backup')
  })
})
