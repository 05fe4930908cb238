/** The history: lists, filters, one run, its log. */
import { beforeAll, describe, expect, test } from 'bun:test'
import { hostname } from 'node:os'
import type { Run } from '../../src/runs/model.ts'
import { javascriptScript, startApp } from '../harness/app.ts'
import { type Answer, post } from './formats.ts'

const gateway = await startApp({
  'js/say.js': javascriptScript(
    { text: { type: 'str' } },
    `console.log('out ' + args[1]); console.error('err ' + args[1].replaceAll('"', ''))
if (args[1] === 'fail') process.exit(1)`,
  ),
  'js/empty.js': javascriptScript({}, ''),
})
const texts = ['plain', '100%', '100 percent', 'a_b', 'axb', 'back\\slash', 'say "hi"', 'żółw', 'fail']
interface Page {
  items: Run[]
  total: number
  page: number
  page_size: number
}
const list = async (query = '') => (await gateway.json<Page>(`/api/runs${query}`)).body
const ids = ({ items }: Page) => items.map(({ id }) => id)
const idOf = (slug: string) => gateway.app.scripts().find((script) => script.slug === slug)!.id

beforeAll(async () => {
  for (const text of texts) await post(gateway, 'say', { text })
  await post(gateway, 'empty', {})
})

describe('refused', () => {
  const rows: [query: string, path: string][] = [
    ['script_id=x', '/script_id'],
    ['script_id=0', '/script_id'],
    ['status=done', '/status'],
    ['trigger=magic', '/trigger'],
    ['from=yesterday', '/from'],
    ['to=32-13-2026', '/to'],
    ['page=0', '/page'],
    ['page=1.5', '/page'],
    ['page=x', '/page'],
    ['page_size=0', '/page_size'],
    ['page_size=201', '/page_size'],
    [`q=${'x'.repeat(201)}`, '/q'],
  ]
  test.each(rows)('?%s', async (query, path) => {
    const { status, body } = await gateway.json<Answer>(`/api/runs?${query}`)
    expect([status, body.error.type, body.error.details?.map((detail) => detail.path)]).toEqual([
      422,
      'validation',
      [path],
    ])
  })

  test.each([
    ['/api/runs/99999', 404, 'not_found'],
    ['/api/runs/x', 422, 'validation'],
    ['/api/runs/0', 422, 'validation'],
    ['/api/runs/1000', 404, 'not_found'],
    ['/api/runs/99999/logs', 404, 'not_found'],
    ['/api/runs/1/logs?stream=all', 422, 'validation'],
  ])('%s', async (path, status, type) => {
    const { body, ...answer } = await gateway.json<Answer>(path)
    expect([answer.status, body.code, body.error.type]).toEqual([status, status, type])
  })
})

describe('the list', () => {
  test('is newest first, in pages', async () => {
    const all = await list()
    expect(all).toMatchObject({ total: 10, page: 1, page_size: 50 })
    expect(ids(all)).toEqual([10, 9, 8, 7, 6, 5, 4, 3, 2, 1])
    expect(ids(await list('?page=2&page_size=3'))).toEqual([7, 6, 5])
    expect(await list('?page=5&page_size=3')).toEqual({ items: [], total: 10, page: 5, page_size: 3 })
  })

  const searches: [q: string, found: string[]][] = [
    ['plain', ['plain']],
    ['PLAIN', ['plain']],
    ['%', ['100%']],
    ['100', ['100%', '100 percent']],
    ['_', ['a_b']],
    ['\\', ['back\\slash']],
    ['back\\slash', ['back\\slash']],
    ['"hi"', ['say "hi"']],
    ['żółw', ['żółw']],
    ['exit code 1', ['fail']],
    ['err fail', ['fail']],
    ["'; DROP TABLE runs; --", []],
  ]
  test.each(searches)('q=%s', async (q, found) => {
    const page = await list(`?q=${encodeURIComponent(q)}`)
    expect(page.items.map(({ params }) => params.text).reverse()).toEqual(found)
    expect(page.total).toBe(found.length)
  })

  test('filters by script, status, trigger and time, together', async () => {
    expect((await list(`?script_id=${idOf('empty')}`)).total).toBe(1)
    expect((await list('?status=failed')).items.map(({ params }) => params.text)).toEqual(['fail'])
    expect((await list('?trigger=api')).total).toBe(10)
    expect((await list('?trigger=schedule')).total).toBe(0)
    expect((await list(`?script_id=${idOf('empty')}&status=failed`)).total).toBe(0)
    const { items } = await list()
    const at = (index: number) => encodeURIComponent(items[index]!.queued_at)
    expect((await list(`?from=${at(4)}&to=${at(4)}`)).items.map(({ id }) => id)).toContain(items[4]!.id)
    expect((await list(`?from=${at(0)}`)).items.map(({ id }) => id)).toContain(items[0]!.id)
    expect((await list('?to=2020-01-01T00:00:00Z')).total).toBe(0)
    expect((await list('?from=2020-01-01')).total).toBe(10)
  })
})

test('one run says everything', async () => {
  const { body } = await gateway.json<Run>('/api/runs/9')
  const { cpu_ms, memory_bytes_peak, processes_peak, ...rest } = body
  // A run that was over before anybody looked has no peaks.
  for (const number of [cpu_ms, memory_bytes_peak, processes_peak]) expect(number ?? 0).toBeNumber()
  const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  expect<unknown>(rest).toEqual({
    ...{ id: 9, script_id: idOf('say'), status: 'failed', trigger: 'api', params: { text: 'fail' } },
    ...{ exit_code: 1, signal: null, reason: 'The script ended with exit code 1.' },
    error: { type: 'script', message: 'The script ended with exit code 1.' },
    ...{ queued_at: time, started_at: time, finished_at: time, duration_ms: expect.any(Number) },
    ...{ result: null, files: [], stderr: 'err fail\n', log_lines: 2, log_bytes: expect.any(Number) },
    ...{ started_by: '127.0.0.1', asked_by: '127.0.0.1', host: hostname() },
    ...{ content_hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ...{ environment_hash: expect.stringMatching(/^[0-9a-f]{64}$/), isolation: expect.any(String), queue_ms: 0 },
    ...{ queue_position: null, priority: 0, output_bytes: expect.any(Number), limit: null, retry_of: null, attempt: 1 },
    ...{ first_attempt_id: null, next_attempt_id: null, retry_at: null, schedule_id: null, occurrence_id: null },
    ...{ log_expired_at: null, files_expired_at: null, environment: null, waiting_for_installation: null },
  })
})

describe('the log', () => {
  const log = (query = '', headers: Record<string, string> = {}) =>
    gateway.fetch(`/api/runs/1/logs${query}`, { headers })

  test('as text, of both streams or of one', async () => {
    const response = await log()
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect((await response.text()).split('\n').sort()).toEqual(['', 'err plain', 'out plain'])
    expect(await (await log('?stream=stdout')).text()).toBe('out plain\n')
    expect(await (await log('?stream=stderr')).text()).toBe('err plain\n')
    expect(await (await log('?stream=system')).text()).toBe('')
  })

  const ranges: [range: string, status: number, text: string, contentRange: string | null][] = [
    ['bytes=0-2', 206, 'out', 'bytes 0-2/10'],
    ['bytes=4-', 206, 'plain\n', 'bytes 4-9/10'],
    ['bytes=-6', 206, 'plain\n', 'bytes 4-9/10'],
    ['bytes=-400', 206, 'out plain\n', 'bytes 0-9/10'],
    ['bytes=0-1,4-5', 200, 'out plain\n', null],
  ]
  test.each(ranges)('%s', async (range, status, text, contentRange) => {
    const response = await log('?stream=stdout', { range })
    expect([response.status, await response.text(), response.headers.get('content-range')]).toEqual([
      ...[status, text, contentRange],
    ])
    expect(response.headers.get('content-length')).toBe(String(text.length))
  })

  test('a range outside is a 416 in the shape of every error', async () => {
    const response = await log('?stream=stdout', { range: 'bytes=10-' })
    expect([response.status, response.headers.get('content-range')]).toEqual([416, 'bytes */10'])
    expect(((await response.json()) as Answer).error.type).toBe('validation')
  })

  test('of a run that printed nothing is empty', async () => {
    const response = await gateway.fetch('/api/runs/10/logs')
    expect([response.status, await response.text()]).toEqual([200, ''])
  })
})
