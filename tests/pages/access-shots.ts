/** Pictures of the pages of access: `bun tests/pages/access-shots.ts FOLDER [NAME]`. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createLab } from './access-lab.ts'
import { launchAlone } from './browser.ts'
import { callerWith, goodPassword } from './fake-access.ts'

const folder = process.argv[2] ?? '/tmp/shots-h4'
const only = process.argv[3]
mkdirSync(folder, { recursive: true })

const sizes = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } }
const client = (userAgent: string) => ({ address: '192.168.1.20', userAgent })
const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
const phone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605 Version/19 Mobile Safari/604.1'

const fresh = createLab()
const lab = createLab({ provider: { name: 'Authentik', href: '/sign-in/oidc' } })
const { accounts, fake } = lab
const { user, secret } = await accounts.setup.finish(
  { code: accounts.setup.code()!, name: 'anna', password: goodPassword },
  client(firefox),
)
await accounts.signIn.withPassword({ name: 'anna', password: goodPassword }, client(phone))
const anna = callerWith('admin', { name: 'anna', userId: user.id, sessionId: 1 })
for (const [name, role] of [
  ['ben', 'operator'],
  ['carla', 'editor'],
  ['dora', null],
  ['a-very-long-name.with.dots@example.org', 'viewer'],
] as const)
  await accounts.manage.createUser(anna, {
    name,
    role,
    password: goodPassword,
    email: role ? `${name.slice(0, 5)}@example.org` : null,
  })
accounts.manage.setAccess(
  anna,
  { tag: fake.allScripts[2]!.tags[0]! },
  { restricted: true, grants: [{ user_id: 2, right: 'run' }] },
)
await accounts.manage.updateUser(anna, 4, {
  grants: [
    { script_id: 3, right: 'run' },
    { tag: 'media', right: 'see' },
  ],
})
await accounts.manage.updateUser(anna, 3, { disabled: true })
accounts.own.createToken(anna, { name: 'n8n', role: 'operator', script_ids: [1, 2, 3, 4, 5] })
accounts.own.createToken(anna, { name: 'backup', role: 'admin', expires_at: '2027-05-01T00:00:00Z' })
fake.audit.record({
  ...{ action: 'script.policy', caller: anna, object: { type: 'script', id: 3, name: 'resize' } },
  before: { limits: { timeout_min: 10 }, permissions: { net: false } },
  after: { limits: { timeout_min: 2 }, permissions: { net: [443] } },
})
fake.audit.record({
  action: 'run.start',
  caller: callerWith('viewer', { name: 'ben', userId: 2 }),
  object: { type: 'run', id: 7 },
  status: 403,
})

type Shot = [
  name: string,
  path: string,
  init?: { lab?: typeof lab; role?: 'viewer' | 'off'; post?: Record<string, string>; open?: string },
]
const shots: Shot[] = [
  ['setup', '/setup', { lab: fresh }],
  ['sign-in', '/sign-in'],
  ['sign-in-wrong', '/sign-in', { post: { name: 'anna', password: 'wrong' } }],
  ['code', '/sign-in/code', { post: { ticket: 'x', code: '1' } }],
  ['account', '/account'],
  ['menu', '/', { open: '.user' }],
  ['token', '/account/tokens', { post: { name: 'n8n', role: 'operator', days: '90' } }],
  ['enrol', '/account/second-factor', { post: {} }],
  ['users', '/users'],
  ['user', '/users/4'],
  ['user-new', '/users', { post: { name: 'emil', role: 'viewer' } }],
  ['access', '/scripts/3?tab=access'],
  ['tag', `/tags/${fake.allScripts[2]!.tags[0]}/access`],
  ['audit', '/audit'],
  ['audit-verified', '/audit/verify', { post: {} }],
  ['import', '/import'],
  ['settings', '/settings'],
  ['restoring', '/settings/restore', { post: { confirm: '1' } }],
  ['viewer', '/scripts/3', { role: 'viewer' }],
  ['off', '/', { role: 'off' }],
  ['forbidden', '/scripts/3?tab=code', { role: 'viewer' }],
]

let now: NonNullable<Shot[2]> = {}
const server = Bun.serve({
  ...{ port: 0, hostname: '127.0.0.1' },
  fetch(request) {
    const path = new URL(request.url).pathname
    if (path === '/api/events') return new Response(null, { status: 204 })
    const used = now.lab ?? lab
    const role =
      now.role === 'off' ? callerWith('admin', { kind: 'off' }) : now.role && callerWith(now.role, { name: 'ben' })
    return used.answer(request, role)
  },
})

const browser = await launchAlone()
for (const [size, viewport] of Object.entries(sizes))
  for (const colorScheme of ['light', 'dark'] as const) {
    const context = await browser.newContext({ viewport, colorScheme, hasTouch: size === 'phone' })
    const page = await context.newPage()
    page.on('console', (message) => console.log(size, message.type(), message.text()))
    page.on('pageerror', (error) => console.log(size, 'error', error.message))
    for (const [name, path, init = {}] of shots) {
      if (only && !name.startsWith(only)) continue
      now = init
      await context.clearCookies()
      const isDoor = ['setup', 'sign-in', 'sign-in-wrong', 'code'].includes(name)
      if (!isDoor) await context.addCookies([{ name: 'sg_session', value: secret, url: server.url.origin }])
      if (init.post) {
        await page.goto(`${server.url.origin}/import`)
        await page.evaluate(
          ([action, fields]) => {
            const form = document.createElement('form')
            Object.assign(form, { method: 'post', action })
            for (const [key, value] of Object.entries(fields)) {
              const input = document.createElement('input')
              Object.assign(input, { name: key, value })
              form.append(input)
            }
            document.body.append(form)
            form.submit()
          },
          [path, init.post] as const,
        )
        await page.waitForURL((url) => url.pathname === path)
      } else await page.goto(server.url.origin + path)
      await page.waitForFunction(() => document.readyState === 'complete')
      if (init.open) await page.locator(init.open).click()
      await page.waitForTimeout(250)
      await page.screenshot({ path: join(folder, `${name}-${size}-${colorScheme}.png`), fullPage: !init.open })
    }
    await context.close()
  }
await browser.close()
server.stop(true)
console.log(folder, fresh.fake.reported, fake.reported)
