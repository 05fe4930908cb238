/** The tabs of a script: settings, parameters by hand, history and API, as handlers answer them on made-up data. */
import { beforeEach, expect, test } from 'bun:test'
import { createPages } from '../../src/pages/pages.tsx'
import { changeRows, readRows, rowsOf, toArgsMap } from '../../src/pages/schema-form.ts'
import { summaryOf } from '../../src/pages/script-history.ts'
import { aboutChanges } from '../../src/scripts/about.ts'
import type { ArgsMap } from '../../src/scripts/model.ts'
import { createFake, type Fake } from './fake.ts'
import { iso, run } from './samples.ts'

/** Made when a test asks for it. */
let made: { fake: Fake; pages: ReturnType<typeof createPages> } | null = null
beforeEach(() => {
  made = null
})
function lab() {
  if (made) return made
  const fake = createFake()
  made = { fake, pages: createPages(() => fake) }
  return made
}
const fakes = () => lab().fake

const ask = (path: string, init: RequestInit = {}) =>
  lab().pages.handle(new Request(`http://localhost${path}`, { headers: { 'sec-fetch-site': 'same-origin' }, ...init }))
const text = async (path: string, init: RequestInit = {}) => (await ask(path, init)).text()
const post = (path: string, fields: Record<string, string>) =>
  ask(path, { method: 'POST', body: new URLSearchParams(fields) })
const hidden = (html: string, name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1] ?? ''

test.each([
  ['', 'run', 'id="run-form"'],
  ['?tab=parameters', 'parameters', 'Where they come from'],
  ['?tab=history', 'history', 'id="history"'],
  ['?tab=settings', 'settings', 'id="about-alias"'],
  ['?tab=policy', 'settings', 'id="policy-text"'],
  ['?tab=variables', 'settings', 'id="variables"'],
  ['?tab=access', 'settings', 'id="h-people"'],
  ['/notifications', 'settings', 'id="global-rules"'],
  ['?tab=api', 'api', 'id="call-async"'],
])('%s is the tab %s', async (search, tab, part) => {
  const html = await text(`/scripts/3${search}`)
  expect(html).toContain(part)
  const open = /data-script="3">.*?aria-current="page"/s.exec(html)![0]
  expect(open.slice(open.lastIndexOf('href='))).toContain(tab === 'run' ? '"/scripts/3"' : `tab=${tab}"`)
})

test.each(['schedules', 'versions', 'notifications'])(
  '%s has an address of its own, to which ?tab= leads',
  async (tab) => {
    const answer = await ask(`/scripts/3?tab=${tab}`, { redirect: 'manual' })
    expect([answer.status, answer.headers.get('location')]).toEqual([303, `/scripts/3/${tab}`])
  },
)

test('tabs of one script have titles of their own', async () => {
  const titles = await Promise.all(
    ['', '?tab=history', '?tab=policy'].map(
      async (search) => /<title>(.*?) · /.exec(await text(`/scripts/3${search}`))![1],
    ),
  )
  expect(titles).toEqual(['resize_images', 'History', 'Limits and permissions'])
})

// Settings

const about = async (fields: Record<string, string>) => {
  const was = hidden(await text('/scripts/3?tab=settings'), 'was')
  return post('/scripts/3/about', { was, ...shown, ...fields })
}
const shown = {
  alias: '',
  description: 'Resize, convert and strip metadata from a batch of images',
  tags: 'images, batch',
  has_switch: '1',
  active: '1',
}
const script = () => fakes().allScripts[2]!

test.each<[string, Record<string, string>, Partial<ReturnType<typeof script>>, string]>([
  ['a name', { alias: ' Pictures ' }, { alias: 'Pictures' }, 'alias'],
  ['tags, with whatever comma', { tags: 'a，b, ,c' }, { tags: ['a', 'b', 'c'] }, 'tags'],
  ['nothing', {}, {}, ''],
  ['the switch', { active: '' }, { state: 'inactive' }, 'state'],
  [
    'all of it',
    { alias: 'x', description: 'y', tags: '' },
    { alias: 'x', description: 'y', tags: [] },
    'alias,description,tags',
  ],
])('%s is saved, and said', async (_, fields, after, saved) => {
  const before = { ...script() }
  const answer = await about(fields)
  expect([answer.status, answer.headers.get('location')]).toEqual([303, `/scripts/3?tab=settings&saved=${saved}`])
  expect(script()).toEqual({ ...before, ...after })
  const html = await text(`/scripts/3?tab=settings&saved=${saved}`)
  expect(html).toContain(saved === '' ? 'Nothing was different.' : 'Changed: ')
})

test('a tag that is too long is refused at its field, with what was typed', async () => {
  const { one } = fakes().acts
  const { describe } = one
  one.describe = (id, said) => {
    aboutChanges(said)
    describe(id, said)
  }
  const answer = await about({ alias: 'New name', tags: `fine, ${'long'.repeat(20)}` })
  const html = await answer.text()
  expect(answer.status).toBe(422)
  expect(html).toMatch(
    /id="about-tags"[^>]*aria-describedby="about-tags-error about-tags-help"[^>]*aria-invalid="true"/,
  )
  expect(html).toContain('value="New name"')
  expect(html).toContain('is longer than 40 characters')
  expect(script().alias).toBeNull()
})

test('what somebody else saved meanwhile is not lost unseen', async () => {
  const was = hidden(await text('/scripts/3?tab=settings'), 'was')
  script().alias = 'Theirs'
  const refused = await post('/scripts/3/about', { ...shown, was, alias: 'Mine' })
  const html = await refused.text()
  expect([refused.status, script().alias]).toEqual([409, 'Theirs'])
  expect(html).toContain('Save again to write yours over it')
  expect(html).toContain('value="Mine"')
  expect((await post('/scripts/3/about', { ...shown, alias: 'Mine', was: hidden(html, 'was') })).status).toBe(303)
  expect(script().alias).toBe('Mine')
})

test('a script is read again when it is asked for', async () => {
  expect((await post('/scripts/9/rescan', {})).status).toBe(303)
  expect(fakes().rescanned).toEqual([9])
})

test.each([
  [
    'error',
    { state: 'error', error: 'It is broken.' },
    ['It is broken.', '?tab=code', 'edit=form', '/scripts/3/rescan'],
  ],
  ['missing', { state: 'missing' }, ['Its history is kept', '/scripts/3/versions', '#danger']],
  ['inactive', { state: 'inactive' }, ['It is inactive', '?tab=settings']],
] as const)('a script in state %s says why, and what to do', async (_, change, parts) => {
  Object.assign(script(), change)
  const html = await text('/scripts/3')
  for (const part of parts) expect(html).toContain(part)
})

// Parameters

const argsMap: ArgsMap = {
  width: { flag: '-w', type: 'int', required: true, min: 1, max: 9, choices: [1, 2] },
  mode: { type: 'choice', choices: [1, 'two'], default: 'two', help: 'Which' },
  list: { type: 'str', multiple: true, default: ['a'], secret: true, pattern: '[a-z]' },
  flag: { type: 'bool', action: 'store_true' },
  odd: { type: 'colour', required: false, ...({ widget: 'wheel' } as object) },
}

const formOf = (rows: ReturnType<typeof rowsOf>) => {
  const form = new URLSearchParams()
  for (const { key, ...fields } of rows)
    for (const [name, value] of Object.entries(fields))
      if (value !== false) form.append(`p.${key}.${name}`, value === true ? '1' : value)
  return form
}

test('an ARGS_MAP comes back from its form as it was, also what no field says', () => {
  const rows = readRows(formOf(rowsOf(argsMap)))
  const { value, problems } = toArgsMap(rows, argsMap)
  expect(problems).toEqual([])
  expect(value).toEqual(argsMap)
  expect(Object.keys(value)).toEqual(Object.keys(argsMap))
})

test.each([
  ['up:1', ['mode', 'width', 'list', 'flag', 'odd'], null],
  ['up:0', ['width', 'mode', 'list', 'flag', 'odd'], null],
  ['down:0', ['mode', 'width', 'list', 'flag', 'odd'], null],
  ['down:4', ['width', 'mode', 'list', 'flag', 'odd'], null],
  ['remove:4', ['width', 'mode', 'list', 'flag'], '3'],
  ['add', ['width', 'mode', 'list', 'flag', 'odd', ''], '5'],
  ['nonsense:9', ['width', 'mode', 'list', 'flag', 'odd'], null],
])('%s', (act, names, focus) => {
  const changed = changeRows(rowsOf(argsMap), act)
  expect([changed.rows.map(({ name }) => name), changed.focus]).toEqual([names, focus])
})

test.each<[string, Record<string, string>, string, string]>([
  [
    'a bound that is no number',
    { 'p.0.name': 'a', 'p.0.type': 'int', 'p.0.min': 'x' },
    'p-0-min-error',
    'Must be a number',
  ],
  [
    'a choice of nothing',
    { 'p.0.name': 'a', 'p.0.type': 'choice' },
    'p-0-choices-error',
    'Must list at least one value',
  ],
  [
    'a default that does not fit',
    { 'p.0.name': 'a', 'p.0.type': 'int', 'p.0.default': 'x' },
    'p-0-default-error',
    'whole number',
  ],
  [
    'a name twice',
    { 'p.0.name': 'a', 'p.0.type': 'str', 'p.1.name': 'a', 'p.1.type': 'str' },
    'p-0-name-error',
    'Is there twice',
  ],
  ['a name that is none', { 'p.0.name': '1', 'p.0.type': 'str' }, 'p-0-name-error', 'Is not a name'],
])('%s is refused at its field, with what was typed', async (_, fields, id, words) => {
  const answer = await post('/scripts/5/parameters', { act: 'save', ...fields })
  const html = await answer.text()
  expect(answer.status).toBe(422)
  const error = html.slice(html.indexOf(`id="${id}"`))
  expect(error.slice(0, error.indexOf('</p>'))).toContain(words)
  expect(html).toContain(`aria-describedby="${id}"`)
  expect(fakes().schemas.texts.size).toBe(0)
})

test('parameters are saved from the form and as JSON, and given back to the script', async () => {
  const saved = await post('/scripts/5/parameters', { act: 'save', 'p.0.name': 'n', 'p.0.type': 'int', 'p.0.max': '5' })
  expect([saved.status, saved.headers.get('location')]).toEqual([303, '/scripts/5?tab=parameters&done=saved'])
  expect(JSON.parse(fakes().schemas.texts.get(5)!)).toEqual({ n: { type: 'int', max: 5 } })
  fakes().allScripts[4]!.schema_source = 'sidecar'
  const table = await text('/scripts/5?tab=parameters&done=saved')
  for (const part of ['at most 5', 'Sidecar alone', 'The script also says a,', 'Back to the script’s own'])
    expect(table).toContain(part)

  const etag = hidden(await text('/scripts/5?tab=parameters&edit=json'), 'etag')
  const broken = await post('/scripts/5/parameters', { act: 'save-json', etag, text: '{"n": {"type": 5}, }' })
  expect([broken.status, (await broken.text()).includes('line 1, column 20')]).toEqual([422, true])
  const wrong = await post('/scripts/5/parameters', { act: 'save-json', etag, text: '{"n": {"type": 5}}' })
  expect([wrong.status, (await wrong.text()).includes('<code>/n/type</code>')]).toEqual([422, true])
  fakes().schemas.texts.set(5, '{"theirs": {"type": "str"}}')
  const stale = await post('/scripts/5/parameters', { act: 'save-json', etag, text: '{"mine": {"type": "str"}}' })
  const html = await stale.text()
  expect([stale.status, html.includes('Save again to write yours over it')]).toEqual([409, true])
  const again = { act: 'save-json', etag: hidden(html, 'etag'), text: '{"mine": {"type": "str"}}' }
  expect((await post('/scripts/5/parameters', again)).status).toBe(303)
  expect((await post('/scripts/5/parameters', { act: 'reset' })).status).toBe(303)
  expect(fakes().schemas.texts.size).toBe(0)
})

// History

test('runs in the history are of this script, by outcome, and lead on by their ids', async () => {
  for (let i = 0; i < 120; i++)
    fakes().allRuns.push(run(60_000 + i, 3, i % 4 === 0 ? 'failed' : 'success', { queued_at: iso(500 - i) }))
  const rows = (html: string) => [...html.matchAll(/<tr id="run-(\d+)"/g)].map((match) => Number(match[1]))
  const first = await text('/scripts/3?tab=history')
  expect(first).toMatch(/<a href="\/executions\/(\d+)" data-open-row>#[\d,]+<\/a>/) // not the script's name in every row
  expect(rows(first)).toEqual(Array.from({ length: 50 }, (_, i) => 60_119 - i))
  const second = await text('/scripts/3?tab=history&before=60070')
  expect(rows(second)[0]).toBe(60_069)
  expect(second).toContain('tab=history&#38;after=60069'.replace('&#38;', '&amp;'))
  const failed = await text('/scripts/3?tab=history&status=failed')
  expect(rows(failed).every((id) => id % 4 === 0)).toBe(true)
  expect(rows(await text('/scripts/15?tab=history'))).toEqual([])
})

test.each<[string, [string, number | null][], ReturnType<typeof summaryOf>]>([
  ['nothing', [], null],
  ['what a person stopped', [['cancelled', 5]], null],
  ['one', [['success', 7]], { runs: 1, good: 1, medianMs: 7, p95Ms: 7 }],
  [
    'four',
    [
      ['success', 4],
      ['failed', 1],
      ['timeout', 100],
      ['success', 2],
      ['running', null],
    ],
    { runs: 4, good: 2, medianMs: 2, p95Ms: 100 },
  ],
])('a summary of %s', (_, runs, summary) => {
  expect(summaryOf(runs.map(([status, duration_ms]) => ({ status, duration_ms })))).toEqual(summary)
})

// API

test('the language that was chosen last is shown, another one when the address says so', async () => {
  const shownIn = (html: string) =>
    [...html.matchAll(/id="(call-\w+|async-\w+)"(?! hidden)[^>]*>/g)].map((match) => match[1])
  const chosen = await text('/scripts/3?tab=api', { headers: { cookie: 'a=b; call=python' } })
  expect(shownIn(chosen).filter((id) => /-(curl|python|javascript|urllib|php)$/.test(id!))).toEqual([
    'call-python',
    'async-python',
  ])
  const asked = await text('/scripts/3?tab=api&call=php', { headers: { cookie: 'call=python' } })
  expect(asked).toMatch(/id="call-php"(?! hidden)/)
})
