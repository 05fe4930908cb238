/** From the printed link to a first run and back out, in a real browser on a real gateway that asks who one is. */
import { afterAll, expect, test } from 'bun:test'
import type { Page } from 'playwright-core'
import { pythonScript, startApp } from '../harness/app.ts'
import { eventually } from '../harness/folder.ts'
import { launch } from '../pages/browser.ts'

const password = 'correct horse battery'
const gateway = await startApp(
  { 'python/hello.py': pythonScript({ name: { type: 'str', required: true } }, 'print("hello " + args["name"])') },
  { auth: 'on' },
)
const browser = await launch()
afterAll(() => browser.close())

/** A browser that has never been there. */
async function visitor(): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  context.setDefaultTimeout(15_000)
  return context.newPage()
}

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
const heading = (page: Page, name: string) => page.getByRole('heading', { name, exact: true }).waitFor()

async function signIn(page: Page, name: string, secret: string, path = '/') {
  await page.goto(gateway.url + path)
  await heading(page, 'Sign in')
  await page.fill('[name=name]', name)
  await page.fill('[name=password]', secret)
  await press(page, 'Sign in')
}

test('the first administrator comes by the link, runs a script, and lets somebody look at it', async () => {
  const anna = await visitor()
  await anna.goto(gateway.url)
  await heading(anna, 'Welcome to ScriptGateway')
  await anna.goto(`${gateway.url}/setup#${gateway.app.setupCode()}`)
  await anna.waitForFunction(() => document.querySelector<HTMLInputElement>('[name=code]')!.value !== '')
  await anna.fill('[name=name]', 'anna')
  await anna.fill('[name=new_password]', password)
  await press(anna, 'Make the administrator')
  await anna.getByRole('link', { name: 'hello', exact: true }).click()
  await anna.fill('[name=name]', 'world')
  await anna.locator('#run-form [type=submit]').click()
  await anna.locator('#run-status [data-status=success]').waitFor()
  await anna.getByText('hello world').first().waitFor()
  const run = new URL(anna.url()).pathname

  await anna.goto(`${gateway.url}/users`)
  await anna.fill('#new-user-name', 'ben')
  await anna.locator('[name=role][value=viewer]').check()
  await press(anna, 'Make the account')
  const secret = (await anna.textContent('#new-password'))!.trim()

  const ben = await visitor()
  await signIn(ben, 'ben', secret, run)
  await ben.waitForURL((url) => url.pathname === run)
  await ben.getByText('hello world').first().waitFor()
  expect(await ben.getByRole('button', { name: 'Run again' }).count()).toBe(0)
  await ben.goto(`${gateway.url}/users`)
  await heading(ben, 'Not allowed')
  await ben.getByText('You are signed in as ben').waitFor()

  // Disabled: what is open in the browser leads to the sign-in.
  await anna.goto(`${gateway.url}/users/2`)
  await press(anna, 'Disable')
  await anna.getByText('Saved').waitFor()
  await ben.goto(gateway.url)
  await heading(ben, 'Sign in')

  await anna.goto(`${gateway.url}/audit`)
  await press(anna, 'Check now')
  await anna.getByText('The log is as it was written').waitFor()
  for (const action of ['user.setup', 'user.create', 'session.begin', 'user.update', 'run.start'])
    await anna.getByText(action).first().waitFor()
}, 60_000)

test('a backup is a download, and an exported script comes in again', async () => {
  const page = await visitor()
  await signIn(page, 'anna', password, '/settings')
  await heading(page, 'Settings')
  const [backup] = await Promise.all([page.waitForEvent('download'), press(page, 'Make a backup')])
  expect(backup.suggestedFilename()).toMatch(/^scriptgateway-.*\.tar\.gz$/)

  await page.goto(`${gateway.url}/scripts/hello`)
  const [exported] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Export', exact: true }).click(),
  ])
  await page.goto(`${gateway.url}/import`)
  const archive = Buffer.from(await Bun.file(await exported.path()).arrayBuffer())
  await page.setInputFiles('#import-file', {
    name: exported.suggestedFilename(),
    mimeType: 'application/gzip',
    buffer: archive,
  })
  await press(page, 'Import over what is there')
  await page.getByText('It is here').waitFor()
  await eventually('the script is active', () => gateway.app.scripts().some(({ state }) => state === 'active'))
}, 60_000)
