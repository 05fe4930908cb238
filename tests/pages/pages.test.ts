import { beforeEach, expect, test } from 'bun:test'
import { GatewayError } from '../../src/errors.ts'
import { createPages, unknownPage } from '../../src/pages/pages.tsx'
import { asset } from '../../views/assets.ts'
import { inLanguage, type Language } from '../../views/texts.ts'
import { createFake, type Fake, refused } from './fake.ts'

const always = (fake: Fake) => () => fake

let fake: Fake
let get: (path: string, init?: RequestInit) => Promise<Response>

beforeEach(() => {
  fake = createFake()
  const pages = createPages(() => fake)
  get = async (path, init) => pages.handle(new Request(`http://localhost${path}`, init))
})

const text = async (path: string) => (await get(path)).text()
const form = (body: Record<string, string>, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  body: new URLSearchParams(body).toString(),
})
const rowIds = (html: string) => [...html.matchAll(/<tr id="script-(\d+)"/g)].map((match) => Number(match[1]))

test.each([
  ['/', 200, 'resize_images'],
  ['/scripts/3', 200, 'curl -X POST'],
  ['/scripts/resize-images', 200, 'name="width"'],
  ['/scripts/3/execute', 200, 'id="run-form"'],
  ['/scripts/3?tab=code', 200, 'Resize images.'],
  ['/scripts/3?tab=parameters', 200, '--quality'],
  ['/scripts/9', 200, 'This script cannot run'],
  ['/executions', 200, '#48,900'],
  ['/executions/48900', 200, 'harbour.webp'],
  ['/executions/48003', 200, 'UnidentifiedImageError'],
  ['/executions/48900?view=raw', 200, 'market-night'],
  ['/executions/48900/result', 200, '"elapsed_s": 126.04'],
  ['/executions/48900/result.csv', 200, 'name,width,height,size,profile\r\nharbour.webp,2400'],
  ['/settings', 200, 'TIMEOUT_MIN'],
  ['/fragments/scripts?q=backup', 200, 'nightly_backup'],
  ['/fragments/live?ids=3', 200, 'hx-target="#script-3"'],
  ['/fragments/runs/48900', 200, 'hx-target="#run-result"'],
  ['/fragments/runs/48900', 200, '<span id="log-size"> · 95 KiB</span>'],
  ['/fragments/runs/48000', 200, '<span id="log-size"></span>'],
  ['/fragments/executions?ids=48900,1', 200, 'hx-target="#run-48900"'],
  ['/scripts/404', 404, 'There is no such script'],
  ['/executions/404', 404, 'There is no such run'],
  ['/executions/x', 404, 'There is no such run'],
  ['/executions/48003/result', 404, 'no JSON or text result'],
  ['/assets/x/nothing.js', 404, 'no such file'],
] as [string, number, string][])('GET %s answers %d with %j', async (path, status, part) => {
  const response = await get(path)
  expect(response.status).toBe(status)
  expect(await response.text()).toContain(part)
})

test.each(['/', '/scripts/16', '/scripts/3', '/executions/48900', '/executions', '/settings', '/scripts/404'])(
  '%s holds no script or style of its own, and hostile names stay text',
  async (path) => {
    const response = await get(path)
    const html = await response.text()
    expect(response.headers.get('content-security-policy')).toContain("script-src 'self'")
    expect(html).not.toMatch(/<script(?![^>]*\ssrc=)/)
    expect(html).not.toMatch(/\s(style|on[a-z]+)="/)
    expect(html).not.toContain('<img src=x')
    expect(fake.reported).toEqual([])
  },
)

test.each([
  ['', 16],
  ['q=NAS', 1],
  ['q=ops+backup', 1],
  ['state=running', 3],
  ['state=error&state=inactive', 2],
  ['tag=ops', 4],
  ['runtime=js', 5],
  ['q=nothing-like-it', 0],
])('the filter %j leaves %d scripts', async (search, rows) => {
  const html = await text(`/fragments/scripts?${search}`)
  expect(rowIds(html)).toHaveLength(rows)
  if (rows === 0) expect(html).toContain('Clear the filters')
})

test('what runs comes first, then the last run, then what never ran', async () => {
  const ids = rowIds(await text('/'))
  expect(ids.slice(0, 4)).toEqual([5, 2, 1, 3])
  expect(ids.at(-1)).toBe(15)
})

test('the address follows the filters', async () => {
  const response = await get('/fragments/scripts?q=a%26b&state=failing&sort=name')
  expect(response.headers.get('hx-replace-url')).toBe('/?q=a%26b&state=failing&sort=name')
})

test('a thousand scripts are a short page that offers the rest', async () => {
  const many = createPages(always(createFake({ scripts: 1000 })))
  const response = await many.handle(new Request('http://localhost/'))
  const html = await response.text()
  expect(rowIds(html)).toHaveLength(50)
  expect(html).toContain('50 of 1,000 scripts')
  expect(rowIds(await (await many.handle(new Request('http://localhost/?all=1'))).text())).toHaveLength(1000)
})

test('without scripts the page teaches', async () => {
  const empty = createPages(always(createFake({ scripts: 0 })))
  const html = await (await empty.handle(new Request('http://localhost/'))).text()
  expect(html).toContain('--_sys_get_schema')
  expect(html).toContain('scripts_repo/python')
})

test('older and newer lead to the neighbours and back', async () => {
  fake.allRuns.splice(
    0,
    fake.allRuns.length,
    ...Array.from({ length: 120 }, (_, i) => ({ ...fake.allRuns[0]!, id: i + 1 })),
  )
  const seen = (html: string) => [...html.matchAll(/<tr id="run-(\d+)"/g)].map((match) => Number(match[1]))
  const first = await text('/executions')
  expect([seen(first)[0], seen(first).at(-1)]).toEqual([120, 71])
  expect(first).toContain('before=71')
  expect(first).not.toContain('after=')
  const last = await text('/executions?before=21')
  expect([seen(last)[0], seen(last).at(-1)]).toEqual([20, 1])
  expect(last).not.toContain('before=1"')
  const back = await text('/executions?after=20')
  expect([seen(back)[0], seen(back).at(-1)]).toEqual([70, 21])
})

test('a posted form leads to its run', async () => {
  const response = await get('/scripts/3/execute', form({ width: '100' }))
  expect(response.status).toBe(303)
  expect(response.headers.get('location')).toMatch(/^\/executions\/\d+$/)
})

test('a refused form comes back with its values and messages', async () => {
  fake.submit = () =>
    Promise.reject(refused([{ path: '/width', message: 'must be at most 8000' }], { width: '24000', strip: ['false'] }))
  const response = await get('/scripts/3/execute', form({ width: '24000' }))
  const html = await response.text()
  expect(response.status).toBe(422)
  expect(html).toContain('value="24000"')
  expect(html).toContain('Must be at most 8000')
  expect(html).not.toContain('id="form-message"')
})

test.each([
  [new GatewayError('busy', 'The queue is full.', { headers: { 'retry-after': '5' } }), 429, 'The queue is full.'],
  [new GatewayError('conflict', 'The script is inactive.'), 409, 'The script is inactive.'],
  [new Error('secret detail'), 500, 'The gateway made a mistake'],
  [Object.assign(new Error('secret detail'), { code: 'ENOSPC' }), 507, 'disk is full: make room'],
])('when a run cannot start (%s) the page is %d and says why', async (error, status, part) => {
  fake.submit = () => Promise.reject(error)
  const response = await get('/scripts/3/execute', form({}))
  expect(response.status).toBe(status)
  const html = await response.text()
  expect(html).toContain(part)
  expect(html).not.toContain('secret detail')
})

test.each([
  [{ 'sec-fetch-site': 'cross-site' }, 403],
  [{ 'sec-fetch-site': 'same-site' }, 403],
  [{ origin: 'http://evil.example', host: 'localhost' }, 403],
  [{ origin: 'null' }, 403],
  [{ 'sec-fetch-site': 'same-origin' }, 303],
  [{ origin: 'http://localhost', host: 'localhost' }, 303],
  [{}, 303],
] as [Record<string, string>, number][])('a post with %j is answered %d', async (headers, status) => {
  for (const path of ['/scripts/3/execute', '/scripts/3/schema', '/executions/48000/cancel', '/settings'])
    expect((await get(path, form({ ...(path.endsWith('schema') && { use: 'script' }) }, headers))).status).toBe(status)
})

test.each(['script', 'sidecar'] as const)('where script and sidecar differ, one may choose the %s', async (use) => {
  fake.allScripts[2]!.schema_differs = true
  const page = await text('/scripts/3')
  expect(page).toContain('action="/scripts/3/schema"')
  expect(page).toContain(`name="use" value="${use}"`)
  const response = await get('/scripts/resize-images/schema', form({ use }))
  expect([response.status, response.headers.get('location')]).toEqual([303, '/scripts/3'])
  expect(fake.chosen).toEqual([[3, use]])
  expect(await text('/scripts/3')).not.toContain('/scripts/3/schema')
})

test.each([
  ['/scripts/3/schema', { use: 'both' }, 422],
  ['/scripts/404/schema', { use: 'script' }, 404],
] as [string, Record<string, string>, number][])('%s with %j chooses nothing: %d', async (path, body, status) => {
  expect((await get(path, form(body))).status).toBe(status)
  expect(fake.chosen).toEqual([])
})

test('a script whose schema cannot be read is not said to take nothing, nor to be started by its form', async () => {
  const broken = fake.allScripts[8]!
  broken.params = {}
  fake.runs.list = () => ({ items: [], total: 0 })
  const pages = [await text('/scripts/9'), await text('/scripts/9?tab=parameters')].join()
  for (const part of ['takes no parameters', 'takes none', 'starts its first run']) expect(pages).not.toContain(part)
  expect(pages).toContain('not known until its schema can be read')
  expect(pages).toContain('It has not run yet.')
})

test.each([
  ['GET', '/nowhere', 'text/html,*/*;q=0.8', 404],
  ['HEAD', '/scripts', 'text/html', 404],
  ['GET', '/apis', 'text/html', 404],
  ['GET', '/nowhere', '*/*', null],
  ['GET', '/nowhere', 'application/json', null],
  ['POST', '/nowhere', 'text/html', null],
  ['GET', '/api/nowhere', 'text/html', null],
  ['GET', '/static/a.png', 'text/html', null],
  ['GET', '/assets/a.css', 'text/html', null],
  ['GET', '/ws', 'text/html', null],
] as [string, string, string, number | null][])(
  'for %s %s, accepting %s, the page is %p',
  (method, path, accept, status) => {
    const page = unknownPage(new Request(`http://localhost${path}`, { method, headers: { accept } }))
    expect(page?.status ?? null).toBe(status)
    if (page) expect(page.headers.get('content-type')).toStartWith('text/html')
  },
)

test('stopping a run leads to its page, also when it is over by then', async () => {
  for (let i = 0; i < 2; i++) {
    const response = await get('/executions/48000/cancel', form({}))
    expect(response.headers.get('location')).toBe('/executions/48000')
  }
  expect(fake.runs.get(48_000)?.status).toBe('cancelled')
})

test('settings: only what differs is stored, and a wrong value changes nothing', async () => {
  const saved = await get(
    '/settings',
    form({ timeout_min: '20', kill_grace_sec: '3', base_url: 'https://gateway.example' }),
  )
  expect(saved.headers.get('location')).toMatch(/^\/settings\?saved=[\da-f-]{13}$/)
  const sources = Object.fromEntries(fake.settings.list().map(({ name, source }) => [name, source]))
  expect([sources.timeout_min, sources.kill_grace_sec, sources.base_url]).toEqual([
    'database',
    'default',
    'environment',
  ])

  const wrong = await get('/settings', form({ timeout_min: '-1', run_slots: '4' }))
  expect(wrong.status).toBe(422)
  const html = await wrong.text()
  expect(html).toContain('Must be at least 0.001')
  expect(html).toContain('value="-1"')
  expect(fake.settings.list().find(({ name }) => name === 'run_slots')?.source).toBe('default')

  await get('/settings', form({ timeout_min: '20', 'reset:timeout_min': '1' }))
  expect(fake.settings.list().find(({ name }) => name === 'timeout_min')?.value).toBe(10)
})

test.each([
  ['app.css', 'text/css; charset=utf-8'],
  ['icons.svg', 'image/svg+xml; charset=utf-8'],
  ['js/log.js', 'text/javascript; charset=utf-8'],
  ['js/main.js', 'text/javascript; charset=utf-8'],
])('the asset %s is kept for ever, and compressed when asked', async (path, type) => {
  const plain = await get(asset(path))
  expect(plain.headers.get('content-type')).toBe(type)
  expect(plain.headers.get('cache-control')).toContain('immutable')
  const small = await get(asset(path), { headers: { 'accept-encoding': 'gzip, br' } })
  expect(small.headers.get('content-encoding')).toBe('br')
  expect((await small.arrayBuffer()).byteLength).toBeLessThan((await plain.arrayBuffer()).byteLength / 2)
  expect((await get(`/assets/old/${path}`)).headers.get('cache-control')).toBe('no-cache')
})

test('the sheet is one file, its parts in their layers', async () => {
  const css = await text(asset('app.css'))
  expect(css).toStartWith('@layer tokens,base,parts,states;')
  expect(css).not.toContain('@import')
  expect(css).toContain('.log-panel')
})

test('a sheet and scripts are sent without comments, what is between quotes as it was', async () => {
  expect(await text(asset('app.css'))).toContain('.crumbs li + li::before{content:"/";margin-right:var(--s1)')
  expect(await text(asset('app.css'))).not.toMatch(/\/\*|\n|;}| \{/)
  for (const [path, word] of [
    ['theme', 'Storage may be'],
    ['main', 'Waits in here'],
    ['log', '/** '],
  ] as const) {
    expect(await Bun.file(`public/js/${path}.js`).text()).toContain(word)
    expect(await text(asset(`js/${path}.js`))).not.toContain(word)
  }
})

test('a first visit takes no more than 90 KB of a line', async () => {
  const paths = ['app.css', 'icons.svg', 'favicon.svg', 'js/theme.js', 'js/main.js', 'js/log.js', 'js/new-script.js']
  let bytes = 0
  for (const path of paths) {
    const sent = await get(asset(path), { headers: { 'accept-encoding': 'br' } })
    bytes += (await sent.arrayBuffer()).byteLength
  }
  expect(bytes).toBeLessThan(90_000)
})

test('the script of a page is one file, and those that it asks for later have all else from there', async () => {
  const found = new Map<string, [how: string, path: string][]>([['js/main.js', []]])
  for (const [path, imports] of found)
    for (const [, how, name] of (await text(asset(path))).matchAll(/\b(from|import\()"(\.{1,2}\/[^"]+)"/g)) {
      const other = new URL(name!, `http://x/${path}`).pathname.slice(1)
      imports.push([how!, other])
      found.set(other, found.get(other) ?? [])
    }
  expect(found.size).toBeGreaterThan(12)
  for (const path of found.keys()) expect([path, (await get(asset(path))).status]).toEqual([path, 200])
  const atOnce = [...found].flatMap(([file, imports]) =>
    imports.flatMap(([how, to]) => (how === 'from' ? [[file, to]] : [])),
  )
  expect(new Set(atOnce.map(([, to]) => to))).toEqual(new Set(['js/main.js', 'js/editor/snippets.js']))
  expect(atOnce.map(([file]) => file)).not.toContain('js/main.js')
})

test.each<[string, Language, string[]]>([
  ['/', 'en', []],
  ['/executions/48900', 'en', ['js/log.js']],
  ['/', 'zh-CN', ['js/texts-zh.js']],
  ['/executions/48900', 'zh-CN', ['js/texts-zh.js', 'js/log.js']],
])('%s in %s names what its script waits for, and nothing else', async (path, language, named) => {
  const html = await inLanguage(language, () => text(path))
  const preloaded = [...html.matchAll(/<link rel="modulepreload" href="([^"]+)"/g)].map(([, address]) => address!)
  expect(preloaded).toEqual(named.map(asset))
})

test('every file that a page names is there', async () => {
  for (const path of ['/', '/executions/48900', '/scripts/3'])
    for (const [, address] of (await text(path)).matchAll(/(?:src|href)="(\/assets\/[^"#]+)/g))
      expect((await get(address!)).status).toBe(200)
})
