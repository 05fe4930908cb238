/** A script out of one gateway and into another: byte for byte, and nothing that its bringer could not do by hand. */
import { expect, test } from 'bun:test'
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ScriptManifest } from '../../src/backup/script-model.ts'
import type { ImportedSchedule } from '../../src/backup/script-schedules.ts'
import type { Schedule } from '../../src/schedules/view-model.ts'
import type { Script } from '../../src/scripts/model.ts'
import { type Item, tarGz } from '../files/hostile-tar.ts'
import { pythonScript, startApp } from '../harness/app.ts'
import { tempFolder } from '../harness/folder.ts'
import { type ApiError, jsonInit } from '../scripts/api.ts'
import { treeOf } from './lab.ts'

const report = pythonScript({ n: { type: 'int', default: 1 } }, 'print("ä")')
const sidecar = `${JSON.stringify({ n: { flag: '--n', type: 'int', default: 1, help: 'by hand' } }, null, 2)}\n`
const policy = '{"limits": {"timeout_min": 5}}\n'
const files = {
  'python/report.py': report,
  'python/.report._map.json': sidecar,
  'python/.report.policy.json': policy,
  'python/report_requirements.txt': 'requests>=2\n',
  'python/report_requirements.lock': 'requests==2.0\n',
  'python/other.py': report,
  'python/billing/run.py': report,
  'python/billing/_helper.py': 'X = 1\n',
  'python/billing/requirements.txt': 'rich\n',
  'python/billing/requirements.lock': 'rich==1\n',
  'python/billing/sub/data.bin': 'a\u0001b',
  'python/billing/.env': 'SECRET=1\n',
  'python/billing/__pycache__/x.pyc': 'x',
}
const timed = pythonScript({ n: { type: 'int', default: 1 }, pin: { type: 'str', required: true, secret: true } }, '')
const from = await startApp({ ...files, 'python/timed.py': timed })
symlinkSync('/etc/hostname', join(from.scriptsDir, 'python/billing/link.txt'))
const to = await startApp({ 'python/there.py': report })

const put = (path: string, body: unknown) => from.fetch(path, jsonInit('PUT', body))
await put('/api/scripts/report/variables/PLAIN', { value: 'plain value' })
await put('/api/scripts/report/variables/TOKEN', { value: 'a-secret-value', secret: true })
await put('/api/variables/SHARED', { value: "everybody's" })
await from.fetch('/api/scripts/report', jsonInit('PATCH', { alias: 'Report ä', tags: ['money'], state: 'inactive' }))

async function exportOf(path: string) {
  const response = await from.fetch(path)
  expect(response.status).toBe(200)
  return { bytes: await response.bytes(), name: response.headers.get('content-disposition') ?? '' }
}

interface Answer extends ApiError {
  schedules: ImportedSchedule[]
  items: Script[]
  files: string[]
  secrets: { script_id: number; names: string[] }[]
}

function importInto(app: typeof to, bytes: Uint8Array, query = '') {
  const form = new FormData()
  form.append('file', new File([bytes as Uint8Array<ArrayBuffer>], 'x.tar.gz'))
  return app.json<Answer>(`/api/scripts/import${query}`, { method: 'POST', body: form })
}

const leftovers = (app: typeof to) =>
  readdirSync(join(app.dataDir, 'tmp')).filter((name) => /^(import|export)-/.test(name))

test('a script arrives byte for byte with what was said about it; secrets by name alone', async () => {
  const { bytes, name } = await exportOf('/api/scripts/report/export')
  expect(name).toStartWith('attachment; filename="report.scriptgateway.tar.gz"')
  expect(Buffer.from(Bun.gunzipSync(bytes as Uint8Array<ArrayBuffer>)).includes('a-secret-value')).toBeFalse()
  const { status, body } = await importInto(to, bytes)
  expect<unknown>(body.error?.message ?? status).toBe(201)
  expect(body.files.toSorted()).toEqual(Object.keys(files).slice(0, 5).toSorted())
  for (const path of body.files)
    expect(readFileSync(join(to.scriptsDir, path), 'utf8')).toBe(files[path as keyof typeof files])
  const [script] = body.items
  expect(script).toMatchObject({ filename: 'report.py', alias: 'Report ä', tags: ['money'], state: 'inactive' })
  expect(script).toMatchObject({ policy: { limits: { timeout_min: 5 } }, params: { n: { help: 'by hand' } } })
  expect(body.secrets).toEqual([{ script_id: script!.id, names: ['TOKEN'] }])
  const { body: variables } = await to.json<{ items: { name: string; value: string }[] }>(
    `/api/scripts/${script!.id}/variables`,
  )
  expect(variables.items.map(({ name, value }) => [name, value])).toEqual([['PLAIN', 'plain value']])
  expect([leftovers(from), leftovers(to)]).toEqual([[], []])
})

test('what is there is replaced only when that is asked for; its secrets stay', async () => {
  const { bytes } = await exportOf('/api/scripts/report/export')
  writeFileSync(join(to.scriptsDir, 'python/report.py'), `${report}# changed\n`)
  const before = treeOf(to.scriptsDir)
  const refused = await importInto(to, bytes)
  expect([refused.status, treeOf(to.scriptsDir)]).toEqual([409, before])
  await to.fetch('/api/scripts/report/variables/TOKEN', jsonInit('PUT', { value: 'another-secret', secret: true }))
  const { status, body } = await importInto(to, bytes, '?overwrite=1')
  expect([status, body.secrets]).toEqual([201, []])
  expect(readFileSync(join(to.scriptsDir, 'python/report.py'), 'utf8')).toBe(report)
})

test('schedules come along without their secrets: one that lacks a parameter waits until it has it', async () => {
  const heartbeat_url = 'https://hc.example/a-secret-address'
  const every = { timezone: 'Europe/Berlin', misfire: 'all', misfire_max: 3, overlap: 'queue', retry: { count: 2 } }
  const sent = [
    { ...every, cron_expression: '30 9 * * 1-5', params: { n: 7, pin: 'a-secret-pin' }, heartbeat_url },
    { ...every, cron_expression: '@monthly', params: { n: 8, pin: 'a-secret-pin' }, enabled: false, jitter_sec: 9 },
  ]
  for (const one of sent) {
    const made = await from.fetch('/api/scripts/timed/schedules', jsonInit('POST', one))
    expect(made.status).toBe(201)
  }
  await from.fetch('/api/scripts/other/schedules', jsonInit('POST', { cron_expression: 'every 40 minutes' }))
  await from.fetch(
    '/api/scripts/other/schedules',
    jsonInit('POST', { cron_expression: '@daily', description: 'Tells', heartbeat_url }),
  )
  const { bytes } = await exportOf('/api/scripts/timed/export')
  expect(Buffer.from(Bun.gunzipSync(bytes as Uint8Array<ArrayBuffer>)).includes('a-secret-')).toBeFalse()
  const { body } = await importInto(to, bytes)
  expect(body.schedules).toMatchObject([
    { cron_expression: '30 9 * * 1-5', paused: true, lacks: ['pin', 'heartbeat_url'], problem: null },
    { cron_expression: '@monthly', paused: true, lacks: ['pin'], problem: null },
  ])
  const first = `/api/scripts/timed/schedules/${body.schedules[0]!.schedule_id}`
  const { body: made } = await to.json<Schedule>(first)
  const { retry, ...rest } = every
  expect(made).toMatchObject({ ...rest, params: { n: 7 }, state: 'paused', heartbeat_url: null })
  expect([made.retry?.count, made.problems]).toEqual([2, [{ path: '/params/pin', message: 'is required' }]])
  const mended = await to.json<Schedule>(
    first,
    jsonInit('PUT', { enabled: true, params: { n: 7, pin: 'another-pin' } }),
  )
  expect(mended.body).toMatchObject({ state: 'active', problems: [] })

  const other = await exportOf('/api/scripts/other/export')
  const brought = (await importInto(to, other.bytes)).body
  expect(brought.schedules.map(({ paused, lacks, problem }) => [paused, lacks, problem])).toEqual([
    [false, [], null],
    [false, ['heartbeat_url'], null],
  ])
  expect((await importInto(to, other.bytes, '?overwrite=1')).body.schedules).toEqual([]) // they are there
})

test('a schedule that means nothing here says so, and holds up nothing', async () => {
  const { bytes } = await exportOf('/api/scripts/timed/export')
  const items = itemsOf(bytes)
  const manifest = JSON.parse(String(items[0]?.body)) as ScriptManifest
  const [first, second] = manifest.scripts[0]!.schedules!
  first!.cron_expression = 'now and then'
  Object.assign(second!.settings, { description: 'another', jitter_sec: 'some' })
  items[0] = { name: 'manifest.json', body: JSON.stringify(manifest) }
  const { status, body } = await importInto(to, tarGz(items), '?overwrite=1')
  expect([status, body.schedules.map(({ schedule_id }) => schedule_id)]).toEqual([201, [null, null]])
  expect(body.schedules.map(({ problem }) => problem)).toEqual([
    expect.stringContaining('To start it now, run it'),
    expect.stringContaining('jitter_sec must be a number'),
  ])
})

test('a group comes with its helpers and data; what no upload takes is left out and named', async () => {
  const { bytes, name } = await exportOf('/api/scripts/run/export?group=1')
  expect(name).toContain('"billing.scriptgateway.tar.gz"')
  const { status, body } = await importInto(to, bytes)
  expect<unknown>(body.error?.message ?? status).toBe(201)
  expect(body.files.toSorted()).toEqual([
    ...[
      'python/billing/.run._map.json',
      'python/billing/_helper.py',
      'python/billing/requirements.lock',
      'python/billing/requirements.txt',
      'python/billing/run.py',
      'python/billing/sub/data.bin',
    ],
  ])
  expect(readFileSync(join(to.scriptsDir, 'python/billing/sub/data.bin'), 'latin1')).toBe('a\u0001b')
  const manifest = JSON.parse(String(itemsOf(bytes)[0]?.body)) as ScriptManifest
  expect(manifest.left_out).toEqual([{ path: 'files/billing/link.txt', why: expect.any(String) }])
})

test.each([
  ['an unknown script', '/api/scripts/nobody/export', 404],
  ['a group where there is none', '/api/scripts/report/export?group=1', 409],
  ['an unknown wish', '/api/scripts/report/export?all=1', 422],
])('no export: %s', async (_, path, status) => {
  expect((await from.fetch(path)).status).toBe(status)
  expect(leftovers(from)).toEqual([])
})

/** An archive as items that can be changed. */
function itemsOf(bytes: Uint8Array): Item[] {
  const dir = tempFolder()
  writeFileSync(join(dir, 'x.tar.gz'), bytes)
  const names = Bun.spawnSync(['tar', 'tzf', join(dir, 'x.tar.gz')])
    .stdout.toString()
    .trim()
    .split('\n')
  mkdirSync(join(dir, 'in'))
  Bun.spawnSync(['tar', 'xzf', join(dir, 'x.tar.gz'), '-C', join(dir, 'in')])
  return names.map((name) => ({ name, body: readFileSync(join(dir, 'in', name)) }))
}

type Change = (items: Item[], manifest: ScriptManifest) => void

const add =
  (path: string, body: string): Change =>
  (items, manifest) => {
    items.push({ name: path, body })
    const sha256 = new Bun.CryptoHasher('sha256').update(body).digest('hex')
    manifest.files = manifest.files.filter((file) => file.path !== path)
    manifest.files.push({ path, size: Buffer.byteLength(body), sha256 })
  }
const say =
  (change: object): Change =>
  (_, manifest) =>
    void Object.assign(manifest, change)
const sayOfScript =
  (change: object): Change =>
  (_, manifest) =>
    void Object.assign(manifest.scripts[0]!, change)

test.each<[string, Change, number, string]>([
  ['no manifest', (items) => items.shift(), 422, 'no manifest.json'],
  ["somebody else's manifest", say({ kind: 'x' }), 422, 'not as expected'],
  ['a newer format', say({ format: 2 }), 422, 'not as expected'],
  ['another runtime than its files are for', say({ runtime: 'js' }), 422, 'must end with'],
  ['an unknown runtime', say({ runtime: 'perl' }), 422, 'not as expected'],
  ['a file that is not in files/', add('report.py', 'x'), 422, 'is not in'],
  ['the way up', add('files/../x.py', 'x'), 422, '".."'],
  ['an absolute path', add('/etc/x.py', 'x'), 422, 'absolute'],
  ['a file that no upload takes', add('files/.ssh/config', 'x'), 422, 'hidden folder'],
  ['a helper beside no group', add('files/_helper.py', 'x'), 422, '"_"'],
  ['a file that was added', (items) => items.push({ name: 'files/x.py', body: 'x' }), 422, 'was added'],
  ['a changed file', (items) => Object.assign(items.at(-1)!, { body: 'evil' }), 422, 'not as it was'],
  ['a link', (items) => items.push({ name: 'files/l.py', type: '2', link: '/etc' }), 422, 'only files and folders'],
  ['a script without its file', sayOfScript({ filename: 'nowhere.py' }), 422, 'missing'],
  ['a variable that the gateway sets', sayOfScript({ variables: [{ name: 'PATH', value: '/x' }] }), 422, 'PATH'],
  ['a variable for the loader', sayOfScript({ variables: [{ name: 'LD_PRELOAD', value: '/x' }] }), 422, 'LD_'],
  ['schedules that are none', sayOfScript({ schedules: [{ cron_expression: 5 }] }), 422, 'not as expected'],
  ['a tag with a comma', sayOfScript({ tags: ['a,b'] }), 422, 'comma'],
  [
    'more variables than a script may have',
    sayOfScript({ variables: Array.from({ length: 101 }, (_, n) => ({ name: `V${n}`, value: '' })) }),
    422,
    'at most 100',
  ],
])('nothing is imported: %s', async (_, change, status, message) => {
  const items = itemsOf((await exportOf('/api/scripts/report/export')).bytes)
  const manifest = JSON.parse(String(items[0]?.body)) as ScriptManifest
  const first = items[0]!
  change(items, manifest)
  if (items[0] === first) items[0] = { name: 'manifest.json', body: JSON.stringify(manifest) }
  const before = treeOf(to.scriptsDir)
  const { status: got, body } = await importInto(to, tarGz(items), '?overwrite=1')
  expect([got, body.error?.message]).toEqual([status, expect.stringContaining(message)])
  expect([treeOf(to.scriptsDir), leftovers(to)]).toEqual([before, []])
})

test('nothing is imported: a policy that is none, or that opens the data folder', async () => {
  for (const text of ['{"limits": 5}', JSON.stringify({ permissions: { fs_write: [to.dataDir] } })]) {
    const items = itemsOf((await exportOf('/api/scripts/report/export')).bytes)
    const manifest = JSON.parse(String(items[0]?.body)) as ScriptManifest
    const kept = items.filter(({ name }) => name !== 'files/.report.policy.json')
    add('files/.report.policy.json', text)(kept, manifest)
    kept[0] = { name: 'manifest.json', body: JSON.stringify(manifest) }
    const { status, body } = await importInto(to, tarGz(kept), '?overwrite=1')
    expect([status, body.error?.message]).toEqual([422, expect.stringContaining('no valid policy')])
  }
})

test('nothing is imported: no file, two files, no archive', async () => {
  const none = await to.json('/api/scripts/import', { method: 'POST', body: new FormData() })
  expect(none.status).toBe(422)
  const two = new FormData()
  for (const name of ['a', 'b']) two.append(name, new File(['x'], name))
  expect((await to.json('/api/scripts/import', { method: 'POST', body: two })).status).toBe(422)
  expect((await importInto(to, Buffer.from('no archive'))).status).toBe(400)
})
