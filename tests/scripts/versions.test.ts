/** Every content that a script's file has had: kept whoever wrote it, compared, and put back. */
import { afterAll, expect, test } from 'bun:test'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createApp } from '../../src/app.ts'
import { systemClock } from '../../src/clock.ts'
import { openDatabase } from '../../src/db/open.ts'
import { silentLog } from '../../src/log.ts'
import type { Script } from '../../src/scripts/model.ts'
import { createVersions, type Version } from '../../src/scripts/versions.ts'
import { countLines, diffLines } from '../../src/scripts/versions-diff.ts'
import { createVersionStore } from '../../src/scripts/versions-store.ts'
import { startApp } from '../harness/app.ts'
import { eventually, tempFolder } from '../harness/folder.ts'
import { type ApiError, createApi } from './api.ts'

/** A sidecar says what it takes, so that nothing is started to ask. */
const script = (...lines: string[]) =>
  ['import sys', ...lines, 'if __name__ == "__main__":', '    print(sys.argv)', ''].join('\n')
const told = (name: string, content: string) => ({
  [`python/${name}.py`]: content,
  [`python/.${name}._map.json`]: '{}',
})

const app = await startApp(
  { ...told('first', script('a = 1')), ...told('short', script()), ...told('gone', script('only = "gone"')) },
  { versions_max: 4, scan_interval_sec: 3600 },
)
const api = createApi(app)

interface Page {
  items: Version[]
  total: number
}

const list = async (id: number | string, query = '') =>
  (await app.json<Page>(`/api/scripts/${id}/versions${query}`)).body
const versionsOf = (id: number | string, n: number) =>
  eventually(`${id} has ${n} versions`, async () => {
    const page = await list(id)
    return page.total === n ? page.items : undefined
  })
const text = async (id: number | string, version: number) =>
  (await app.fetch(`/api/scripts/${id}/versions/${version}/content`)).text()
const restore = (id: number | string, version: number | string, ifMatch: string | null) =>
  app.json<Script & ApiError>(`/api/scripts/${id}/versions/${version}/restore`, {
    ...{ method: 'POST', headers: ifMatch === null ? {} : { 'if-match': ifMatch } },
  })
const facts = ({ version, how, by, lines_added, lines_removed, is_current }: Version) => [
  ...[version, how, by, lines_added, lines_removed, is_current],
]

test('each way to a new content is a version that says who, how, and how much changed', async () => {
  const made = (
    await api.create({ filename: 'ways.js', runtime: 'js', content: 'export default function main() {}\n' })
  ).body
  const { id } = made
  await api.put(id, 'export default function main() {}\n// two\n// three\n', await api.etagOf(id))
  await api.upload({ 'ways.js': 'export default function main() {}\n// 2\n' }, { overwrite: '1' })
  await app.drop('js/ways.js', 'export default function main() {}\n// by hand\n')
  const items = await versionsOf(id, 4)
  const by = items[1]!.by
  expect(by).toBeString()
  expect(items.map(facts)).toEqual([
    [4, 'disk', null, 1, 1, true],
    [3, 'uploaded', by, 1, 2, false],
    [2, 'saved', by, 2, 0, false],
    [1, 'created', by, 1, 0, false],
  ])
  expect(await text(id, 2)).toBe('export default function main() {}\n// two\n// three\n')
})

test('a folder that was there before has its first versions, soon after the start', async () => {
  const [first] = await versionsOf('first', 1)
  expect(first).toMatchObject({ version: 1, how: 'disk', by: null, lines_added: 4, is_current: true })
  expect(await text('first', 1)).toBe(script('a = 1'))
})

test('the same content again is no version, and one that comes back is', async () => {
  await api.put('first', script('a = 1'), '*')
  expect((await list('first')).total).toBe(1)
  await api.put('first', script('a = 2'), '*')
  await api.put('first', script('a = 1'), '*')
  expect((await list('first')).items.map(({ version }) => version)).toEqual([3, 2, 1])
})

test('what was changed on the disk, and never scanned, is kept before it is written over', async () => {
  writeFileSync(join(app.scriptsDir, 'python/short.py'), script('# by hand'))
  await api.put('short', script('# saved'), '*')
  const { items } = await list('short')
  expect(items.slice(0, 2).map(({ how }) => how)).toEqual(['saved', 'disk'])
  expect(await text('short', items[1]!.version)).toBe(script('# by hand'))
})

test('a restore writes an old version as a new one, unless the file is another one by now', async () => {
  const etag = await api.etagOf('short')
  const stale = await restore('short', 1, '"0123"')
  expect([stale.status, stale.body.error.type, stale.headers.get('etag')]).toEqual([409, 'conflict', etag])
  expect((await restore('short', 1, null)).status).toBe(409)
  expect((await restore('short', 99, '*')).status).toBe(404)
  expect((await restore('short', '1.5', '*')).status).toBe(422)
  const { status, body, headers } = await restore('short', 1, etag)
  const [newest] = (await list('short')).items
  expect([status, headers.get('etag')]).toEqual([200, `"${body.content_hash}"`])
  expect(newest).toMatchObject({ how: 'restored', restored_from: 1, content_hash: body.content_hash, is_current: true })
  expect(await api.text('short')).toBe(script())
})

test('the oldest go over versions_max; numbers are never given twice', async () => {
  for (let n = 0; n < 4; n++) await api.put('short', script(`n = ${n}`), '*')
  const { items, total } = await list('short')
  expect([total, items.length]).toEqual([4, 4])
  expect(items.map(({ version }) => version)).toEqual([8, 7, 6, 5])
  expect((await app.json<ApiError>('/api/scripts/short/versions/1')).status).toBe(404)
  expect((await list('short', '?page=2&page_size=3')).items.map(({ version }) => version)).toEqual([5])
})

test('a script that vanishes keeps its versions, and one brings its file back; one that is deleted takes them along', async () => {
  const { id } = (await api.get('gone')).body
  await versionsOf(id, 1)
  rmSync(join(app.scriptsDir, 'python/gone.py'))
  await app.json('/api/scripts/scan', { method: 'POST' })
  expect((await list(id)).items.map(facts)).toEqual([[1, 'disk', null, 4, 0, false]])
  expect((await restore(id, 1, '*')).body.state).toBe('active')
  expect((await list(id)).items.map(facts)).toEqual([[1, 'disk', null, 4, 0, true]])
  await api.delete(id)
  expect((await app.json(`/api/scripts/${id}/versions`)).status).toBe(404)
  const database = openDatabase(join(app.dataDir, 'gateway.db'))
  const kept = database.$client.query(
    'SELECT count(*) AS n FROM script_contents WHERE hash NOT IN (SELECT hash FROM script_versions)',
  )
  const versions = database.$client.query('SELECT count(*) AS n FROM script_versions WHERE script_id = ?')
  expect([kept.get(), versions.get(id)]).toEqual([{ n: 0 }, { n: 0 }])
  database.$client.close()
})

test('what is no script by its size or encoding is no version', async () => {
  await api.create({ filename: 'odd.py', content: script() })
  writeFileSync(join(app.scriptsDir, 'python/odd.py'), new Uint8Array([0x23, 0xff, 0xfe]))
  await app.json('/api/scripts/scan', { method: 'POST' })
  expect((await list('odd')).items.map(({ how }) => how)).toEqual(['created'])
})

test('an entity tag of a version spares its content', async () => {
  const response = await app.fetch('/api/scripts/first/versions/1/content')
  const etag = response.headers.get('etag')!
  const again = await app.fetch('/api/scripts/first/versions/1/content', { headers: { 'if-none-match': etag } })
  expect([response.headers.get('content-type'), again.status]).toEqual(['text/plain; charset=utf-8', 304])
})

test('a scan that read the file before somebody saved it has old news', () => {
  const database = openDatabase(':memory:')
  const store = createVersionStore(database)
  database.$client.run(
    "INSERT INTO scripts (id, runtime, filename, slug, created_at, updated_at) VALUES (1, 'python', 'x.py', 'x', 0, 0)",
  )
  const catalog = { get: () => undefined }
  const versions = createVersions({ store, catalog, setting: () => 100 as never, clock: systemClock, log: silentLog() })
  afterAll(() => versions.close())
  const bytes = (content: string) => new TextEncoder().encode(content)
  const anna = { how: 'saved' as const, by: 'anna' }
  const started = performance.now()
  versions.save(1, bytes('a'), anna)
  const before = performance.now()
  versions.save(1, bytes('b'), anna)
  versions.seen({ id: 1, bytes: bytes('a'), sinceMs: before })
  expect(versions.list(1, { limit: 9, offset: 0 }).items.map(({ how }) => how)).toEqual(['saved', 'saved'])
  versions.seen({ id: 1, bytes: bytes('c'), sinceMs: performance.now() })
  versions.save(1, bytes('c'), anna, started) // whose file the scan had seen at once
  expect(versions.list(1, { limit: 9, offset: 0 }).items.map(({ by }) => by)).toEqual(['anna', 'anna', 'anna'])
})

const numbered = (n: number, from = 0) => Array.from({ length: n }, (_, i) => `line ${from + i}`).join('\n')

test.each<[string, string, string, ReturnType<typeof countLines>]>([
  ['nothing', 'a\nb\n', 'a\nb\n', { added: 0, removed: 0 }],
  ['the first text', '', 'a\nb\n', { added: 2, removed: 0 }],
  ['a line in the middle', 'a\nb\nc\n', 'a\nx\nc\n', { added: 1, removed: 1 }],
  ['a line that moved', 'a\nb\nc\n', 'b\nc\na\n', { added: 1, removed: 1 }],
  ['all of it', numbered(500), numbered(500, 1000), { added: 500, removed: 500 }],
  ['ends of lines', 'a\r\nb\r\n', 'a\nb\n', { added: 2, removed: 2 }],
])('counted: %s', (_, before, after, expected) => {
  expect(countLines(before, after)).toEqual(expected)
})

test('stretches are in order, and together both texts', () => {
  const [before, after] = [`${numbered(9)}\nx\n${numbered(3, 20)}`, `${numbered(7)}\ny\nz\n${numbered(3, 20)}\nend`]
  const stretches = diffLines(before, after)!
  const side = (which: 'removed' | 'added') =>
    stretches.flatMap((one) => (one.kind === 'same' ? one.lines : one[which])).join('\n')
  expect([side('removed'), side('added')]).toEqual([before, after])
})

test('texts that differ too much are not compared for ever', () => {
  const mixed = (n: number, step: number) => Array.from({ length: n }, (_, i) => `${(i * step) % n}`).join('\n')
  expect(diffLines(mixed(5000, 7), mixed(5000, 4999), 0)).toBeNull()
})

test('so many lines that to take them apart would keep everybody waiting are not compared', () => {
  const long = '\n'.repeat(100_001)
  expect([diffLines(long, 'a'), diffLines('a', long), countLines('', long)]).toEqual([null, null, null])
  expect(countLines('', long.slice(1))).toEqual({ added: 100_000, removed: 0 })
})

test('a gateway of before, whose scripts have none, gives each its first one', async () => {
  const folder = tempFolder()
  const scriptsDir = join(folder, 'scripts')
  mkdirSync(join(scriptsDir, 'python'), { recursive: true })
  for (const [path, content] of Object.entries(told('old', script('old = 1'))))
    writeFileSync(join(scriptsDir, path), content)
  const start = () =>
    createApp({ environment: { auth: 'off' }, dataDir: join(folder, 'data'), scriptsDir }, { log: silentLog() })
  const before = await start()
  await before.ready
  await before.close(0)
  const database = openDatabase(join(folder, 'data/gateway.db'))
  database.$client.run('DELETE FROM script_versions')
  database.$client.close()
  const after = await start()
  await after.ready
  const first = await eventually('its first version', async () => {
    const response = await after.handle(new Request('http://localhost/api/scripts/old/versions'))
    return ((await response.json()) as Page).items[0]
  })
  expect(first).toMatchObject({ version: 1, how: 'disk', is_current: true })
  await after.close(0)
})
