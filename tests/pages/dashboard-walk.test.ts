/** The dashboard and the way to any page in a real browser, walked through by keys. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Browser, Page } from 'playwright-core'
import { eventually } from '../harness/folder.ts'
import { faultsOfAxe } from './axe.ts'
import { launch } from './browser.ts'
import { type Preview, startPreview } from './preview.ts'

let preview: Preview
let browser: Browser
let page: Page
const faults: string[] = []

beforeAll(async () => {
  preview = startPreview({ scripts: 120 })
  browser = await launch()
  page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  page.setDefaultTimeout(15_000)
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => message.text().includes('Content Security Policy') && faults.push(message.text()))
})

afterAll(async () => {
  await browser.close()
  preview.stop()
  expect(faults).toEqual([])
})

const focused = () => page.evaluate(() => document.activeElement?.id || document.activeElement?.textContent?.trim())
const rows = () => page.locator('#script-rows tr').count()
const current = () => page.locator('tr[aria-selected=true]').getAttribute('id')
const state = (id: number) => preview.fake.allScripts.find((one) => one.id === id)?.state
const settled = (path: string) => page.waitForURL((url) => url.pathname + url.search === path)
test('the search keeps its focus and caret, leads to what was found, and lets go', async () => {
  const before = preview.followed()
  await page.goto(preview.url)
  await eventually('the page listens', () => preview.followed() > before)
  await page.locator('#filters[data-htmx-powered]').waitFor({ state: 'attached' })
  await page.keyboard.press('/')
  await page.keyboard.type('bakup')
  await page.keyboard.press('ArrowLeft')
  await page.keyboard.press('ArrowLeft')
  await page.keyboard.press('ArrowLeft')
  await page.keyboard.type('c')
  await page.waitForFunction(() => document.querySelectorAll('#script-rows tr').length === 1)
  expect(await page.evaluate(() => (document.activeElement as HTMLInputElement).selectionStart)).toBe(3)
  await page.keyboard.press('ArrowDown')
  expect([await focused(), await current()]).toEqual(['nightly_backup', 'script-1'])
  await page.fill('[name=q]', '')
  await settled('/')
})

test('rows come as one scrolls, each once, and a head sorts without losing the focus', async () => {
  await page.waitForFunction(() => document.querySelectorAll('#script-rows tr').length === 50)
  for (let seen = 50; seen < 120; seen = await rows()) {
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight))
    await page.waitForFunction((count) => document.querySelectorAll('#script-rows tr').length > count, seen)
  }
  const ids = await page.locator('#script-rows tr').evaluateAll((all) => all.map(({ id }) => id))
  expect(new Set(ids).size).toBe(120)
  await page.locator('#sort-name').focus()
  await page.keyboard.press('Enter')
  await settled('/?sort=name')
  expect([await focused(), await page.locator('th[aria-sort=ascending]').textContent()]).toEqual(['sort-name', 'Name'])
})

test('rows are chosen by x and with Shift, done something with, and that is taken back', async () => {
  await page.goto(`${preview.url}/?tag=ops&sort=name`)
  for (const key of ['j', 'x', 'Escape']) await page.keyboard.press(key)
  expect(await page.locator('#script-rows input:checked').count()).toBe(0)
  for (const key of ['x', 'j', 'j']) await page.keyboard.press(key)
  const third = await current()
  await page.locator(`#${third} input`).click({ modifiers: ['Shift'] })
  expect(await page.locator('[data-bulk-count]').textContent()).toBe('3 selected')
  const chosen = await page
    .locator('#script-rows input:checked')
    .evaluateAll((all) => all.map((one) => Number((one as HTMLInputElement).value)))
  await page.getByRole('button', { name: 'Deactivate' }).click()
  await page.locator('.toast', { hasText: '3 scripts deactivated.' }).waitFor()
  await page.locator(`#script-${chosen[0]} [data-state=inactive]`).waitFor()
  expect(await page.locator('#bulk').isVisible()).toBe(false)
  expect(chosen.map(state)).toEqual(['inactive', 'inactive', 'inactive'])
  expect(await current()).toBe(third)
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.locator(`#script-${chosen[0]} [data-state=active]`).waitFor()
  expect(chosen.map(state)).toEqual(['active', 'active', 'active'])
})

test('a row’s menu is walked by arrows; a script is deleted after a question, the next row has the focus, and Undo brings it back', async () => {
  const names = await page.locator('#script-rows tr').evaluateAll((all) => all.map(({ id }) => id))
  await page.locator(`#${names[0]} [data-row-menu]`).focus()
  await page.keyboard.press('Enter')
  await page.locator('#row-menu').getByText('Delete…').waitFor()
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: /^Delete / }).waitFor()
  expect(await focused()).toBe('confirm-no')
  await page.keyboard.press('Enter')
  expect(await page.locator(`#${names[0]}`).count()).toBe(1)
  await page.locator(`#${names[0]} [data-row-menu]`).click()
  await page.locator('#row-menu').getByText('Delete…').click()
  await page.getByRole('button', { name: 'Delete', exact: true }).click()
  await page.locator(`#${names[0]}`).waitFor({ state: 'detached' })
  expect(await current()).toBe(names[1]!)
  await page.locator('#toasts > *', { hasText: 'is deleted' }).getByRole('button', { name: 'Undo' }).click()
  await page.locator(`#${names[0]}`).waitFor()
})

test('Ctrl K goes to a script by arrows and Enter, and knows it the next time', async () => {
  await page.keyboard.press('Control+k')
  await page.locator('#go-list [role=option]').first().waitFor()
  await page.keyboard.insertText('resize') // at once: an answer to fewer letters would come between the arrows
  await page.waitForFunction(() => document.querySelector('#go-0 b')?.textContent === 'resize_images')
  const active = () => page.locator('#go-input').getAttribute('aria-activedescendant')
  expect(await active()).toBe('go-0')
  await page.keyboard.press('ArrowUp')
  expect(await active()).not.toBe('go-0')
  await page.keyboard.press('ArrowDown')
  expect(await faultsOfAxe(page)).toEqual([])
  await page.keyboard.press('Enter')
  await settled('/scripts/3')
  await page.keyboard.press('Control+k')
  await page.locator('#go-list').getByText('Lately').waitFor()
  expect(await page.locator('#go-0 b').textContent()).toBe('resize_images')
  await page.keyboard.insertText('theme dark')
  await page.waitForFunction(() => document.querySelector('#go-0 b')?.textContent === 'Theme: dark')
  await page.keyboard.press('Enter')
  await page.locator('html[data-theme=dark]').waitFor()
  expect(await page.locator('#go').isVisible()).toBe(false)
})

test('a phone chooses rows, too, and nothing is wider than it', async () => {
  await page.setViewportSize({ width: 390, height: 844 })
  await page.goto(preview.url)
  await page.locator('[data-selecting]').click()
  await page.locator('#script-rows input').first().click()
  expect(await page.locator('#bulk').isVisible()).toBe(true)
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
})

test('a phone shows where one is, and goes anywhere by a finger', async () => {
  await page.setViewportSize({ width: 390, height: 844 })
  await page.goto(`${preview.url}/settings`)
  await page.locator('.go-button').click()
  await page.locator('#go-input').waitFor()
  const here = await page.locator('.top nav [aria-current]').boundingBox()
  expect(here!.x).toBeGreaterThan(0)
  expect(here!.x + here!.width).toBeLessThan(350)
})
