/** Every page on made-up data in a real browser, in two looks that share nothing: what is wrong with how it shows itself. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { zh } from '../../views/texts/zh.ts'
import { faultsOfAxe, rulesOfLook } from '../pages/axe.ts'
import { launch } from '../pages/browser.ts'
import { addLongRun, type Preview, startPreview } from '../pages/preview.ts'

/** What WCAG 2.1 AA wants. */
const wanted = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']
interface Look {
  options: BrowserContextOptions
  language: string
  /** Of axe. */
  rules: string[]
}

export const looks = {
  desktop: { options: { viewport: { width: 1440, height: 900 }, colorScheme: 'light' }, language: 'en', rules: wanted },
  phone: {
    options: { viewport: { width: 390, height: 844 }, hasTouch: true, colorScheme: 'dark', locale: 'zh-CN' },
    ...{ language: 'zh-CN', rules: rulesOfLook },
  },
} satisfies Record<string, Look>

/** Registers a test that looks at these pages. In files of their own, so that they are looked at side by side. */
export function lookAt(what: string, shown: readonly (readonly [string, string])[], look: Look): void {
  let preview: Preview
  let browser: Browser
  beforeAll(async () => {
    preview = startPreview()
    addLongRun(preview)
    browser = await launch()
  })
  afterAll(async () => {
    await browser?.close()
    preview.stop()
  })

  test(`nothing is wrong with ${what}`, async () => {
    const { options, language, rules } = look
    const context = await browser.newContext(options)
    context.setDefaultTimeout(15_000)
    const page = await context.newPage()
    const wrong: string[] = []
    let at = ''
    onFault(page, preview.url, (fault) => wrong.push(`${at}: ${fault}`))
    for (const [name, path] of shown) {
      at = name
      const isFirst = name === shown[0]![0]
      await page.goto(preview.url + path)
      // Resolved when the page's scripts have started, to the end; the editor comes by itself, where there is a mouse.
      await page.evaluate(() => import(document.querySelector<HTMLScriptElement>('script[type=module]')!.src))
      if (name === 'script-code' && !options.hasTouch) await page.locator('#code-form[data-ready]').waitFor()
      const faults = [...(await faultsOfLanguage(page, language)), ...(await faultsOfLook(page, rules, isFirst))]
      wrong.push(...faults.map((fault) => `${name}: ${fault}`))
    }
    await context.close()
    expect([...wrong, ...preview.fake.reported]).toEqual([])
  }, 240_000)
}

/** What the browser itself complains of: scripts, the policy, and what it asked for in vain or elsewhere. */
function onFault(page: Page, origin: string, tell: (fault: string) => void): void {
  page.on('pageerror', (error) => tell(error.message))
  page.on('console', (message) => message.text().includes('Content Security Policy') && tell(message.text()))
  page.on('request', (request) => {
    if (!request.url().startsWith(origin) && !/^(data|blob):/.test(request.url())) tell(`asks ${request.url()}`)
  })
  page.on('response', (response) => {
    const isItsOwn = response.request().isNavigationRequest() && /\/404$|\/99$/.test(response.url())
    if (response.status() >= 400 && !isItsOwn) tell(`${response.status()} of ${response.url()}`)
  })
}

/** What axe finds, and what is wider than the page. */
async function faultsOfLook(page: Page, rules: string[], isFirst: boolean): Promise<string[]> {
  const overflow = await page.evaluate(() => {
    for (const one of document.querySelectorAll('details.more')) one.setAttribute('open', '')
    return document.documentElement.scrollWidth - document.documentElement.clientWidth
  })
  // Of what comes many times over the first few show what is wrong.
  await page.evaluate(() => {
    for (const parent of document.querySelectorAll('main *')) {
      const seen = new Map<string, number>()
      for (const child of [...parent.children]) {
        const like = [child.tagName, child.className, ...Object.keys((child as HTMLElement).dataset)].join()
        seen.set(like, (seen.get(like) ?? 0) + 1)
        if (seen.get(like)! > 4) child.remove()
      }
    }
  })
  // What is around the pages, and their style, is one for all of them.
  const within = rules === rulesOfLook && !isFirst ? 'main' : undefined
  const faults = await faultsOfAxe(page, { rules, within, styles: isFirst && !within })
  return [...(overflow > 0 ? [`${overflow} px are wider than the page`] : []), ...faults]
}

/** Words that the parameters of a script and the fields of a channel brought along. */
const namesOfTheirs = new Set(['Format', 'text', 'E-mail', 'Address'])

/** Texts that have a translation, and are on the page without it: said before anybody knew who reads. */
async function faultsOfLanguage(page: Page, language: string): Promise<string[]> {
  const { lang, texts } = await page.evaluate(() => {
    const read = ['aria-label', 'title', 'placeholder'].flatMap((name) =>
      [...document.querySelectorAll(`[${name}]`)].map((one) => one.getAttribute(name)!),
    )
    const nodes = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (nodes.nextNode())
      if (!nodes.currentNode.parentElement?.closest('code, pre, .log, .prose'))
        read.push(nodes.currentNode.textContent!)
    return { lang: document.documentElement.lang, texts: [...new Set(read.map((text) => text.trim()))] }
  })
  if (lang !== language) return [`it says that its language is ${lang}`]
  if (language === 'en') return texts.filter((text) => /\p{Script=Han}/u.test(text) && text !== '中文')
  const isUntranslated = (text: string) => Object.hasOwn(zh, text) && zh[text as keyof typeof zh] !== text
  const untranslated = texts.filter((text) => isUntranslated(text) && !namesOfTheirs.has(text))
  return untranslated.map((text) => `"${text}" is not in Chinese`)
}
