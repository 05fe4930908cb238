/**
 * Pictures of every page in both themes and two sizes: `bun tests/pages/screenshots.ts [FOLDER [NAME-PREFIX [full] [zh]]]`.
 * In Chinese (`zh`) with a font of the machine that has it, such as fonts-noto-cjk; FONTCONFIG_PATH=/etc/fonts lets Chromium find it.
 */
import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { launchAlone } from './browser.ts'
import { pages } from './page-list.ts'
import { addLongRun, startPreview } from './preview.ts'

const folder = process.argv[2] ?? mkdtempSync(join(tmpdir(), 'screens-'))
mkdirSync(folder, { recursive: true })
const only = process.argv[3]
const [isFull, isChinese] = ['full', 'zh'].map((word) => process.argv.slice(4).includes(word))
const locale = isChinese ? 'zh-CN' : 'en'

const sizes = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } }

const preview = startPreview({})
addLongRun(preview)
const browser = await launchAlone()
for (const [size, viewport] of Object.entries(sizes))
  for (const colorScheme of ['light', 'dark'] as const) {
    const context = await browser.newContext({ viewport, colorScheme, locale, hasTouch: size === 'phone' })
    const page = await context.newPage()
    page.on('console', (message) => console.log(size, message.type(), message.text()))
    page.on('pageerror', (error) => console.log(size, 'error', error.message))
    for (const [name, path] of pages) {
      if (only && !name.startsWith(only)) continue
      await page.goto(preview.url + path)
      await page.waitForFunction(() => document.readyState === 'complete')
      await page.waitForTimeout(400)
      await page.screenshot({
        path: join(folder, `${name}-${size}-${colorScheme}.png`),
        fullPage: isFull,
      })
    }
    await context.close()
  }
await browser.close()
preview.stop()
console.log(folder)
