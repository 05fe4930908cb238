import { beforeEach, expect, test } from 'bun:test'
import { createPages } from '../../src/pages/pages.tsx'
import type { RunQuery } from '../../src/runs/search.ts'
import { createFake, type Fake } from './fake.ts'
import { callerWith } from './fake-access.ts'
import { epoch, iso } from './samples.ts'

let fake: Fake
let get: (path: string, init?: RequestInit) => Promise<Response>
beforeEach(() => {
  fake = createFake()
  const pages = createPages(() => fake)
  get = async (path, init) => pages.handle(new Request(`http://localhost${path}`, init))
})

const text = async (path: string) => (await get(path)).text()
const rowIds = (html: string) => [...html.matchAll(/<tr id="run-(\d+)"/g)].map(([, id]) => Number(id))
const post = (path: string, fields: [string, string][]) =>
  get(path, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fields).toString(),
  })
/** What the page asked the history. */
async function asked(search: string): Promise<RunQuery> {
  let query: RunQuery | undefined
  const real = fake.runs.search
  fake.runs.search = (one, options) => {
    query = one
    return real(one, options)
  }
  await get(`/executions?${search}`)
  fake.runs.search = real
  return query!
}

const hour = 3_600_000
const nothing = { order: 'newest', isLastAttempt: true, statuses: [], scriptId: undefined, trigger: undefined }

test.each<[string, Partial<RunQuery>]>([
  ['', {}],
  [
    'script_id=3&status=failed&status=killed&trigger=api&user=anna',
    { scriptId: 3, statuses: ['failed', 'killed'], trigger: 'api', askedBy: 'anna' },
  ],
  ['range=7d&sort=longest', { from: epoch - 168 * hour, order: 'longest' }],
  [
    'range=between&from=2026-11-20T10:00&to=2026-11-20T11:30',
    { from: Date.UTC(2026, 10, 20, 10), to: Date.UTC(2026, 10, 20, 11, 30, 59, 999) },
  ],
  ['range=between', { from: undefined, to: undefined }],
  ['q=backup', { text: { q: 'backup', scriptIds: [1] } }],
  ['script_id=x&status=nonsense&trigger=%22&range=1y&sort=shortest&before=-1', {}],
])('the address %j asks for what it says', async (search, expected) => {
  expect(await asked(search)).toMatchObject({ ...nothing, ...expected } as never)
})

test.each([
  ['newest', '', [120, 119], 'before=71'],
  ['oldest', 'sort=oldest', [1, 2], 'before=50'],
  ['longest', 'sort=longest', [120, 119], 'before=71000-71'],
])('pages of the %s first keep the filters, lead on and back', async (_, search, first, next) => {
  const one = fake.allRuns[0]!
  fake.allRuns.splice(
    0,
    fake.allRuns.length,
    ...Array.from({ length: 120 }, (_, i) => ({ ...one, id: i + 1, duration_ms: (i + 1) * 1000 })),
  )
  const html = await text(`/executions?${search}`)
  expect(rowIds(html).slice(0, 2)).toEqual(first)
  expect(rowIds(html)).toHaveLength(50)
  expect(html).toContain(next)
  const second = await text(`/executions?${search}&${next}`)
  expect(rowIds(second)[0]).not.toBe(first[0]!)
  const back = /href="([^"]*after=[^"]*)"/.exec(second)![1]!.replaceAll('&amp;', '&')
  expect(rowIds(await text(back))).toEqual(rowIds(html))
})

test('what time was up for is said, and leads on: by itself, and as a link', async () => {
  fake.runs.search = () => ({ items: [fake.runs.get(48_003)!], next: { id: 48_002 }, isPartial: true })
  const html = await text('/executions?q=rare')
  const further = /id="further"[^>]*hx-get="([^"]*)"/.exec(html)![1]!.replaceAll('&amp;', '&')
  expect(further).toBe('/fragments/executions/further?q=rare&before=48002&found=1')
  expect(html).toContain('href="/executions?q=rare&amp;before=48002"')
  expect(html).toMatch(/Looked as far as run <b>#48,002<\/b>, <span>2026-11-21/)
  fake.runs.search = (_, { count }) => {
    expect(count).toBe(49)
    return { items: [fake.runs.get(48_001)!], next: null, isPartial: false }
  }
  const more = await text(further)
  expect(more).toContain('hx-target="#runs-body" hx-swap="beforeend"')
  expect(rowIds(more)).toEqual([48_001])
  expect(more).toContain('<div id="further" hidden')
})

test('a number leads to its run; nothing found offers to clear the filters', async () => {
  expect(await text('/executions?q=%2348,003')).toMatch(/class="panel numbered" href="\/executions\/48003"/)
  const html = await text('/executions?q=nowhere&sort=oldest')
  expect(html).toContain('Nothing matches')
  expect(html).toContain('href="/executions?sort=oldest"')
})

test('charts say their numbers in words and as tables; of one script also how long it took over time', async () => {
  const html = await text('/executions')
  expect(html).toMatch(/Runs by outcome: 1,\d+ Success, \d+ Failed/)
  expect(html).toContain('href="/executions?script_id=9"')
  expect(html).toMatch(/<td class="n">1:01<\/td>/)
  const one = await text('/executions?script_id=3&range=7d')
  expect(one).toContain('Duration over time: half of the runs took up to 1:01')
  expect(one).toMatch(/<path class="p50" d="M[\d. MLh]+"/)
  expect(one).not.toContain('other filters aside')
  expect(await text('/executions?status=failed')).toContain('Last 24 hours · other filters aside')
})

test('what has arrived since is counted with the filters of the address', async () => {
  const late = { ...fake.runs.get(48_003)!, started_at: iso(0) }
  fake.allRuns.push({ ...late, id: 49_001, script_id: 3 }, { ...late, id: 49_002, script_id: 4 })
  const fragment = await text('/fragments/executions?ids=48003&longest=1000&since=48900&script_id=3')
  expect(fragment).toContain('1 new run')
  expect(fragment).not.toMatch(/id="arrivals" hidden/)
  expect(rowIds(fragment)).toEqual([48_003])
  expect(await text('/fragments/executions?ids=48003')).not.toContain('type="checkbox"')
})

const ids = (...numbers: number[]) => numbers.map((id): [string, string] => ['run', String(id)])

test('what does harm is asked first, and says what goes', async () => {
  const response = await post('/executions/batch?status=failed', [['act', 'delete'], ...ids(48_003, 48_000, 1)])
  const html = await response.text()
  expect(html).toContain('Delete 2 runs?')
  expect(html).toContain('action="/executions/batch?status=failed"')
  expect(fake.batches).toEqual([])
  const done = await (
    await post('/executions/batch', [['act', 'delete'], ['confirmed', 'yes'], ...ids(48_003, 48_000, 48_003)])
  ).text()
  expect(fake.batches).toEqual([['delete', [48_003, 48_000]]])
  expect(done).toContain('1 run is deleted.')
  expect(done).toContain('Run 48000 has not ended: cancel it first.')
  expect(rowIds(done)).not.toContain(48_003)

  expect(done).toContain('action="/executions/restore"')
  expect(done).toContain('name="runs" value="48003"')
  const back = await (await post('/executions/restore?status=failed', [['runs', '48003,48003,1']])).text()
  expect(back).toContain('1 run is back.')
  expect(back).toContain('Run 1 cannot be brought back')
  expect(back).not.toContain('action="/executions/restore')
  expect(await text('/executions')).toContain('id="run-48003"')
})

test('run again goes to the new run, or tells of the new ones', async () => {
  const one = await post('/executions/batch', [['act', 'rerun'], ['go', 'run'], ...ids(48_003)])
  expect([one.status, one.headers.get('location')]).toEqual([303, '/executions/49003'])
  const many = await (await post('/executions/batch', [['act', 'rerun'], ...ids(48_003, 48_008)])).text()
  expect(many).toContain('2 runs were started again.')
  expect(many).toContain('href="/executions/49008"')
  expect(await (await post('/executions/batch', [['act', 'rerun']])).text()).toContain('No run was selected.')
})

test.each([
  ['a viewer', 'viewer', [], ['name="run"', 'id="bulk"', 'value="rerun"', 'value="delete"']],
  ['an operator', 'operator', ['name="run"', 'value="rerun"', 'value="cancel"'], ['value="delete"']],
  ['an editor', 'editor', ['value="delete"'], []],
] as const)('%s is offered what they may do', async (_, role, there, missing) => {
  fake.viewer = callerWith(role)
  const html = await text('/executions')
  for (const part of there) expect(html).toContain(part)
  for (const part of missing) expect(html).not.toContain(part)
})
