/** /api/audit: paging, filters, export. Who may call is the guard's, and tested there. */
import { beforeAll, expect, test } from 'bun:test'
import { Elysia } from 'elysia'
import { auditRoutes } from '../../src/audit/routes.ts'
import { type Caller, setCaller } from '../../src/http/caller.ts'
import { errorResponse } from '../../src/http/errors.ts'
import { silentLog } from '../../src/log.ts'
import { anna, auditLab, edit } from './lab.ts'

const lab = auditLab()
const entries = 20_000
const caller = { ...anna, role: 'admin', isLimited: false, may: () => true, is: () => true } as unknown as Caller
const app = new Elysia({ normalize: false })
  .onError(({ error, query }) => errorResponse(error, silentLog(), { sent: query }))
  .use(auditRoutes({ audit: lab.audit }))

const ask = (path: string) => {
  const request = new Request(`http://localhost${path}`)
  setCaller(request, caller)
  return app.handle(request)
}
const json = async (path: string) => (await ask(path)).json() as Promise<Record<string, unknown>>

beforeAll(() => {
  lab.db.$client.run('BEGIN')
  lab.audit.record(edit(0)) // waits for the end of the transaction
  lab.db.$client.run('COMMIT')
  lab.audit.close()
  for (let id = 1; id < entries - 1; id++) lab.audit.record(edit(id))
  lab.audit.record(edit(entries, { object: { type: 'script', id: 'x', name: '=cmd|"/c calc",\n' }, after: '-1+1' }))
})

test('a page, newest first', async () => {
  const body = await json('/api/audit?page=2&page_size=3&object_type=script')
  expect(body).toMatchObject({ total: entries, page: 2, page_size: 3 })
  expect((body.items as { id: number }[]).map(({ id }) => id)).toEqual([entries - 3, entries - 4, entries - 5])
})

test.each([
  ['a time that is none', 'from=yesterday', '/from'],
  ['a page that is none', 'page=0', '/page'],
  ['an unknown filter', 'colour=red', '/colour'],
  ['too long a text', `q=${'x'.repeat(201)}`, '/q'],
])('refused: %s', async (_, query, path) => {
  const body = await json(`/api/audit?${query}`)
  expect(body).toMatchObject({ code: 422, error: { type: 'validation', details: [{ path }] } })
})

test('verify', async () => {
  expect(await json('/api/audit/verify')).toMatchObject({ ok: true, first_wrong: null })
})

test('an export as JSON lines is whole, ends with the newest entry of the log, and is recorded itself', async () => {
  const response = await ask('/api/audit/export?object_type=script')
  expect(response.headers.get('content-disposition')).toBe(`attachment; filename="audit-${entries + 1}.jsonl"`)
  const lines = (await response.text()).trimEnd().split('\n')
  expect(lines.length).toBe(entries + 1)
  const [id, hash] = response.headers.get('x-audit-head')?.split(' ') ?? []
  expect(JSON.parse(lines.at(-1)!)).toEqual({ end: true, entries, head: { id: Number(id), hash } })
  expect(JSON.parse(lines[0]!)).toMatchObject({ id: 1, object_id: '0', before: { tags: [] } })
  const { items } = lab.audit.list({ action: 'audit.export' }, { limit: 1, offset: 0 })
  expect(items[0]).toMatchObject({ actor: 'anna', after: { format: 'jsonl', object_type: 'script' } })
})

test('an export as CSV: one line an entry, and no formula', async () => {
  const response = await ask('/api/audit/export?format=csv&object_id=x')
  expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8')
  const [header, line, ...rest] = (await response.text()).split('\r\n')
  expect(header).toStartWith('id,at,actor,')
  expect(line).toContain(`,script,x,"'=cmd|""/c calc"",\\u000a",200,"{""tags"":[]}",'-1+1,`)
  expect(rest).toEqual([''])
})

test('whoever stops reading an export stops it', async () => {
  const response = await ask('/api/audit/export')
  const reader = response.body!.getReader()
  expect((await reader.read()).value?.length).toBeGreaterThan(1000)
  await reader.cancel()
  expect((await reader.read()).done).toBeTrue()
})
