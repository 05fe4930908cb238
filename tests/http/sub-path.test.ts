/** The gateway below a path of a proxy, as a person meets it, in a real browser; and its addresses as programs get them. */
import { afterAll, describe, expect, test } from 'bun:test'
import { pythonScript, startApp } from '../harness/app.ts'
import { launch } from '../pages/browser.ts'
import { startProxy } from './proxy.ts'

const base = '/tools/scripts'
const browser = await launch()
afterAll(() => browser.close())

const made = '<!doctype html><html><body><a href="/other">other</a></body></html>'

const scripts = {
  'python/page.py': pythonScript({}, `print(${JSON.stringify(made)})`),
  'python/hello.py': pythonScript(
    { name: { type: 'str', required: true } },
    `print("begun", flush=True)
time.sleep(0.3)
open(os.environ["OUTPUT_DIR"] + "/note.txt", "w").write("for " + args["name"])
print(json.dumps({"hello": args["name"]}))`,
  ),
}

async function startBelow(strips: boolean) {
  let upstream = ''
  const proxy = startProxy({ base, strips, upstream: () => upstream })
  afterAll(proxy.stop)
  const gateway = await startApp(scripts, { base_url: proxy.url, trusted_proxies: ['127.0.0.1'] })
  upstream = gateway.url
  return { proxy, gateway }
}

const below = { 'takes the path away': await startBelow(true), 'leaves the path': await startBelow(false) }

// The pages are the same for the other one, which passes other addresses on: the rest is about these.
describe('in a browser behind a proxy that takes the path away', () => {
  const { proxy } = below['takes the path away']
  test('a person finds the script, runs it, reads its log as it comes, and takes its file', async () => {
    const page = await browser.newPage()
    page.setDefaultTimeout(15_000)
    const faults: string[] = []
    page.on('pageerror', (error) => faults.push(error.message))
    page.on('response', (response) => response.status() >= 400 && faults.push(`${response.status()} ${response.url()}`))
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()))

    await page.goto(proxy.url)
    await page.locator('[data-htmx-powered]').first().waitFor({ state: 'attached' })
    await page.fill('[name=q]', 'hello')
    await page.waitForURL(`${proxy.url}/?q=hello`)
    await page.locator('#script-rows [data-row-menu]').click()
    await page.locator('#row-menu [data-act] button').first().click()
    await page.locator('#script-rows [data-state=inactive]').waitFor()
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.locator('#script-rows [data-state=active]').waitFor()
    await page.locator('#script-rows a[data-open-row]').click()
    expect(new URL(page.url()).pathname).toStartWith(`${base}/scripts/`)
    await page.fill('#run-form [name=name]', 'Ada')
    await page.locator('#run-form button[type=submit]').click()
    await page.waitForURL(/\/tools\/scripts\/executions\/\d+/)
    await page.locator('.log li', { hasText: 'begun' }).first().waitFor()
    await page.locator('[data-status-name=success]').first().waitFor()
    const [note] = await Promise.all([
      page.waitForEvent('download'),
      page.locator('a[download][href*="note.txt"]').first().click(),
    ])
    expect(new URL(note.url()).pathname).toStartWith(`${base}/static/`)
    await page.getByRole('link', { name: 'Executions' }).first().click()
    await page.locator('#runs-body tr').first().waitFor()

    await page.goto(`${proxy.url}/scripts-swagger.html`)
    await page.locator('.opblock').first().waitFor()
    const servers = await page.locator('.servers select option').allTextContents()
    expect(servers[0]).toStartWith(proxy.url)
    await page.close()
    expect([faults, proxy.strays]).toEqual([[], []])
    expect(proxy.passed.some((path) => path.endsWith('/api/events'))).toBe(true)
  }, 60_000)
})

describe.each(Object.entries(below))('behind a proxy that %s', (_, { proxy, gateway }) => {
  test('every address of a page leads to it through the proxy', async () => {
    const { body } = await gateway.json<{ run_id: number }>('/api/scripts/hello/run?name=page')
    const strays = proxy.strays.length
    for (const path of ['/', '/scripts/hello', `/executions/${body.run_id}`, '/swagger', '/settings']) {
      const page = await (await fetch(proxy.url + path)).text()
      const told = page.matchAll(/(?:href|src|action|formaction|hx-\w+|data-document)="([/h][^"#]*)["#]/g)
      const own = [...new Set([...told].map(([, address]) => address!.replaceAll('&amp;', '&')))]
      const isBelow = (address: string) => address.startsWith(`${base}/`) || address.startsWith(proxy.url)
      expect({ path, elsewhere: own.filter((address) => !isBelow(address)) }).toEqual({ path, elsewhere: [] })
      const assets = own.filter((address) => /\/assets\/|openapi\.json$/.test(address))
      const answers = await Promise.all(assets.map((address) => fetch(new URL(address, proxy.url))))
      expect([path, answers.map(({ status }) => status)]).toEqual([path, assets.map(() => 200)])
      expect(assets.length).toBeGreaterThan(3)
    }
    expect(proxy.strays.length).toBe(strays)
  })

  test('a program gets addresses that it can call', async () => {
    const started = await fetch(`${proxy.url}/api/scripts/hello/run?name=x`, { headers: { prefer: 'respond-async' } })
    const body = (await started.json()) as { run_id: number; url: string; events_url: string }
    const path = `${base}/api/runs/${body.run_id}`
    expect([started.status, started.headers.get('location'), body.url, body.events_url]).toEqual([
      ...[202, path, path, `${path}/events`],
    ])
    await gateway.finished(body.run_id)
    const run = (await (await fetch(new URL(body.url, proxy.url))).json()) as {
      files: { url: string }[]
      started_by: string
    }
    expect(run.files[0]?.url).toStartWith(`${proxy.url}/static/`)
    expect(await (await fetch(run.files[0]!.url)).text()).toBe('for x')
    const { servers } = (await (await fetch(`${proxy.url}/openapi.json`)).json()) as { servers: { url: string }[] }
    expect(servers.map(({ url }) => url)).toEqual([proxy.url])
  })

  test('a page that a script made is what it made, in its frame', async () => {
    const { body } = await gateway.json<{ run_id: number }>('/api/scripts/page/run')
    const headers = { 'sec-fetch-dest': 'iframe', 'sec-fetch-site': 'same-origin' }
    const shown = await gateway.fetch(`${base}/executions/${body.run_id}/result.html`, { headers })
    expect([shown.headers.get('content-disposition'), (await shown.text()).trim()]).toEqual(['inline', made])
  })

  test('a language that is chosen leads back to the page it was chosen on', async () => {
    const referer = `${proxy.url}/executions?status=failed`
    const answer = await fetch(`${proxy.url}/language`, {
      ...{ method: 'POST', redirect: 'manual', headers: { referer } },
      body: new URLSearchParams({ language: 'en' }),
    })
    expect([answer.status, answer.headers.get('location')]).toEqual([303, referer])
  })

  test('without the path it answers as well, for who calls it directly', async () => {
    expect((await gateway.fetch('/health')).status).toBe(200)
    expect((await gateway.fetch(`${base}/health`)).status).toBe(200)
    expect((await gateway.fetch('/tools/scriptsx/health')).status).toBe(404)
    expect((await gateway.fetch(`${base}${base}/health`)).status).toBe(404)
  })

  test('a socket opens below the path', async () => {
    const { body } = await gateway.json<{ run_id: number }>('/api/scripts/hello/run?name=y')
    const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}${base}/ws/runs/${body.run_id}`)
    const first = await new Promise((resolve, reject) => {
      socket.onmessage = ({ data }) => resolve(JSON.parse(String(data)).event)
      socket.onerror = reject
    })
    socket.close()
    expect(first).toBe('execution_started')
  })
})
