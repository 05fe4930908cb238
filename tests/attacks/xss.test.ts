/** Markup in every field that anybody but the operator can fill, on every page, in a real browser. */
import { afterAll, expect, test } from 'bun:test'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Page } from 'playwright-core'
import type { Run } from '../../src/runs/model.ts'
import { javascriptScript, startApp } from '../harness/app.ts'
import { eventually } from '../harness/folder.ts'
import { launch } from '../pages/browser.ts'

/** Runs where it is markup, an attribute, a template or a link; the element tells of it also where the policy stops the rest. */
const canary = `"'></textarea></title></script><xss-canary></xss-canary><img src=x onerror="window.__xss=1"><svg onload="window.__xss=1"><script>window.__xss=1</script>{{window.__xss=1}}`
const link = 'javascript:window.__xss=1//<xss-canary>'

const params = {
  text: { type: 'str', help: canary, default: canary },
  one: { type: 'choice', choices: [canary, 'b'], help: canary },
  secret: { type: 'str', secret: true, help: canary },
  link: { type: 'url', help: link },
  data: { type: 'json', default: { [canary]: canary } },
  odd: { type: canary, help: canary, pattern: `${canary.replace(/[()]/g, '')}?` },
  how: { type: 'str' },
}

const body = `import { writeFileSync } from 'node:fs'
const canary = ${JSON.stringify(canary)}
const how = args[args.indexOf('--how') + 1]
console.error(canary)
console.error('\\u001b[31m' + canary + '\\u001b[0m\\u001b]8;;javascript:window.__xss=1\\u0007link\\u001b]8;;\\u0007')
const out = process.env.OUTPUT_DIR + '/'
writeFileSync(out + canary.replaceAll('/', '_').slice(0, 200), canary)
writeFileSync(out + 'page.html', canary)
writeFileSync(out + 'picture.svg', '<svg xmlns="http://www.w3.org/2000/svg" onload="window.__xss=1"><script>window.__xss=1</script></svg>')
writeFileSync(out + 'table.csv', '=cmd|calc!A1,' + canary)
if (how === 'text') console.log(canary)
else if (how === 'html') console.log('<!doctype html><html><body>' + canary + '</body></html>')
else if (how === 'json') console.log(JSON.stringify({ [canary]: canary, link: ${JSON.stringify(link)}, url: ${JSON.stringify(link)}, list: [canary] }))
else if (how === 'table') console.log(JSON.stringify([{ [canary]: canary, url: ${JSON.stringify(link)} }, { [canary]: 1 }]))
else if (how === 'svg') console.log('<svg xmlns="http://www.w3.org/2000/svg" onload="window.__xss=1"/>')
else if (how === 'fail') throw new Error(canary)`
const hostile = body
  .split('\n')
  .slice(0, 1)
  .concat(javascriptScript(params, body.split('\n').slice(1).join('\n')))
  .join('\n')

const gateway = await startApp({ 'js/hostile.js': hostile })
const browser = await launch()
afterAll(() => browser.close())

const send = (method: string, path: string, value: unknown) =>
  gateway.json<Record<string, unknown>>(path, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(value),
  })

/** Says no, and what it says is shown. */
const receiver = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response(canary, { status: 403 }) })
afterAll(() => receiver.stop(true))

/** A channel, rules with texts, and what became of them; answers the pages that show it. */
async function plantNotifications(): Promise<string[]> {
  const text = canary.replaceAll('{{', '{').replaceAll('}}', '}')
  await send('PATCH', '/api/settings', { notify_local_addresses: true })
  const made = await send('POST', '/api/channels', {
    ...{ name: text.slice(-100), kind: 'ntfy' },
    config: { url: `http://127.0.0.1:${receiver.port}`, topic: 'canary', tags: ['<xss-canary>'] },
  })
  const channel = made.body.id
  const rule = { channel_id: channel, events: ['always'], title: text, body: `${text} {{stderr}}` }
  const rules = [
    await send('POST', '/api/notifications/rules', { ...rule, tags: [text.slice(-60), '<xss-canary>'] }),
    await send('POST', '/api/scripts/hostile/notifications', rule),
  ]
  expect([made, ...rules].map(({ status }) => status)).toEqual([201, 201, 201])
  await send('POST', '/api/scripts/hostile/run', { how: 'fail' })
  const { body } = await eventually('a delivery was refused', async () => {
    const found = await gateway.json<{ items: { id: number }[] }>('/api/deliveries?state=failed')
    return found.body.items.length > 0 ? found : undefined
  })
  const [own, all] = ['/scripts/hostile/notifications', '/notifications']
  const query = encodeURIComponent(canary)
  return [
    ...[all, own, `${all}/channels/${channel}`, `${all}?add=ntfy`, `${all}?rule=1`, `${own}?rule=2`],
    ...[all, own].map((path) => `${path}/deliveries/${body.items[0]!.id}`),
    ...[all, own].map((path) => `${path}?state=${query}&done=${query}&rule=${query}&add=${query}&channel=${query}`),
  ]
}

/** Fills what can be filled; answers the pages that show it. */
async function plant(): Promise<string[]> {
  await send('PATCH', '/api/scripts/hostile', {
    alias: canary.slice(0, 200),
    description: canary,
    tags: [canary.replaceAll(/[,"]/g, '').slice(0, 40), '<xss-canary>'],
  })
  const file = join(gateway.scriptsDir, 'js/<xss-canary><img src=x onerror=window.__xss=1>/"><xss-canary>.js')
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(
    file,
    `export default "</script><xss-canary>"; throw new Error(${JSON.stringify(canary)}) // --_sys_get_schema`,
  )
  writeFileSync(
    join(gateway.scriptsDir, 'js/.hostile.policy.json'),
    JSON.stringify({ permissions: { read: [`/${canary}`] }, queue: { slots: 9 } }),
  )
  await gateway.fetch('/api/scripts/scan', { method: 'POST' })
  writeFileSync(join(gateway.scriptsDir, 'js/.hostile.policy.json'), '{}')
  await gateway.fetch('/api/scripts/scan', { method: 'POST' })
  await send('PUT', '/api/variables/CANARY', { value: canary, secret: false })
  await send('PUT', '/api/scripts/hostile/variables/OWN', { value: canary, secret: false })
  await send('PATCH', '/api/settings', {
    notify_url: `http://127.0.0.1:9/${encodeURIComponent(canary)}`, // loopback is not allowed: each run's is given up at once
    scan_ignore_patterns: ['<xss-canary>.none'],
  })
  await send('POST', '/api/scripts/hostile/schedules', {
    ...{ cron_expression: '@hourly', description: canary, params: { text: canary, how: canary } },
  })
  const runs: number[] = []
  for (const how of ['text', 'html', 'json', 'table', 'svg', 'fail', canary]) {
    const { body } = await send('POST', '/api/scripts/hostile/run', {
      how,
      text: canary,
      one: canary,
      data: { [canary]: canary },
      secret: canary,
    })
    runs.push(body.run_id as number)
  }
  await send('POST', '/api/scripts/hostile/run', { link, how: 'text' })
  await send('POST', '/api/scripts/hostile/run', { [canary]: canary })
  const notifications = await plantNotifications()
  const scripts = (await gateway.json<{ items: { id: number }[] }>('/api/scripts')).body.items.map(({ id }) => id)
  const query = encodeURIComponent(canary)
  return [
    ...notifications,
    ...[
      '/',
      `/?q=${query}`,
      `/?tag=${query}&group=${query}&state=${query}`,
      '/executions',
      `/executions?status=${query}&script_id=1`,
      `/executions?q=${query}&user=${query}&range=between&from=${query}&sort=longest&before=${query}`,
      '/executions?script_id=1&range=30d',
      ...[
        '/templates',
        `/templates?template=${query}`,
        '/scripts/new?from=upload',
        `/fragments/scripts/name?filename=${query}`,
      ],
      `/scripts/new?template=${query}&filename=${query}&group=${query}`,
      '/dependencies',
      '/fragments/dependencies',
      ...[
        '/schedules',
        `/schedules?q=${query}&state=${query}`,
        `/schedules?view=calendar&q=${query}&timezone=${query}`,
      ],
      ...[`/schedules?view=calendar&day=${query}`, `/schedules?ids=1,2,${query}`],
      ...['/schedules?view=calendar', '/schedules/import', '/scripts/hostile/schedules/1'],
      `/fragments/schedules/preview?:cron_expression=${query}&:timezone=${query}`,
      ...[`/fragments/go?q=${query}`, '/fragments/go?q=hostile', `/fragments/go?recent=script-1,${query}`],
      `/batch/delete?id=${scripts[0]}&id=${query}&back=${query}`,
      '/settings',
      `/settings?q=${query}`,
      '/settings/log',
      '/settings/storage',
      `/settings/log?q=${query}&before=${query}&level=${query}`,
    ],
    ...[
      '/users',
      '/audit',
      `/audit?q=${query}&user=${query}`,
      '/account',
      `/tags/${query}/access`,
      '/swagger',
      '/scripts-swagger.html',
      `/nothing/${query}`,
      `/scripts/${query}`,
      `/executions/${query}`,
    ],
    ...scripts.flatMap((id) => [
      ...[`/scripts/${id}`, `/scripts/${id}/delete`, `/fragments/scripts/${id}/menu`, `/scripts/${id}/versions`],
      ...['settings', 'code'].map((tab) => `/scripts/${id}?tab=${tab}`),
    ]),
    // The rest shows what the script says of itself, which the broken one does not get to.
    ...['execute', 'access', `schedules?when=${query}&copy=1&done=deleted&of=${query}`, 'schedules/99'].map(own),
    ...['schedules', `versions?view=file&version=${query}`].map(own),
    ...[
      'policy',
      'variables',
      'parameters',
      'parameters&edit=form',
      'parameters&edit=json',
      'history',
      'api',
      query,
    ].map((tab) => own(`?tab=${tab}`)),
    ...runs.map((id) => `/executions/${id}`),
    own(`execute?run=${runs[0]}&from=${runs[0]}`),
    own(`execute?run=${runs.at(-1)}&from=${runs.at(-1)}`),
  ]
}

/** A page of the script that can be run. */
const own = (path: string) => `/scripts/hostile${path.startsWith('?') ? '' : '/'}${path}`

/** Where scripts draw something, each kind once: these are opened. What the rest says is all in its HTML. */
const drawnByScripts = [
  /^\/(executions|settings|dependencies|schedules|notifications|swagger|scripts-swagger\.html)?$/,
  /^\/(settings\/log$|scripts\/new\?template=|executions\/\d+$)/,
  /^\/scripts\/(\d+\?tab=code|hostile\/execute|hostile\?tab=(settings|variables|parameters&edit=form|api))/,
  /^\/scripts\/hostile\/schedules\/1/,
]

/** What is wrong in a document, shown or only parsed. Goes to the page as it is. */
function judge(shown: Document) {
  const has = (name: string, value: string) => shown.querySelector(`${name}[${value}]`) !== null
  const addresses = [...shown.querySelectorAll('a[href], form[action], iframe[src], [formaction]')]
    .flatMap((one) => ['href', 'action', 'src', 'formaction'].map((name) => one.getAttribute(name) ?? ''))
    .filter((address) => /^\s*(javascript|data|vbscript):/i.test(address))
  const handlers = [...shown.querySelectorAll('*')].filter((one) =>
    [...one.attributes].some(({ name }) => name.startsWith('on')),
  )
  const scripts = [...shown.querySelectorAll('script')].filter(
    (one) => !one.type.endsWith('json') && !one.getAttribute('src')?.startsWith('/'),
  )
  const elements = shown.querySelectorAll('xss-canary').length + (has('img', 'src=x') ? 1 : 0)
  return {
    faults:
      elements + handlers.length + scripts.length > 0 || addresses.length > 0
        ? JSON.stringify({
            elements,
            addresses,
            of: [...handlers, ...scripts].map((one) => one.outerHTML.slice(0, 200)),
          })
        : '',
    isShown: shown.body.textContent?.includes('onerror=') ?? false,
  }
}

test('nothing of it is markup on any page, and no link leads to a script', async () => {
  const pages = await plant()
  const page = await browser.newPage()
  page.setDefaultTimeout(15_000)
  const faults: string[] = []
  let at = ''
  page.on('dialog', (dialog) => {
    faults.push(`${at}: a dialog`)
    void dialog.dismiss()
  })
  // What the policy has to stop was there to be stopped; but for the frame that shows what a script printed, whose own policy it is.
  page.on('console', (message) => {
    if (message.location().url.startsWith(`${gateway.url}/static/`)) return
    if (message.text().includes('Content Security Policy')) faults.push(`${at}: ${message.text().slice(0, 200)}`)
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(gateway.url) && !/^(data|blob):/.test(request.url()))
      faults.push(`${at} asks ${request.url()}`)
  })
  const take = ({ faults: found, isShown }: ReturnType<typeof judge>) => {
    if (found) faults.push(`${at.slice(0, 80)}: ${found}`)
    if (isShown) shown++
  }
  let shown = 0
  const opened = pages.filter((path) => drawnByScripts.some((kind) => kind.test(path)))
  // A browser's own parser reads the rest, on one page, with what is in templates.
  await page.goto(`${gateway.url}/nothing`)
  const read = await page.evaluateHandle((source) => {
    const judge = new Function(`return ${source}`)() as (shown: Document) => { faults: string; isShown: boolean }
    const parser = new DOMParser()
    return (html: string) => judge(parser.parseFromString(html.replace(/<(\/?)template\b/g, '<$1div'), 'text/html'))
  }, judge.toString())
  const judged = (html: string) => read.evaluate((read, html) => read(html), html)
  for (const bad of ['<xss-canary>', '<b onclick=1>', '<a href=" javascript:1">', '<script>1</script>', '<img src=x>'])
    expect([bad, (await judged(`<template>${bad}</template>`)).faults]).not.toEqual([bad, ''])
  for (at of pages) if (!opened.includes(at)) take(await judged(await (await gateway.fetch(at)).text()))

  for (at of opened) {
    await page.goto(gateway.url + at, { waitUntil: 'load' })
    if (/^\/executions\/\d+$/.test(at)) await page.waitForFunction(() => document.querySelector('.log li') !== null)
    if (at === '/swagger') expect((await drawn(page)).sort()).toEqual(await operations('/openapi.json'))
    // Descriptions are Markdown there, which may hold HTML.
    if (at === '/scripts-swagger.html') await openOperations(page)
    await page.evaluate(() => {
      for (const one of document.querySelectorAll('details')) one.open = true
    })
    take(await page.evaluate(`(${judge})(document)`))
    if (await page.evaluate(() => '__xss' in window)) faults.push(`${at}: it ran`)
  }
  expect(faults).toEqual([])
  expect(opened.length).toBeGreaterThan(20)
  expect(shown).toBeGreaterThan(pages.length / 3) // it is there, as text
}, 120_000)

test('a file that a script left runs nothing in our origin when it is opened', async () => {
  const { items } = (await gateway.json<{ items: Run[] }>('/api/runs?status=success')).body
  const files = items[0]!.files.filter(({ filename }) => !filename.endsWith('.csv'))
  expect(files.length).toBeGreaterThan(1)
  for (const { url } of files) {
    const page = await browser.newPage()
    const saved = page.waitForEvent('download').then(() => 'saved')
    const opened = page.goto(url).then(
      async () => ((await page.evaluate(() => '__xss' in window)) ? 'ran' : 'shown'),
      () => 'saved',
    )
    expect(await Promise.race([saved, opened])).not.toBe('ran')
    saved.catch(() => {})
    await page.close()
  }
})

/**
 * Opens the operations of the script. Swagger UI takes its filter a while after the typing and draws anew then, so a click
 * may come too early: it is asked again.
 */
async function openOperations(page: Page): Promise<void> {
  await page.locator('.operation-filter-input').fill('Scripts')
  const operations = page.locator('.opblock', { hasText: '/hostile/run' })
  await operations.first().waitFor()
  await eventually('the operations of the script are open', async () => {
    const all = await operations.all()
    for (const one of all)
      if ((await one.locator('.opblock-body .parameters').count()) === 0)
        await one
          .locator('.opblock-summary-control')
          .click({ timeout: 2000 })
          .catch(() => {})
    const open = await operations.locator('.opblock-body .parameters').count()
    return all.length > 0 && open >= all.length ? true : undefined
  })
}

/** What Swagger UI draws in a window that holds all of it, of which it draws what is in sight: `get /api/runs`. */
async function drawn(page: Page): Promise<string[]> {
  const size = page.viewportSize()!
  await page.setViewportSize({ width: size.width, height: 20_000 })
  await page.locator('.opblock').first().waitFor()
  const all = await page.locator('.opblock-summary').evaluateAll((summaries) =>
    summaries.map((one) => {
      const method = one.querySelector('.opblock-summary-method')?.textContent?.toLowerCase()
      return `${method} ${one.querySelector<HTMLElement>('.opblock-summary-path')?.dataset.path}`
    }),
  )
  await page.setViewportSize(size)
  return [...new Set(all)]
}

async function operations(document: string): Promise<string[]> {
  const { paths } = (await gateway.json<{ paths: Record<string, object> }>(document)).body
  return Object.entries(paths)
    .flatMap(([path, item]) => Object.keys(item).map((method) => `${method} ${path}`))
    .sort()
}
