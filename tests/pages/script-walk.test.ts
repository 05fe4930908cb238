/** The tabs of a script in a real browser, by keyboard: tags, parameters, calls. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Browser, Page } from 'playwright-core'
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

const open = async (search: string) => {
  await page.goto(`${preview.url}/scripts/${search}`)
  await page.waitForFunction(() => document.documentElement.dataset.js !== undefined)
}

test('on a phone the tab that is shown is in view', async () => {
  await open('3?tab=api')
  await page.waitForFunction(() => {
    const box = document.querySelector('[data-script] [aria-current]')!.getBoundingClientRect()
    return box.left >= 0 && box.right <= innerWidth
  })
  expect(await page.locator('[data-script] [aria-current]').count()).toBe(1)
})

test('tags are typed, suggested, chosen and taken away by keyboard, and saved', async () => {
  await open('3?tab=settings')
  const input = page.getByRole('combobox', { name: 'Tags' })
  const chips = () => page.locator('.tokens .chip').allInnerTexts()
  await input.focus()
  await page.keyboard.type('new one,')
  expect((await chips()).map((chip) => chip.trim())).toEqual(['images', 'batch', 'new one'])
  await page.keyboard.type('cs')
  await page.getByRole('option', { name: /csv/ }).waitFor()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  expect((await chips()).at(-1)?.trim()).toBe('csv')
  await page.keyboard.press('Backspace')
  await page.keyboard.press('Backspace')
  await page.getByRole('button', { name: 'Remove batch' }).click()
  await page.keyboard.type('last')
  await page.keyboard.press('Tab')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Changed: the tags.').waitFor()
  expect(preview.fake.allScripts[2]!.tags).toEqual(['images', 'last'])
})

test('whoever came to run it begins at the first field that needs a value, and who came to look nowhere', async () => {
  const at = () =>
    page.evaluate(() => (document.activeElement as HTMLInputElement | null)?.name ?? document.activeElement?.tagName)
  const first = await page
    .goto(`${preview.url}/scripts/3`)
    .then(() => page.locator('#run-form :required').first().getAttribute('name'))
  await page.waitForFunction(() => document.documentElement.dataset.js !== undefined)
  expect(await page.locator(':focus').count()).toBe(0)
  await page.goto(`${preview.url}/`)
  await page.locator('#script-3 [data-run-row]').click()
  await page.waitForURL(/#run-form$/)
  await page.waitForFunction((name) => (document.activeElement as HTMLInputElement | null)?.name === name, first)
  expect(await at()).toBe(first!)
})

test('parameters are added, moved and removed without losing what is typed or where one is', async () => {
  await open('5?tab=parameters&edit=form')
  await page.getByRole('button', { name: 'Add a parameter' }).press('Enter')
  const name = page.locator('#p-1-name')
  await name.waitFor()
  await name.fill('size')
  await page.locator('#p-1-type').selectOption('int')
  await page.locator('#p-1-up').press('Enter')
  await page.waitForFunction(() => document.querySelector('fieldset.param')?.id === 'param-1')
  expect(await name.inputValue()).toBe('size')
  await page.locator('#p-0-remove').press('Enter')
  await page.locator('#param-0').waitFor({ state: 'detached' })
  await name.press('Enter')
  await page.getByText('The parameters are saved').waitFor()
  expect(JSON.parse(preview.fake.schemas.texts.get(5)!)).toEqual({ size: { type: 'int' } })
})

test('the language of calls is kept from one script to the next', async () => {
  await open('3?tab=api')
  await page.locator('#call').getByRole('link', { name: 'PHP' }).click()
  await page.locator('#call-php').waitFor()
  await open('4?tab=api')
  expect(await page.locator('#call-php').isVisible()).toBe(true)
})

test('a change elsewhere does not take away what is typed', async () => {
  await open('3?tab=settings')
  const followed = preview.followed()
  await page.reload()
  await eventually('the page listens', () => preview.followed() > followed)
  await page.getByLabel('Name').fill('Typed')
  preview.tell('scripts', { ids: [3] })
  await page.getByText('This script has changed.').waitFor()
  expect(await page.getByLabel('Name').inputValue()).toBe('Typed')
})
