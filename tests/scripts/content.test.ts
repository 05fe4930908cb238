/** The file of a script over HTTP: read, replaced without losing anybody's work, whole at every moment. */
import { expect, test } from 'bun:test'
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pythonScript, startApp } from '../harness/app.ts'
import { eventually, tempFolder } from '../harness/folder.ts'
import { createApi } from './api.ts'
import { python } from './lab.ts'

const app = await startApp(
  { 'python/edit.py': python({ width: { type: 'int' } }) },
  { body_bytes_max: 6 * 1024 * 1024 },
)
const api = createApi(app)
const at = (path: string) => join(app.scriptsDir, path)
const other = (n: number) => `# ${n}\n${python({ height: { type: 'int' } })}`

test.each<[string, BodyInit, string | null, string, number]>([
  ['without If-Match', other(0), null, 'text/plain', 409],
  ['with an empty If-Match', other(0), ' ', 'text/plain', 409],
  ['with the tag of something else', other(0), '"0123"', 'text/plain', 409],
  ['not in UTF-8', new Uint8Array([0x23, 0xff, 0xfe]), '*', 'text/plain', 400],
  ['in another charset by its own word', other(0), '*', 'text/plain; charset=gbk', 400],
  ['as a form', '--x--', '*', 'multipart/form-data; boundary=x', 400],
  ['as JSON that is none', '{', '*', 'application/json', 400],
  ['as JSON without content', '{"text": ""}', '*', 'application/json', 422],
  ['as JSON with half a surrogate pair', '{"content": "\\ud800"}', '*', 'application/json', 422],
  ['larger than a script may be', 'x'.repeat(5 * 1024 * 1024 + 1), '*', 'text/plain', 413],
  ['larger than a body may be', 'x'.repeat(7 * 1024 * 1024), '*', 'text/plain', 413],
])('refused: content %s', async (_, body, ifMatch, contentType, status) => {
  const before = await api.text('edit')
  expect((await api.put('edit', body, ifMatch, contentType)).status).toBe(status)
  expect(await api.text('edit')).toBe(before)
})

test('content is replaced, scanned at once, and keeps id, address and mode', async () => {
  chmodSync(at('python/edit.py'), 0o750)
  const before = (await api.get('edit')).body
  const { status, headers, body } = await api.put('edit', other(1), await api.etagOf('edit'))
  expect(status).toBe(200)
  expect(body).toMatchObject({ id: before.id, slug: 'edit', state: 'active', params: { height: { type: 'int' } } })
  expect(headers.get('etag')).toBe(await api.etagOf('edit'))
  expect(headers.get('etag')).toBe(`"${body.content_hash}"`)
  expect(statSync(at('python/edit.py')).mode & 0o7777).toBe(0o750)
  expect(readdirSync(at('python')).filter((name) => name.endsWith('.tmp'))).toEqual([])
})

test.each<[string, string]>([
  ['CRLF', python({}).replaceAll('\n', '\r\n')],
  ['a byte order mark', `\ufeff${python({})}`],
  ['no newline at the end', python({}).trimEnd()],
  ['Chinese', `# 你好\n${python({})}`],
  ['nothing at all', ''],
])('content with %s is kept byte for byte', async (_, content) => {
  const { headers } = await api.put('edit', new TextEncoder().encode(content), '*')
  expect(readFileSync(at('python/edit.py'))).toEqual(Buffer.from(content))
  const read = await app.fetch('/api/scripts/edit/content')
  expect(Buffer.from(await read.arrayBuffer())).toEqual(Buffer.from(content))
  expect([read.headers.get('etag'), read.headers.get('content-type')]).toEqual([
    headers.get('etag'),
    'text/plain; charset=utf-8',
  ])
})

test('content can be sent as JSON', async () => {
  const body = JSON.stringify({ content: python({ 名字: { type: 'str' } }) })
  const answer = await api.put('edit', body, await api.etagOf('edit'), 'application/json')
  expect(answer.body.params).toEqual({ 名字: { type: 'str' } })
})

test('content that breaks a script is stored, and the answer says what is wrong', async () => {
  const { status, body } = await api.put('edit', 'print(1)\n', '*')
  expect([status, body.state, body.error]).toEqual([200, 'error', expect.stringContaining('entry point')])
  expect((await api.put('edit', other(2), '*')).body).toMatchObject({ state: 'active', error: null })
})

test('who has the content already gets 304', async () => {
  const headers = { 'if-none-match': `W/"x", ${await api.etagOf('edit')}` }
  expect((await app.fetch('/api/scripts/edit/content', { headers })).status).toBe(304)
})

test('of two who read the same, one writes, and the other learns the new tag', async () => {
  const etag = await api.etagOf('edit')
  const answers = await Promise.all([3, 4, 5].map((n) => api.put('edit', other(n), etag)))
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409])
  const winner = answers.findIndex(({ status }) => status === 200)
  expect(await api.text('edit')).toBe(other(winner + 3))
  for (const { status, headers } of answers) if (status === 409) expect(headers.get('etag')).not.toBe(etag)
})

test('a change on the disk that no scan has seen yet is not overwritten', async () => {
  const etag = await api.etagOf('edit')
  writeFileSync(at('python/edit.py'), other(6))
  expect((await api.put('edit', other(7), etag)).status).toBe(409)
  expect(await api.text('edit')).toBe(other(6))
})

test('a file that vanished is not made again by accident, only by force, with its old id', async () => {
  const before = (await api.get('edit')).body
  const etag = await api.etagOf('edit')
  rmSync(at('python/edit.py'))
  expect((await app.fetch('/api/scripts/edit/content')).status).toBe(404)
  const { status, body } = await api.put('edit', other(8), etag)
  expect([status, body.error.message]).toEqual([409, expect.stringContaining('vanished')])
  expect((await api.put('edit', other(8), '*')).body).toMatchObject({ id: before.id, state: 'active' })
})

test('a run that goes on keeps the content that it began with', async () => {
  const script = (word: string) => pythonScript({}, `print("begun", flush=True)\ntime.sleep(0.5)\nprint("${word}")`)
  const { id } = await app.drop('python/steady.py', script('old'))
  const { body: run } = await app.json<{ run_id: number }>('/api/scripts/steady/run?async=1', { method: 'POST' })
  await eventually('the run begins', async () =>
    (await (await app.fetch(`/api/runs/${run.run_id}/logs`)).text()).includes('begun'),
  )
  expect((await api.put(id, script('new'), await api.etagOf(id))).status).toBe(200)
  expect((await app.finished(run.run_id)).result).toMatchObject({ data: expect.stringContaining('old') })
  const { body } = await app.json('/api/scripts/steady/run', { method: 'POST' })
  expect(body).toMatchObject({ data: expect.stringContaining('new') })
})

test('nobody ever reads half of a file', async () => {
  const contents = [other(9), `${other(10)}${'# long\n'.repeat(50_000)}`]
  const seen = new Set<string>()
  let isDone = false
  const reading = (async () => {
    while (!isDone) seen.add(await Bun.file(at('python/edit.py')).text())
  })()
  for (let n = 0; n < 6; n++) await api.put('edit', contents[n % 2] ?? '', '*')
  isDone = true
  await reading
  seen.delete(other(8))
  expect([...seen].every((text) => contents.includes(text))).toBe(true)
})

test('a link inside the scripts folder stays a link; one that leads out is not followed', async () => {
  const outside = tempFolder()
  writeFileSync(join(outside, 'secret.py'), python({}))
  mkdirSync(at('python/versions'))
  writeFileSync(at('python/versions/real.py'), python({}))
  symlinkSync('versions/real.py', at('python/current.py'))
  symlinkSync(join(outside, 'secret.py'), at('python/leak.py'))
  await app.json('/api/scripts/scan', { method: 'POST' })

  expect((await api.put('current', other(11), '*')).status).toBe(200)
  expect(readFileSync(at('python/versions/real.py'), 'utf8')).toBe(other(11))
  expect((await app.fetch('/api/scripts/leak/content')).status).toBe(403)
  expect((await api.put('leak', other(12), '*')).status).toBe(403)
  expect(readFileSync(join(outside, 'secret.py'), 'utf8')).toBe(python({}))
})
