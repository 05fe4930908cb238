/** What is shown to whom, and that what others typed stays text. */
import { expect, test } from 'bun:test'
import type { ApiToken, Session, User } from '../../src/access/model.ts'
import { GatewayError } from '../../src/errors.ts'
import type { Caller } from '../../src/http/caller.ts'
import { errorPage, unknownPage } from '../../src/pages/html.tsx'
import { refusedPage } from '../../src/pages/refused.tsx'
import { AccountPage } from '../../views/account.tsx'
import { changesOf, Diff } from '../../views/diff.tsx'
import { CodePage, SignInPage } from '../../views/gate.tsx'
import { EnrolPage, NewPasswordPage, NewTokenPage, RecoveryPage } from '../../views/once.tsx'
import { TagAccessPage } from '../../views/script-access.tsx'
import { browserWords } from '../../views/sessions.tsx'
import { SetupPage } from '../../views/setup.tsx'
import { inLanguage } from '../../views/texts.ts'
import { UserPage } from '../../views/user.tsx'
import { UsersPage } from '../../views/users.tsx'
import { createLab } from './access-lab.ts'
import { callerWith } from './fake-access.ts'
import { epoch, iso } from './samples.ts'

const hostile = `"><img src=x onerror=alert(1)>'&amp;<hx-on>`
const admin = callerWith('admin', { name: hostile })

const user: User = {
  ...{ id: 7, name: hostile, email: hostile, role: null, source: 'password', disabled: false, has_password: true },
  ...{
    grants: [
      { tag: hostile, right: 'run' },
      { script_id: 3, right: 'see' },
    ],
    has_second_factor: true,
  },
  ...{ created_at: iso(900), last_seen_at: iso(5) },
}
const session: Session = {
  ...{ id: 1, user_id: 7, user: hostile, source: 'password', address: hostile, user_agent: hostile },
  ...{ created_at: iso(90), last_seen_at: iso(5), expires_at: iso(-90), is_current: false },
}
const token: ApiToken = {
  ...{ id: 1, name: hostile, user_id: 7, user: hostile, hint: hostile, role: 'viewer', script_ids: [3] },
  ...{ rate_per_min: null, created_at: iso(9), expires_at: iso(1), last_used_at: iso(2), last_used_address: hostile },
}
const scripts = [{ id: 3, name: hostile }]
const shared = { viewer: admin, now: epoch }
const access = {
  ...{ restricted: true, grants: [{ user_id: 7, user: hostile, right: 'run' as const }] },
  who: [{ user_id: 7, user: hostile, role: null, right: 'run' as const, through: 'grant' as const }],
}

test.each<[string, unknown]>([
  ['setup', <SetupPage name={hostile} code={hostile} problem={hostile} />],
  [
    'sign-in',
    <SignInPage name={hostile} next={hostile} problem={hostile} provider={{ name: hostile, href: hostile }} />,
  ],
  ['code', <CodePage ticket={hostile} next={hostile} problem={hostile} />],
  [
    'account',
    <AccountPage
      {...{ ...shared, user, scripts, sessions: [session], tokens: [token], roleMax: 'admin', done: null }}
      refused={{
        at: 'token',
        message: hostile,
        token: { name: hostile, role: hostile, days: hostile, script_ids: [3] },
      }}
    />,
  ],
  [
    'user',
    <UserPage
      {...{ ...shared, user, scripts, sessions: [session], tokens: [token], saved: false }}
      tags={[hostile]}
      problem={hostile}
    />,
  ],
  [
    'users',
    <UsersPage
      {...{ ...shared, users: [user], tags: [hostile], restrictedTags: [hostile], deleted: true }}
      refused={{ message: hostile, name: hostile, email: hostile, role: null }}
    />,
  ],
  [
    'a tag',
    <TagAccessPage
      {...{ ...shared, tag: hostile, scripts, access, users: [user], saved: true, what: 'tag' }}
      action={`/tags/${hostile}/access`}
      restrictedTags={[hostile]}
    />,
  ],
  ['a new token', <NewTokenPage {...shared} name={hostile} token={hostile} call={hostile} back={hostile} />],
  [
    'a new password',
    <NewPasswordPage {...shared} user={{ id: 7, name: hostile }} password={hostile} isNew signInUrl={hostile} />,
  ],
  ['recovery codes', <RecoveryPage {...shared} codes={[hostile]} />],
  ['the enrolment', <EnrolPage {...shared} scan={{ svg: '<svg></svg>', secret: hostile }} problem={hostile} />],
  ['a diff', <Diff before={{ [hostile]: hostile }} after={{ [hostile]: { [hostile]: hostile } }} />],
  ['what was made', <Diff before={null} after={{ [hostile]: hostile }} />],
])('%s: hostile text stays text', (_, page) => {
  const html = String(page)
  expect(html).toContain('&lt;img src=x')
  for (const raw of ['<img', '<hx-']) expect(html).not.toContain(raw)
})

/** The words that a page of a lab has for a caller. */
const lab = createLab()
const htmx = { headers: { 'hx-request': 'true' } }
const shownTo = async (path: string, caller: Caller) => (await lab.ask(path, {}, caller)).text()

const off = callerWith('admin', { kind: 'off', name: '127.0.0.1', userId: null, sessionId: null })
const nobody = callerWith(null, { kind: 'nobody', sessionId: null })
const [viewer, operator, editor, boss] = (['viewer', 'operator', 'editor', 'admin'] as const).map((role) =>
  callerWith(role),
) as [Caller, Caller, Caller, Caller]

test.each<[string, string, Caller, string[], string[]]>([
  [
    'a viewer',
    '/',
    viewer,
    ['href="/account"', '/sign-out'],
    ['/settings', '/users', '/audit', 'data-run-row', '/cancel', 'href="/import"'],
  ],
  ['an operator', '/', operator, ['data-run-row', '/cancel'], ['/settings', '/users', 'href="/import"']],
  ['an editor', '/', editor, ['href="/import"'], ['href="/settings', '/users', '/audit']],
  ['an administrator', '/', boss, ['href="/settings"', 'href="/users"', 'href="/audit"'], ['Access control is off']],
  ['whom a proxy names', '/', callerWith('viewer', { sessionId: null }), ['href="/account"'], ['/sign-out']],
  [
    'everybody',
    '/',
    off,
    ['Access control is off', 'AUTH=off', 'href="/users"'],
    ['/sign-out', 'href="/account"', 'your account'],
  ],
  [
    'a viewer of a script',
    '/scripts/3',
    viewer,
    ['<fieldset class="body fields" disabled', 'You may see this script', '>Overview'],
    [
      'tab=code',
      'tab=policy',
      'tab=variables',
      'tab=access',
      'tab=settings',
      '/export',
      'type="submit" disabled',
      '<button class="primary"',
    ],
  ],
  [
    'an operator of a script',
    '/scripts/3',
    operator,
    ['<button class="primary"'],
    ['tab=code', 'tab=policy', 'tab=access', '/export'],
  ],
  [
    'an editor of a script',
    '/scripts/3',
    editor,
    ['tab=code', 'tab=settings', '/api/scripts/3/export'],
    ['tab=access'],
  ],
  [
    'an editor of the settings of a script',
    '/scripts/3?tab=settings',
    editor,
    ['tab=policy', 'tab=variables', '/scripts/3/notifications', '/scripts/3/delete', 'action="/scripts/3/about"'],
    ['tab=access'],
  ],
  ['an administrator of the settings of a script', '/scripts/3?tab=settings', boss, ['tab=access'], []],
  [
    'a viewer of parameters',
    '/scripts/3?tab=parameters',
    viewer,
    ['Read from the script'],
    ['edit=form', 'edit=json', '/parameters"'],
  ],
  ['a viewer of a run', '/executions/48000', viewer, ['disabled'], ['/cancel', 'Run again']],
  [
    'a viewer of a failed run',
    '/executions/48003',
    viewer,
    ['at the end of the log'],
    ['tab=code', 'tab=policy', '/settings#'],
  ],
  ['an editor of a failed run', '/executions/48003', editor, ['tab=code'], []],
  ['an operator of a run', '/executions/48000', operator, ['/cancel'], []],
  ['a viewer of runs', '/executions', viewer, ['48'], ['/cancel']],
  ['an operator of runs', '/executions', operator, ['/cancel'], []],
  ['a viewer of rows that changed', '/fragments/live?ids=1,2,3', viewer, ['script-1'], ['/cancel', 'data-run-row']],
  ['a viewer of runs that changed', '/fragments/executions?ids=48000', viewer, ['run-48000'], ['/cancel']],
  ['an administrator of the settings', '/settings', boss, ['id="backup"', 'scriptgateway restore FILE'], []],
  [
    'nobody at the door',
    '/sign-in',
    nobody,
    ['autocomplete="username"', 'autocomplete="current-password"'],
    ['<nav', 'user-menu'],
  ],
])('%s is shown what is theirs at %s', async (_, path, caller, shown, hidden) => {
  if (path === '/sign-in') await lab.accounts.users.firstAdministrator({ name: 'root', password: 'a good long one' })
  const page = await shownTo(path, caller)
  for (const part of shown) expect(page).toContain(part)
  for (const part of hidden) expect(page).not.toContain(part)
})

test.each(['code', 'settings', 'policy', 'variables', 'access', 'parameters&edit=form'])(
  'the tab %s is refused to who may not edit',
  async (tab) => {
    const response = await lab.ask(`/scripts/3?tab=${tab}`, {}, operator)
    const page = await response.text()
    expect(response.status).toBe(403)
    expect(page).toContain('An administrator can give you the right')
    for (const secret of ['Resize images.', 'QUALITY', 'fake-secret']) expect(page).not.toContain(secret)
  },
)

test.each<[string, Response, string[]]>([
  [
    'a page that is nowhere',
    unknownPage(new Request('http://x/nowhere', { headers: { accept: 'text/html' } }), off)!,
    [],
  ],
  ['a refusal', errorPage(403, 'No.', { viewer: off }), []],
  ['a fault', errorPage(500, 'Ours.', { viewer: off }), []],
])('%s says it too while access control is off', async (_, response) => {
  expect(await response.text()).toContain('Access control is off')
})

test.each<[string, RequestInit, string, 'auth' | 'forbidden', boolean, number, Record<string, string | null>]>([
  [
    'a page to the sign-in and back',
    {},
    '/users/7?saved=1',
    'auth',
    true,
    303,
    { location: '/sign-in?next=%2Fusers%2F7%3Fsaved%3D1' },
  ],
  ['the start page to the sign-in', {}, '/', 'auth', true, 303, { location: '/sign-in' }],
  ['a page to the setup', {}, '/users', 'auth', false, 303, { location: '/setup' }],
  ['a post to a page', { method: 'POST' }, '/users', 'auth', true, 401, { location: null }],
  [
    'a piece to the sign-in, all of its page',
    htmx,
    '/fragments/live',
    'auth',
    true,
    401,
    { 'hx-redirect': '/sign-in' },
  ],
  [
    'a piece that is forbidden to its page again',
    htmx,
    '/fragments/live',
    'forbidden',
    true,
    403,
    { 'hx-refresh': 'true' },
  ],
  [
    'what is forbidden to a page that says why',
    {},
    '/users',
    'forbidden',
    true,
    403,
    { 'hx-refresh': null, 'retry-after': '7' },
  ],
])('a refusal leads %s', async (_, init, path, type, hasUsers, status, headers) => {
  const error = new GatewayError(type, 'Because.', { headers: { 'retry-after': '7' } })
  const response = refusedPage(new Request(`http://localhost${path}`, init), error, hasUsers, viewer)
  expect(response.status).toBe(status)
  for (const [name, value] of Object.entries(headers)) expect(response.headers.get(name)).toBe(value)
  if (status === 403 && type === 'forbidden') expect(await response.text()).toContain('You are signed in as')
})

test.each([
  [
    'the page that asks, with all it asked for',
    'http://localhost/executions?status=failed#x',
    '',
    true,
    '/executions?status=failed#x',
  ],
  ['it without the base path', 'http://localhost/gw/scripts/3', '/gw', true, '/scripts/3'],
  ['nothing for the start page', 'http://localhost/gw/', '/gw', true, null],
  ['nothing for another site', 'http://evil.example/scripts/3', '', true, null],
  ['nothing for a path that browsers read as another site', 'http://localhost//evil.example/', '', true, null],
  ['nothing for one behind the base path', 'http://localhost/gw//evil.example/', '/gw', true, null],
  ['nothing for what is no page', 'javascript://localhost/%0aalert(1)', '', true, null],
  ['nothing for the sign-in itself', 'http://localhost/sign-in?next=/users', '', true, null],
  ['nothing for what is no address', '/users', '', true, null],
  ['nothing where nobody can sign in', 'http://localhost/users', '', false, null],
])('whoever lost the session over a piece comes back to %s', (_, page, base, hasUsers, next) => {
  const request = new Request('http://localhost/fragments/live', {
    headers: { 'hx-request': 'true', 'hx-current-url': page },
  })
  const to = refusedPage(request, new GatewayError('auth', 'Because.'), hasUsers, null, base).headers.get(
    'hx-redirect',
  )!
  expect(to.split('?')[0]).toBe(hasUsers ? '/sign-in' : '/setup')
  expect(new URL(to, 'http://localhost').searchParams.get('next')).toBe(next)
})

test.each([
  ['/executions/9', '没有这次运行'],
  ['/fragments/runs/9', '没有这次运行'],
  ['/scripts/9', '没有这个脚本'],
  ['/dependencies/installations/9', '没有这次安装'],
])('what the guard does not find at %s is told in the language of the visitor', async (path, said) => {
  const error = new GatewayError('not_found', 'GET /api/scripts lists them.')
  const refused = () => refusedPage(new Request(`http://localhost${path}`), error, true).text()
  const page = await inLanguage('zh-CN', refused)
  expect(page).toContain(said)
  expect(page).not.toContain('GET /api')
})

test('whoever was signed out over a form signs in beside it, and is told that what was typed is one step back', async () => {
  const error = new GatewayError('auth', 'Send a token.')
  const page = await refusedPage(
    new Request('http://localhost/scripts/3/about', { method: 'POST' }),
    error,
    true,
  ).text()
  expect(page).toMatch(/<a class="button primary" href="\/sign-in" target="_blank"/)
  expect(page).toContain('what you typed is still there')
  expect(page).not.toContain('Send a token.')
})

test.each([
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0 Safari/537.36 Edg/150.0',
    'Edge on Windows',
  ],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Safari/605.1.15',
    'Safari on macOS',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605 CriOS/150.0 Mobile Safari/604.1',
    'Chrome on iPhone',
  ],
  ['Mozilla/5.0 (Android 16; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0', 'Firefox on Android'],
  ['curl/8.9.0', 'curl'],
  ['', 'Unknown browser'],
  [`x${'y'.repeat(100)}`, `x${'y'.repeat(59)} …`],
])('%s is %s', (agent, words) => {
  expect(browserWords(agent)).toBe(words)
})

test.each<[string, unknown, unknown, [string, string | null, string | null][]]>([
  ['what stays is left out', { a: 1, b: [1] }, { a: 2, b: [1] }, [['a', '1', '2']]],
  ['what is inside has its path', { a: { b: { c: 1 } } }, { a: { b: { c: 2 } } }, [['a.b', '{"c":1}', '{"c":2}']]],
  [
    'what came and went',
    { a: 1 },
    { b: 'x' },
    [
      ['a', '1', null],
      ['b', null, 'x'],
    ],
  ],
  ['one value', 'on', 'off', [['value', 'on', 'off']]],
  ['nothing', null, null, []],
  ['a member with the name of a method', {}, { constructor: 1 }, [['constructor', null, '1']]],
  ['a long text is cut', '', 'z'.repeat(300), [['value', '', `${'z'.repeat(200)} …`]]],
])('a diff: %s', (_, before, after, expected) => {
  expect(changesOf(before, after).map(({ path, before: was, after: is }) => [path, was, is])).toEqual(expected)
})
