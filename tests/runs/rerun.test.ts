/** Run again: the same parameters, and what was not kept is asked for. */
import { expect, test } from 'bun:test'
import type { Run } from '../../src/runs/model.ts'
import { pythonScript, startApp } from '../harness/app.ts'

const argsMap = {
  word: { type: 'str', required: true },
  times: { type: 'int', default: 2 },
  token: { type: 'str', secret: true },
  input: { type: 'file' },
}
const app = await startApp({ 'python/echo.py': pythonScript(argsMap, 'print(json.dumps(args))') })
const post = (path: string, body?: unknown) =>
  app.json<Record<string, unknown>>(path, {
    method: 'POST',
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
const runOnce = async (body: unknown) => (await post('/api/scripts/echo/run', body)).body.run_id as number

test('a run is run again with its parameters, and says which one it repeats', async () => {
  const first = await runOnce({ word: 'a b', times: 3 })
  const { status, headers, body } = await post(`/api/runs/${first}/rerun`)
  expect([status, headers.get('location')]).toEqual([202, `/api/runs/${body.run_id}`])
  const run = await app.finished(body.run_id as number)
  expect(run).toMatchObject({ status: 'success', trigger: 'retry', retry_of: first, params: { word: 'a b', times: 3 } })
  expect(run.result).toMatchObject({ data: { word: 'a b', times: '3' } })
})

test('what is sent takes the place of what was', async () => {
  const first = await runOnce({ word: 'old' })
  const { body } = await post(`/api/runs/${first}/rerun`, { word: 'new' })
  expect((await app.finished(body.run_id as number)).params).toEqual({ word: 'new', times: 2 })
})

test('a secret was not kept, so it is asked for and not left out', async () => {
  const first = await runOnce({ word: 'x', token: 'geheim' })
  const refused = await post(`/api/runs/${first}/rerun`)
  expect(refused.status).toBe(422)
  expect(refused.body.error).toMatchObject({ type: 'validation', details: [{ path: '/token' }] })
  const { body } = await post(`/api/runs/${first}/rerun`, { token: 'geheim' })
  const run = await app.finished(body.run_id as number)
  expect(run.params.token).toBe('••••••')
  expect(run.result).toMatchObject({ data: { token: '••••••' } })
})

test('a secret is left out where that is said', async () => {
  const first = await runOnce({ word: 'x', token: 'geheim' })
  const { body } = await post(`/api/runs/${first}/rerun`, { token: null })
  expect((await app.finished(body.run_id as number)).params).toEqual({ word: 'x', times: 2 })
})

test('a file was not kept, so it is asked for', async () => {
  const form = new FormData()
  form.set('word', 'x')
  form.set('input', new File(['text'], 'a.txt'))
  const { body } = await app.json<Run & { run_id: number }>('/api/scripts/echo/run', { method: 'POST', body: form })
  expect((await post(`/api/runs/${body.run_id}/rerun`)).body.error).toMatchObject({ details: [{ path: '/input' }] })
})

test.each([
  ['a run that never was', '/api/runs/999999/rerun', undefined, 404],
  ['a body that is no object', null, [1], 400],
  ['a value that does not fit', null, { times: 'many' }, 422],
  ['a parameter that there is not', null, { colour: 'red' }, 422],
])('%s is refused, and nothing is started', async (_, path, body, status) => {
  const first = await runOnce({ word: 'x' })
  const total = async () => (await app.json('/api/runs')).body.total
  const before = await total()
  expect((await post(path ?? `/api/runs/${first}/rerun`, body)).status).toBe(status)
  expect(await total()).toBe(before)
})

test('a run says who asked, where it ran, under what and with what it waited', async () => {
  const run = await app.finished(await runOnce({ word: 'x' }))
  expect(run).toMatchObject({ started_by: '127.0.0.1', attempt: 1, priority: 0, retry_of: null, limit: null })
  expect(run.host).not.toBe('')
  expect(run.content_hash).toMatch(/^[0-9a-f]{64}$/)
  expect(run.environment_hash).toMatch(/^[0-9a-f]{64}$/)
  expect(run.queue_ms).toBe(0)
})

test('equal surroundings have an equal hash, others another', async () => {
  const hashOf = async () => (await app.finished(await runOnce({ word: 'x' }))).environment_hash
  const [one, two] = [await hashOf(), await hashOf()]
  await app.json('/api/settings', {
    method: 'PUT',
    body: JSON.stringify({ cpu_sec_max: 77 }),
    headers: { 'content-type': 'application/json' },
  })
  expect([one === two, (await hashOf()) === one]).toEqual([true, false])
})
