/** A script's policy over HTTP, on the disk and on its page, on a real gateway. */
import { describe, expect, test } from 'bun:test'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Script } from '../../src/scripts/model.ts'
import type { Policy } from '../../src/scripts/policy-model.ts'
import { startApp } from '../harness/app.ts'
import { eventually, tempFolder } from '../harness/folder.ts'
import { operationsByPath } from '../harness/openapi.ts'
import { type ApiError, createApi, jsonInit } from './api.ts'
import { python } from './lab.ts'

const app = await startApp({ 'python/tools/x.py': python({ width: { type: 'int' } }), 'js/y.js': 'export default 1' })
const api = createApi(app)
const outside = tempFolder()
const at = (path: string) => join(app.scriptsDir, path)
const file = at('python/tools/.x.policy.json')

interface View {
  policy: Policy | null
  effective: Record<string, Record<string, unknown>> | null
  file: string
  etag: string | null
  /** A sentence; of a refusal, the error itself. */
  error: ApiError['error'] | null
}

const get = () => app.json<View>('/api/scripts/x/policy')
const put = (policy: unknown, headers: Record<string, string> = {}) =>
  app.json<View>('/api/scripts/x/policy', {
    ...jsonInit('PUT', policy),
    headers: { 'content-type': 'application/json', ...headers },
  })
const remove = (headers: Record<string, string> = {}) =>
  app.fetch('/api/scripts/x/policy', { method: 'DELETE', headers })
const form = (fields: Record<string, string>, id = 'x') =>
  app.fetch(`/scripts/${id}/policy`, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' })

test('without a file the settings count', async () => {
  const { status, body, headers } = await get()
  expect([status, headers.get('etag')]).toEqual([200, null])
  expect(body).toMatchObject({ policy: {}, file: '.x.policy.json', etag: null, error: null })
  expect(body.effective).toMatchObject({
    permissions: { net: true, read: true, write: [], env: true, run: true },
    limits: { timeout_min: 10, processes_max: 256 },
    queue: { slots: 0, priority: 0, second_start: 'parallel', rate_per_min: 0 },
    on_interrupt: 'leave',
    retention: { days: 90, bytes: null },
  })
})

test('what is written is in the file and in force at once; the content is the same', async () => {
  const before = (await api.get('x')).body
  const policy = { permissions: { net: false, read: ['../data'] }, limits: { timeout_min: 1 }, queue: { slots: 2 } }
  const { status, body, headers } = await put(policy)
  expect([status, body.policy, body.etag]).toEqual([200, policy, headers.get('etag')])
  expect(body.effective).toMatchObject({
    permissions: { net: [], read: [at('python/data')], write: [] },
    limits: { timeout_min: 1 },
    queue: { slots: 2 },
  })
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(policy)
  const after = (await api.get('x')).body
  expect(after).toEqual({ ...before, policy, updated_at: after.updated_at })
  expect((await get()).body).toEqual(body)
  expect(readdirSync(at('python/tools')).filter((name) => name.endsWith('.tmp'))).toEqual([])
})

test('a limit wider than its setting does not widen it', async () => {
  expect((await put({ limits: { timeout_min: 10_000 } })).body.effective?.limits).toMatchObject({ timeout_min: 10 })
})

test.each<[string, unknown, number, string]>([
  ['a host', { permissions: { net: ['example.com'] } }, 422, '/permissions/net/0'],
  ['a slip', { limits: { memory: 1 } }, 422, '/limits/memory'],
  ['a list', [], 422, ''],
  ['more than a file may have', { permissions: { read: Array(200).fill(`/${'x'.repeat(400)}`) } }, 422, ''],
])('refused, and nothing changed: %s', async (_, policy, status, path) => {
  await put({ queue: { slots: 7 } })
  const { status: got, body } = await put(policy)
  expect([got, body.error?.type, body.error?.details?.[0]?.path]).toEqual([status, 'validation', path])
  expect(body.error?.message).toStartWith('Nothing was changed')
  expect((await get()).body.policy).toEqual({ queue: { slots: 7 } })
})

test.each<[string, string, RequestInit, number, string]>([
  ['the policy of none', '/api/scripts/nobody/policy', {}, 404, 'not_found'],
  ['to write one for none', '/api/scripts/nobody/policy', jsonInit('PUT', {}), 404, 'not_found'],
  ['to remove that of none', '/api/scripts/nobody/policy', { method: 'DELETE' }, 404, 'not_found'],
  ['JSON that is none', '/api/scripts/x/policy', { ...jsonInit('PUT', 1), body: '{' }, 400, 'validation'],
  ['nested without end', '/api/scripts/x/policy', { method: 'PUT', body: '['.repeat(100_000) }, 400, 'validation'],
])('refused: %s', async (_, path, init, status, type) => {
  const { status: got, body } = await app.json<ApiError>(path, init)
  expect([got, body.error.type]).toEqual([status, type])
})

describe('nobody else’s change is lost', () => {
  test.each<[string, boolean, Record<string, string>, number]>([
    ['no condition, a file', true, {}, 200],
    ['no condition, no file', false, {}, 200],
    ['the tag that was read', true, { 'if-match': 'CURRENT' }, 200],
    ['another tag', true, { 'if-match': '"0123"' }, 409],
    ['a tag, and the file is gone', false, { 'if-match': '"0123"' }, 409],
    ['whatever is there', true, { 'if-match': '*' }, 200],
    ['only a new one, and there is none', false, { 'if-none-match': '*' }, 200],
    ['only a new one, and there is one', true, { 'if-none-match': '*' }, 409],
  ])('%s', async (_, isThere, headers, status) => {
    await remove()
    if (isThere) await put({ queue: { slots: 5 } })
    const current = (await get()).body.etag ?? ''
    const sent = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value === 'CURRENT' ? current : value]),
    )
    expect((await put({ queue: { slots: 6 } }, sent)).status).toBe(status)
    const left = status === 200 ? { queue: { slots: 6 } } : isThere ? { queue: { slots: 5 } } : {}
    expect((await get()).body.policy).toEqual(left)
  })

  test('of those who read the same, one writes', async () => {
    const { etag } = (await put({ queue: { slots: 1 } })).body
    const answers = await Promise.all([2, 3, 4].map((slots) => put({ queue: { slots } }, { 'if-match': etag! })))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409])
  })

  test('a removal can have a condition too, and a second one changes nothing', async () => {
    const { etag } = (await put({ queue: { slots: 1 } })).body
    expect((await remove({ 'if-match': '"0123"' })).status).toBe(409)
    expect((await remove({ 'if-match': etag! })).status).toBe(204)
    expect(existsSync(file)).toBe(false)
    expect((await remove()).status).toBe(204)
    expect((await api.get('x')).body.policy).toEqual({})
  })
})

test('a file that is edited on the disk is noticed by itself; a broken one stops the script and its runs', async () => {
  writeFileSync(file, '{"permissions": {"nett": false}}')
  await eventually('the script has an error', async () => (await api.get('x')).body.state === 'error')
  const { body } = await get()
  expect([body.policy, body.effective]).toEqual([null, null])
  expect(String(body.error)).toContain('"/permissions/nett" is not known here; did you mean "net"?')
  expect((await app.json<ApiError>('/api/scripts/x/run', { method: 'POST' })).body.error.type).toBe('conflict')
  const page = await (await app.fetch('/scripts/x?tab=policy')).text()
  expect(page).toContain('/permissions/nett')
  expect(page).toContain('No run is accepted')
  expect((await put({})).status).toBe(200)
  expect((await api.get('x')).body).toMatchObject({ state: 'active', error: null })
})

test('a link that leads out of the scripts folder is neither read nor written', async () => {
  await remove()
  writeFileSync(join(outside, 'secret'), '{"queue": {"slots": 9}} secret')
  symlinkSync(join(outside, 'secret'), file)
  expect([(await get()).status, (await put({})).status, (await remove()).status]).toEqual([403, 403, 403])
  const page = await (await app.fetch('/scripts/x?tab=policy')).text()
  expect(page).toContain('The policy cannot be edited here')
  expect(page).not.toContain('secret')
  expect(readFileSync(join(outside, 'secret'), 'utf8')).toContain('secret')
  rmSync(file)
})

test('a script whose file is gone gets no policy', async () => {
  await app.drop('python/gone/z.py', python({}))
  rmSync(at('python/gone'), { recursive: true })
  const { status, body } = await app.json<ApiError>('/api/scripts/z/policy', jsonInit('PUT', {}))
  expect([status, body.error.message]).toEqual([409, expect.stringContaining('vanished')])
  expect(existsSync(at('python/gone'))).toBe(false)
})

test('a script is deleted with its policy, but not with one that another file of that name keeps', async () => {
  const script = await app.drop('python/del.py', python({}))
  await app.json(`/api/scripts/${script.id}/policy`, jsonInit('PUT', { queue: { slots: 1 } }))
  expect(existsSync(at('python/.del.policy.json'))).toBe(true)
  expect((await api.delete(script.id)).status).toBe(204)
  expect(existsSync(at('python/.del.policy.json'))).toBe(false)

  const twin = await app.drop('js/twin.js', 'export default 1')
  await app.json(`/api/scripts/${twin.id}/policy`, jsonInit('PUT', { queue: { slots: 1 } }))
  writeFileSync(at('js/twin.ts'), 'export default 1')
  expect((await api.delete(twin.id)).status).toBe(204)
  expect(existsSync(at('js/.twin.policy.json'))).toBe(true)
})

test('a policy is uploaded beside its script, and counts from the first moment', async () => {
  const { status, body } = await api.upload({
    'up.py': python({}),
    '.up.policy.json': '{"permissions": {"net": false}}',
  })
  expect(status).toBe(201)
  expect(body.items.map(({ slug, policy }) => [slug, policy])).toEqual([['up', { permissions: { net: false } }]])
  const nameless = await api.upload({ 'up2.py': python({}), '.policy.json': '{}' })
  expect([nameless.status, nameless.body.error.details]).toEqual([
    422,
    [{ path: '/.policy.json', message: 'must not begin with "."' }],
  ])
})

test('a new script under a policy that is there already', async () => {
  mkdirSync(at('python/later'), { recursive: true })
  writeFileSync(at('python/later/.w.policy.json'), '{"queue": {"priority": 3}}')
  const { body } = await api.create({ filename: 'later/w.py' })
  expect((body as Script).policy).toEqual({ queue: { priority: 3 } })
})

describe('the page', () => {
  test('shows what is in force, and where it comes from', async () => {
    await put({ permissions: { net: [443], run: ['sh', 'no-such-program'] }, limits: { timeout_min: 2 } })
    const page = await (await app.fetch('/scripts/x?tab=policy')).text()
    for (const part of [
      'port 443',
      'no-such-program, not on PATH',
      '2 min',
      'policy file',
      '/settings#memory_bytes_max',
    ])
      expect(page).toContain(part)
  })

  test('saves what is typed, refuses what is wrong and keeps it, and removes the file', async () => {
    const { etag } = (await put({ queue: { slots: 1 } })).body
    const saved = await form({ text: '{\r\n"queue": {"slots": 3}}', etag: etag!, act: 'save' })
    const { id } = (await api.get('x')).body
    expect([saved.status, saved.headers.get('location')]).toEqual([303, `/scripts/${id}?tab=policy&saved=1`])
    expect((await get()).body.policy).toEqual({ queue: { slots: 3 } })

    const now = (await get()).body.etag!
    const wrong = await form({ text: '{"queue": {"slots": "<b>"}}', etag: now, act: 'save' })
    const page = await wrong.text()
    expect(wrong.status).toBe(422)
    expect(page).toContain('/queue/slots')
    expect(page).toContain('{&quot;queue&quot;: {&quot;slots&quot;: &quot;&lt;b&gt;&quot;}}')
    expect(page).not.toContain('<b>')
    expect(await (await form({ text: '{', etag: now })).text()).toContain('line 1, column 2: the text ends too early')

    const stale = await form({ text: '{}', etag: etag!, act: 'save' })
    expect([stale.status, await stale.text()]).toEqual([409, expect.stringContaining('has changed since this page')])
    expect((await form({ text: '{}', etag: '', act: 'save' })).status).toBe(409) // made by somebody else meanwhile
    expect((await get()).body.policy).toEqual({ queue: { slots: 3 } })

    expect((await form({ text: '', etag: now, act: 'remove' })).status).toBe(303)
    expect(existsSync(file)).toBe(false)
  })

  test('is not posted to from another site', async () => {
    const init = { method: 'POST', body: 'text={}', headers: { 'sec-fetch-site': 'cross-site' } }
    expect((await app.fetch('/scripts/x/policy', init)).status).toBe(403)
  })
})

test('the routes are in the document', async () => {
  const path = (await operationsByPath(app))['/api/scripts/{id}/policy']
  expect(Object.keys(path ?? {}).sort()).toEqual(['delete', 'get', 'put'])
  expect(JSON.stringify(path)).toContain('second_start')
})
