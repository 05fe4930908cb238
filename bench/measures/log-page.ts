/** The page of a run whose log has a million lines, and of one that prints 20,000 lines a second, in a real browser. */
import { readFileSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { launchAlone } from '../../tests/pages/browser.ts'
import type { Measure, Row } from '../model.ts'
import { withSidecar } from '../samples.ts'
import type { Gateway } from '../server.ts'
import { median, timed } from '../stats.ts'

const scripts = {
  ...withSidecar(
    'python/long.py',
    `import argparse, sys
if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--lines", type=int)
    lines = parser.parse_args().lines
    for number in range(1, lines + 1):
        print(f"line {number} of a long log, with some words to look for: {number * 7919 % 1000003}", file=sys.stderr if number % 1000 == 0 else sys.stdout, flush=number % 1000 == 0 or number % 1000 == 999)
`,
    { lines: { type: 'int', required: true } },
  ),
  ...withSidecar(
    'python/flood.py',
    `import time
if __name__ == "__main__":
    time.sleep(2)  # the page comes first
    for batch in range(${5 * 50}):
        start = time.monotonic()
        print("\\n".join(f"\\x1b[32mok\\x1b[0m line {batch * 400 + n} of a flood, as long as lines often are" for n in range(400)), flush=True)
        time.sleep(max(0, 0.02 - (time.monotonic() - start)))
`,
  ),
}

export const logPage: Measure = {
  name: 'log-page',
  about: 'The page of a run with 1,000,000 lines, and of one that prints 20,000 lines a second',
  async run(lab) {
    const lines = lab.isQuick ? 100_000 : 1_000_000
    const env = { LOG_BYTES_MAX: String(1024 ** 3) }
    const gateway = await lab.gateway({ scriptsDir: lab.scripts(scripts), dataDir: lab.folder(), env })
    const long = await start(gateway, 'long', { lines })
    await ended(gateway, long)
    const browser = await launchAlone()
    lab.defer(() => browser.close())
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    await page.goto(gateway.url) // what every page loads is there
    const emptyMb = await memoryMb(browser)

    const at = (hash = '') => `${gateway.url}/executions/${long}${hash}`
    const shows = (line: number) => inView(page, line)
    const [opened, takenOver]: [number[], number[]] = [[], []]
    for (let round = 0; round < 6; round++) {
      await page.goto('about:blank')
      const startedAt = performance.now()
      await page.goto(at(), { waitUntil: 'commit' })
      await inView(page, lines, false)
      opened.push(performance.now() - startedAt)
      await shows(lines)
      takenOver.push(performance.now() - startedAt)
    }
    lab.note(
      `${opened[0]!.toFixed(0)} ms the first time; the script has taken over after ${median(takenOver).toFixed(0)} ms, median`,
    )
    await page.goto('about:blank')
    const middle = lines / 2 + 12
    const linked = await timed(async () => {
      await page.goto(at(`#L${middle}`), { waitUntil: 'commit' })
      await shows(middle)
    })
    const searched = await timed(async () => {
      await page.fill('.log-panel [type=search]', `line ${lines - 1} `)
      await shows(lines - 1)
    })
    await page.fill('.log-panel [type=search]', '')
    for (let step = 0; step <= 40; step++) {
      await page.evaluate((part) => {
        const log = document.querySelector('.log')!
        log.scrollTop = log.scrollHeight * part
      }, step / 40)
      await page.waitForFunction(() => {
        const log = document.querySelector('.log')!.getBoundingClientRect()
        return [...document.querySelectorAll('.log li')].some((row) => {
          const { top, bottom } = row.getBoundingClientRect()
          return bottom > log.top && top < log.bottom
        })
      })
    }
    const fullMb = await memoryMb(browser)
    const heapMb = await usedHeapMb(page)
    lab.note(
      `a line in the middle in ${linked.toFixed(0)} ms, a search to the last line in ${searched.toFixed(0)} ms, ${heapMb.toFixed(0)} MB of JavaScript's heap`,
    )

    const flood = await start(gateway, 'flood', {})
    await page.goto(`${gateway.url}/executions/${flood}`)
    await page.evaluate(() => {
      const tasks: number[] = []
      Object.assign(window, { tasks })
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) tasks.push(duration)
      }).observe({ type: 'longtask' })
    })
    await ended(gateway, flood)
    await shows(100_000)
    const tasks = await page.evaluate(() => (window as unknown as { tasks: number[] }).tasks)
    lab.note(`${tasks.length} tasks of more than 50 ms, ${tasks.reduce((sum, ms) => sum + ms, 0)} ms together`)

    const row = (what: string, unit: Row['unit'], measured: number, atMost: number): Row => ({
      ...{ what, unit, baseline: null, against: '', measured },
      compared: { value: measured, unit, how: 'itself' },
      promised: { atMost },
    })
    return [
      row('Opening the end of a log of 1,000,000 lines, median', 'ms', median(opened), 300),
      {
        ...row('All processes of the browser after looking everywhere in it', 'MB', fullMb, 300),
        ...{ baseline: emptyMb, against: 'the dashboard' },
      },
      row('Longest task while 20,000 lines a second come for 5 s', 'ms', Math.max(0, ...tasks), 200),
    ]
  },
}

async function start(gateway: Gateway, script: string, values: object): Promise<number> {
  const body = JSON.stringify(values)
  const headers = { 'content-type': 'application/json', prefer: 'respond-async' }
  const path = `/api/scripts/${script}/run`
  const { run_id, id } = JSON.parse(await gateway.call(path, { method: 'POST', body, headers, expected: 202 }))
  return run_id ?? id
}

async function ended(gateway: Gateway, id: number): Promise<void> {
  for (;;) {
    const run = JSON.parse(await gateway.call(`/api/runs/${id}`))
    if (run.finished_at !== null) return
    await Bun.sleep(50)
  }
}

/** That a line can be seen, and that the script has taken over from what the server wrote. */
const inView = (page: Page, line: number, isTakenOver = true) =>
  page.waitForFunction(
    ([id, isTakenOver]) => {
      const [row, log] = [document.getElementById(id), document.querySelector('.log')]
      if (!row || !log || (isTakenOver && !log.querySelector('.log-room'))) return false
      const [own, around] = [row.getBoundingClientRect(), log.getBoundingClientRect()]
      return own.bottom > around.top && own.top < around.bottom
    },
    [`L${line}`, isTakenOver] as const,
  )

/** What its processes have together, what they share counted once. */
async function memoryMb(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  await session.detach()
  const kib = processInfo.map(({ id }) =>
    Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/smaps_rollup`, 'utf8'))?.[1] ?? 0),
  )
  return kib.reduce((sum, one) => sum + one, 0) / 1024
}

async function usedHeapMb(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page)
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  return usedSize / 1024 ** 2
}
