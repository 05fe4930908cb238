/** An Idempotency-Key is its caller's own: nobody gets the run that somebody else started with the same word. */
import { afterAll, expect, test } from 'bun:test'
import { createApp } from '../../src/app.ts'
import { silentLog } from '../../src/log.ts'
import { javascriptScript, startApp } from '../harness/app.ts'
import { unconfined } from '../harness/isolation.ts'
import { adminToken, bearer, makePerson } from '../harness/people.ts'

const gateway = await startApp(
  { 'js/daily.js': javascriptScript({}, 'console.log(1)') },
  { auth: 'on' },
  { secrets: { adminToken }, isolation: unconfined },
)
const anna = await makePerson(gateway, { name: 'anna', role: 'operator' })
const bert = await makePerson(gateway, { name: 'bert', role: 'operator' })
const other = await gateway.json<{ secret: string }>('/api/tokens', {
  method: 'POST',
  body: JSON.stringify({ name: 'other', role: 'operator', user_id: anna.id }),
  headers: { 'content-type': 'application/json', ...bearer(adminToken) },
})

async function runWith(headers: Record<string, string>, url = gateway.url): Promise<number> {
  const response = await fetch(`${url}/api/scripts/daily/run`, {
    method: 'POST',
    headers: { 'idempotency-key': 'daily', ...headers },
  })
  return ((await response.json()) as { run_id: number }).run_id
}

const ofAnna = await runWith(bearer(anna.token))
const ofBert = await runWith(bearer(bert.token))
const ofAdminToken = await runWith(bearer(adminToken))
const theirs = () => [
  { who: 'anna again', headers: bearer(anna.token), id: ofAnna },
  { who: 'another token of anna', headers: bearer(other.body.secret), id: ofAnna },
  { who: 'anna at a browser', headers: { cookie: anna.cookie, origin: gateway.url }, id: ofAnna },
  { who: 'bert again', headers: bearer(bert.token), id: ofBert },
  { who: 'ADMIN_TOKEN again', headers: bearer(adminToken), id: ofAdminToken },
]

test('three callers with the same key have three runs', () => {
  expect(new Set([ofAnna, ofBert, ofAdminToken]).size).toBe(3)
})

test.each(theirs())('$who: the run of before', async ({ headers, id }) => {
  expect(await runWith(headers)).toBe(id)
})

test('nobody writes a key that is the one of somebody else', async () => {
  const prefixed = { ...bearer(bert.token), 'idempotency-key': `user:${anna.id}:daily` }
  expect(await runWith(prefixed)).not.toBe(ofAnna)
})

test('after a restart each still has their own', async () => {
  await gateway.app.close(0)
  const { dataDir, scriptsDir } = gateway
  const again = await createApp(
    { environment: { auth: 'on' }, secrets: { adminToken }, dataDir, scriptsDir },
    { log: silentLog(), isolation: unconfined },
  )
  afterAll(() => again.close(0))
  const url = await again.listen('127.0.0.1', 0)
  await again.ready
  const ids = [anna.token, bert.token, adminToken].map((token) => runWith(bearer(token), url))
  expect(await Promise.all(ids)).toEqual([ofAnna, ofBert, ofAdminToken])
})
