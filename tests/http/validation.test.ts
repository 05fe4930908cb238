/** What a stranger reads when a fixed route refuses his request. */
import { expect, test } from 'bun:test'
import { startApp } from '../harness/app.ts'

const gateway = await startApp()

test.each<[string, number, string, string]>([
  ['/api/runs/abc', 422, '/id', 'must be a whole number of at least 1'],
  ['/api/runs/0', 422, '/id', 'must be a whole number of at least 1'],
  ['/api/runs?page=0', 422, '/page', 'must be a whole number of at least 1'],
  ['/api/runs?page=two', 422, '/page', 'must be a whole number of at least 1'],
  ['/api/runs?page_size=1000', 422, '/page_size', 'must be a whole number of at least 1 and of at most 200'],
  [
    '/api/runs?status=done',
    422,
    '/status',
    'must be one of queued, running, success, failed, timeout, cancelled, killed, interrupted',
  ],
  ['/api/runs?stauts=failed', 422, '/stauts', 'is not known here'],
  ['/api/runs?from=yesterday', 422, '/from', '"yesterday" is not a time'],
  ['/api/logs/gateway?lines=0', 422, '/lines', 'must be a whole number of at least 1'],
])('%s: %d, %s %s', async (path, status, place, message) => {
  const answer = await gateway.json<{ error: { details: { path: string; message: string }[] } }>(path)
  expect(answer.status).toBe(status)
  expect(answer.body.error.details[0]?.path).toBe(place)
  expect(answer.body.error.details[0]?.message).toContain(message)
})

test.each<[string, string, unknown, string[]]>([
  [
    'members of a list that may be null',
    '/api/schedules/import',
    { crontab: '0 9 * * * a', lines: [0, 3, -1, 'x'] },
    ['/lines/0', '/lines/2', '/lines/3'].map((place) => `${place} must be a whole number of at least 1`),
  ],
  [
    'neither a list nor null',
    '/api/schedules/import',
    { crontab: '0 9 * * * a', lines: 'x' },
    ['/lines must be a list of at most 2000 members or null'],
  ],
  [
    'a list that is too long',
    '/api/schedules/import',
    { crontab: '0 9 * * * a', lines: Array(2001).fill(1) },
    ['/lines must be a list of at most 2000 members'],
  ],
  [
    'members of an object that may be null',
    '/api/scripts/1/notifications',
    { quiet_hours: { from: '22:00', to: 7 } },
    ['/quiet_hours/to must be a text'],
  ],
  [
    'more than anybody reads',
    '/api/schedules/import',
    { crontab: '0 9 * * * a', lines: Array(100).fill(0) },
    Array.from({ length: 20 }, (_, index) => `/lines/${index} must be a whole number of at least 1`),
  ],
])('a body that is refused says where: %s', async (_what, path, sent, expected) => {
  const answer = await gateway.json<{ error: { details: { path: string; message: string }[] } }>(path, {
    method: 'POST',
    body: JSON.stringify(sent),
    headers: { 'content-type': 'application/json' },
  })
  expect(answer.body.error.details.map((one) => `${one.path} ${one.message}`)).toEqual(expected)
})

test('an address that is nothing is a 404 with a hint', async () => {
  const { status, body } = await gateway.json('/nothing/here')
  expect(status).toBe(404)
  expect(body).toMatchObject({ status: 'error', code: 404, error: { type: 'not_found' } })
})

test('a body over its limit is refused before it is read, in the settings too', async () => {
  const body = JSON.stringify({ base_url: `http://localhost/${'x'.repeat(17 * 1024 * 1024)}` })
  const answer = await gateway.json('/api/settings', {
    method: 'PUT',
    body,
    headers: { 'content-type': 'application/json' },
  })
  expect(answer.status).toBe(413)
})

test('a browser that asks for the address of a form is shown a page, not JSON', async () => {
  const answer = await fetch(`${gateway.url}/settings/variables`, { headers: { accept: 'text/html' } })
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST'])
  expect(await answer.text()).toContain('Go back to the page that has it.')
  const nothing = await fetch(`${gateway.url}/nothing`, { headers: { accept: 'text/html', 'accept-language': 'zh' } })
  expect(await nothing.text()).toContain('此地址没有页面。') // in the visitor's language
})

test.each<[string, string, string]>([
  ['POST', '/health', 'GET'],
  ['PUT', '/api/runs/3', 'GET, DELETE'],
  ['DELETE', '/api/runs', 'GET'],
  ['GET', '/api/runs/33/cancel', 'POST'],
  ['POST', '/api/settings', 'GET, PUT, PATCH'],
])('%s %s is a 405 that allows %s', async (method, path, allow) => {
  const { status, headers, body } = await gateway.json(path, { method })
  expect([status, headers.get('allow')]).toEqual([405, allow])
  expect(body).toMatchObject({ code: 405, error: { type: 'validation', message: `This address takes ${allow}.` } })
})
