/** An installation that goes on, and what it is for, in a real browser on made-up data. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Browser, Page } from 'playwright-core'
import { viewOf } from '../dependencies/fake.ts'
import { eventually } from '../harness/folder.ts'
import { launch } from './browser.ts'
import { type Preview, startPreview } from './preview.ts'

let preview: Preview
let browser: Browser
let page: Page
const faults: string[] = []

beforeAll(async () => {
  preview = startPreview()
  browser = await launch()
  page = await browser.newPage({ viewport: { width: 390, height: 844 } })
  page.setDefaultTimeout(15_000)
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => message.text().includes('Content Security Policy') && faults.push(message.text()))
})

afterAll(async () => {
  await browser?.close()
  preview.stop()
  expect(faults).toEqual([])
})

async function openListening(path: string) {
  const before = preview.followed()
  await page.goto(preview.url + path)
  await eventually('the page listens', () => preview.followed() > before)
}
const isWide = () => page.evaluate(() => document.documentElement.scrollWidth > innerWidth)

test('lines come as they are printed, and its end changes the page', async () => {
  const { begin, say, end } = preview.fake.packages.fake
  const { id } = begin({ script_id: 3, requirements: ['a-package-with-a-name-as-long-as-it-may-be'.repeat(4)] }, [3])
  say(id, 'Collecting one')
  await page.goto(`${preview.url}/dependencies/installations/${id}`)
  await page.getByText('Live', { exact: true }).waitFor()
  await page.getByText('Collecting one').waitFor()
  say(id, 'Collecting two <b>')
  await page.getByText('Collecting two <b>').waitFor()
  end(id, 'failed', 'No version fits.\nThe newest is 1.')
  await page.locator('#run-status [data-status=failed]').waitFor()
  await page.locator('#run-note').getByText('The newest is 1.').waitFor()
  await page.getByRole('button', { name: 'Install again' }).waitFor()
  expect(await page.locator('[data-log-count]').textContent()).toBe('2 lines')
  expect(await isWide()).toBe(false)
})

test('it is stopped after a question, and the page stays', async () => {
  const { begin, say } = preview.fake.packages.fake
  const { id } = begin({ script_id: 3 }, [3])
  say(id, 'Collecting one')
  await page.goto(`${preview.url}/dependencies/installations/${id}`)
  await page.getByText('Live', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Stop', exact: true }).click()
  await page.getByRole('button', { name: 'Stop it' }).click()
  await page.locator('#run-status [data-status=cancelled]').waitFor()
})

test('a script’s page and tab follow what is installed, and a form that is being filled in stays as it is', async () => {
  const { views, begin } = preview.fake.packages.fake
  const installation = begin({ script_id: 5 }, [5])
  const told = () => preview.tell('dependencies', { installation, script_ids: [5] })
  const view = (state: 'installing' | 'ready') =>
    views.set(5, viewOf({ script_id: 5, state, installation: state === 'ready' ? null : installation }))
  view('installing')
  await openListening('/scripts/5')
  await page.locator('#packages-note').getByText('Its packages are being installed').waitFor()
  view('ready')
  told()
  await page.waitForFunction(() => document.getElementById('packages-note')?.textContent === '')

  view('installing')
  await openListening('/scripts/5?tab=dependencies')
  await page.getByLabel('Package', { exact: true }).fill('half-ty')
  view('ready')
  told()
  await page.locator('#packages .status[data-status=success]').waitFor()
  expect(await page.getByLabel('Package', { exact: true }).inputValue()).toBe('half-ty')
})

test('the overview follows, too', async () => {
  const { views, begin, globals } = preview.fake.packages.fake
  views.set(6, viewOf({ script_id: 6, runtime: 'js', state: 'missing', source: { scope: 'folder', file: 'p.json' } }))
  await openListening('/dependencies')
  await page.locator('#declaring').getByText('invoice_report').waitFor()
  await page.locator('#global-js').getByLabel('Package', { exact: true }).fill('half-ty')
  const installation = begin({ script_id: 6, runtime: 'js' }, [6])
  globals.js = viewOf({ script_id: null, runtime: 'js', state: 'installing', installation })
  preview.tell('dependencies', { installation, script_ids: [6] })
  await page.locator('#installations').getByText('invoice_report').waitFor()
  await page.locator('#global-js-state > header').getByText('Installing').waitFor()
  expect(await page.locator('#global-js').getByLabel('Package', { exact: true }).inputValue()).toBe('half-ty')
  expect(await isWide()).toBe(false)
})

test('an import is declared with one click, also without JavaScript', async () => {
  const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 390, height: 844 } })
  const plain = await context.newPage()
  await plain.goto(`${preview.url}/scripts/3?tab=dependencies`)
  await plain.getByRole('button', { name: 'Add opencv-python' }).click()
  await plain.getByText('It is written down.').waitFor()
  expect(preview.fake.packages.fake.asked).toContain('add resize-images opencv-python script by anna')
  await plain.goto(`${preview.url}/scripts/16?tab=dependencies`)
  expect(await plain.evaluate(() => document.documentElement.scrollWidth > innerWidth)).toBe(false)
  await context.close()
})
