/** The pages of access on real accounts: the door, one's own account, users, who may what, the audit log, backups. */
import { beforeAll, describe, expect, test } from 'bun:test'
import { generateSync } from 'otplib'
import type { Caller } from '../../src/http/caller.ts'
import { localPath } from '../../src/pages/sign-in.tsx'
import { cookieOf, createLab, type Lab } from './access-lab.ts'
import { callerWith, goodPassword } from './fake-access.ts'
import { epoch } from './samples.ts'

const text = (response: Response) => response.text()
const went = (response: Response) => [response.status, response.headers.get('location')]

/** With an administrator, whose cookie and caller it gives. */
async function openLab() {
  const lab = createLab()
  const code = lab.accounts.setup.code()!
  const done = await lab.post('/setup', { code, name: 'anna', new_password: goodPassword })
  const cookie = cookieOf(done)
  const anna = callerWith('admin', { name: 'anna', userId: 1, sessionId: 1 })
  return { ...lab, cookie, anna, code, done }
}

let lab: Lab & { cookie: string; anna: Caller; code: string; done: Response }
beforeAll(async () => {
  lab = await openLab()
})

describe('the first administrator', () => {
  test('is made with the code, is signed in, and leaves no second setup', async () => {
    expect(went(lab.done)).toEqual([303, '/'])
    expect(lab.done.headers.get('set-cookie')).toMatch(
      /^sg_session=[\w-]{43}; Path=\/; Max-Age=3600; HttpOnly; SameSite=Lax$/,
    )
    expect(went(await lab.ask('/setup'))).toEqual([303, '/sign-in'])
    const again = await lab.post('/setup', { code: lab.code, name: 'eve', new_password: goodPassword })
    expect(went(again)).toEqual([303, '/sign-in'])
    expect(lab.accounts.users.named('eve')).toBeUndefined()
  })

  test.each<[string, { code?: string; name?: string; new_password?: string }, number, string]>([
    ['a wrong code', { code: 'AAAAA-BBBBB' }, 401, 'That is not the setup code'],
    ['no code', { code: '' }, 401, 'That is not the setup code'],
    ['a short password', { new_password: 'short' }, 422, 'at least 10'],
    ['a name that is none', { name: '<b>' }, 422, 'letters'],
  ])('%s is told at the form, which keeps the name and the code, and no password', async (_, change, status, words) => {
    const fresh = createLab()
    const given = { code: fresh.accounts.setup.code()!, name: 'anna', new_password: goodPassword, ...change }
    const response = await fresh.post('/setup', given)
    const page = await text(response)
    expect([response.status, response.headers.get('set-cookie')]).toEqual([status, null])
    expect(page).toContain(words)
    expect(page).toContain(Bun.escapeHTML(given.name))
    expect(/name="code"[^>]* value="([^"]*)"/.exec(page)?.[1]).toBe(given.code)
    expect(page).not.toContain(given.new_password)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(fresh.accounts.hasAdministrator()).toBe(false)
  })

  test('before it, the sign-in leads to the setup', async () => {
    expect(went(await createLab().ask('/sign-in'))).toEqual([303, '/setup'])
  })
})

describe('signing in', () => {
  test('leads on to where one wanted to go, once', async () => {
    const page = await text(await lab.ask('/sign-in?next=%2Faudit%3Fq%3Dx'))
    expect(page).toContain('name="next" value="/audit?q=x"')
    const response = await lab.post('/sign-in', { name: 'ANNA', password: goodPassword, next: '/audit?q=x' })
    expect(went(response)).toEqual([303, '/audit?q=x'])
    const signedIn = { headers: { cookie: cookieOf(response) } }
    expect((await lab.ask('/audit', signedIn)).status).toBe(200)
    expect(went(await lab.ask('/sign-in?next=%2Fusers', signedIn))).toEqual([303, '/users'])
    const out = await lab.ask('/sign-out', { method: 'POST', ...signedIn })
    expect(went(out)).toEqual([303, '/sign-in?bye=1'])
    expect(out.headers.get('set-cookie')).toMatch(/^sg_session=; Path=\/; Max-Age=0/)
    expect((await lab.ask('/sign-in', signedIn)).status).toBe(200)
  })

  test.each([
    ['a wrong password', { name: 'anna', password: 'not-that-one' }],
    ['an unknown name', { name: 'nobody', password: goodPassword }],
    ['nothing', {}],
  ])('%s is refused in the same words, and nothing typed but the name comes back', async (_, form) => {
    const response = await lab.post('/sign-in', form)
    const page = await text(response)
    expect([response.status, response.headers.get('set-cookie')]).toEqual([401, null])
    expect(page).toContain('The name, the password or the code is not right.')
    for (const secret of ['not-that-one', goodPassword]) expect(page).not.toContain(secret)
  })

  test('who tried too often is told how long to wait', async () => {
    const many = await openLab()
    let last = new Response()
    for (let i = 0; i < 12 && last.status !== 429; i++)
      last = await many.post('/sign-in', { name: 'bo', password: `x${i}` })
    expect(last.status).toBe(429)
    expect(last.headers.get('retry-after')).toMatch(/^\d+$/)
    expect((await text(last)).match(/wait \d+ (s|min), then try again|try again/gi)).toHaveLength(1)
  })

  test('a form that another site sent is refused', async () => {
    const headers = { 'sec-fetch-site': 'cross-site' }
    const response = await lab.post('/sign-in', { name: 'anna', password: goodPassword }, { headers })
    expect([response.status, response.headers.get('set-cookie')]).toEqual([403, null])
  })

  test('the provider is offered where there is one, and is told where to go on', async () => {
    const other = createLab({ provider: { name: 'Auth <ent>', href: '/sign-in/oidc' } })
    await other.accounts.users.firstAdministrator({ name: 'anna', password: goodPassword })
    const page = await text(await other.ask('/sign-in?next=/audit'))
    expect(page).toContain('Sign in with Auth &lt;ent&gt;')
    expect(page).toContain('href="/sign-in/oidc?next=%2Faudit"')
    expect(await text(await lab.ask('/sign-in'))).not.toContain('Sign in with')
  })

  test.each([
    ['/audit?q=1#e', '/audit?q=1#e'],
    ['/scripts/3', '/scripts/3'],
    ['//evil.example', ''],
    ['/\\evil.example', ''],
    ['/\t/evil.example', ''],
    ['/a/..//evil.example', ''],
    ['https://evil.example/', ''],
    ['javascript:alert(1)', ''],
    ['evil', ''],
    ['/sign-in?next=/sign-in', ''],
    ['/sign-out', ''],
    ['/setup', ''],
    ['', ''],
  ])('after it, %j leads to %j', (next, expected) => {
    expect(localPath(next)).toBe(expected)
  })
})

describe('the second factor', () => {
  test('is set up, asked for, and turned off; its key and codes are shown once', async () => {
    const mine = await openLab()
    const headers = { cookie: mine.cookie }
    const enrol = await mine.post('/account/second-factor', {}, { headers })
    const page = await text(enrol)
    const key = /id="totp-secret">\s*([A-Z2-7]{16,})/.exec(page)?.[1] ?? ''
    expect(page).toContain('<svg')
    expect([enrol.status, enrol.headers.get('cache-control'), key.length > 0]).toEqual([200, 'no-store', true])

    const wrong = await mine.post('/account/second-factor/confirm', { code: '000000' }, { headers })
    const refused = await text(wrong)
    expect(wrong.status).toBe(422)
    expect(refused).toContain('That is not the code')
    for (const part of [`id="totp-secret">`, key, '<svg']) expect(refused).toContain(part)

    const code = (secondsLater: number) => generateSync({ secret: key, epoch: epoch / 1000 + secondsLater })
    const on = await mine.post('/account/second-factor/confirm', { code: code(0) }, { headers })
    const codes = [...(await text(on)).matchAll(/<li>\s*([\w-]{10,})\s*<\/li>/g)].map(([, one]) => one!)
    expect(codes).toHaveLength(10)
    const late = await text(await mine.post('/account/second-factor/confirm', { code: code(0) }, { headers }))
    expect(late).not.toContain(key)
    expect(await text(await mine.ask('/account', { headers }))).not.toContain(codes[0]!)

    const asked = await mine.post('/sign-in', { name: 'anna', password: goodPassword, next: '/audit' })
    const codePage = await text(asked)
    expect([asked.status, asked.headers.get('set-cookie')]).toEqual([200, null])
    expect(codePage).toContain('autocomplete="one-time-code"')
    expect(codePage).not.toContain(goodPassword)
    const ticket = /name="ticket" value="([\w-]+)"/.exec(codePage)?.[1] ?? ''
    const tries: [Record<string, string>, number, string | null][] = [
      [{ ticket, code: 'wrong', next: '/audit' }, 401, null],
      [{ ticket, code: code(0), next: '/audit' }, 401, null], // used at the set-up
      [{ ticket, code: codes[0]!, next: '/audit' }, 303, '/audit'],
      [{ ticket, code: codes[1]!, next: '/audit' }, 401, null], // the ticket was used
    ]
    for (const [form, status, location] of tries) {
      const response = await mine.post('/sign-in/code', form)
      expect(went(response)).toEqual([status, location])
    }

    expect((await mine.post('/account/second-factor/off', { password: 'not-it' }, { headers })).status).toBe(403)
    const off = await mine.post('/account/second-factor/off', { password: goodPassword }, { headers })
    expect(went(off)).toEqual([303, '/account?done=second-factor-off#second-factor'])
    expect(mine.accounts.users.get(1).has_second_factor).toBe(false)
  })
})

describe("one's own account", () => {
  test('a new password needs the old one, and ends the other sessions', async () => {
    const mine = await openLab()
    const other = cookieOf(await mine.post('/sign-in', { name: 'anna', password: goodPassword }))
    const headers = { cookie: mine.cookie }
    const wrong = await mine.post(
      '/account/password',
      { password: 'nope', new_password: 'another good one' },
      { headers },
    )
    const page = await text(wrong)
    expect(wrong.status).toBe(403)
    for (const secret of ['nope"', 'another good one']) expect(page).not.toContain(secret)
    const given = { password: goodPassword, new_password: 'another good one' }
    expect(went(await mine.post('/account/password', given, { headers }))).toEqual([303, '/account?done=password'])
    expect((await mine.ask('/account', { headers })).status).toBe(200)
    expect((await mine.ask('/account', { headers: { cookie: other } })).status).toBe(403)
  })

  test('sessions are named by their browser, and end alone or all but this one', async () => {
    const mine = await openLab()
    const signIn = (agent: string) =>
      mine.post('/sign-in', { name: 'anna', password: goodPassword }, { headers: { 'user-agent': agent } })
    await signIn('Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0')
    await signIn('<script>alert(1)</script>')
    const headers = { cookie: mine.cookie }
    const page = await text(await mine.ask('/account', { headers }))
    expect(page).toContain('Firefox on Linux')
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
    expect(page).not.toContain('<script>alert(1)')
    expect(went(await mine.post('/account/sessions', { act: 'end', id: '2' }, { headers }))[0]).toBe(303)
    expect(mine.accounts.manage.sessionsOf(1)).toHaveLength(2)
    expect((await mine.post('/account/sessions', { act: 'end', id: '77' }, { headers })).status).toBe(404)
    await mine.post('/account/sessions', { act: 'others' }, { headers })
    expect(mine.accounts.manage.sessionsOf(1).map(({ id }) => id)).toEqual([1])
  })

  test('a token is shown once, with a call that works, and is revoked', async () => {
    const mine = await openLab()
    const as = mine.anna
    const form = { name: 'n8n <b>', role: 'operator', days: '30', script_id: ['3', '16'] }
    const made = await mine.post('/account/tokens', form, { as })
    const page = await text(made)
    const secret = /sgw_[\w-]{51}/.exec(page)?.[0] ?? ''
    expect([made.status, made.headers.get('cache-control')]).toEqual([200, 'no-store'])
    const call = page.slice(page.indexOf('id="token-call"'))
    expect(call).toContain('https://gateway.example/api/scripts/&lt;img') // resize-images needs a file
    expect(call).toContain(`Authorization: Bearer ${secret}`)
    const onlyFiles = await text(
      await mine.post('/account/tokens', { name: 'x', role: 'operator', script_id: '3' }, { as }),
    )
    expect(onlyFiles).toMatch(/api\/scripts\/resize-images\/run[\s\S]* -F [\s\S]*=@/)
    expect(page).toContain('n8n &lt;b&gt;')
    const token = mine.accounts.tokens.list(1).find(({ name }) => name === 'n8n <b>')
    expect(token).toMatchObject({ role: 'operator', script_ids: [3, 16] })
    expect(Date.parse(token!.expires_at!) - epoch).toBe(30 * 86_400_000)
    expect(mine.accounts.tokens.check(secret, null)?.token.id).toBe(token!.id)
    const later = await text(await mine.ask('/account', {}, as))
    expect(later).toContain('only resize_images, &lt;img src=x')
    expect(later).not.toContain(secret)
    expect(went(await mine.post('/account/tokens/revoke', { id: String(token!.id) }, { as }))[0]).toBe(303)
    expect(mine.accounts.tokens.check(secret, null)).toBeNull()
  })

  test.each<[string, Record<string, string>, number, string]>([
    ['no name', { name: '', role: 'viewer' }, 422, 'Name must have'],
    ['no role', { name: 'x' }, 422, 'Choose what the token may do'],
    ['a role above their own', { name: 'kept', role: 'admin' }, 422, 'cannot do more than its owner'],
  ])('a token with %s is refused at its form', async (_, form, status, words) => {
    const mine = await openLab()
    const ben = await mine.accounts.manage.createUser(mine.anna, {
      name: 'ben',
      role: 'operator',
      password: goodPassword,
    })
    const as = callerWith('operator', { name: 'ben', userId: ben.id })
    const response = await mine.post('/account/tokens', form, { as })
    expect(response.status).toBe(status)
    expect(await text(response)).toContain(words)
    expect(mine.accounts.tokens.list(ben.id)).toEqual([])
  })

  test.each(['off', 'token', 'admin-token'] as const)('%s has none, and is told so', async (kind) => {
    const response = await lab.ask('/account', {}, callerWith('admin', { kind, name: kind, userId: null }))
    expect(response.status).toBe(403)
    expect(await text(response)).toContain('sign in as a user for this')
  })
})

describe('users', () => {
  test('one is made with a password that is shown once and lets them in', async () => {
    const mine = await openLab()
    const as = mine.anna
    const made = await mine.post('/users', { name: 'ben', email: 'ben@example.org', role: 'operator' }, { as })
    const password = /id="new-password">\s*([\w-]{15,})/.exec(await text(made))?.[1] ?? ''
    expect([made.status, made.headers.get('cache-control')]).toEqual([200, 'no-store'])
    expect(went(await mine.post('/sign-in', { name: 'ben', password }))).toEqual([303, '/'])
    const again = await mine.post('/users', { name: 'BEN', role: '' }, { as })
    expect(again.status).toBe(409)
    expect(await text(again)).toContain('There is a user &quot;ben&quot; already')
    const renewed = await text(await mine.post('/users/2/password', {}, { as }))
    expect(renewed).not.toContain(password)
    expect((await mine.post('/sign-in', { name: 'ben', password })).status).toBe(401)
    expect(mine.accounts.manage.sessionsOf(2)).toEqual([])
  })

  test('what is changed on the page of one is there, and the page says so', async () => {
    const mine = await openLab()
    const as = mine.anna
    const { manage, tokens, users } = mine.accounts
    await manage.createUser(as, { name: 'ben', role: 'viewer', password: goodPassword })
    const { token } = mine.accounts.own.createToken(as, { user_id: 2, name: 'his', role: 'viewer' })
    const steps: [string, Record<string, string>, () => unknown, unknown][] = [
      ['', { role: 'editor' }, () => users.get(2).role, 'editor'],
      ['', { role: '' }, () => users.get(2).role, null],
      ['', { disabled: 'yes' }, () => users.get(2).disabled, true],
      ['', { disabled: 'no' }, () => users.get(2).disabled, false],
      [
        '/grants',
        { act: 'add', target: 'script:3', right: 'edit' },
        () => users.get(2).grants,
        [{ script_id: 3, right: 'edit' }],
      ],
      [
        '/grants',
        { act: 'add', target: 'script:3', right: 'see' },
        () => users.get(2).grants,
        [{ script_id: 3, right: 'see' }],
      ],
      ['/grants', { act: 'add', target: 'tag:a:b', right: 'run' }, () => users.get(2).grants.length, 2],
      [
        '/grants',
        { act: 'remove', target: 'script:3', right: 'see' },
        () => users.get(2).grants,
        [{ tag: 'a:b', right: 'run' }],
      ],
      ['/tokens/revoke', { id: String(token.id) }, () => tokens.list(2), []],
      ['/second-factor', {}, () => users.get(2).has_second_factor, false],
      ['/sessions', { act: 'others' }, () => manage.sessionsOf(2), []],
    ]
    for (const [path, form, read, expected] of steps) {
      expect(went(await mine.post(`/users/2${path}`, form, { as }))).toEqual([303, '/users/2?saved=1'])
      expect(read()).toEqual(expected)
    }
    expect(await text(await mine.ask('/users/2?saved=1', {}, as))).toContain('Saved')
    expect(went(await mine.post('/users/2/delete', {}, { as }))).toEqual([303, '/users?deleted=1'])
    expect((await mine.ask('/users/2', {}, as)).status).toBe(404)
  })

  test.each<[string, string, Record<string, string>, number, string]>([
    ['the last administrator less', '/users/1', { role: 'viewer' }, 409, 'last administrator'],
    ['the last administrator disabled', '/users/1', { disabled: 'yes' }, 409, 'last administrator'],
    ['the last administrator gone', '/users/1/delete', {}, 409, 'last administrator'],
    ['a grant without a target', '/users/1/grants', { act: 'add', right: 'run' }, 422, 'Choose a script or a tag'],
    ['a grant over nonsense', '/users/1/grants', { act: 'add', right: 'run', target: 'script:1e3' }, 422, 'Choose'],
    ["somebody else's token", '/users/1/tokens/revoke', { id: '99' }, 404, 'no such token'],
    ['nobody', '/users/99', { role: 'viewer' }, 404, 'There is no user 99'],
    ['a number in another spelling', '/users/0x1', { role: 'viewer' }, 404, 'There is no such user'],
  ])('%s is refused, in words', async (_, path, form, status, words) => {
    const response = await lab.post(path, form, { as: lab.anna })
    expect(response.status).toBe(status)
    expect(await text(response)).toContain(words)
  })
})

describe('who may what', () => {
  test.each([
    {
      what: 'a script',
      path: '/scripts/3/access',
      done: '/scripts/3?tab=access&saved=1',
      target: { script: { id: 3, tags: [], name: 'x' } },
    },
    { what: 'a tag', path: '/tags/a%2Fb/access', done: '/tags/a%2Fb/access?saved=1', target: { tag: 'a/b' } },
  ])('$what is restricted, granted and opened', async ({ path, done, target }) => {
    const mine = await openLab()
    const as = mine.anna
    const { manage } = mine.accounts
    const ben = await manage.createUser(as, { name: 'ben', role: null, password: goodPassword })
    const state = () => {
      const { restricted, grants } = manage.accessOf(target)
      return { restricted, grants: grants.map(({ user, right }) => [user, right]) }
    }
    const steps: [Record<string, string>, ReturnType<typeof state>][] = [
      [{ act: 'restrict' }, { restricted: true, grants: [] }],
      [
        { act: 'grant', user_id: String(ben.id), right: 'see' },
        { restricted: true, grants: [['ben', 'see']] },
      ],
      [
        { act: 'grant', user_id: String(ben.id), right: 'run' },
        { restricted: true, grants: [['ben', 'run']] },
      ],
      [{ act: 'open' }, { restricted: false, grants: [['ben', 'run']] }],
      [
        { act: 'take', user_id: String(ben.id) },
        { restricted: false, grants: [] },
      ],
    ]
    for (const [form, expected] of steps) {
      expect(went(await mine.post(path, form, { as }))).toEqual([303, done])
      expect(state()).toEqual(expected)
    }
    for (const form of [
      {},
      { act: 'grant' },
      { act: 'grant', user_id: '2', right: 'own' },
      { act: 'grant', user_id: '99', right: 'run' },
    ])
      expect((await mine.post(path, form as Record<string, string>, { as })).status).toBe(422)
  })

  test('the tab names everybody who may something, and why', async () => {
    const mine = await openLab()
    const as = mine.anna
    const tag = mine.fake.allScripts[2]!.tags[0]!
    const { manage } = mine.accounts
    for (const role of ['viewer', 'operator', null] as const)
      await manage.createUser(as, { name: `u-${role}`, role, password: goodPassword })
    manage.setAccess(as, { tag }, { restricted: true, grants: [{ user_id: 4, right: 'run' }] })
    const page = await text(await mine.ask('/scripts/3?tab=access', {}, as))
    const people = page.slice(page.indexOf('h-people'))
    expect(people).toMatch(/anna[\s\S]*administrator[\s\S]*may see, run and edit/)
    expect(people).toMatch(/u-null[\s\S]*granted over a tag[\s\S]*may see and run/)
    for (const name of ['u-viewer', 'u-operator']) expect(people).not.toContain(name)
    expect(page).toContain('Restricted by its tags')
  })

  test.each([
    [false, false, '>Restrict it<'],
    [false, true, '>Restrict it too<'],
    [true, false, '>Open it by role<'],
  ])('restricted %p, by its tag %p: the button says %p', async (isRestricted, isTagRestricted, word) => {
    const mine = await openLab()
    const [{ id, filename }, as] = [mine.fake.allScripts[2]!, mine.anna]
    const tags = mine.fake.allScripts[2]!.tags
    const { manage } = mine.accounts
    manage.setAccess(as, { tag: tags[0]! }, { restricted: isTagRestricted, grants: [] })
    manage.setAccess(as, { script: { id, tags, name: filename } }, { restricted: isRestricted, grants: [] })
    const page = await text(await mine.ask('/scripts/3?tab=access', {}, as))
    expect(page.replaceAll(/\s+</g, '<').replaceAll(/>\s+/g, '>')).toContain(word)
    expect(page).toContain('a folder of its own')
  })

  test.each([
    ['viewer', 'Nothing is shared with you yet'],
    ['operator', 'Nothing is shared with you yet'],
    [null, 'Nothing is shared with you yet'],
    ['editor', 'Drop a script here, or into the scripts folder'],
    ['admin', 'Drop a script here, or into the scripts folder'],
  ] as const)('the start page of %p without any script says %p', async (role, words) => {
    const mine = createLab()
    mine.fake.allScripts.length = 0
    const page = await text(await mine.ask('/', {}, callerWith(role)))
    expect(page.match(/Nothing is shared with you yet|Drop a script here, or into the scripts folder/g)).toEqual([
      words,
    ])
  })

  test('a tag that nothing has is no page', async () => {
    expect((await lab.ask('/tags/no-such/access', {}, lab.anna)).status).toBe(404)
  })
})

describe('the audit log', () => {
  test('is searched by what is in the address, and escaped', async () => {
    const mine = await openLab()
    mine.fake.audit.record({
      ...{ action: 'script.edit', caller: { ...mine.anna, name: '<i>eve</i>' }, status: 403 },
      object: { type: 'script', id: 3, name: '"><img src=x>' },
      before: { a: 1, stays: 'x' },
      after: { a: '<b>', stays: 'x' },
    })
    const get = async (query: string) => text(await mine.ask(`/audit${query}`, {}, mine.anna))
    const page = await get('?action=script')
    expect(page).toContain('1 entry')
    for (const part of ['&lt;i&gt;eve', '&lt;img src=x', '&lt;b&gt;', 'Refused, 403', 'href="/scripts/3"'])
      expect(page).toContain(part)
    for (const raw of ['<img src=x', '<i>eve', 'stays']) expect(page).not.toContain(raw)
    expect(page).toContain('/api/audit/export?format=csv&amp;action=script')
    for (const query of ['?q=nothing-like-that', '?from=2027-01-01', '?to=2001-01-01', '?page=900'])
      expect(await get(query)).not.toContain('eve&lt;')
    expect((await mine.ask('/audit?from=yesterday', {}, mine.anna)).status).toBe(422)
  })

  test('is checked at once, and says what it found', async () => {
    const page = await text(await lab.post('/audit/verify', {}, { as: lab.anna }))
    expect(page).toContain('The log is as it was written')
    expect(page).toContain(lab.fake.audit.head().hash)
  })
})

function withFile(name = 'a.scriptgateway.tar.gz'): FormData {
  const form = new FormData()
  form.append('file', new File(['x'], name))
  return form
}

describe('backup and import', () => {
  test.each<[string, Record<string, string>, number, unknown[]]>([
    [
      'all that is asked',
      { passphrase: 'five random words', keys: '1', outputs: '1' },
      200,
      [{ passphrase: 'five random words', keys: true, outputs: true }],
    ],
    ['nothing more', {}, 200, [{ passphrase: null, keys: false, outputs: false }]],
  ])('a backup with %s', async (_, form, status, made) => {
    const mine = await openLab()
    expect((await mine.post('/settings/backup', form, { as: mine.anna })).status).toBe(status)
    expect(mine.made).toEqual(made as typeof mine.made)
  })

  test.each([
    ['keys in the clear', { keys: '1' }, 'type a passphrase', ['keys']],
    ['a short passphrase', { passphrase: 'short', outputs: '1' }, 'Must have 12 to', ['outputs']],
  ])('a backup with %s comes back as its form, which says so at the field', async (_, form, words, checked) => {
    const mine = await openLab()
    const response = await mine.post('/settings/backup', form, { as: mine.anna })
    const page = await text(response)
    expect([response.status, mine.made]).toEqual([422, []])
    expect(/id="backup-passphrase-error"[\s\S]*?<span>([^<]*)/.exec(page)?.[1]).toContain(words)
    const boxes = [...page.matchAll(/type="checkbox" name="(\w+)" value="1" checked/g)].map(([, name]) => name!)
    expect(boxes).toEqual(checked)
    expect(page).not.toContain('value="short"')
  })

  test('what is there already is told in the words of the page', async () => {
    const body = withFile('taken.scriptgateway.tar.gz')
    const page = await text(await lab.ask('/import', { method: 'POST', body }, callerWith('editor')))
    expect(page).toContain('already &quot;python/a.py&quot;. “Import over what is there” replaces it.')
    expect(page).not.toContain('send overwrite')
  })

  test.each<[string, string, FormData, number, string[], string[]]>([
    [
      'what came in is named, with the secrets to set',
      '',
      withFile(),
      200,
      [
        ...['>resize_images<', '&lt;img src=x', 'API_TOKEN', 'It is &lt;u&gt;never due.'],
        ...['is paused, and lacks what never leaves a gateway: &lt;i&gt;pin, heartbeat_url.', '/schedules/5"'],
      ],
      ['<b>@daily', '<i>pin', '/schedules/6"'],
    ],
    ['over what is there', '?overwrite=1', withFile(), 200, ['>resize_images<'], ['API_TOKEN']],
    ['nothing was chosen', '', new FormData(), 422, ['Send one file.'], ['It is here', 'They are here']],
  ])('import: %s', async (_, query, body, status, shown, hidden) => {
    const response = await lab.ask(`/import${query}`, { method: 'POST', body }, callerWith('editor'))
    const page = await text(response)
    expect(response.status).toBe(status)
    for (const part of shown) expect(page).toContain(part)
    for (const part of hidden) expect(page).not.toContain(part)
  })
})
