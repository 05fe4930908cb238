/** Sign-on through a provider on loopback: the right way in, and every wrong one. */
import { afterAll, beforeEach, describe, expect, test } from 'bun:test'
import { randomBytes } from 'node:crypto'
import { createExternalUsers } from '../../src/access/external-users.ts'
import { createOidc } from '../../src/access/oidc.ts'
import { type Config, options } from '../../src/config.ts'
import { createEdge } from '../../src/http/edge.ts'
import { errorResponse } from '../../src/http/errors.ts'
import { silentLog } from '../../src/log.ts'
import { createVault } from '../../src/variables/vault.ts'
import { type Lab, minuteMs, openLab } from './lab.ts'
import { type Provider, startProvider } from './provider.ts'

const [clientId, clientSecret] = ['gateway', 'secretOfTheClient']
const own = 'http://localhost:8001/tools'
const providers: Provider[] = []
afterAll(() => {
  for (const { stop } of providers) stop()
})

let provider: Provider
let lab: Lab
beforeEach(() => {
  provider = startProvider(clientId, clientSecret)
  providers.push(provider)
  lab = openLab()
  lab.user('boss', 'admin')
})

/** A gateway that has the two routes, behind its edge; and browsers with a cookie jar each. */
function start(more: Partial<Config> = {}) {
  Object.assign(lab.settings, {
    oidc_issuer: provider.issuer,
    oidc_client_id: clientId,
    oidc_role: 'viewer',
    base_url: own,
    ...more,
  })
  const setting = <K extends keyof Config>(name: K) => (lab.settings[name] ?? options[name].default) as Config[K]
  const clock = { now: lab.now }
  const oidc = createOidc({
    ...{ setting, clientSecret, baseUrl: () => own, vault: createVault({ key: randomBytes(32) }), clock },
    findOrCreate: createExternalUsers({
      db: lab.db,
      clock,
      record: (event) => void lab.events.push(event),
      refusals: lab.accounts.refusals,
    }),
    ...{ sessions: lab.accounts.sessions, record: (event) => void lab.events.push(event), log: silentLog() },
  })!
  const wrap = createEdge({ setting, baseUrl: () => own, peerOf: () => '127.0.0.1', log: silentLog() })
  const edge = (wrap as unknown as (inner: typeof route) => (request: Request) => Promise<Response>)(route)
  async function route(request: Request): Promise<Response> {
    try {
      return await (new URL(request.url).pathname === '/sign-in/oidc' ? oidc.begin(request) : oidc.finish(request))
    } catch (error) {
      return errorResponse(error, silentLog())
    }
  }
  return { oidc, browser: () => openBrowser(edge) }
}

function openBrowser(edge: (request: Request) => Promise<Response>) {
  const jar = new Map<string, string>()
  async function get(url: string, headers: Record<string, string> = {}) {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await edge(new Request(url, { headers: { host: 'localhost:8001', cookie, ...headers } }))
    const set = response.headers.getSetCookie()
    for (const one of set) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(one) ?? []
      jar.set(name, value)
    }
    return { status: response.status, location: response.headers.get('location') ?? '', set, response }
  }
  /** Begins, and goes through the provider: answers where that sends the browser back to. */
  async function way(next = '/scripts/1') {
    const begun = await get(`${own}/sign-in/oidc?next=${encodeURIComponent(next)}`)
    return provider.signIn(begun.location)
  }
  const user = () => lab.accounts.sessions.check(jar.get('sg_session') ?? '')?.user
  return { jar, get, way, user, signIn: async (next?: string) => get(await way(next)) }
}

test('a person comes from the provider to the page that was wanted, as a user of its own', async () => {
  provider.claims = { preferred_username: 'Ada Lovelace', email: 'ada@example.com' }
  const browser = start().browser()
  const begun = await browser.get(`${own}/sign-in/oidc?next=/scripts/1`)
  const asked = new URL(begun.location).searchParams
  expect([begun.status, asked.get('code_challenge_method'), asked.get('redirect_uri'), asked.get('scope')]).toEqual([
    ...[303, 'S256', `${own}/sign-in/oidc/callback`, 'openid profile email'],
  ])
  expect(begun.set[0]).toMatch(/^sg_oidc=[\w-]+; Path=\/tools\/sign-in\/oidc; Max-Age=600; HttpOnly; SameSite=Lax$/)
  // The way back is a link from another site.
  const elsewhere = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', referer: `${provider.issuer}/` }
  const { status, location, set } = await browser.get(provider.signIn(begun.location), elsewhere)
  expect([status, location, browser.jar.get('sg_oidc')]).toEqual([303, '/tools/scripts/1', ''])
  expect(set[1]).toMatch(/^sg_session=[\w-]{43}; Path=\/tools; Max-Age=2592000; HttpOnly; SameSite=Lax$/)
  const { name, email, role, source, oidcIssuer, oidcSubject, passwordHash } = browser.user()!
  expect({ name, email, role, source, oidcIssuer, oidcSubject, passwordHash }).toEqual({
    ...{ name: 'Ada-Lovelace', email: 'ada@example.com', role: 'viewer', source: 'oidc' },
    ...{ oidcIssuer: provider.issuer, oidcSubject: 'u-1', passwordHash: null },
  })
  expect(lab.events.map(({ action }) => action)).toEqual(['user.create', 'session.begin'])
})

describe('an ID token that is not right lets nobody in', () => {
  const hourAgoSec = Math.floor(Date.now() / 1000) - 3600
  const rows: [name: string, change: Partial<Pick<Provider, 'claims' | 'signing'>>][] = [
    ['of another issuer', { claims: { iss: 'https://evil.example' } }],
    ['for another client', { claims: { aud: 'somebody else' } }],
    ['for us and another, without saying for whom', { claims: { aud: [clientId, 'other'] } }],
    ['with another nonce', { claims: { nonce: 'replayed' } }],
    ['without a nonce', { claims: { nonce: undefined } }],
    ['that has expired', { claims: { iat: hourAgoSec - 60, exp: hourAgoSec } }],
    ['that never expires', { claims: { exp: undefined } }],
    ['not yet valid', { claims: { nbf: hourAgoSec + 7200 } }],
    ['without a subject', { claims: { sub: undefined } }],
    ['signed by another key', { signing: 'other key' }],
    ['not signed at all', { signing: 'none' }],
    ['signed with our own secret', { signing: 'hmac' }],
  ]
  test.each(rows)('%s', async (_, change) => {
    Object.assign(provider, change)
    const browser = start().browser()
    const { status, response } = await browser.signIn()
    expect([status, browser.user(), provider.counts.tokens]).toEqual([401, undefined, 1])
    expect(await response.text()).toContain('The sign-on did not succeed')
    expect(lab.accounts.users.list().map(({ name }) => name)).toEqual(['boss'])
  })
})

describe('an answer that this browser did not ask for is not taken', () => {
  const rows: [
    name: string,
    act: (way: string, gateway: ReturnType<typeof start>, mine: Browser) => Promise<{ status: number }>,
  ][] = [
    ['one that another browser began (login CSRF)', (way, gateway) => gateway.browser().get(way)],
    [
      'one of another sign-on of this browser',
      async (way, _, mine) => {
        await mine.way()
        return mine.get(way)
      },
    ],
    ['without a state', (way, _, mine) => mine.get(way.replace(/&state=[^&]*/, ''))],
    ['with a state that was made up', (way, _, mine) => mine.get(way.replace(/state=[^&]*/, 'state=x'))],
    ['with a code that was made up', (way, _, mine) => mine.get(way.replace(/code=[^&]*/, 'code=x'))],
    [
      'with a cookie that was changed',
      (way, _, mine) => {
        mine.jar.set('sg_oidc', `${mine.jar.get('sg_oidc')!.slice(0, -2)}AA`)
        return mine.get(way)
      },
    ],
    [
      'too late',
      (way, _, mine) => {
        lab.pass(11 * minuteMs)
        return mine.get(way)
      },
    ],
    ['a refusal of the provider', (way, _, mine) => mine.get(way.replace(/code=[^&]*/, 'error=access_denied'))],
  ]
  test.each(rows)('%s', async (_, act) => {
    const gateway = start()
    const mine = gateway.browser()
    const { status } = await act(await mine.way(), gateway, mine)
    expect([status, provider.counts.tokens, mine.user()]).toEqual([401, 0, undefined])
  })

  test('twice, one after the other or at once, also with the cookie kept', async () => {
    const browser = start().browser()
    const way = await browser.way()
    const kept = browser.jar.get('sg_oidc')!
    const both = await Promise.all([browser.get(way), browser.get(way)])
    expect(both.map(({ status }) => status).sort()).toEqual([303, 401])
    browser.jar.set('sg_oidc', kept)
    expect((await browser.get(way)).status).toBe(401)
    expect(provider.counts.tokens).toBe(1)
  })
})

type Browser = ReturnType<typeof openBrowser>

test.each([
  'https://evil.example/',
  '//evil.example',
  '/\\evil.example',
  '/\t/evil.example',
  'javascript:alert(1)',
  '',
  `/${'x'.repeat(2000)}`,
])('afterwards nobody is sent to %j', async (next) =>
  expect((await start().browser().signIn(next)).location).toBe('/tools/'),
)

describe('who it is', () => {
  test('issuer and subject say it, not names: another one of the same name or e-mail is another user', async () => {
    provider.claims = { preferred_username: 'boss', email: 'boss@example.com' }
    const gateway = start()
    const [first, again] = [gateway.browser(), gateway.browser()]
    await first.signIn()
    expect([first.user()?.name, first.user()?.role]).toEqual(['boss-2', 'viewer'])
    provider.claims = { preferred_username: 'renamed' }
    await again.signIn()
    expect(again.user()?.id).toBe(first.user()!.id)
    provider.claims = { sub: 'u-2', preferred_username: 'BOSS', email: 'boss@example.com' }
    const other = gateway.browser()
    await other.signIn()
    expect([other.user()?.name, other.user()?.id === first.user()!.id]).toEqual(['BOSS-3', false])
  })

  test.each<[string, status: number, role: string | null | undefined]>([
    ['refuse', 401, undefined],
    ['none', 303, null],
    ['operator', 303, 'operator'],
  ])('somebody new, with oidc_role %s', async (oidcRole, status, role) => {
    const browser = start({ oidc_role: oidcRole }).browser()
    const answer = await browser.signIn()
    expect<unknown[]>([answer.status, browser.user()?.role]).toEqual([status, role])
  })

  test('one who was disabled stays out', async () => {
    const gateway = start()
    const browser = gateway.browser()
    await browser.signIn()
    lab.db.$client.run('UPDATE users SET disabled_at = 1 WHERE id = ?', [browser.user()!.id])
    expect((await gateway.browser().signIn()).status).toBe(401)
  })
})

describe('groups', () => {
  const settings = { oidc_group_roles: ['staff=operator', 'a=b=editor', 'root=admin'], oidc_role: 'refuse' }
  const roleWith = async (groups: unknown, gateway = start(settings)) => {
    provider.claims = { groups }
    const browser = gateway.browser()
    await browser.signIn()
    return browser.user()?.role
  }

  test.each<[groups: unknown, role: string | undefined]>([
    [['staff'], 'operator'],
    [['staff', 'a=b'], 'editor'],
    ['root', 'admin'],
    [['Staff', 'roots'], undefined],
    [[{ name: 'root' }], undefined],
    [[], undefined],
  ])('%j: %s', async (groups, role) => expect(await roleWith(groups)).toBe(role as never))

  test('each sign-in sets the role anew; who has no group any more stays out', async () => {
    const gateway = start(settings)
    expect(await roleWith(['a=b'], gateway)).toBe('editor')
    expect(await roleWith(['staff'], gateway)).toBe('operator')
    expect(await roleWith([], gateway)).toBeUndefined()
    expect(lab.events.filter(({ action }) => action === 'user.update')).toHaveLength(1)
  })

  test('the last administrator stays one', async () => {
    const gateway = start(settings)
    await roleWith(['root'], gateway)
    lab.db.$client.run("UPDATE users SET disabled_at = 1 WHERE name = 'boss'")
    expect(await roleWith(['staff'], gateway)).toBe('admin')
  })

  test('they may be told by the userinfo endpoint alone, and only of the same subject', async () => {
    provider.userinfo = { groups: ['staff'] }
    expect(await roleWith(undefined)).toBe('operator')
    provider.userinfo = { sub: 'u-9', groups: ['root'] }
    expect(await roleWith(undefined)).toBeUndefined()
  })
})

describe('the provider', () => {
  test('one that is down at the start works later, and is asked for its addresses once', async () => {
    provider.isDown = true
    const gateway = start()
    const down = await gateway.browser().get(`${own}/sign-in/oidc`)
    expect([down.status, down.response.headers.get('retry-after')]).toEqual([503, '5'])
    provider.isDown = false
    lab.pass(3000)
    expect((await gateway.browser().signIn()).status).toBe(303)
    expect((await gateway.browser().signIn()).status).toBe(303)
    expect(provider.counts.discoveries).toBe(1)
    lab.pass(61 * minuteMs)
    expect((await gateway.browser().signIn()).status).toBe(303)
    expect(provider.counts.discoveries).toBe(2)
  })

  test.each<[Partial<Config>, RegExp]>([
    [{ oidc_issuer: 'http://idp.example' }, /only https/],
    [{ oidc_client_id: '' }, /OIDC_CLIENT_ID/],
  ])('%j stops the start', (settings, reason) => expect(() => start(settings)).toThrow(reason))

  test('none is none', () => {
    const setting = <K extends keyof Config>(name: K) => options[name].default as Config[K]
    expect(createOidc({ setting } as unknown as Parameters<typeof createOidc>[0])).toBeNull()
  })
})
