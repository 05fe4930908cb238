/** The tab with a script's permissions and limits, in a real browser on made-up data. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Browser, Page } from 'playwright-core'
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

test('a reason in the recent runs is read as a whole on a phone', async () => {
  const recent = preview.fake.allRuns.find(({ script_id }) => script_id === 4)!
  recent.reason = `Stopped because ${'of this and that '.repeat(20)}and no more.`
  await page.goto(`${preview.url}/scripts/4`)
  const isCut = await page.locator('#recent small.cut').evaluate((small) => small.scrollWidth > small.clientWidth)
  expect([isCut, await isWide()]).toEqual([false, false])
})

const isWide = () => page.evaluate(() => document.documentElement.scrollWidth > innerWidth)

test('what is refused stays as it was typed, with the place; mended, it is saved and shown; removed, it is gone', async () => {
  await page.goto(`${preview.url}/scripts/5`)
  await page.getByRole('link', { name: 'Settings', exact: true }).last().click()
  await page.getByRole('link', { name: 'Limits and permissions' }).click()
  const text = page.getByLabel('What it says')
  await text.fill('{"permissions": {"net": ["example.com"]}}')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('alert').getByText('/permissions/net/0').waitFor()
  expect(await text.inputValue()).toBe('{"permissions": {"net": ["example.com"]}}')
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('policy-text')
  expect(preview.fake.policyTexts.size).toBe(0)

  const path = `/srv/${'long'.repeat(60)}`
  await text.fill(JSON.stringify({ permissions: { net: [8443], read: [path] }, limits: { timeout_min: 3 } }))
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('It is in force for the next run.').waitFor()
  await page.getByText('port 8443').waitFor()
  await page.getByText('3 min', { exact: true }).waitFor()
  expect(await isWide()).toBe(false)

  await page.getByRole('button', { name: 'Remove the file' }).click()
  await page.getByText('Saved').waitFor()
  expect(await text.inputValue()).toBe('')
  expect(preview.fake.policyTexts.size).toBe(0)
})
