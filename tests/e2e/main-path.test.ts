/** The main job as a person does it, in a real browser: drop a file, see it appear, fill the form, watch the log, get the result. */
import { afterAll, expect, test } from 'bun:test'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { javascriptScript, pythonScript, startApp } from '../harness/app.ts'
import { eventually } from '../harness/folder.ts'
import { launch } from '../pages/browser.ts'

const gateway = await startApp({
  'js/shout.ts': javascriptScript({ text: { type: 'str', required: true } }, 'console.log(args[1]!.toUpperCase())'),
})
const browser = await launch()
afterAll(() => browser.close())
const faults: string[] = []
const asked: string[] = []

async function open(path: string, options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  page.on('pageerror', (error) => faults.push(`${path}: ${error.message}`))
  page.on('request', (request) => {
    asked.push(request.url())
    if (!request.url().startsWith(gateway.url) && !/^(data|blob):/.test(request.url()))
      faults.push(`${path} asks ${request.url()}`)
  })
  await page.goto(gateway.url + path)
  return page
}

test('a dropped file appears on the open dashboard, and its form, log and result work', async () => {
  const page = await open('/')
  await page.getByRole('link', { name: 'shout', exact: true }).waitFor()
  await eventually('the page listens', () => asked.some((url) => url.endsWith('/api/events')))

  const script = pythonScript(
    {
      city: { type: 'str', required: true, help: 'Where to look.' },
      days: { type: 'int', default: 3, min: 1, max: 14 },
      unit: { type: 'choice', choices: ['C', 'F'], default: 'C' },
      wind: { type: 'bool', default: true },
      token: { type: 'str', secret: true },
    },
    `for day in range(int(args["days"])):
    print(f"day {day + 1} in {args['city']}")
    time.sleep(0.05)
print(f"token {args['token']}", file=sys.stderr)
print(json.dumps([{"day": d + 1, "wind": args["wind"], "unit": args["unit"]} for d in range(int(args["days"]))]))`,
  )
  mkdirSync(join(gateway.scriptsDir, 'python/weather'), { recursive: true })
  writeFileSync(join(gateway.scriptsDir, 'python/weather/forecast.py'), script)
  await page.getByRole('link', { name: '1 new script' }).click()
  await page.getByRole('link', { name: 'forecast', exact: true }).first().click()
  await page.getByLabel('City').waitFor()
  expect(await page.getByText('/api/scripts/forecast/run').first().isVisible()).toBe(true)

  // Refused by the server, with the message at the field and the focus on it.
  await page.getByLabel('Days').fill('99')
  await page.locator('form#run-form').evaluate((form: HTMLFormElement) => (form.noValidate = true))
  await page.getByRole('button', { name: /^Run/ }).first().click()
  await page
    .getByText(/must be at most 14|more than the maximum of 14|at most 14/)
    .first()
    .waitFor()

  await page.getByLabel('City').fill('<Oslo> & "Bergen"')
  await page.getByLabel('Days').fill('4')
  await page.locator('input[name=token]').fill('s3cret-token')
  await page.getByRole('button', { name: /^Run/ }).first().click()
  await page.waitForURL(/\/executions\/\d+/)
  await page.getByText('day 4 in <Oslo> & "Bergen"').first().waitFor()
  await page.getByText('Success').first().waitFor()
  expect(await page.locator('#result table tbody tr').count()).toBe(4)
  await page.locator('#log[data-short]').waitFor() // so few lines leave room for the result
  expect(await page.content()).not.toContain('s3cret-token')
  expect(await page.title()).toContain('forecast')

  // Come back: nothing is lost.
  await page.reload()
  await page.getByText('day 1 in').first().waitFor()
  expect(await page.locator('#result table tbody tr').count()).toBe(4)
  await page.context().close()
}, 60_000)

test('a running script is seen live by two browsers, and stopped from one of them', async () => {
  const script = await gateway.drop(
    'python/endless.py',
    pythonScript({}, 'i = 0\nwhile True:\n    i += 1\n    print("tick", i)\n    time.sleep(0.05)'),
  )
  const { body } = await gateway.json<{ run_id: number }>(`/api/scripts/${script.id}/run`, {
    method: 'POST',
    headers: { prefer: 'respond-async' },
  })
  const [one, two] = [await open(`/executions/${body.run_id}`), await open(`/executions/${body.run_id}`)]
  for (const page of [one, two])
    await page
      .getByText(/tick \d\d/)
      .first()
      .waitFor()
  expect(await one.title()).toContain('running')
  await one.getByRole('button', { name: 'Stop' }).first().click()
  await one.getByRole('dialog').getByRole('button', { name: /Stop/ }).click()
  for (const page of [one, two]) await page.getByText('Cancelled').first().waitFor()
  expect((await gateway.finished(body.run_id)).status).toBe('cancelled')
  for (const page of [one, two]) await page.context().close()
}, 60_000)

test('without JavaScript the form runs a script and the page shows its result', async () => {
  const page = await open('/scripts/shout', { javaScriptEnabled: false })
  await page.getByLabel('Text').fill('quiet please')
  await page.getByRole('button', { name: /^Run/ }).first().click()
  await page.waitForURL(/\/executions\/\d+/)
  const id = Number(page.url().split('/').at(-1))
  await gateway.finished(id)
  await page.reload()
  expect(await page.locator('#result').textContent()).toContain('QUIET PLEASE')
  await page.context().close()
}, 60_000)

test('the page that documents the scripts shows itself with nothing from elsewhere', async () => {
  const page = await open('/scripts-swagger.html', { viewport: { width: 390, height: 844 }, hasTouch: true })
  await page.getByText('/api/scripts/shout/run').first().waitFor()
  await page.context().close()
}, 60_000)

test('no page threw an error or asked another origin', () => expect(faults).toEqual([]))
