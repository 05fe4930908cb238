/** Who may save, take out and bring in: on a gateway with access control, with tokens of real users. */
import { afterAll, expect, test } from 'bun:test'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createApp } from '../../src/app.ts'
import { silentLog } from '../../src/log.ts'
import { pythonScript } from '../harness/app.ts'
import { tempFolder } from '../harness/folder.ts'
import { treeOf } from './lab.ts'

const folder = tempFolder()
const scriptsDir = join(folder, 'scripts_repo')
const adminToken = 'an-admin-token-for-the-test-0123456789'
const script = pythonScript({}, 'print("ok")')
for (const path of [
  'python/tools/open.py',
  'python/closed/secret.py',
  'python/mixed/mine.py',
  'python/mixed/theirs.py',
]) {
  mkdirSync(join(scriptsDir, path, '..'), { recursive: true })
  writeFileSync(join(scriptsDir, path), script)
}
const app = await createApp(
  { environment: { kill_grace_sec: 0.2 }, secrets: { adminToken }, dataDir: join(folder, 'data'), scriptsDir },
  { log: silentLog() },
)
afterAll(() => app.close(0))
const url = await app.listen('127.0.0.1', 0)
await app.ready

const call = (token: string, path: string, init: RequestInit = {}) =>
  fetch(url + path, { ...init, headers: { ...init.headers, ...(token ? { authorization: `Bearer ${token}` } : {}) } })
const send = async (path: string, body: unknown, { token = adminToken, method = 'POST' } = {}) => {
  const headers = { 'content-type': 'application/json' }
  const response = await call(token, path, { method, body: JSON.stringify(body), headers })
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
  return (await response.json()) as Record<string, never>
}
const idOf = (slug: string) => app.scripts().find((one) => one.slug === slug)?.id ?? 0
const insert = async (name: string, role: string) => {
  const { id } = await send('/api/users', { name, role, password: 'violet otter lamp' })
  return id
}

const tokens: Record<string, string> = { nobody: '', admin: adminToken }
for (const role of ['viewer', 'operator', 'editor']) {
  const userId = await insert(role, role)
  tokens[role] = String((await send('/api/tokens', { name: role, role, user_id: userId })).secret)
}
tokens.limited = String(
  (
    await send('/api/tokens', {
      name: 'limited',
      role: 'admin',
      user_id: await insert('boss', 'admin'),
      script_ids: [idOf('open')],
    })
  ).secret,
)
for (const slug of ['secret', 'theirs'])
  await send(`/api/scripts/${idOf(slug)}/access`, { restricted: true, grants: [] }, { method: 'PUT' })

test.each<[string, RequestInit & { path: string }, Record<string, number>]>([
  [
    'a backup',
    { path: '/api/backup', method: 'POST' },
    { nobody: 401, viewer: 403, operator: 403, editor: 403, limited: 403, admin: 200 },
  ],
  [
    'the audit log',
    { path: '/api/audit/export' },
    { nobody: 401, viewer: 403, operator: 403, editor: 403, limited: 403, admin: 200 },
  ],
  [
    'a script',
    { path: '/api/scripts/open/export' },
    { nobody: 401, viewer: 403, operator: 403, editor: 200, limited: 200, admin: 200 },
  ],
  [
    'a restricted script',
    { path: '/api/scripts/secret/export' },
    { nobody: 401, viewer: 404, operator: 404, editor: 404, limited: 404, admin: 200 },
  ],
  [
    'a group with a restricted script in it',
    { path: '/api/scripts/mine/export?group=1' },
    { nobody: 401, viewer: 403, operator: 403, editor: 403, limited: 404, admin: 200 },
  ],
])('who gets %s', async (_, { path, ...init }, expected) => {
  const got: Record<string, number> = {}
  for (const name of Object.keys(expected)) {
    const response = await call(tokens[name] ?? '', path, init)
    await response.bytes()
    got[name] = response.status
  }
  expect(got).toEqual(expected)
})

async function importAs(name: string, archive: Uint8Array): Promise<[number, string]> {
  const body = new FormData()
  body.append('file', new File([archive as Uint8Array<ArrayBuffer>], 'x.tar.gz'))
  const response = await call(tokens[name] ?? '', '/api/scripts/import?overwrite=1', { method: 'POST', body })
  return [response.status, await response.text()]
}

test('who may bring in what: nothing over, or beside, what one may not edit', async () => {
  const archives: Record<string, Uint8Array> = {}
  for (const slug of ['open', 'secret', 'mine'])
    archives[slug] = await (await call(adminToken, `/api/scripts/${slug}/export`)).bytes()
  const before = treeOf(scriptsDir)
  for (const name of ['nobody', 'viewer', 'operator', 'limited'])
    expect([name, (await importAs(name, archives.open!))[0]]).toEqual([name, name === 'nobody' ? 401 : 403])
  const [status, text] = await importAs('editor', archives.secret!)
  expect([status, text]).toEqual([403, expect.stringContaining('may not')])
  // A new module beside somebody's script would be theirs to run.
  expect((await importAs('editor', archives.mine!))[0]).toBe(403)
  expect(treeOf(scriptsDir)).toEqual(before)
  expect((await importAs('editor', archives.open!))[0]).toBe(201)
  expect((await importAs('admin', archives.secret!))[0]).toBe(201)
})
