/** New scripts in a real browser: another template keeps what was typed, names are checked, dropped files come and are told. */
import { afterAll, expect, test } from 'bun:test'
import { startApp } from '../harness/app.ts'
import { launch } from './browser.ts'

const source = 'export default function main() {}\n'
const app = await startApp({ 'js/there.js': source, 'js/.there._map.json': '{}' })
const browser = await launch()
afterAll(() => browser.close())

test('from a template, and by dropping files on the dashboard', async () => {
  const page = await browser.newPage()
  page.setDefaultTimeout(15_000)
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(error.message))
  await page.goto(`${app.url}/scripts/new?template=js`, { waitUntil: 'networkidle' })
  await page.fill('#group', 'reports')
  await page.click('#template-table')
  await page.waitForSelector('#filename[value="loan_plan.js"]')
  expect(await page.inputValue('#group')).toBe('reports')
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('template-table')
  await page.fill('#group', '')
  await page.fill('#filename', 'there.js')
  await page.waitForSelector('#filename[aria-invalid="true"]')
  expect(await page.textContent('#filename-error')).toContain('"there.js" exists already.')
  await page.fill('#filename', 'fresh.js')
  await page.waitForSelector('#filename:not([aria-invalid])')

  await page.goto(app.url, { waitUntil: 'networkidle' })
  const dropped = await page.evaluateHandle((text) => {
    const data = new DataTransfer()
    data.items.add(new File([text], 'there.js'))
    data.items.add(new File([text], 'new.js'))
    return data
  }, source)
  await page.dispatchEvent('body', 'dragenter', { dataTransfer: dropped })
  await page.waitForSelector('.drop-all')
  await page.dispatchEvent('body', 'drop', { dataTransfer: dropped })
  await page.waitForSelector('dialog #upload-outcome [data-as="refused"]')
  expect(app.app.scripts().map(({ filename }) => filename)).toEqual(['there.js'])
  await page.click('[data-upload-again="overwrite"]')
  await page.waitForSelector('dialog #upload-outcome[data-stored]')
  expect(await page.locator('.came a').allTextContents()).toEqual(['js/there.js', 'js/new.js'])
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('h-uploading')
  expect(faults).toEqual([])
})
