/** Everything a script can hand out that a browser might run: opened, framed and embedded, and nothing of it runs in our origin. */
import { afterAll, describe, expect, test } from 'bun:test'
import type { Run } from '../../src/runs/model.ts'
import { pythonScript, startApp } from '../harness/app.ts'
import { launch } from '../pages/browser.ts'

/** What would be asked for if it ran. */
const trap = '/api/pwned'
const act = `fetch('${trap}');new Image().src='${trap}'`
const xslt = `<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns="http://www.w3.org/1999/xhtml"><xsl:template match="/"><html><script>${act}</script></html></xsl:template></xsl:stylesheet>`
const page = `<!doctype html><script>${act}</script><img src="${trap}"><iframe srcdoc="<script>${act}</script>"></iframe>`

const contents: Record<string, string> = {
  'page.html': page,
  'page.htm': page,
  'PAGE.HTML': page,
  'page.xhtml': `<html xmlns="http://www.w3.org/1999/xhtml"><script>${act}</script></html>`,
  'page.xht': `<html xmlns="http://www.w3.org/1999/xhtml"><script>${act}</script></html>`,
  'page.shtml': page,
  'drawing.svg': `<svg xmlns="http://www.w3.org/2000/svg" onload="${act}"><script>${act}</script></svg>`,
  'drawing.SVG': `<svg xmlns="http://www.w3.org/2000/svg" onload="${act}"/>`,
  'sheet.xsl': xslt,
  'data.xml': `<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="sheet.xsl"?><a/>`,
  'feed.rss': `<html xmlns="http://www.w3.org/1999/xhtml"><script>${act}</script></html>`,
  'formula.mathml': `<math xmlns="http://www.w3.org/1998/Math/MathML"><maction xmlns:x="http://www.w3.org/1999/xlink" x:href="javascript:${act}"/></math>`,
  'code.js': act,
  'code.mjs': act,
  'style.css': `body{background:url('${trap}')}`,
  'page.mht': `MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n${page}`,
  'page.mhtml': `MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n${page}`,
  'film.swf': 'FWS\u0009',
  'behaviour.htc': `<script>${act}</script>`,
  'app.hta': page,
  'page.url': '[InternetShortcut]\nURL=javascript:1',
  noext: page,
  'page.unknown': page,
  // What says that it is harmless and is not: nothing is guessed.
  'page.txt': page,
  'page.json': page,
  'page.png': page,
  'page.pdf': page,
  'page.html.': page,
  'page.html ': page,
}

const gateway = await startApp({
  'python/make.py': pythonScript(
    {},
    `for name, text in json.loads(${JSON.stringify(JSON.stringify(contents))}).items():
    open(os.path.join(os.environ["OUTPUT_DIR"], name), "w", newline="").write(text)
print("made")`,
  ),
})
const browser = await launch()
afterAll(() => browser.close())

const { body } = await gateway.json<{ run_id: number }>('/api/scripts/make/run')
const { files } = await gateway.finished(body.run_id)
const urlOf = (file: Run['files'][number]) => new URL(new URL(file.url).pathname, gateway.url).href

test('each of them is there', () => {
  expect(files.map(({ filename }) => filename).sort()).toEqual(Object.keys(contents).sort())
})

test.each(files.map((file) => [file.filename, file] as const))(
  '%s is saved, or shown as what it is said to be',
  async (name, file) => {
    const { headers } = await fetch(urlOf(file))
    const isShown = /\.(txt|json|png|pdf)$/.test(name)
    expect([headers.get('x-content-type-options'), headers.get('cross-origin-resource-policy')]).toEqual([
      'nosniff',
      'same-origin',
    ])
    expect(headers.get('content-disposition')).toStartWith(isShown ? 'inline' : 'attachment')
    expect(headers.get('content-security-policy')).toMatch(
      name.endsWith('.pdf') ? /^default-src 'none'/ : /^sandbox; default-src 'none'/,
    )
    expect(headers.get('content-security-policy')).not.toMatch(/allow-|script-src|unsafe-eval/)
  },
)

describe('in a browser', () => {
  test('none of them runs: opened by its address, in a frame, as an object, or embedded', async () => {
    const context = await browser.newContext({ acceptDownloads: false })
    const sprung: string[] = []
    context.on(
      'request',
      (request) => request.url().includes(trap) && sprung.push(`${request.frame().url()} → ${request.url()}`),
    )
    const tab = await context.newPage()
    for (const file of files) await tab.goto(urlOf(file)).catch(() => null) // a download is no page
    // Around them a page of our origin that forbids nothing: what holds them is theirs alone.
    const bare = `${gateway.url}/bare`
    const around = files.map(
      (file) =>
        `<iframe src="${urlOf(file)}"></iframe><object data="${urlOf(file)}"></object><embed src="${urlOf(file)}">`,
    )
    await context.route(bare, (route) => route.fulfill({ contentType: 'text/html', body: around.join('') }))
    await tab.goto(bare, { waitUntil: 'load' })
    await tab.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0))))
    expect(sprung).toEqual([])
    // The trap does spring where something runs.
    await context.route(bare, (route) => route.fulfill({ contentType: 'text/html', body: page }))
    await tab.goto(bare)
    expect(sprung.length).toBeGreaterThan(0)
    await context.close()
  }, 60_000)

  test('none of them is a script or a style of a page of another origin', async () => {
    const context = await browser.newContext()
    const answered: [string, number][] = []
    const blocked: string[] = []
    context.on(
      'response',
      (response) => response.url().includes('/static/') && answered.push([response.url(), response.status()]),
    )
    context.on('requestfailed', (request) => request.url().includes('/static/') && blocked.push(request.url()))
    const tab = await context.newPage()
    const of = (name: string) => urlOf(files.find(({ filename }) => filename === name)!)
    const html = `<link rel="stylesheet" href="${of('style.css')}"><script src="${of('code.js')}"></script><img src="${of('page.png')}">`
    const other = Bun.serve({
      port: 0,
      hostname: '127.0.0.1',
      fetch: () => new Response(html, { headers: { 'content-type': 'text/html' } }),
    })
    await tab.goto(other.url.href, { waitUntil: 'load' })
    await other.stop(true)
    await context.close()
    expect(answered.every(([, status]) => status === 403)).toBe(true)
    expect(answered.length + blocked.length).toBeGreaterThanOrEqual(3)
  }, 60_000)
})
