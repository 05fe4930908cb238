/** A real browser from npm alone: one for all files of a process, since starting one costs as much as opening ten pages. */
import { existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sparticuz from '@sparticuz/chromium'
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core'
import { eventually } from '../harness/folder.ts'

let shared: Promise<Browser> | undefined

/** For the tests of a file: `close` ends what they have opened. The browser itself ends with the process, which holds its pipe. */
export async function launch(): Promise<Browser> {
  shared ??= launchAlone().then((browser) =>
    browser.once('disconnected', () => {
      shared = undefined // the next file gets another one
    }),
  )
  const browser = await shared
  const contexts = new Set<BrowserContext>()
  const newContext = async (options?: BrowserContextOptions) => {
    const context = await browser.newContext(options)
    contexts.add(context)
    context.once('close', () => contexts.delete(context))
    return context
  }
  const newPage = async (options?: BrowserContextOptions) => {
    const context = await newContext(options)
    const page = await context.newPage()
    page.once('close', () => void context.close())
    return page
  }
  const close = async () => {
    for (const context of [...contexts]) await context.close()
  }
  return Object.assign(Object.create(browser) as Browser, { newContext, newPage, close })
}

/** A browser of one's own, for a program: it goes on until it is closed. */
export const launchAlone = async (): Promise<Browser> =>
  chromium.launch({
    executablePath: await unpacked(),
    // Its own suggestion holds --single-process, with which closing a page ends the browser.
    args: ['--headless=shell', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  })

/** Nobody is told of the end of a process that runs tests: what started the browser takes its profile away. */
const starter = `#!/bin/sh
"$(dirname "$0")/chromium" "$@"
for word; do case $word in --user-data-dir=*) rm -rf "\${word#*=}" ;; esac; done
`

/** Where it is unpacked, which takes some seconds once on a machine: by the first process that comes, while others wait for it. */
async function unpacked(): Promise<string> {
  const { version } = await Bun.file(Bun.resolveSync('@sparticuz/chromium/package.json', import.meta.dir)).json()
  const folder = join(tmpdir(), `scriptgateway-chromium-${version}`)
  const making = `${folder}-unpacking`
  await eventually(
    'a browser is unpacked',
    async () => existsSync(folder) || (begun(making) && unpack(making, folder)),
    90_000,
  )
  return join(folder, 'start')
}

/** True for the one process that makes it; what one that was killed has left is nobody's after a minute. */
function begun(making: string): boolean {
  try {
    mkdirSync(making)
    return true
  } catch {
    const began = statSync(making, { throwIfNoEntry: false })?.ctimeMs ?? Date.now()
    if (Date.now() - began > 60_000) rmSync(making, { recursive: true, force: true })
    return false
  }
}

async function unpack(making: string, folder: string): Promise<true> {
  const { TMPDIR } = process.env
  process.env.TMPDIR = making // it unpacks nowhere else, and has looked when it returns
  const unpacking = sparticuz.executablePath()
  if (TMPDIR === undefined) delete process.env.TMPDIR
  else process.env.TMPDIR = TMPDIR
  await unpacking
  writeFileSync(join(making, 'start'), starter, { mode: 0o755 })
  renameSync(making, folder)
  return true
}
