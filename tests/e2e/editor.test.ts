/** The editor of the Code tab as people use it, in a real browser: errors as one types, the format, saving, and what others save meanwhile. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { startApp } from '../harness/app.ts'
import { faultsOfAxe } from '../pages/axe.ts'
import { launch } from '../pages/browser.ts'

const python = `import json, sys

ARGS_MAP = {"width": {"flag": "--width", "type": "int"}}

if __name__ == "__main__":
    if "--_sys_get_schema" in sys.argv:
        print(json.dumps(ARGS_MAP))
`
const typescript = `import { readFile } from 'node:fs/promises'

const names: string[] = process.argv
if (import.meta.main) console.log(JSON.stringify({}), names.length, await readFile('/etc/hostname', 'utf8'), Bun.version)
export default 1
`
const gateway = await startApp({ 'python/size.py': python, 'js/typed.ts': typescript, 'js/.typed._map.json': '{}' })
const idOf = (filename: string) => gateway.app.scripts().find((one) => one.filename === filename)!.id
const pythonFile = join(gateway.scriptsDir, 'python/size.py')

let browser: Browser
let context: BrowserContext
let page: Page
const faults: string[] = []
beforeAll(async () => {
  browser = await launch()
  context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  page = await context.newPage()
  page.setDefaultTimeout(20_000)
  page.on('pageerror', (error) => faults.push(error.message))
  page.on(
    'console',
    (message) => message.type() === 'error' && !/409/.test(message.text()) && faults.push(message.text()),
  )
  page.on('request', (request) => {
    if (!request.url().startsWith(gateway.url) && !/^(data|blob):/.test(request.url())) faults.push(request.url())
  })
})
afterAll(() => browser?.close())

const open = async (filename: string) => {
  await page.goto(`${gateway.url}/scripts/${idOf(filename)}?tab=code`)
  await page.locator('#code-form[data-ready]').waitFor()
}
/** Behind the last character. */
const typeAtEnd = async (text: string) => {
  await page.locator('.monaco-editor textarea').first().focus()
  await page.keyboard.press('Control+End')
  await page.keyboard.insertText(text)
}
const problem = (text: RegExp | string) => page.locator('#code-problems').getByText(text)
const state = (text: string) => page.locator('#code-state').getByText(text, { exact: true })

test('Python: what is unused is told and repaired, Ruff formats, and a save shows what became of the parameters', async () => {
  await open('size.py')
  expect(await page.locator('#code-problems').isVisible()).toBe(false)
  await typeAtEnd('if False: print(undefined_name)\nimport os\n')
  await problem('Undefined name `undefined_name`').waitFor()
  await state('Not saved').waitFor()
  expect(await page.title()).toStartWith('● ')
  await page
    .locator('#code-problems li', { hasText: '`os` imported but unused' })
    .getByRole('button', { name: 'Fix' })
    .click()
  await problem('`os` imported but unused').waitFor({ state: 'detached' })

  for (const key of ['Control+Home', 'ArrowDown', 'ArrowDown', 'End', 'ArrowLeft']) await page.keyboard.press(key)
  await page.keyboard.insertText(', "height": {"type": "float"   }')
  await page.getByRole('button', { name: 'Format' }).click()
  await page.locator('.view-line', { hasText: '"float"}}' }).waitFor()
  await page.keyboard.press('Control+s')
  await state('Saved').waitFor()
  await page.locator('#code-outcome', { hasText: '2 read in' }).locator('dd code', { hasText: 'height' }).waitFor()
  expect(readFileSync(pythonFile, 'utf8')).toContain('"height": {"type": "float"}')
  expect(await page.title()).not.toContain('●')
})

test('what somebody else saves meanwhile is told, shown and not written over; what is typed outlives the page', async () => {
  await typeAtEnd('# mine\n')
  writeFileSync(pythonFile, `${readFileSync(pythonFile, 'utf8')}# theirs\n`)
  await page.getByText('It was changed on the disk').waitFor()
  await page.getByRole('button', { name: 'Show the difference' }).click()
  await page.locator('[data-line="removed"]', { hasText: '# theirs' }).waitFor()

  const dialogs: string[] = []
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.type())
    void dialog.accept()
  })
  await open('size.py')
  expect(dialogs).toEqual(['beforeunload'])
  await page.getByText(/were not saved, and the file is another one by now/).waitFor()
  await page.keyboard.press('Control+s')
  await page.getByText('It was changed on the disk').waitFor()
  expect(readFileSync(pythonFile, 'utf8')).not.toContain('# mine')
  await page.getByRole('link', { name: 'Load theirs' }).click()
  await page.locator('#code-form:not([data-dirty])').waitFor()
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.locator('#code-form[data-dirty]').waitFor()
  await page.keyboard.press('Control+s')
  await state('Saved').waitFor()
  expect(readFileSync(pythonFile, 'utf8')).toMatch(/# mine\n$/)
  expect(readFileSync(pythonFile, 'utf8')).not.toContain('# theirs')
})

test('the head of the page is about the file as it is now: broken by a save, and mended by another one', async () => {
  await typeAtEnd('1 +')
  await page.keyboard.press('Control+s')
  const note = page.getByText('One thing to know')
  await note.waitFor()
  for (const key of ['Backspace', 'Backspace', 'Backspace']) await page.keyboard.press(key)
  await page.keyboard.press('Control+s')
  await note.waitFor({ state: 'detached' })
  expect(await page.locator('#code-form[data-ready] .monaco-editor').count()).toBeGreaterThan(0)
})

test('TypeScript: Bun and Node.js are known, what is wrong is told, and nothing is serious for axe', async () => {
  await open('typed.ts')
  await typeAtEnd('const n: number = Bun.version\n')
  await problem("Type 'string' is not assignable to type 'number'.").waitFor()
  expect(await page.locator('#code-problems li').count()).toBe(1)
  expect(await faultsOfAxe(page)).toEqual([])
})

test('a phone gets a plain field with the same manners', async () => {
  const phone = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })
  const small = await phone.newPage()
  await small.goto(`${gateway.url}/scripts/${idOf('size.py')}?tab=code`)
  const field = small.getByLabel('Source code')
  await field.fill(`${await field.inputValue()}# by thumb\n`)
  await small.getByRole('button', { name: /^Save/ }).last().click()
  await small.locator('#code-state').getByText('Saved', { exact: true }).waitFor()
  expect(readFileSync(pythonFile, 'utf8')).toMatch(/# by thumb\n$/)
  expect(await small.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
  await phone.close()
})

test('nothing failed in the pages, and nothing was asked of anybody else', () => expect(faults).toEqual([]))
