/** The settings and the gateway's log in a real browser: found, checked, told before they are saved, taken back; followed and paused. */
import { expect, test } from 'bun:test'
import { launch } from './browser.ts'
import { startPreview } from './preview.ts'
import { iso } from './samples.ts'

test('settings, and the log of the gateway', async () => {
  const preview = startPreview()
  const browser = await launch()
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  page.setDefaultTimeout(15_000)
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => message.text().includes('Content Security Policy') && faults.push(message.text()))

  await page.goto(`${preview.url}/settings`)
  await page.locator('.toc [aria-current]').waitFor() // its script is there
  await page.keyboard.press('/')
  await page.keyboard.type('minutes stopped')
  const shown = () => page.locator('[data-setting]:visible').evaluateAll((rows) => rows.map(({ id }) => id))
  expect(await shown()).toEqual(['timeout_min'])
  await page.keyboard.type(' nowhere')
  await page.getByText('No setting has these words.').waitFor()

  // What does not fit is said at its field, also where the field is filtered away.
  await page.fill('[name=q]', '')
  await page.fill('#s-timeout_min', '99999')
  await page.fill('#s-memory_bytes_max', String(512 * 1024 ** 2))
  expect(await page.locator('#memory_bytes_max [data-bytes]').textContent()).toBe('512 MiB')
  await page.getByText('2 unsaved changes').waitFor()
  await page.fill('[name=q]', 'memory')
  const save = page.getByRole('button', { name: 'Save', exact: true })
  await save.click()
  await page.locator('#e-timeout_min:visible').waitFor()
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('s-timeout_min')
  await page.fill('#s-timeout_min', '20')
  await save.click()
  await page.getByText('10 min → 20 min').waitFor()
  expect(preview.fake.settings.get('memory_bytes_max')).toBe(512 * 1024 ** 2)
  await page.getByRole('button', { name: 'Undo this change of settings' }).click()
  await page.getByText('20 min → 10 min').waitFor()
  expect(preview.fake.settings.get('timeout_min')).toBe(10)

  // Its first batch comes at once; the next one when the test says so.
  let write: (entries: { n: number }[]) => void = () => {}
  const next = () =>
    new Promise<{ n: number }[]>((resolve) => {
      write = resolve
    })
  let batch = next()
  preview.fake.gatewayLog.follow = async function* (_, signal) {
    while (!signal.aborted) {
      const items = (await batch).map(({ n }) => ({ level: 30, time: iso(0), msg: `entry ${n}` }))
      batch = next()
      yield { items, position: '7-9000', isReset: false }
    }
  }
  await page.goto(`${preview.url}/settings/log`)
  await page.getByText('Live', { exact: true }).waitFor()
  const atEnd = () =>
    page
      .locator('[data-log-view]')
      .evaluate((view) => view.scrollHeight - view.scrollTop - view.clientHeight < 2 && view.scrollTop > 0)
  write(Array.from({ length: 2100 }, (_, n) => ({ n })))
  await page.getByText('entry 2099', { exact: true }).waitFor()
  expect(await atEnd()).toBe(true)
  expect(await page.locator('[data-entries] > li').count()).toBe(2000)
  await page.locator('[data-log-view]').evaluate((view) => view.scrollTo(0, 0))
  await page.locator('[data-follow][aria-pressed=false]').waitFor()
  write([{ n: 3000 }])
  await page.getByRole('button', { name: '1 new entry' }).click()
  await page.getByText('entry 3000', { exact: true }).waitFor()
  expect(await atEnd()).toBe(true)

  await browser.close()
  preview.stop()
  expect(faults).toEqual([])
}, 60_000)
