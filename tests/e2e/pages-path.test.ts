/** The main act of each page that no other test drives on a real gateway, in one browser that walks from one to the next; and two that watch a run. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { startApp, toldPython } from '../harness/app.ts'
import { eventually } from '../harness/folder.ts'
import { launch } from '../pages/browser.ts'

const gateway = await startApp({
  ...toldPython('python/greet.py', { name: { type: 'str', default: 'world' } }, 'print("hello", args["name"])'),
  // Prints twenty lines whenever a gate is opened, in the one folder that both of us see.
  ...toldPython(
    'python/stages.py',
    {},
    `for stage in range(3):
    while not os.path.exists(f"{os.path.dirname(__file__)}/gate-{stage}"): time.sleep(0.02)
    for line in range(20): print("stage", stage, "line", line, flush=True)`,
  ),
})
const idOf = (filename: string) => gateway.app.scripts().find((one) => one.filename === filename)!.id
const script = `/scripts/${idOf('greet.py')}`

let browser: Browser
let page: Page
const faults: string[] = []
beforeAll(async () => {
  browser = await launch()
  page = await visitor()
})
afterAll(async () => {
  await browser?.close()
  expect(faults).toEqual([])
})

async function visitor(): Promise<Page> {
  const one = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  one.setDefaultTimeout(15_000)
  one.on('pageerror', (error) => faults.push(error.message))
  one.on('console', (message) => message.text().includes('Content Security Policy') && faults.push(message.text()))
  one.on('response', (answer) => answer.status() >= 500 && faults.push(`${answer.status()} ${answer.url()}`))
  return one
}

/** Open, and its scripts have started. */
async function open(path: string) {
  await page.goto(gateway.url + path)
  await page.evaluate(() => import(document.querySelector<HTMLScriptElement>('script[type=module]')!.src))
}
const press = (name: string | RegExp) => page.getByRole('button', { name, exact: true }).first().click()
const sees = (text: string | RegExp) => page.locator('main').getByText(text).first().waitFor()
const yes = () => page.locator('#confirm-yes').click()

test('a parameter is added to a script and has its field, and the script its name and tag', async () => {
  await open(`${script}?tab=parameters&edit=form`)
  await press('Add a parameter')
  await page.fill('#p-1-name', 'times')
  await page.selectOption('#p-1-type', 'int')
  await page.locator('#p-1-name').press('Enter')
  await sees('The parameters are saved')
  await open(script)
  expect(await page.getAttribute('#run-form [name=times]', 'type')).toBe('number')

  await open(`${script}?tab=settings`)
  await page.fill('#about-alias', 'Greeter')
  await page.getByRole('combobox', { name: 'Tags' }).fill('polite')
  await page.keyboard.press('Tab')
  await press('Save')
  await sees('Saved')
  await open('/?tag=polite')
  await page.getByRole('link', { name: 'Greeter', exact: true }).click()
  await page.waitForURL((url) => url.pathname.startsWith('/scripts/'))
}, 60_000)

test('a file that was overwritten is brought back from its versions', async () => {
  await page.goto('about:blank') // an open page of the script would load itself again for the new file
  const file = join(gateway.scriptsDir, 'python/greet.py')
  const before = readFileSync(file, 'utf8')
  writeFileSync(file, before.replace('"hello"', '"goodbye"'))
  await eventually('a second version', async () => {
    const { body } = await gateway.json<{ items: unknown[] }>(`/api${script}/versions`)
    return body.items.length > 1
  })
  await open(`${script}/versions`)
  await page.getByRole('link', { name: /Version 1/ }).click()
  await press(/^Restore/)
  await yes()
  await sees('Restored from version 1')
  expect(readFileSync(file, 'utf8')).toBe(before)
}, 60_000)

test('a schedule is made, run now, paused, deleted and brought back', async () => {
  await open(`${script}/schedules`)
  await page.fill('#s-cron_expression', 'every day at 3:00')
  await page.locator('#when-words', { hasText: '3' }).waitFor()
  await page.click('#schedule-form [value=save]')
  await page.locator('#schedule-1').waitFor()
  await open('/schedules')
  await page.click('#pause-1')
  await page.locator('#toasts', { hasText: 'It is paused' }).waitFor()
  await page.click('#delete-1')
  await yes()
  await page.locator('#schedule-1', { hasText: 'was deleted' }).waitFor()
  await page.locator('#schedule-1 button', { hasText: 'Undo' }).click()
  await page.locator('#schedule-1:not(.gone)').waitFor()
  await page
    .locator('#schedule-1')
    .getByRole('button', { name: /^Run now/ })
    .click()
  await page.waitForURL(/\/executions\/\d+/)
  await page.locator('#run-status [data-status=success]').waitFor()
  await page.locator('.log li', { hasText: 'hello world' }).waitFor()
}, 60_000)

test('of the executions one is found, run again and deleted', async () => {
  await open('/executions')
  const row = page.locator('#runs-body tr')
  await row.first().waitFor()
  const before = await row.count()
  await row.first().locator('input[type=checkbox]').check()
  await page.locator('#bulk [value=rerun]').click()
  await eventually('one more', async () => (await row.count()) > before)
  await row.last().locator('input[type=checkbox]').check()
  await page.locator('#bulk [value=delete]').click()
  await yes()
  await eventually('one less', async () => (await row.count()) === before)
  await page.locator('#bulk-note').getByRole('button', { name: 'Undo' }).click()
  await eventually('it is back', async () => (await row.count()) > before)
  await sees(/1 run is back/)
}, 60_000)

test('a setting is changed and taken back, and the log of the gateway is there', async () => {
  await open('/settings')
  await page.fill('#s-timeout_min', '20')
  await press('Save')
  await sees(/→ 20 min/)
  await press('Undo this change of settings')
  await sees(/20 min →/)
  await open('/settings/log')
  await page.getByText('Live', { exact: true }).waitFor()
}, 60_000)

test('who is told of a failure: a channel, a rule, a run, and what became of it', async () => {
  const told: string[] = []
  const receiver = Bun.serve({
    ...{ port: 0, hostname: '127.0.0.1' },
    fetch: async (request) => {
      told.push(await request.text())
      return new Response()
    },
  })
  await gateway.fetch('/api/settings', {
    ...{ method: 'PATCH', headers: { 'content-type': 'application/json' } },
    body: JSON.stringify({ notify_local_addresses: true }),
  })
  await open('/notifications?add=webhook')
  await page.fill('#channel-name', 'Hook')
  await page.fill('[name="config.url"]', receiver.url.href)
  await press('Add the channel')
  await page.getByRole('heading', { name: 'Hook' }).waitFor()
  await open('/notifications?rule=new')
  await page.locator('[name=events][value=always]').check()
  await press('Add the rule')
  await page.locator('#rules').getByText('Hook').first().waitFor()
  await gateway.fetch(`/api${script}/run`, { method: 'POST' })
  await page.locator('#deliveries').getByText('Sent', { exact: true }).waitFor()
  expect(told.length).toBe(1)
  receiver.stop(true)
}, 60_000)

test('a package that a script declares is shown with what becomes of it', async () => {
  await open(`${script}?tab=dependencies`)
  const form = page.getByRole('form', { name: 'Add a package' })
  await form.locator('[name=name]').fill('left')
  await form.locator('button[type=submit]').first().click()
  await page.locator('#packages, main').getByText('left', { exact: true }).first().waitFor()
  await open('/dependencies')
  await page.locator('#declaring').getByText('Greeter').waitFor()
}, 60_000)

test('three browsers watch one run: one from the start, one whose connection breaks, one that comes late', async () => {
  const { body } = await gateway.json<{ run_id: number }>(`/api/scripts/${idOf('stages.py')}/run`, {
    ...{ method: 'POST', headers: { prefer: 'respond-async' } },
  })
  const line = await startLine(new URL(gateway.url))
  const openGate = (stage: number) => writeFileSync(join(gateway.scriptsDir, `python/gate-${stage}`), '')
  const [steady, broken] = [await visitor(), await visitor()]
  await steady.goto(`${gateway.url}/executions/${body.run_id}`)
  await broken.goto(`${line.url}/executions/${body.run_id}`)
  const sawLine = (one: Page, text: string) => one.locator('.log li', { hasText: text }).waitFor()
  openGate(0)
  for (const one of [steady, broken]) await sawLine(one, 'stage 0 line 19')
  line.cut()
  openGate(1)
  await sawLine(steady, 'stage 1 line 19')
  await broken.locator('[data-log-state]', { hasText: 'Reconnecting' }).waitFor()
  expect(await broken.getByText('stage 1').count()).toBe(0)
  line.mend()
  await sawLine(broken, 'stage 1 line 19')
  const late = await visitor()
  await late.goto(`${gateway.url}/executions/${body.run_id}`)
  await sawLine(late, 'stage 1 line 19')
  openGate(2)
  const lines = (one: Page) =>
    one.locator('.log li').evaluateAll((all) => all.map(({ id, textContent }) => [id, textContent]))
  const all = [steady, broken, late]
  for (const one of all) {
    await one.locator('#run-status [data-status=success]').waitFor()
    await sawLine(one, 'stage 2 line 19')
  }
  const [first, ...others] = await Promise.all(all.map(lines))
  expect(first!.map(([id]) => id)).toEqual(Array.from({ length: 60 }, (_, n) => `L${n + 1}`))
  for (const other of others) expect(other).toEqual(first!)
  for (const one of all) await one.close()
  line.close()
}, 60_000)

/** A wire to the gateway that can be cut. */
async function startLine(to: URL) {
  const sockets = new Set<Socket>()
  let isCut = false
  const server: Server = createServer((near) => {
    if (isCut) return void near.destroy()
    const far = connect(Number(to.port), to.hostname)
    for (const [one, other] of [[near, far] as const, [far, near] as const]) {
      sockets.add(one)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
      one.pipe(other)
    }
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as { port: number }
  const cut = () => {
    isCut = true
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: `http://127.0.0.1:${port}`,
    cut,
    mend: () => {
      isCut = false
    },
    close: () => {
      cut()
      server.close()
    },
  }
}
