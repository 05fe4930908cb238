/** A backup of one gateway, put in place of another over HTTP: real processes, real users. */
import { afterAll, expect, test } from 'bun:test'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createApp } from '../../src/app.ts'
import { chunksOf } from '../../src/backup/stage.ts'
import { silentLog } from '../../src/log.ts'
import type { Run } from '../../src/runs/model.ts'
import { pythonScript } from '../harness/app.ts'
import { eventually, tempFolder } from '../harness/folder.ts'
import { gatewayCommand } from '../harness/gateway.ts'
import { adminToken, bearer, makePerson, password } from '../harness/people.ts'
import { jsonInit } from '../scripts/api.ts'
import { passphrase } from './lab.ts'

const root = resolve(import.meta.dir, '../..')
const folder = tempFolder()
const children: Bun.Subprocess[] = []
afterAll(() => children.map((child) => child.kill('SIGKILL')))

async function start(name: string, scripts: Record<string, string>) {
  const [dataDir, scriptsDir] = [join(folder, name, 'data'), join(folder, name, 'scripts')]
  mkdirSync(join(scriptsDir, 'python'), { recursive: true })
  for (const [path, content] of Object.entries(scripts)) writeFileSync(join(scriptsDir, path), content)
  const env = { PATH: process.env.PATH ?? '', DATA_DIR: dataDir, SCRIPTS_DIR: scriptsDir, PORT: '0' }
  const child = Bun.spawn(gatewayCommand(), {
    ...{ cwd: root, stdout: 'pipe', stderr: 'pipe' },
    env: { ...env, ADMIN_TOKEN: adminToken, DRAIN_SEC: '20', UPLOAD_BYTES_MAX: '5000000' },
  })
  children.push(child)
  const said = { text: '' }
  const reading = (async () => {
    for await (const chunk of chunksOf(child.stdout)) said.text += new TextDecoder().decode(chunk)
  })()
  await eventually('it is ready', () => {
    if (child.exitCode !== null) throw new Error(`The gateway ended: ${said.text}`)
    return /(is|are) ready/.test(said.text)
  })
  const url = /http:\/\/localhost:\d+/.exec(said.text)?.[0] ?? ''
  const call = (path: string, init: RequestInit = {}) => fetch(url + path, init)
  async function json<T>(path: string, init: RequestInit = {}) {
    const headers = { ...bearer(adminToken), ...(init.headers as Record<string, string>) }
    const response = await call(path, { ...init, headers })
    return { status: response.status, headers: response.headers, body: (await response.json()) as T }
  }
  return { ...{ child, said, reading, url, dataDir, scriptsDir, fetch: call, json } }
}

type Started = Awaited<ReturnType<typeof start>>

const ready = (gateway: Started) =>
  eventually('it serves again', async () => (await gateway.fetch('/ready').catch(() => null))?.ok, 30_000)

const upload = (content: BlobPart, fields: Record<string, string> = {}) => {
  const body = new FormData()
  for (const [name, value] of Object.entries(fields)) body.append(name, value)
  body.append('file', new File([content], 'backup.tar.gz.age'))
  return { method: 'POST', body }
}
const send = (to: Started, token: string, content: BlobPart, fields: Record<string, string> = {}) =>
  to.fetch('/api/restore', { ...upload(content, fields), headers: bearer(token) })

const tells = pythonScript({}, 'print(json.dumps({"token": os.environ.get("TOKEN", "none")[::-1]}))')
const a = await start('a', { 'python/report.py': tells })
const anna = await makePerson(a, { name: 'anna', role: 'admin' })
await a.json('/api/scripts/report/variables/TOKEN', jsonInit('PUT', { value: 'secret-of-a', secret: true }))
const { body: ran } = await a.json<{ run_id: number }>('/api/scripts/report/run')
const sealed = await (
  await a.fetch('/api/backup', {
    ...jsonInit('POST', { passphrase, keys: true }),
    headers: { 'content-type': 'application/json', ...bearer(anna.token) },
  })
).arrayBuffer()
const plain = await (await a.fetch('/api/backup', { method: 'POST', headers: bearer(anna.token) })).bytes()

const slow = pythonScript({}, 'print("begun", flush=True)\ntime.sleep(60)')
const b = await start('b', { 'python/other.py': tells, 'python/slow.py': slow })
const [boss, editor, viewer] = await Promise.all([
  makePerson(b, { name: 'boss', role: 'admin' }),
  makePerson(b, { name: 'editor', role: 'editor' }),
  makePerson(b, { name: 'viewer', role: 'viewer' }),
])
const { body: other } = await b.json<{ id: number }>('/api/scripts/other')
const limitedTo = { name: 'limited', role: 'admin', user_id: boss.id, script_ids: [other.id] }
const { body: limited } = await b.json<{ secret: string }>('/api/tokens', jsonInit('POST', limitedTo))

const damaged = Uint8Array.from(new Uint8Array(sealed))
damaged[damaged.length - 100]! ^= 1
const users = async (on: Started) =>
  (await on.json<{ items: { name: string }[] }>('/api/users')).body.items.map(({ name }) => name).sort()
const usersOfB = await users(b)
const staged = (on: Started) => {
  const uploads = (readdirSync(join(on.dataDir, 'tmp'), { recursive: true }) as string[]).filter((path) =>
    /restore-|uploads\/./.test(path),
  )
  return uploads
}

test.each<[string, string, BlobPart, Record<string, string>, number, string]>([
  ['another passphrase', boss.token, sealed, { passphrase: 'not the right one' }, 422, 'passphrase'],
  ['no passphrase', boss.token, sealed, {}, 422, 'passphrase'],
  ['a damaged file', boss.token, damaged, { passphrase }, 422, ''],
  ['half of a file', boss.token, plain.slice(0, plain.length / 2), {}, 422, ''],
  ['no archive', boss.token, 'hello', {}, 422, 'archive'],
  ['an empty file', boss.token, '', {}, 422, ''],
  ['something unknown', boss.token, plain, { force: '1' }, 422, 'not known'],
  ['an editor', editor.token, plain, {}, 403, ''],
  ['a viewer', viewer.token, plain, {}, 403, ''],
  ['a token for one script', limited.secret, plain, {}, 403, ''],
  ['nobody', 'wrong', plain, {}, 401, ''],
])('changes nothing: %s', async (_, token, content, fields, status, message) => {
  const response = await send(b, token, content, fields)
  expect([response.status, await response.text()]).toEqual([status, expect.stringContaining(message)])
  expect(await users(b)).toEqual(usersOfB)
  expect(staged(b)).toEqual([])
  expect(readdirSync(b.dataDir).filter((name) => /restore/.test(name))).toEqual([])
})

test('from the page, it is asked whether what is here may be replaced', async () => {
  const init = { ...upload(plain), headers: { cookie: boss.cookie, origin: b.url } }
  const response = await b.fetch('/settings/restore', init)
  expect([response.status, await response.text()]).toEqual([422, expect.stringContaining('tick the box')])
  const foreign = {
    ...upload(plain, { confirm: '1' }),
    headers: { cookie: boss.cookie, origin: 'https://evil.example' },
  }
  expect((await b.fetch('/settings/restore', foreign)).status).toBe(403)
  expect(await users(b)).toEqual(usersOfB)
})

let withoutUsers = new ArrayBuffer()
test('a gateway that nobody can start anew says what to do instead', async () => {
  const dir = join(folder, 'c')
  const app = await createApp(
    { environment: { auth: 'off' }, dataDir: join(dir, 'data'), scriptsDir: join(dir, 'scripts') },
    { log: silentLog() },
  )
  try {
    const response = await app.handle(new Request('http://localhost/api/restore', upload(plain)))
    expect([response.status, await response.text()]).toEqual([409, expect.stringContaining('scriptgateway restore')])
    withoutUsers = await (
      await app.handle(new Request('http://localhost/api/backup', { method: 'POST' }))
    ).arrayBuffer()
  } finally {
    await app.close(0)
  }
})

test('put in place: the other gateway answers on the same port with what was saved, and its own lies aside', async () => {
  const { body: going } = await b.json<{ run_id: number }>('/api/scripts/slow/run?async=1', { method: 'POST' })
  const logs = async () => (await b.fetch(`/api/runs/${going.run_id}/logs`, { headers: bearer(adminToken) })).text()
  await eventually('it runs', async () => (await logs()).includes('begun'))

  const response = await send(b, boss.token, sealed, { passphrase })
  expect([response.status, await response.json()]).toEqual([
    202,
    { created_at: expect.any(String), gateway_version: expect.any(String) },
  ])
  // The run is still waited for.
  expect((await b.fetch('/ready')).status).toBe(503)
  expect((await send(b, boss.token, plain)).status).toBe(409)
  expect((await b.fetch('/api/backup', { method: 'POST', headers: bearer(boss.token) })).status).toBe(409)
  await b.json(`/api/runs/${going.run_id}/cancel`, { method: 'POST' })
  await ready(b)

  expect(await users(b)).toEqual(['anna'])
  for (const { token } of [boss, viewer])
    expect((await b.fetch('/api/scripts', { headers: bearer(token) })).status).toBe(401)
  expect((await b.fetch('/api/scripts', { headers: bearer(anna.token) })).status).toBe(200)
  expect((await b.fetch('/api/scripts', { headers: { cookie: anna.cookie } })).status).toBe(401)
  expect((await b.fetch('/api/sign-in', jsonInit('POST', { name: 'anna', password }))).status).toBe(200)
  expect((await b.json<Run>(`/api/runs/${ran.run_id}`)).body).toMatchObject({ status: 'success' })
  expect((await b.json('/api/scripts/report/run')).body).toMatchObject({ data: { token: 'a-fo-terces' } })
  expect((await b.json('/api/scripts/other')).status).toBe(404)
  const { body: told } = await b.json<{ items: { after: unknown }[] }>('/api/audit?action=gateway.restore')
  expect(told.items).toMatchObject([{ after: { by: expect.stringContaining('boss') as unknown as string } }])
  expect((await b.json('/api/audit/verify')).body).toMatchObject({ ok: true })

  const [aside] = readdirSync(b.dataDir).filter((name) => name.startsWith('.before-restore-'))
  expect(readdirSync(join(b.dataDir, aside!))).toContain('gateway.db')
  expect(
    (readdirSync(join(b.dataDir, aside!), { recursive: true }) as string[]).filter((path) => /uploads\/./.test(path)),
  ).toEqual([])
  expect(readFileSync(join(b.scriptsDir, aside!, 'python/other.py'), 'utf8')).toBe(tells)
  expect(staged(b)).toEqual([])
  expect(b.said.text).toContain('What was there before is in')
  expect(b.said.text).not.toContain(passphrase)
}, 60_000)

test('from a gateway without users: the link to become the administrator is printed', async () => {
  const before = b.said.text.length // it was printed at the start, too
  expect((await send(b, adminToken, withoutUsers)).status).toBe(202)
  await eventually('the link', () => b.said.text.slice(before).includes('/setup#'), 30_000)
  await ready(b)
  expect(await users(b)).toEqual([])
}, 60_000)

test('what cannot be put in place leaves what was there, which serves again; and a signal ends it', async () => {
  // Over the marker of the folder to move things to: a file is in its place.
  const stampOf = (ms: number) => new Date(ms).toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-')
  const { body: before } = await a.json<{ total: number }>('/api/runs')
  for (let sec = 0; sec < 60; sec++)
    writeFileSync(join(a.scriptsDir, `.before-restore-${stampOf(Date.now() + sec * 1000)}`), '')
  const page = await a.fetch('/settings/restore', {
    ...upload(plain, { confirm: '1' }),
    headers: { cookie: anna.cookie, origin: a.url },
  })
  expect([page.status, await page.text()]).toEqual([202, expect.stringContaining('data-when-ready="/ready"')])
  await eventually('it says so', () => /serves \S+ again/.test(a.said.text), 30_000)
  await ready(a)
  expect(readFileSync(join(a.dataDir, 'logs/gateway/gateway.log'), 'utf8')).toContain('Nothing was restored')
  expect((await a.json<{ total: number }>('/api/runs')).body.total).toBe(before.total)
  expect((await a.fetch('/api/scripts', { headers: { cookie: anna.cookie } })).status).toBe(200)
  a.child.kill('SIGTERM')
  await a.reading
  expect(await a.child.exited).toBe(0)
}, 60_000)
