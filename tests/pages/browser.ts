/** A real browser from npm alone. */
import sparticuz from '@sparticuz/chromium'
import { type Browser, chromium } from 'playwright-core'

export const launch = async (): Promise<Browser> =>
  chromium.launch({
    executablePath: await sparticuz.executablePath(),
    // Its own suggestion holds --single-process, with which closing a page ends the browser.
    args: ['--headless=shell', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  })
