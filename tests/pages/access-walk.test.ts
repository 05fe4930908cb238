/** From the printed link to a restricted script in a real browser, in both themes and sizes; also without JavaScript. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { generateSync } from 'otplib'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { createLab } from './access-lab.ts'
import { faultsOfAxe, rulesOfLook } from './axe.ts'
import { launch } from './browser.ts'
import { goodPassword } from './fake-access.ts'
import { epoch } from './samples.ts'

let browser: Browser
const faults: string[] = []

beforeAll(async () => {
  browser = await launch()
})

afterAll(async () => {
  await browser.close()
  expect(faults).toEqual([])
})

/** A gateway of its own, without anybody, and a browser that has never been there. */
async function visit(options: Parameters<Browser['newContext']>[0]) {
  const lab = createLab()
  const server = Bun.serve({
    ...{ port: 0, hostname: '127.0.0.1' },
    fetch: (request) =>
      new URL(request.url).pathname === '/api/events' ? new Response(null, { status: 204 }) : lab.answer(request),
  })
  const context = await browser.newContext(options)
  context.setDefaultTimeout(15_000)
  const page = await context.newPage()
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) faults.push(message.text())
  })
  return { lab, context, page, url: server.url.origin, leave: () => close(context, server) }
}

async function close(context: BrowserContext, server: { stop(closeAll: boolean): void }) {
  await context.close()
  server.stop(true)
}

const desktop = { width: 1440, height: 900 }
/** What axe finds, and what is wider than the page; also as a phone shows it, dark. */
async function expectSound(page: Page, name: string) {
  for (const [viewport, colorScheme, options] of [
    [{ width: 390, height: 844 }, 'dark', { rules: rulesOfLook, within: 'main' }],
    [desktop, 'light', {}],
  ] as const) {
    await page.setViewportSize(viewport)
    await page.emulateMedia({ colorScheme })
    const found = await faultsOfAxe(page, options)
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    )
    expect({ name, colorScheme, found, overflow }).toEqual({ name, colorScheme, found: [], overflow: 0 })
  }
}

const pathOf = (page: Page) => new URL(page.url()).pathname

test('from the printed link to a restricted script', async () => {
  const { lab, page, context, url, leave } = await visit({ viewport: desktop, reducedMotion: 'reduce' }) // a colour on its way would be looked at
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click()

  // The link fills the code in, and leaves no trace of it in the address.
  const code = lab.accounts.setup.code()!
  await page.goto(`${url}/setup#${code}`)
  await page.waitForFunction(() => location.hash === '')
  expect(await page.inputValue('[name=code]')).toBe(code)
  await expectSound(page, 'setup')
  for (const language of ['中文', 'English']) await press(language)
  await page.getByRole('heading', { name: 'Welcome to ScriptGateway' }).waitFor()
  await page.waitForFunction(
    (wanted) => document.querySelector<HTMLInputElement>('[name=code]')?.value === wanted,
    code,
  )
  await page.fill('[name=name]', 'anna')
  await page.fill('[name=new_password]', goodPassword)
  await press('Make the administrator')
  await page.getByRole('heading', { name: 'Scripts', exact: true }).waitFor()

  // Out, and in again.
  await page.getByRole('button', { name: 'and your account' }).click()
  await press('Sign out')
  await page.getByText('You are signed out here.').waitFor()
  await expectSound(page, 'sign-in')
  await page.fill('[name=name]', 'anna')
  await page.fill('[name=password]', 'not this one')
  await press('Sign in')
  await page.getByText('The name, the password or the code is not right.').waitFor()
  expect(await page.inputValue('[name=password]')).toBe('')
  await page.fill('[name=password]', goodPassword)
  await press('Sign in')
  await page.getByRole('heading', { name: 'Scripts', exact: true }).waitFor()

  // The second factor.
  await page.goto(`${url}/account`)
  await expectSound(page, 'account')
  await press('Set it up')
  await page.getByText('Type the key instead').click()
  const secret = (await page.textContent('#totp-secret'))!.trim()
  await expectSound(page, 'second factor')
  await page.fill('[name=code]', generateSync({ secret, epoch: epoch / 1000 }))
  await press('Turn it on')
  await page.getByRole('heading', { name: 'Second factor is on' }).waitFor()
  await expectSound(page, 'recovery codes')
  const [saved] = await Promise.all([page.waitForEvent('download'), press('Save as a file')])
  const codes = (await Bun.file(await saved.path()).text()).trim().split('\n')
  expect(codes).toHaveLength(10)
  await page.getByRole('link', { name: 'I have them' }).click()
  await page.getByRole('button', { name: 'and your account' }).click()
  await press('Sign out')
  await page.fill('[name=name]', 'anna')
  await page.fill('[name=password]', goodPassword)
  await press('Sign in')
  await page.getByRole('heading', { name: 'One more step' }).waitFor()
  await expectSound(page, 'code')
  await page.fill('[name=code]', codes[0]!)
  await press('Sign in')
  await page.getByRole('heading', { name: 'Scripts', exact: true }).waitFor()

  // A token, which is asked about before it goes.
  await page.goto(`${url}/account`)
  await page.getByText('Make a token').click()
  await page.fill('#token-name', 'n8n')
  await press('Make the token')
  const token = (await page.textContent('#new-token'))!.trim()
  expect(lab.accounts.tokens.check(token, null)?.user.name).toBe('anna')
  await expectSound(page, 'token')
  await page.getByRole('link', { name: 'I have it' }).click()
  await press('Revoke n8n')
  await page.getByText('Whatever uses it is refused from now on.').waitFor()
  await press('Revoke')
  await page.getByText('That token is no good any more.').waitFor()
  expect(lab.accounts.tokens.check(token, null)).toBeNull()

  // Somebody else, and a script that is not theirs until it is granted.
  await page.goto(`${url}/users`)
  await expectSound(page, 'users')
  await page.fill('#new-user-name', 'ben')
  await page.locator('[name=role][value=viewer]').check()
  await press('Make the account')
  const password = (await page.textContent('#new-password'))!.trim()
  await page.getByRole('link', { name: 'I have it' }).click()
  await expectSound(page, 'user')
  await page.goto(`${url}/scripts/3?tab=access`)
  await press('Restrict it')
  await page.getByRole('heading', { name: 'Restricted', exact: true }).waitFor()
  await page.selectOption('#grant-user', { label: 'ben' })
  await press('Grant')
  await page.getByRole('cell', { name: 'may see and run' }).waitFor()
  for (const [name, path] of [
    ['audit', '/audit'],
    ['tag', '/tags/images/access'],
    ['import', '/import'],
  ] as const) {
    await page.goto(url + path)
    await expectSound(page, name)
  }

  await context.clearCookies()
  await page.goto(`${url}/sign-in?next=/scripts/3`)
  await page.fill('[name=name]', 'ben')
  await page.fill('[name=password]', password)
  await press('Sign in')
  await page.waitForURL((to) => to.pathname === '/scripts/3')
  await page.locator('#run-form [type=submit]').waitFor()
  expect(await page.getByRole('link', { name: 'Code', exact: true }).count()).toBe(0)
  await page.goto(`${url}/scripts/5`)
  await page.getByText('You may see this script and its runs, not run it.').waitFor()
  await expectSound(page, 'read only')
  await page.goto(`${url}/scripts/3?tab=code`)
  await page.getByRole('heading', { name: 'Not allowed' }).waitFor()
  await expectSound(page, 'forbidden')
  await leave()
}, 60_000)

test('it all works without JavaScript', async () => {
  const { lab, page, url, leave } = await visit({ javaScriptEnabled: false })
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click()
  await page.goto(`${url}/setup`)
  await page.fill('[name=code]', lab.accounts.setup.code()!.toLowerCase())
  await page.fill('[name=name]', 'anna')
  await page.fill('[name=new_password]', goodPassword)
  await press('Make the administrator')
  await page.goto(`${url}/users`)
  await page.fill('#new-user-name', 'ben')
  await press('Make the account')
  await page.getByRole('link', { name: 'I have it' }).click()
  await press('Delete')
  expect([pathOf(page), lab.accounts.users.named('ben')]).toEqual(['/users', undefined])
  await page.getByRole('button', { name: 'and your account' }).click()
  await press('Sign out')
  expect(pathOf(page)).toBe('/sign-in')
  await leave()
}, 30_000)
