/** The JSON API through a small app of its own; who calls is said by a header, as the guard would say it. */
import { beforeEach, describe, expect, test } from 'bun:test'
import { Elysia } from 'elysia'
import { generateSync } from 'otplib'
import type { ApiToken, Session, User } from '../../src/access/model.ts'
import { throughToken } from '../../src/access/rights.ts'
import { accessRoutes } from '../../src/access/routes.ts'
import { GatewayError } from '../../src/errors.ts'
import { createReceive } from '../../src/files/receive.ts'
import { type Caller, type Declared, setCaller } from '../../src/http/caller.ts'
import { errorResponse } from '../../src/http/errors.ts'
import { silentLog } from '../../src/log.ts'
import { client, type Lab, openLab, password } from './lab.ts'

let lab: Lab
let app: { handle(request: Request): Promise<Response>; routes: { method: string; path: string; hooks: object }[] }
let callers: Record<string, Caller>

beforeEach(() => {
  lab = openLab()
  const receive = createReceive({ setting: () => 1_000_000 as never, tmpDir: '/nowhere' })
  app = new Elysia({ normalize: false })
    .onRequest(({ request }) => setCaller(request, callers[request.headers.get('x-caller') ?? 'nobody']!))
    .onError(({ error, params, query }) => errorResponse(error, silentLog(), { sent: { ...query, ...params } }))
    .use(
      accessRoutes({
        ...{ accounts: lab.accounts, receive },
        cookie: () => ({ secure: true, path: '/tools/' }),
        scriptOf(idOrSlug) {
          if (idOrSlug === '7' || idOrSlug === 'report') return { id: 7, tags: ['billing'], name: 'billing/report.py' }
          throw new GatewayError('not_found', 'There is no such script.')
        },
      }),
    )
  const anna = lab.user('anna', 'admin')
  const bert = lab.user('bert', 'operator')
  const none = { userId: null, sessionId: null, tokenId: null, role: null, isLimited: true, seesAll: false }
  const tokenOf = (owner: Caller, more: Partial<Caller>): Caller => ({
    ...{ ...owner, kind: 'token', name: `token "x" of ${owner.name}`, sessionId: null, tokenId: 99 },
    ...more,
  })
  callers = {
    anna: lab.callerOf(anna),
    bert: lab.callerOf(bert),
    nobody: { ...none, kind: 'nobody', name: '192.0.2.9', address: '192.0.2.9', may: () => false, is: () => false },
    'admin-token': { ...lab.callerOf(anna), kind: 'admin-token', name: 'ADMIN_TOKEN', userId: null },
    off: { ...lab.callerOf(anna), kind: 'off', name: '127.0.0.1', userId: null },
    'token of anna': tokenOf(lab.callerOf(anna), {}),
    'limited token of anna': tokenOf(lab.callerOf(anna), { isLimited: true }),
    'token of bert': tokenOf(lab.callerOf(bert), {}),
  }
})

async function call<T = Record<string, unknown>>(
  as: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = { 'content-type': 'application/json' },
) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const init = { method, body: body === undefined ? undefined : text, headers: { ...headers, 'x-caller': as } }
  const response = await app.handle(new Request(`http://localhost${path}`, init))
  const answer = await response.text()
  return { status: response.status, headers: response.headers, body: (answer ? JSON.parse(answer) : null) as T }
}
const as = async (caller: string, method: string, path: string, body?: unknown) =>
  (await call(caller, method, path, body)).status
/** Gives a caller the session of a real sign-in. */
function atBrowser(name: string): { secret: string; id: number } {
  const { secret, session } = lab.accounts.sessions.begin(lab.accounts.users.named(name)!, {
    ...{ ...client, source: 'password' },
  })
  callers[name] = { ...callers[name]!, sessionId: session.id }
  return { secret, id: session.id }
}

test('every route says who may call it, and what changes something tells the audit log', () => {
  const declared = app.routes.map(({ method, path, hooks }) => {
    const { access, act } = hooks as Declared
    const who = access && ('role' in access ? access.role : 'unset' in access ? 'open before set-up' : access.to)
    return `${method} ${path}: ${who}${act === '' ? ', recorded' : ''}`
  })
  expect(declared.sort()).toEqual([
    'DELETE /api/me/second-factor: signed-in, recorded',
    'DELETE /api/me/sessions/:id: signed-in, recorded',
    'DELETE /api/me/sessions: signed-in, recorded',
    'DELETE /api/tokens/:id: signed-in, recorded',
    'DELETE /api/users/:id/second-factor: admin, recorded',
    'DELETE /api/users/:id/sessions: admin, recorded',
    'DELETE /api/users/:id: admin, recorded',
    'GET /api/me/sessions: signed-in',
    'GET /api/me: signed-in',
    'GET /api/scripts/:id/access: admin',
    'GET /api/setup: open before set-up',
    'GET /api/tags/:tag/access: admin',
    'GET /api/tokens: signed-in',
    'GET /api/users/:id/sessions: admin',
    'GET /api/users/:id: admin',
    'GET /api/users: admin',
    'PATCH /api/users/:id: admin, recorded',
    'POST /api/me/second-factor/confirm: signed-in, recorded',
    'POST /api/me/second-factor: signed-in, recorded',
    'POST /api/setup: open before set-up, recorded',
    'POST /api/sign-in/code: open, recorded',
    'POST /api/sign-in: open, recorded',
    'POST /api/sign-out: signed-in, recorded',
    'POST /api/tokens: signed-in, recorded',
    'POST /api/users: admin, recorded',
    'PUT /api/me/password: signed-in, recorded',
    'PUT /api/scripts/:id/access: admin, recorded',
    'PUT /api/tags/:tag/access: admin, recorded',
  ])
})

test.each([
  ['anna', 'user', 'admin', 'anna'],
  ['token of bert', 'token', 'operator', 'bert'],
  ['admin-token', 'admin-token', 'admin', null],
  ['off', 'off', 'admin', null],
])('/api/me for %s', async (caller, kind, role, user) => {
  const { body } = await call<{ kind: string; role: string; user: User | null }>(caller, 'GET', '/api/me')
  expect([body.kind, body.role, body.user?.name ?? null]).toEqual([kind, role, user])
  expect(JSON.stringify(body)).not.toContain('argon2')
})

describe('signing in', () => {
  const cookieOf = (headers: Headers) => headers.get('set-cookie')

  test('sets a cookie; signing out takes it away and ends the session', async () => {
    const { status, headers, body } = await call('nobody', 'POST', '/api/sign-in', { name: 'anna', password })
    expect([status, body.state, (body.user as User).name]).toEqual([200, 'signed-in', 'anna'])
    const [, secret = ''] =
      /^sg_session=([\w-]{43}); Path=\/tools\/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure$/.exec(
        cookieOf(headers)!,
      )!
    const { session } = lab.accounts.sessions.check(secret)!
    expect(session.address).toBe('192.0.2.9')
    callers.anna = { ...callers.anna!, sessionId: session.id }
    const out = await call('anna', 'POST', '/api/sign-out')
    expect([out.status, cookieOf(out.headers)]).toEqual([
      ...[204, 'sg_session=; Path=/tools/; Max-Age=0; HttpOnly; SameSite=Lax; Secure'],
    ])
    expect(lab.accounts.sessions.check(secret)).toBeNull()
  })

  test('in a browser that has a session already ends that one: nobody is left with one that others know', async () => {
    const before = atBrowser('bert')
    const { status } = await call('bert', 'POST', '/api/sign-in', { name: 'anna', password })
    expect([status, lab.accounts.sessions.check(before.secret)]).toEqual([200, null])
  })

  test.each<[string, unknown, Record<string, string> | undefined, number]>([
    ['a wrong password', { name: 'anna', password: 'wrong otter lamp' }, undefined, 401],
    ['no password', { name: 'anna' }, undefined, 422],
    ['a number', { name: 'anna', password: 5 }, undefined, 422],
    ['an object, as for other databases', { name: { $gt: '' }, password }, undefined, 422],
    ['something else beside it', { name: 'anna', password, role: 'admin' }, undefined, 422],
    ['__proto__', `{"name":"anna","password":"${password}","__proto__":{"polluted":1}}`, undefined, 400],
    ['a list', [], undefined, 422],
    ['no JSON', '{', undefined, 400],
    ['a form', `name=anna&password=${password}`, { 'content-type': 'application/x-www-form-urlencoded' }, 400],
    ['JSON that a form of another site can send', { name: 'anna', password }, { 'content-type': 'text/plain' }, 400],
    ['JSON without a type', { name: 'anna', password }, {}, 400],
  ])('%s: refused', async (_, body, headers, status) => {
    const answer = await call('nobody', 'POST', '/api/sign-in', body, headers)
    expect([answer.status, cookieOf(answer.headers)]).toEqual([status, null])
    expect(JSON.stringify(answer.body)).not.toContain('otter')
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })

  test('too often: Retry-After says how long to wait', async () => {
    for (let i = 0; i < 5; i++) await call('nobody', 'POST', '/api/sign-in', { name: 'anna', password: 'x' })
    const { status, headers } = await call('nobody', 'POST', '/api/sign-in', { name: 'anna', password })
    expect([status, headers.get('retry-after')]).toEqual([429, '1'])
  })
})

test('the second factor: begun, confirmed, asked for, turned off', async () => {
  const { body: enrolment } = await call<{ secret: string; uri: string; svg: string }>(
    ...(['anna', 'POST', '/api/me/second-factor'] as const),
  )
  expect(enrolment.uri).toContain(enrolment.secret)
  expect(enrolment.svg).toStartWith('<svg ')
  const code = () => generateSync({ secret: enrolment.secret, epoch: Math.floor(lab.now() / 1000) })
  expect(await as('anna', 'POST', '/api/me/second-factor/confirm', { code: '000000' })).toBe(422)
  const confirmed = await call<{ recovery_codes: string[] }>('anna', 'POST', '/api/me/second-factor/confirm', {
    ...{ code: code() },
  })
  expect(confirmed.body.recovery_codes).toHaveLength(10)
  expect(await as('anna', 'POST', '/api/me/second-factor')).toBe(409)

  const first = await call('nobody', 'POST', '/api/sign-in', { name: 'anna', password })
  expect([first.body.state, first.headers.get('set-cookie')]).toEqual(['code-needed', null])
  lab.pass(60_000)
  const again = { ticket: first.body.ticket, code: code() }
  const second = await call('nobody', 'POST', '/api/sign-in/code', again)
  expect([second.status, second.body.state]).toEqual([200, 'signed-in'])
  expect(await as('nobody', 'POST', '/api/sign-in/code', again)).toBe(401)

  expect(await as('anna', 'DELETE', '/api/me/second-factor', { password: 'wrong otter lamp' })).toBe(403)
  expect(await as('anna', 'DELETE', '/api/me/second-factor', {})).toBe(403)
  expect(await as('anna', 'DELETE', '/api/me/second-factor', { password })).toBe(204)
  expect((await call('nobody', 'POST', '/api/sign-in', { name: 'anna', password })).body.state).toBe('signed-in')
  expect(lab.events.map(({ action }) => action).filter((action) => action.startsWith('user.'))).toEqual([
    ...['user.second-factor-begin', 'user.second-factor-on', 'user.second-factor-off'],
  ])
})

test('a new password needs the old one, and ends the other sessions', async () => {
  const elsewhere = atBrowser('anna')
  const here = atBrowser('anna')
  const path = '/api/me/password'
  expect(await as('anna', 'PUT', path, { current: 'wrong otter lamp', new: 'another otter lamp' })).toBe(403)
  expect(await as('anna', 'PUT', path, { current: password, new: 'short' })).toBe(422)
  expect(await as('anna', 'PUT', path, { current: password, new: 'another otter lamp' })).toBe(204)
  expect([elsewhere, here].map(({ secret }) => lab.accounts.sessions.check(secret) !== null)).toEqual([false, true])
  expect(await as('nobody', 'POST', '/api/sign-in', { name: 'anna', password })).toBe(401)
  for (let i = 0; i < 10; i++) await as('anna', 'PUT', path, { current: 'wrong otter lamp', new: 'another otter lamp' })
  expect(await as('anna', 'PUT', path, { current: password, new: 'another otter lamp' })).toBe(429)
  expect(JSON.stringify(lab.events)).not.toContain('otter')
})

test('sessions: one’s own are listed and ended, another’s are not there', async () => {
  const [old, other, mine] = [atBrowser('anna'), atBrowser('bert'), atBrowser('anna')]
  const { body } = await call<{ items: Session[] }>('anna', 'GET', '/api/me/sessions')
  expect(body.items.map(({ id, is_current }) => [id, is_current])).toEqual([
    [mine.id, true],
    [old.id, false],
  ])
  expect(await as('anna', 'DELETE', `/api/me/sessions/${other.id}`)).toBe(404)
  expect(await as('anna', 'DELETE', '/api/me/sessions/x')).toBe(422)
  expect(await as('anna', 'DELETE', `/api/me/sessions/${old.id}`)).toBe(204)
  atBrowser('bert')
  expect((await call('bert', 'DELETE', '/api/me/sessions')).body).toEqual({ ended: 1 })
  expect((await call('anna', 'DELETE', '/api/users/2/sessions')).body).toEqual({ ended: 1 })
  expect((await call<{ items: Session[] }>('anna', 'GET', '/api/users/1/sessions')).body.items).toHaveLength(1)
})

describe('whoever is no person', () => {
  test.each(['token of anna', 'limited token of anna', 'token of bert', 'admin-token', 'off'])(
    '%s has no password, no second factor and no sessions',
    async (caller) => {
      expect([
        await as(caller, 'PUT', '/api/me/password', { current: password, new: 'another otter lamp' }),
        await as(caller, 'POST', '/api/me/second-factor'),
        await as(caller, 'POST', '/api/me/second-factor/confirm', { code: '000000' }),
        await as(caller, 'DELETE', '/api/me/second-factor', { password }),
        await as(caller, 'GET', '/api/me/sessions'),
        await as(caller, 'DELETE', '/api/me/sessions'),
        await as(caller, 'DELETE', '/api/me/sessions/1'),
      ]).toEqual(Array(7).fill(403))
    },
  )
})

describe('tokens', () => {
  const make = (caller: string, more: Record<string, unknown> = {}) =>
    call<ApiToken & { secret: string }>(caller, 'POST', '/api/tokens', { name: 'n8n', role: 'viewer', ...more })

  test.each<[string, Record<string, unknown>, number, string | null]>([
    ['anna', { role: 'admin' }, 201, 'anna'],
    ['anna', { user_id: 2, role: 'operator' }, 201, 'bert'],
    ['anna', { user_id: 2, role: 'editor' }, 422, null],
    ['anna', { user_id: 99 }, 404, null],
    ['bert', { role: 'operator' }, 201, 'bert'],
    ['bert', { role: 'editor' }, 422, null],
    ['bert', { user_id: 1 }, 403, null],
    ['bert', { user_id: 2 }, 201, 'bert'],
    ['token of anna', { role: 'admin' }, 201, 'anna'],
    ['limited token of anna', {}, 403, null],
    ['token of bert', {}, 403, null],
    ['admin-token', {}, 409, null],
    ['admin-token', { user_id: 1, role: 'admin' }, 201, 'anna'],
    ['off', {}, 409, null],
    ['anna', { token_hash: 'x' }, 422, null],
    ['anna', { role: 'root' }, 422, null],
    ['anna', { script_ids: [0] }, 422, null],
    ['anna', { script_ids: ['7'] }, 201, 'anna'],
    ['anna', { script_ids: ['x'] }, 422, null],
    ['anna', { rate_per_min: 0 }, 422, null],
    ['anna', { expires_at: 'soon' }, 422, null],
    ['anna', { expires_at: null, script_ids: null, rate_per_min: null }, 201, 'anna'],
  ])('%s with %j: %i', async (caller, more, status, owner) => {
    const answer = await make(caller, more)
    expect<unknown>([answer.status, answer.body.user ?? null]).toEqual([status, owner])
    if (status !== 201) return expect(lab.accounts.tokens.list(null)).toEqual([])
    expect(lab.accounts.tokens.check(answer.body.secret, null)?.user.name).toBe(owner!)
    expect(JSON.stringify(lab.events)).not.toContain(answer.body.secret)
  })

  test('one’s own are listed; an administrator who asks sees all', async () => {
    await make('anna')
    await make('bert')
    const list = async (caller: string, query = '') => {
      const { status, body } = await call<{ items?: ApiToken[] }>(caller, 'GET', `/api/tokens${query}`)
      return body.items?.map(({ user }) => user) ?? status
    }
    expect(await list('anna')).toEqual(['anna'])
    expect(await list('bert')).toEqual(['bert'])
    expect(await list('anna', '?all=1')).toEqual(['bert', 'anna'])
    expect(await list('admin-token', '?all=1')).toEqual(['bert', 'anna'])
    expect(await list('bert', '?all=1')).toBe(403)
    expect(await list('limited token of anna')).toBe(403)
    expect(await list('anna', '?al=1')).toBe(422)
  })

  test('one’s own are revoked, another’s are not there, and an administrator revokes any', async () => {
    const [annas, berts, second] = [await make('anna'), await make('bert'), await make('bert')]
    const path = ({ body }: { body: ApiToken }) => `/api/tokens/${body.id}`
    expect(await as('bert', 'DELETE', path(annas))).toBe(404)
    expect(await as('limited token of anna', 'DELETE', path(annas))).toBe(403)
    expect(await as('bert', 'DELETE', path(berts))).toBe(204)
    expect(await as('bert', 'DELETE', path(berts))).toBe(404)
    expect(await as('anna', 'DELETE', path(second))).toBe(204)
    expect(lab.accounts.tokens.list(null).map(({ user }) => user)).toEqual(['anna'])
    expect(lab.events.at(-1)).toMatchObject({ action: 'token.revoke', object: { name: 'n8n' }, before: { user_id: 2 } })
  })

  test('what is kept is what the guard makes a holder of', () => {
    const { secret } = lab.accounts.tokens.create(lab.accounts.users.row(1), { name: 'x', role: 'viewer' })
    const { user, token } = lab.accounts.tokens.check(secret, null)!
    expect(throughToken(user, token)).toMatchObject({ role: user.role, rightMax: 'see', scriptIds: null })
  })
})

describe('users', () => {
  test('are made, changed and removed', async () => {
    const made = await call<User>('anna', 'POST', '/api/users', { name: 'cora', password, role: 'viewer' })
    expect([made.status, made.body.name, made.body.role]).toEqual([201, 'cora', 'viewer'])
    const path = `/api/users/${made.body.id}`
    expect(
      (await call<User>('anna', 'PATCH', path, { role: null, grants: [{ tag: 'x', right: 'run' }] })).body,
    ).toMatchObject({
      ...{ role: null, grants: [{ tag: 'x', right: 'run' }] },
    })
    expect((await call<User>('anna', 'PATCH', path, { disabled: true })).body.disabled).toBe(true)
    expect((await call<{ items: User[] }>('anna', 'GET', '/api/users')).body.items).toHaveLength(3)
    expect(await as('anna', 'DELETE', `${path}/second-factor`)).toBe(204)
    expect(await as('anna', 'DELETE', path)).toBe(204)
    expect(await as('anna', 'GET', path)).toBe(404)
    expect(await as('anna', 'DELETE', path)).toBe(404)
    expect(await as('anna', 'DELETE', '/api/users/1')).toBe(409)
  })

  test.each<[unknown, number]>([
    [{ name: 'ANNA' }, 409],
    [{ name: 'a b' }, 422],
    [{ name: 'cora', password: 'short' }, 422],
    [{ name: 'cora', role: 'root' }, 422],
    [{ name: 'cora', source: 'oidc' }, 422],
    [{ name: 'cora', id: 1 }, 422],
    [{ name: 'cora', grants: [{ right: 'run' }] }, 422],
    [{ name: 'cora', grants: [{ script_id: 1, tag: 'x', right: 'run' }] }, 422],
    [{ name: 'cora', grants: [{ script_id: 1, right: 'all' }] }, 422],
    [`{"name":"cora","__proto__":{"role":"admin"}}`, 400],
    [{ name: 'cora', constructor: { prototype: { x: 1 } } }, 422],
    ['', 400],
  ])('%j: %i', async (body, status) => {
    expect(await as('anna', 'POST', '/api/users', body)).toBe(status)
    expect(lab.accounts.users.list()).toHaveLength(2)
  })
})

test('who may what with a script or a tag is said as a whole', async () => {
  const put = await call('anna', 'PUT', '/api/scripts/report/access', {
    ...{ restricted: true, grants: [{ user_id: 2, right: 'edit' }] },
  })
  expect(put.body).toEqual({
    restricted: true,
    grants: [{ user_id: 2, user: 'bert', right: 'edit' }],
    who: [
      { user_id: 1, user: 'anna', role: 'admin', right: 'edit', through: 'admin' },
      { user_id: 2, user: 'bert', role: 'operator', right: 'edit', through: 'grant' },
    ],
  })
  expect((await call('anna', 'GET', '/api/scripts/7/access')).body).toEqual(put.body)
  expect(await as('anna', 'GET', '/api/scripts/8/access')).toBe(404)
  expect(await as('anna', 'PUT', '/api/scripts/7/access', { restricted: true })).toBe(422)
  expect(await as('anna', 'PUT', '/api/scripts/7/access', { restricted: 'yes', grants: [] })).toBe(422)
  const tag = `/api/tags/${encodeURIComponent('month end/2026')}/access`
  expect(await as('anna', 'PUT', tag, { restricted: true, grants: [] })).toBe(200)
  expect(lab.accounts.restrictions.has({ tag: 'month end/2026' })).toBe(true)
  expect((await call('anna', 'GET', tag)).body).toMatchObject({ restricted: true, grants: [] })
})

test('the set-up is needed once', async () => {
  expect((await call('nobody', 'GET', '/api/setup')).body).toEqual({ needed: false })
  expect(await as('nobody', 'POST', '/api/setup', { code: 'x', name: 'mallory', password })).toBe(409)
  lab.db.$client.run('DELETE FROM users')
  const fresh = lab.restart()
  lab.accounts.setup.isOpen = fresh.setup.isOpen
  lab.accounts.setup.finish = fresh.setup.finish
  expect((await call('nobody', 'GET', '/api/setup')).body).toEqual({ needed: true })
  expect(await as('nobody', 'POST', '/api/setup', { code: 'x', name: 'mallory', password })).toBe(401)
  const done = await call<User>('nobody', 'POST', '/api/setup', { code: fresh.setup.code(), name: 'cora', password })
  expect([done.status, done.body.role]).toEqual([201, 'admin'])
  expect(done.headers.get('set-cookie')).toStartWith('sg_session=')
})
