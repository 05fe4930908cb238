/** What the pages do beyond HTML, in a real browser on made-up data. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Browser, Page } from 'playwright-core'
import { eventually } from '../harness/folder.ts'
import { launch } from './browser.ts'
import { addLongRun, type Preview, startPreview } from './preview.ts'
import { param } from './samples.ts'

let preview: Preview
let browser: Browser
let page: Page
const faults: string[] = []

beforeAll(async () => {
  preview = startPreview()
  addLongRun(preview)
  browser = await launch()
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  page.setDefaultTimeout(15_000)
  page.on('pageerror', (error) => faults.push(error.message))
  // A blocked script, style or request is told here.
  page.on('console', (message) => message.text().includes('Content Security Policy') && faults.push(message.text()))
})

afterAll(async () => {
  await browser.close()
  preview.stop()
  expect(faults).toEqual([])
})

const open = (path: string) => page.goto(preview.url + path)
/** Open, and told of what happens. */
async function openListening(path: string) {
  const before = preview.followed()
  await open(path)
  await eventually('the page listens', () => preview.followed() > before)
}

const texts = (selector: string) => page.locator(selector).allTextContents()
const rows = (count: number) =>
  page.waitForFunction((wanted) => document.querySelectorAll('#script-rows tr').length === wanted, count)
const logHolds = (text: string) =>
  page.waitForFunction((wanted) => document.querySelector('[data-log-count]')?.textContent?.startsWith(wanted), text)
const currentMatch = (line: string) =>
  page.waitForFunction((id) => document.querySelector('.log mark[aria-current]')?.closest('li')?.id === id, line)

test('the table follows what one types, and so does the address', async () => {
  await open('/')
  // htmx looks at the page in a timer of its own: what is typed within the same millisecond is nobody's.
  await page.locator('[data-htmx-powered]').first().waitFor({ state: 'attached' })
  await page.keyboard.press('/')
  await page.keyboard.type('backup')
  await rows(1)
  expect(page.url()).toEndWith('/?q=backup')
  expect(await page.evaluate(() => document.activeElement?.getAttribute('name'))).toBe('q')
  await page.fill('[name=q]', 'no such thing')
  await page.getByText('Nothing matches').waitFor()
  await page.fill('[name=q]', '')
  await page.locator('label.filter', { hasText: 'Failing' }).click()
  await rows(5)
})

test('a run that changes is seen in its row, a script that comes waits behind a link', async () => {
  await openListening('/')
  const never = preview.fake.allScripts[14]!
  never.last_run = {
    id: 1,
    status: 'success',
    queued_at: '2026-11-21T03:19:00Z',
    finished_at: '2026-11-21T03:19:50Z',
    duration_ms: 900,
  }
  preview.tell('runs', { id: 1, script_id: 15, status: 'success' })
  await page.locator('#script-15 .status', { hasText: 'Success' }).waitFor()
  preview.fake.allScripts.push({ ...never, id: 77, slug: 'fresh', filename: 'fresh_one.py' })
  preview.tell('scripts', { ids: [77] })
  await page.locator('#new-scripts a', { hasText: '1 new script' }).click()
  await page.locator('#script-77').waitFor()
})

test('what changed while the stream was lost is there once it is back', async () => {
  await openListening('/')
  const quiet = preview.fake.allScripts[14]!
  quiet.last_run = { ...quiet.last_run!, id: 2, status: 'timeout' }
  preview.cut()
  await page.locator('#script-15 .status', { hasText: 'Timeout' }).waitFor()
  await openListening('/executions')
  const [shown] = await page.locator('#runs-body > tr').evaluateAll((rows) => rows.map(({ id }) => Number(id.slice(4))))
  Object.assign(preview.fake.runs.get(shown!)!, { status: 'killed' })
  preview.cut()
  await page.locator(`#run-${shown} .status`, { hasText: 'Killed' }).waitFor()
})

test('rows are reached by keys, and the theme is kept', async () => {
  await open('/')
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  await page.keyboard.press('k')
  expect(await page.locator('tr[aria-selected=true]').count()).toBe(1)
  await page.locator('[data-theme-switch]').click()
  await page.reload()
  expect(await page.getAttribute('html', 'data-theme')).toBe('light')
})

/** The numbers of the lines that can be seen. */
const seen = () =>
  page.evaluate(() => {
    const log = document.querySelector('.log')!.getBoundingClientRect()
    return [...document.querySelectorAll('.log li')].flatMap((row) => {
      const { top, bottom } = row.getBoundingClientRect()
      return bottom > log.top && top < log.bottom ? [Number(row.id.slice(1))] : []
    })
  })

test('two hundred thousand lines are a few hundred in the page, and each can be searched', async () => {
  await open('/executions/50000')
  await logHolds('200,000')
  await page.locator('#L200000').waitFor()
  expect(await page.locator('.log li').count()).toBeLessThan(1500)
  await page.fill('.log-panel [type=search]', 'line 77777 ')
  await currentMatch('L77777')
  await page.getByRole('button', { name: 'To the first line' }).click()
  await page.locator('#L1').waitFor()
  expect(await page.locator('.log li').count()).toBeLessThan(1500)
  await page.locator('.log-panel .bar button', { hasText: 'stderr' }).click()
  await page.waitForFunction(() => document.querySelector('.log li')!.id === 'L1000')
})

test('a log that is one long line begins with it, not with empty room for its records', async () => {
  await open('/executions/50004')
  await page.locator('.log li#L1', { hasText: '{"id":0,' }).waitFor()
  expect(await page.evaluate(() => [...document.querySelectorAll('.log-room')].map((one) => one.clientHeight))).toEqual(
    [0, 0],
  )
})

test('the scroll bar tells the truth, and what one reads stays while more is loaded around it', async () => {
  await open('/executions/50000')
  await page.locator('.log-room').first().waitFor({ state: 'attached' })
  const scrollTo = (part: number) =>
    page.evaluate((part) => {
      const log = document.querySelector('.log')!
      log.scrollTop = log.scrollHeight * part
    }, part)
  await scrollTo(0.25)
  await eventually('a quarter of it is above', async () => (await seen()).some((seq) => Math.abs(seq - 50_000) < 500))
  const [first] = await seen()
  // Page by page upwards: each line comes once, in its order.
  await page.locator('.log').focus()
  for (let step = 0; step < 100; step++) {
    const [top] = await seen()
    if (top! < first! - 150) break // a step may be a small part of a page: what is seen on the way counts, too
    let pressedAt = Number.NEGATIVE_INFINITY
    await eventually('a page further up', async () => {
      // Lines that come at that very moment may end a movement that has not got anywhere yet.
      if ((await seen())[0]! >= top! && performance.now() - pressedAt > 1000) {
        pressedAt = performance.now()
        await page.keyboard.press('PageUp')
      }
      const now = await seen()
      return now[0]! < top! && now.every((seq, i) => i === 0 || seq === now[i - 1]! + 1)
    })
  }
  expect((await seen())[0]).toBeLessThan(first! - 150)
  await page.keyboard.press('End')
  await eventually('the end', async () => (await seen()).at(-1) === 200_000)
  await page.keyboard.press('Home')
  await eventually('the beginning', async () => (await seen())[0] === 1)
  expect(await page.locator('.log li').count()).toBeLessThan(1000)
})

test('an address with a line number opens there', async () => {
  await open('/executions/48900#L300')
  await page.locator('#L300[aria-current=true]').waitFor()
  await page.waitForFunction(() => {
    const [line, log] = ['#L300', '.log'].map((one) => document.querySelector(one)!.getBoundingClientRect())
    return line!.top > log!.top && line!.bottom < log!.bottom
  })
})

test('matches are counted and stepped through, escapes are colours, never markup', async () => {
  await open('/executions/48900')
  await logHolds('1,268')
  await page.fill('.log-panel [type=search]', 'SRGB')
  await currentMatch('L5')
  expect((await texts('.log-panel output'))[0]!.trim()).toBe('1 / 264')
  await page.locator('.log-panel [type=search]').press('Enter')
  await currentMatch('L10')
  expect(await page.locator('.log li b').count()).toBe(0)
  expect(await page.locator('#L10 .a2').textContent()).toBe('ok')
})

test('a broken stream comes back without a line twice; the end swaps facts, note and result in, for all who watch', async () => {
  await open('/executions/48000')
  await logHolds('1,268')
  const other = await browser.newPage({ viewport: { width: 390, height: 844 } })
  await other.goto(`${preview.url}/executions/48000`)
  await other.getByText('Live', { exact: true }).waitFor()
  // It says so for as long as it takes to come back, which is nothing to poll for.
  const said = await page.evaluateHandle(() => {
    const texts: string[] = []
    const state = document.querySelector('[data-log-state]')!
    new MutationObserver(() => texts.push(state.textContent)).observe(state, { childList: true, subtree: true })
    return texts
  })
  preview.cut()
  await page.waitForFunction((texts) => texts.join().includes('Reconnecting') && texts.at(-1)?.includes('Live'), said)
  await logHolds('1,268')
  await page.getByRole('button', { name: /^Stop/ }).focus()
  preview.end()
  await page.locator('#run-status [data-status=failed]').waitFor()
  await page.waitForFunction(() => document.activeElement?.matches('main h1')) // where Stop was is nothing now
  expect(await page.locator('#run-note').textContent()).toContain('ValueError: no such disk')
  await page.getByRole('button', { name: 'Run again' }).waitFor()
  await page.waitForFunction(() => document.title.startsWith('failed'))
  expect(await page.getByRole('button', { name: 'Follow' }).count()).toBe(0) // nor is there anything to follow
  await other.locator('#run-status [data-status=failed]').waitFor()
  await other.waitForFunction(() => document.title.startsWith('failed'))
  await other.waitForFunction(() => document.querySelector('[data-log-state]')?.textContent?.startsWith('Ended'))
  const told = (one: Page) =>
    one.evaluate(() => [
      document.title,
      ...['#run-note', '#run-facts', '#run-result', '.log li:last-child', '[data-log-count]'].map(
        (part) => document.querySelector(part)?.textContent,
      ),
    ])
  expect(await told(other)).toEqual(await told(page))
  await other.close()
})

test('what is wrong is said at the field, before anything is sent', async () => {
  await open('/scripts/3')
  await page.fill('[name=width]', '24000')
  await page.fill('[name=options]', '{"a":')
  await page.keyboard.press('Control+Enter')
  const errors = await texts('.error:not([hidden])')
  expect(errors.map((text) => text.trim().split(':')[0]!)).toEqual([
    'Choose a file.',
    '24,000 is more than the maximum of 8,000.',
    'Not valid JSON',
  ])
  expect(await page.evaluate(() => document.activeElement?.getAttribute('name'))).toBe('images')
  await page.fill('[name=width]', '100')
  expect(await page.getAttribute('[name=width]', 'aria-invalid')).toBeNull()
})

test('what is sent: switches as one value, nothing for what was left empty', async () => {
  await open('/scripts/3')
  await page.fill('[name=width]', '100')
  await page.setInputFiles('[name=images]', { name: 'a.png', mimeType: 'image/png', buffer: Buffer.from('x') })
  expect(await page.locator('[data-chosen]').textContent()).toContain('a.png')
  await page.locator('[name=sizes]').last().fill('5')
  await page.getByRole('button', { name: 'Add another' }).click()
  const sent = await page.evaluate(() =>
    [...new FormData(document.querySelector<HTMLFormElement>('#run-form')!)].map(([name, value]) =>
      typeof value === 'string' ? `${name}=${value.replace(/\s+/g, '')}` : `${name}=${value.name}`,
    ),
  )
  expect(sent.sort()).toEqual(
    [
      'width=100',
      'images=a.png',
      'sizes=5',
      'strip=true',
      'dry_run=false',
      'quality=0.82',
      'format=webp',
      'options={"sharpen":0.4,"background":"#ffffff"}',
      'mood="a"&<b>',
    ].sort(),
  )
  await page.keyboard.press('Control+Enter')
  await page.waitForURL(/\/executions\/\d+/)
})

test.each([
  ['a desktop', 1440],
  ['a phone', 390],
])('on %s long names, texts and defaults stay inside the form', async (_name, width) => {
  const long = 'Wort'.repeat(50)
  const { find } = preview.fake.scripts
  preview.fake.scripts.find = (id) => {
    const found = find(id)
    return found && { ...found, params: wideParams(long) }
  }
  await page.setViewportSize({ width, height: 900 })
  await open('/scripts/4')
  const outside = await page.evaluate(() => {
    const form = document.querySelector('#run-form')!.getBoundingClientRect()
    return [...document.querySelectorAll('#run-form .fields *')]
      .filter((one) => one.getBoundingClientRect().right > form.right)
      .map((one) => one.outerHTML.slice(0, 80))
  })
  preview.fake.scripts.find = find
  const pageWidth = await page.evaluate(() => document.documentElement.scrollWidth)
  await page.setViewportSize({ width: 1440, height: 900 })
  expect(outside).toEqual([])
  expect(pageWidth).toBe(width)
})

const wideParams = (long: string) => [
  param('text', { default: long, help: long }),
  param(long.slice(0, 100), { type: 'int', multiple: true, default: [1] }),
  param('options', {
    type: 'json',
    default: Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`${long}${n}`, n])),
  }),
  param('pick', { choices: [long, 'b'], default: long }),
  param('picks', { choices: [long, 'b'], multiple: true, default: [long] }),
  param('on', { type: 'bool', help: long }),
  param('secret', { secret: true, help: long }),
  param('images', { type: 'file', help: long }),
]

test('a place in the queue moves with what happens elsewhere, and the turn that comes shows the log', async () => {
  const waiting = preview.fake.runs.get(48_004)!
  await openListening('/executions/48004')
  const place = page.locator('#run-place')
  await place.getByText('3rd in the queue, two ahead of it').waitFor()
  expect(await page.locator('[data-log-state]').textContent()).toBe('')
  waiting.queue_position = 1
  preview.tell('runs', { id: 48_001, script_id: 2, status: 'success' })
  await place.getByText('Next in the queue').waitFor()
  Object.assign(waiting, { status: 'running', started_at: '2026-11-21T03:19:59Z', queue_position: null })
  preview.tell('runs', { id: 48_004, script_id: 5, status: 'running' })
  await page.locator('[data-log-state]', { hasText: 'Live' }).waitFor()
  await logHolds('1,268')
  Object.assign(waiting, { status: 'queued', started_at: null, queue_position: 3 })
})

test('a turn that came while the feed was broken is not missed', async () => {
  const waiting = preview.fake.runs.get(48_004)!
  await openListening('/executions/48004')
  await page.locator('#run-place').waitFor()
  Object.assign(waiting, { status: 'running', started_at: '2026-11-21T03:19:59Z', queue_position: null })
  preview.cut()
  await page.locator('#run-status [data-status=running]').waitFor()
  await page.locator('[data-log-state]', { hasText: 'Live' }).waitFor()
  expect(await page.locator('#run-place').count()).toBe(0)
  Object.assign(waiting, { status: 'queued', started_at: null, queue_position: 3 })
})

test.each([
  [401, 'Your session has ended. Sign in again', '/sign-in?next=/executions/48004'],
  [403, 'This run is not shown to you any more.', null],
])('a stream that comes back to %p says why, and its clock stands still', async (status, words, href) => {
  const going = preview.fake.runs.get(48_004)!
  Object.assign(going, { status: 'running', started_at: '2026-11-21T03:19:59Z', queue_position: null })
  await open('/executions/48004')
  const state = page.locator('[data-log-state]')
  await state.filter({ hasText: 'Live' }).waitFor()
  expect(await page.locator('time[data-since]').count()).toBeGreaterThan(0)
  preview.refuse(status)
  preview.cut()
  await state.filter({ hasText: words }).waitFor()
  preview.refuse(null)
  Object.assign(going, { status: 'queued', started_at: null, queue_position: 3 })
  expect((await state.textContent())?.trim()).toBe(words)
  expect(await state.locator('a').evaluateAll((links) => links.map((link) => link.getAttribute('href')))).toEqual(
    href === null ? [] : [href],
  )
  expect(await page.locator('time[data-since]').count()).toBe(0)
})

test('in the list every place moves, not only that of the run that is told of', async () => {
  const waiting = preview.fake.runs.get(48_004)!
  await openListening('/executions')
  waiting.queue_position = 2
  preview.tell('runs', { id: 1, script_id: 2, status: 'success' })
  await page.locator('#run-48004', { hasText: '2nd in the queue' }).waitFor()
  waiting.queue_position = 3
})

test('new runs wait behind a link; nothing moves under the reader', async () => {
  await openListening('/executions')
  const before = await page.locator('#runs-body tr').count()
  preview.fake.allRuns.push({ ...preview.fake.runs.get(48_000)!, id: 70_000 })
  preview.tell('runs', { id: 70_000, script_id: 1, status: 'running' })
  await page.locator('#arrivals', { hasText: '1 new run' }).waitFor()
  expect(await page.locator('#runs-body tr').count()).toBe(before)
})

test('a page that a script printed is shown in a frame that reaches nothing', async () => {
  await open('/executions/50003')
  const frame = page.frameLocator('iframe.framed')
  await frame.getByText('origin null, confined').waitFor()
  await page.getByRole('link', { name: 'Text', exact: true }).click()
  await page.locator('#result-text', { hasText: '<h1>A report</h1>' }).waitFor()
})

test('of a long table the next rows and another order come without the page, and a tree goes on where it stopped', async () => {
  await open('/executions/50004')
  const first = () => page.locator('#result tbody td').first().textContent()
  await page.evaluate(() => document.body.setAttribute('data-stayed', ''))
  await page.getByRole('link', { name: 'Next', exact: true }).click()
  await eventually('the next rows', async () => (await first()) === '200')
  await page.getByRole('link', { name: 'price' }).click()
  await eventually('another order', async () => (await page.locator('#result tbody td').nth(2).textContent()) === '0')
  await page.getByRole('link', { name: 'Tree', exact: true }).click()
  await page.locator('.tree').waitFor()
  await page.locator('.tree > ul > li > details > ul > li > a').click()
  await page.locator('.tree .f', { hasText: /^150$/ }).first().waitFor()
  expect(await page.locator('body[data-stayed]').count()).toBe(1)
})
