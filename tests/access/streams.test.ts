/** Who follows something live is cut off as soon as they may not see it any more, and nobody else is. */
import { expect, test } from 'bun:test'
import type { Role } from '../../src/http/caller.ts'
import { javascriptScript, startApp } from '../harness/app.ts'
import { eventually } from '../harness/folder.ts'
import { unconfined } from '../harness/isolation.ts'
import { adminToken, bearer, makePerson, type Person } from '../harness/people.ts'

/** Far below the heartbeat: what ends by then was ended by the change. */
const endedWithinMs = 2000

const waiting = javascriptScript({}, 'setInterval(() => {}, 1000)')
const gateway = await startApp(
  { 'js/waits.js': waiting, 'js/other.js': waiting },
  { auth: 'on' },
  { secrets: { adminToken }, isolation: unconfined },
)
const asAdmin = async (method: string, path: string, body?: unknown) => {
  const headers = { 'content-type': 'application/json', ...bearer(adminToken) }
  const response = await gateway.fetch(path, {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
  return text === '' ? undefined : JSON.parse(text)
}
const { run_id: runId, script_id: scriptId } = await asAdmin('POST', '/api/scripts/waits/run?async=1')
const { script_id: otherId } = await asAdmin('POST', '/api/scripts/other/run?async=1')
await eventually('the run goes on', async () => (await asAdmin('GET', `/api/runs/${runId}`)).started_at ?? undefined)
await asAdmin('PATCH', `/api/scripts/${scriptId}`, { tags: ['team'] })

type Credential = (person: Person) => Record<string, string>
const withToken: Credential = ({ token }) => bearer(token)
const withCookie: Credential = ({ cookie }) => ({ cookie, origin: gateway.url })

interface Stream {
  /** What has come so far. */
  text(): string
  /** With what it ended. */
  ended: Promise<string | number>
  close(): void
}

async function follow(path: string, headers: Record<string, string>): Promise<Stream> {
  const left = new AbortController()
  const response = await gateway.fetch(path, { headers, signal: left.signal })
  if (response.status !== 200) throw new Error(`${path}: ${response.status}`)
  let text = ''
  const ended = (async () => {
    const decoder = new TextDecoder()
    const reader = response.body!.getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return 'ended'
      text += decoder.decode(value, { stream: true })
    }
  })().catch((error) => `failed: ${error.name}`)
  await eventually(`the first event of ${path}`, () => (text.includes('\n\n') ? true : undefined))
  return { text: () => text, ended, close: () => left.abort() }
}

async function followSocket(path: string, headers: Record<string, string>): Promise<Stream> {
  let text = ''
  const socket = new WebSocket(gateway.url.replace('http', 'ws') + path, { headers } as unknown as string[])
  socket.onmessage = ({ data }) => {
    text += data
  }
  const ended = new Promise<number>((resolve) => {
    socket.onclose = ({ code }) => resolve(code)
  })
  await eventually(`the first message of ${path}`, () => (text === '' ? undefined : true))
  return { text: () => text, ended, close: () => socket.close() }
}

const within = <T>(promise: Promise<T>) =>
  Promise.race([promise, Bun.sleep(endedWithinMs).then(() => 'still open' as const)])

let made = 0
const makeViewer = (role: Role | null = 'viewer', grants: Parameters<typeof makePerson>[1]['grants'] = []) =>
  makePerson(gateway, { name: `viewer-${++made}`, role, grants })

type Change = (person: Person) => Promise<unknown>
const endSessions: Change = ({ id }) => asAdmin('DELETE', `/api/users/${id}/sessions`)
const disable: Change = ({ id }) => asAdmin('PATCH', `/api/users/${id}`, { disabled: true })
const remove: Change = ({ id }) => asAdmin('DELETE', `/api/users/${id}`)
const revoke: Change = async ({ id }) => {
  const { items } = await asAdmin('GET', '/api/tokens?all=1')
  await asAdmin('DELETE', `/api/tokens/${items.find((one: { user_id: number }) => one.user_id === id).id}`)
}
const signOut: Change = (person) =>
  gateway.fetch('/api/sign-out', { method: 'POST', headers: withCookie(person) }).then((response) => response.text())
const restrict = (path: string) => async () => {
  await asAdmin('PUT', path, { restricted: true, grants: [] })
  await asAdmin('PUT', path, { restricted: false, grants: [] })
}

test.each<[string, Credential, Change]>([
  ['the token is revoked', withToken, revoke],
  ['the session is ended by an administrator', withCookie, endSessions],
  ['somebody signs out', withCookie, signOut],
  [
    'the password is set anew',
    withCookie,
    ({ id }) => asAdmin('PATCH', `/api/users/${id}`, { password: 'violet otter lamp' }),
  ],
  ['the user is disabled', withCookie, disable],
  ["the token's owner is disabled", withToken, disable],
  ['the user is removed', withToken, remove],
])('all streams end: %s', async (_, credential, change) => {
  const person = await makeViewer()
  const headers = credential(person)
  const streams = await Promise.all([
    follow(`/api/runs/${runId}/events`, headers),
    follow('/api/events', headers),
    followSocket(`/ws/runs/${runId}`, headers),
  ])
  await change(person)
  expect(await Promise.all(streams.map(({ ended }) => within(ended)))).toEqual(['ended', 'ended', 1008])
})

test.each<[string, Role | null, Change]>([
  ['the role is taken away', 'viewer', ({ id }) => asAdmin('PATCH', `/api/users/${id}`, { role: null })],
  ['the grant is taken away', null, ({ id }) => asAdmin('PATCH', `/api/users/${id}`, { grants: [] })],
  [
    'the grant is taken away where the script is',
    null,
    () => asAdmin('PUT', `/api/scripts/${scriptId}/access`, { restricted: false, grants: [] }),
  ],
  ['the script is restricted', 'viewer', restrict(`/api/scripts/${scriptId}/access`)],
  ['its tag is restricted', 'viewer', restrict('/api/tags/team/access')],
  [
    'it gets a tag that is restricted',
    'viewer',
    async () => {
      await asAdmin('PUT', '/api/tags/closed/access', { restricted: true, grants: [] })
      await asAdmin('PATCH', `/api/scripts/${scriptId}`, { tags: ['team', 'closed'] })
      await asAdmin('PATCH', `/api/scripts/${scriptId}`, { tags: ['team'] })
    },
  ],
])("a run's streams end, and nobody else's: %s", async (_, role, change) => {
  const person = await makeViewer(role, role === null ? [{ script_id: scriptId, right: 'see' }] : [])
  const headers = withToken(person)
  const others = await Promise.all([
    follow('/api/events', headers),
    follow(`/api/runs/${runId}/events`, bearer(adminToken)),
    followSocket(`/ws/runs/${runId}`, bearer(adminToken)),
  ])
  const streams = await Promise.all([
    follow(`/api/runs/${runId}/events`, headers),
    followSocket(`/ws/runs/${runId}`, headers),
  ])
  await change(person)
  expect(await Promise.all(streams.map(({ ended }) => within(ended)))).toEqual(['ended', 1008])
  expect(await Promise.race([...others.map(({ ended }) => ended), Promise.resolve('open')])).toBe('open')
  for (const { close } of others) close()
})

test('who keeps following the feed is told no more of what they may not see any more', async () => {
  const person = await makeViewer(null, [
    { script_id: scriptId, right: 'see' },
    { script_id: otherId, right: 'see' },
  ])
  const feed = await follow('/api/events', withCookie(person))
  const { run_id: seen } = await asAdmin('POST', '/api/scripts/waits/run?async=1')
  await eventually('it is told of a run', () => (feed.text().includes(`"id":${seen},`) ? true : undefined))
  await asAdmin('PATCH', `/api/users/${person.id}`, { grants: [{ script_id: otherId, right: 'see' }] })
  const { run_id: hidden } = await asAdmin('POST', '/api/scripts/waits/run?async=1')
  const { run_id: last } = await asAdmin('POST', '/api/scripts/other/run?async=1')
  await eventually('it is told of the other one', () => (feed.text().includes(`"id":${last},`) ? true : undefined))
  expect(feed.text()).not.toContain(`"id":${hidden},`)
  feed.close()
})
