/** The pages about notifications in a real browser: followed, and by hand without JavaScript. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { createPages } from '../../src/pages/pages.tsx'
import { eventually } from '../harness/folder.ts'
import { launch } from './browser.ts'
import { createFake } from './fake.ts'
import { startPreview } from './preview.ts'

const fake = createFake()
const pages = createPages(() => fake)
const server = Bun.serve({
  ...{ port: 0, hostname: '127.0.0.1' },
  fetch: (request) =>
    new URL(request.url).pathname === '/api/events' ? new Response(null, { status: 204 }) : pages.handle(request),
})
let browser: Browser
const faults: string[] = []

beforeAll(async () => {
  browser = await launch()
})

afterAll(async () => {
  await browser.close()
  server.stop(true)
  expect([...faults, ...fake.reported]).toEqual([])
})

async function visit(options: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext(options)
  context.setDefaultTimeout(15_000)
  const page = await context.newPage()
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) faults.push(message.text())
  })
  return page
}

test('a delivery that arrives is told where it stands, and a new one waits', async () => {
  const page = await visit({ viewport: { width: 1440, height: 900 } })
  const preview = startPreview()
  const { deliveries } = preview.fake.told
  const waiting = deliveries.find(({ state }) => state === 'pending')!
  await page.goto(`${preview.url}/notifications`)
  await eventually('the page listens', () => preview.followed() > 0)
  const row = page.locator(`#delivery-${waiting.id}`)
  await row.getByText('Waits', { exact: true }).waitFor()
  Object.assign(waiting, { state: 'sent', problem: null })
  deliveries.unshift({ ...waiting, id: 77 })
  preview.tell('deliveries', {})
  await row.getByText('Sent', { exact: true }).waitFor()
  await page.locator('#deliveries-arrived:visible', { hasText: '1 new entry' }).waitFor()
  expect(await page.locator('#delivery-77').count()).toBe(0)
  await page.context().close()
  preview.stop()
}, 60_000)

test('all of it works without JavaScript', async () => {
  const page = await visit({ javaScriptEnabled: false, viewport: { width: 390, height: 844 } })
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click()
  const link = (name: string) => page.getByRole('link', { name, exact: true }).click()
  const path = () => new URL(page.url()).pathname

  await page.goto(`${server.url.origin}/notifications`)
  await link('Add a channel')
  await link('Discord')
  await page.fill('[name=name]', 'Chat')
  await page.fill('[name="config.url"]', 'ftp://nowhere')
  await press('Add the channel')
  expect(await page.inputValue('[name=name]')).toBe('Chat')
  expect(await page.inputValue('[name="config.url"]')).toBe('')
  expect(await page.getAttribute('[name="config.url"]', 'aria-invalid')).toBe('true')
  await page.fill('[name="config.url"]', 'https://discord.com/api/webhooks/1/canary')
  await press('Add the channel')
  expect(path()).toBe('/notifications/channels/4')
  fake.told.outcome.next = { state: 'failed', problem: 'discord.com answered 404.' }
  await press('Send a test')
  await page.getByRole('alert').getByText('discord.com answered 404.').waitFor()

  await page.goto(`${server.url.origin}/notifications`)
  await link('Add a rule')
  await page.getByLabel('When it fails').check()
  await page.selectOption('[name=channel_id]', { label: 'Chat' })
  await press('Add the rule')
  await page.getByText('When it fails, it begins to fail or it works again').waitFor()
  expect(fake.told.rules.at(-1)).toMatchObject({ channel_id: 4, events: ['failure', 'first_failure', 'recovery'] })

  await page.goto(`${server.url.origin}/notifications?state=failed`)
  await page.locator('#deliveries tbody').getByRole('link', { name: 'resize_images failed' }).click()
  await press('Send again')
  await page.getByText('discord.com answered 404.').first().waitFor()
  expect(fake.told.deliveries[0]).toMatchObject({ redelivery_of: 7 })
  await page.context().close()
}, 60_000)
