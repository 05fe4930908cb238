/** Sign-on by others through a whole gateway: a browser at the provider and back, and a proxy's header, below a path. */
import { afterAll, expect, test } from 'bun:test'
import { startApp } from '../harness/app.ts'
import { startProvider } from './provider.ts'

const token = 'the-token-of-an-administrator'
const provider = startProvider('gateway', 'secretOfTheClient')
afterAll(provider.stop)
const base = 'https://tools.example.com/x'
const gateway = await startApp(
  {},
  {
    ...{
      auth: 'on',
      base_url: base,
      trusted_proxies: ['127.0.0.1'],
      auth_header: 'Remote-User',
      oidc_role: 'operator',
    },
    ...{ oidc_issuer: provider.issuer, oidc_client_id: 'gateway', oidc_name: 'Example ID' },
  },
  { secrets: { adminToken: token, oidcClientSecret: 'secretOfTheClient', authHeaderSecret: 'what the proxy knows' } },
)

/** As the proxy hands a request on. */
const proxied = { host: 'tools.example.com', 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.9' }
const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  gateway.fetch(path, { method, headers: { ...proxied, ...headers }, redirect: 'manual' })
const who = async (headers: Record<string, string>) =>
  (await (await get('/api/me', headers)).json()) as { user?: unknown }

/** Before anybody is there: ADMIN_TOKEN is an administrator, and the provider knows people. */
const early = [await get('/', { accept: 'text/html' }), await get('/sign-in', { accept: 'text/html' })] as const
const earlyPage = await early[1].text()

const first = { code: token, name: 'boss', password: 'violet otter lamp' }
const setUp = await gateway.fetch('/api/setup', {
  method: 'POST',
  headers: { ...proxied, 'content-type': 'application/json' },
  body: JSON.stringify(first),
})

test('with ADMIN_TOKEN nobody has to set up a password to come by the provider', () => {
  expect([early[0].status, early[0].headers.get('location')]).toEqual([303, '/x/sign-in'])
  expect([early[1].status, earlyPage.includes('Example ID')]).toEqual([200, true])
})

test('the sign-in page leads to the provider, and the way back to the page that was wanted', async () => {
  expect(setUp.status).toBeLessThan(300)
  const page = await (await get('/sign-in?next=/executions', { accept: 'text/html' })).text()
  expect(page).toContain('Example ID')
  const [, href = ''] = /href="([^"]*\/sign-in\/oidc[^"]*)"/.exec(page) ?? []
  expect(href).toStartWith('/x/sign-in/oidc?next=')
  const begun = await get(href.replaceAll('&amp;', '&'))
  const elsewhere = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }
  const cookie = begun.headers.getSetCookie()[0]!.split(';')[0]!
  const back = provider.signIn(begun.headers.get('location')!)
  expect(back).toStartWith(`${base}/sign-in/oidc/callback?`)
  const path = back.slice('https://tools.example.com'.length)

  const stranger = await get(path, { ...elsewhere, accept: 'text/html' })
  expect([stranger.status, stranger.headers.get('content-type')]).toEqual([401, 'text/html; charset=utf-8'])
  const entered = await get(path, { ...elsewhere, cookie })
  expect([entered.status, entered.headers.get('location')]).toEqual([303, '/x/executions'])
  const set = entered.headers.getSetCookie().find((one) => one.startsWith('sg_session='))!
  expect(set).toMatch(/; Path=\/x; .*; HttpOnly; SameSite=Lax; Secure$/)

  const session = { cookie: set.split(';')[0]! }
  expect(await who(session)).toMatchObject({ user: { name: 'u-1', role: 'operator', source: 'oidc' } })
  const acts: [Record<string, string>, number][] = [
    [{}, 403],
    [{ origin: 'https://evil.example' }, 403],
    [{ origin: 'http://tools.example.com' }, 403],
    [{ referer: 'https://tools.example.com/x/' }, 200],
  ]
  for (const [evidence, status] of acts)
    expect([evidence, (await get('/x/api/me/sessions', { ...session, ...evidence }, 'DELETE')).status]).toEqual([
      evidence,
      status,
    ])
})

test('a proxy names the user of each request, and its pages alone act', async () => {
  const named = { 'remote-user': 'anna', 'x-proxy-secret': 'what the proxy knows' }
  expect(await who(named)).toMatchObject({ user: { name: 'anna', role: 'viewer', source: 'proxy' } })
  const others: Record<string, string>[] = [
    { 'remote-user': 'anna' },
    { ...named, 'x-proxy-secret': 'guessed by a script' },
  ]
  for (const headers of others) expect((await get('/api/me', headers)).status).toBe(401)
  expect((await get('/api/me/sessions', { ...named, origin: 'https://evil.example' }, 'DELETE')).status).toBe(403)
  expect((await get('/api/me/sessions', named, 'DELETE')).status).toBe(403)
  expect((await get('/api/users', { ...named, origin: 'https://tools.example.com' })).status).toBe(403)
})

test('both are in the audit log, with the address of the client', async () => {
  const answer = await get('/api/audit', { authorization: `Bearer ${token}` })
  const { items } = (await answer.json()) as { items: { action: string; address: string; actor: string }[] }
  const seen = items.filter(({ action }) => action === 'user.create')
  expect(seen.map(({ actor, address }) => [actor, address]).sort()).toEqual([
    ['anna', '203.0.113.9'],
    ['u-1', '203.0.113.9'],
  ])
})
