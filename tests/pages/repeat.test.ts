/** "Run again" on a phone, in a real browser: what was not kept is asked for, not left out. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Browser, Page } from 'playwright-core'
import { pythonScript, startApp } from '../harness/app.ts'
import { launch } from './browser.ts'

const app = await startApp({
  'python/echo.py': pythonScript(
    { word: { type: 'str' }, token: { type: 'str', secret: true } },
    'print(json.dumps({"has": args["token"] is not None}))',
  ),
})
let browser: Browser
let page: Page

beforeAll(async () => {
  browser = await launch()
  page = await browser.newPage({ viewport: { width: 390, height: 844 } })
  page.setDefaultTimeout(15_000)
})
afterAll(() => browser?.close())

const focused = () => page.evaluate(() => document.activeElement?.getAttribute('name'))
const isOpen = () => page.evaluate(() => (document.querySelector('#run-fold') as HTMLDetailsElement).open)

/** A finished run of which a secret was not kept. */
async function openRun() {
  const { body } = await app.json<{ run_id: number }>('/api/scripts/echo/run', {
    method: 'POST',
    body: JSON.stringify({ word: 'x', token: 'geheim' }),
    headers: { 'content-type': 'application/json' },
  })
  await page.goto(`${app.url}/executions/${body.run_id}`)
  return body.run_id
}

/** The run that the browser has come to, ended. */
async function repeated(id: number) {
  await page.waitForURL((url) => /^\/executions\/\d+$/.test(url.pathname) && !url.pathname.endsWith(`/${id}`))
  return app.finished(Number(new URL(page.url()).pathname.split('/').at(-1)))
}

test('the button unfolds the form at the secret; typed, the run is repeated with it', async () => {
  const id = await openRun()
  expect(await isOpen()).toBe(false)
  await page.getByRole('link', { name: 'Run again' }).click()
  await page.getByText('It was not kept: type it again.').waitFor()
  expect([await isOpen(), await focused()]).toEqual([true, 'token'])
  await page.keyboard.type('geheim')
  await page.getByRole('button', { name: /^Run Ctrl/ }).click()
  expect(await repeated(id)).toMatchObject({ retry_of: id, trigger: 'form', result: { data: { has: true } } })
})

test('a short cut that goes past the field is answered with the question; left out on purpose, it runs without', async () => {
  const id = await openRun()
  await page.keyboard.press('Control+Enter')
  await page.getByText('Was not kept: type it again, or say to run without it').waitFor()
  expect(await focused()).toBe('token')
  await page.getByLabel('Run without it').check()
  await page.getByRole('button', { name: /^Run Ctrl/ }).click()
  expect(await repeated(id)).toMatchObject({ retry_of: id, params: { word: 'x' }, result: { data: { has: false } } })
})
