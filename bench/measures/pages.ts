/** How long the server takes for each page with a thousand scripts and a million runs, and how much a browser loads first. */
import { Database } from 'bun:sqlite'
import { join } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'
import { seedHistory } from '../history.ts'
import type { Lab } from '../lab.ts'
import type { Measure, Row } from '../model.ts'
import type { Gateway } from '../server.ts'
import { median } from '../stats.ts'
import { knownScripts } from './start.ts'

const pageMsMax = 15
const firstLoadKbMax = 100
const runsCount = 1_000_000

/** `run`: the number of a run that is there. */
const addresses = (run: number, old: number): [string, string][] => [
  ['Dashboard', '/'],
  ['Dashboard, searched', '/?q=script+7&state=failing'],
  ['Dashboard, its table alone', '/fragments/scripts?q=script+7'],
  ['Dashboard, by success rate', '/?sort=rate'],
  ['Script', '/scripts/7'],
  ['Script, parameters', '/scripts/7?tab=parameters'],
  ['Script, dependencies', '/scripts/7?tab=dependencies'],
  ['Script, schedules', '/scripts/7/schedules'],
  ['Script, history', '/scripts/7?tab=history'],
  ['Script, settings', '/scripts/7?tab=settings'],
  ['Script, API', '/scripts/7?tab=api'],
  ['Script, versions', '/scripts/7/versions'],
  ['Run', `/executions/${run}`],
  ['Executions', '/executions'],
  ['Executions, failed', '/executions?status=failed'],
  ['Executions of a script', '/executions?script_id=7'],
  ['Executions of a script that failed', '/executions?script_id=7&status=failed'],
  ['Executions, the oldest', `/executions?before=${old}`],
  ['Executions, by text that is nowhere', '/executions?q=nowherefound'],
  ['Executions of 30 days', '/executions?range=30d'],
  ['Schedules', '/schedules'],
  ['Schedules, calendar', '/schedules?view=calendar'],
  ['Dependencies', '/dependencies'],
  ['Templates', '/templates'],
  ['New script', '/scripts/new'],
  ['Notifications', '/notifications'],
  ['Settings', '/settings'],
  ['Gateway log', '/settings/log'],
  ['Users', '/users'],
  ['Audit log', '/audit'],
  ['Go to', '/fragments/go?q=script+7'],
]

export const pages: Measure = {
  name: 'pages',
  about: `Pages with a thousand scripts and ${runsCount} runs`,
  async run(lab) {
    const options = await knownScripts(lab)
    const database = new Database(join(options.dataDir!, 'gateway.db'))
    const { newest, oldest } = seedHistory(database, { runs: lab.isQuick ? runsCount / 20 : runsCount })
    database.close()
    const gateway = await lab.gateway(options)
    const rows = [await firstLoad(gateway)]
    for (const [what, path] of addresses(newest - 5, oldest + 60)) rows.push(await time(lab, gateway, what, path))
    await gateway.stop()
    return rows
  },
}

async function time(lab: Lab, gateway: Gateway, what: string, path: string): Promise<Row> {
  const repeats = lab.isQuick ? 5 : 41
  const [page, health]: [number[], number[]] = [[], []]
  for (let i = -5; i < repeats; i++) {
    const one = await roundTrip(gateway.url + path)
    const bare = await roundTrip(`${gateway.url}/health`)
    if (i < 0) continue // warms up
    page.push(one)
    health.push(bare)
  }
  const [measured, baseline] = [median(page), median(health)]
  return {
    ...{ what: `${what} (${path.split('?')[0]}), median`, unit: 'ms', baseline, against: 'GET /health', measured },
    compared: { value: measured - baseline, unit: 'ms', how: 'difference' },
    promised: { atMost: pageMsMax },
  }
}

async function roundTrip(url: string): Promise<number> {
  const start = performance.now()
  const answer = await fetch(url, { headers: { accept: 'text/html' } })
  await answer.arrayBuffer()
  const ms = performance.now() - start
  if (answer.status !== 200) throw new Error(`${url} answered ${answer.status}.`)
  return ms
}

/** The dashboard, and everything that it makes a browser load before anything is clicked, as it comes over the wire. */
async function firstLoad(gateway: Gateway): Promise<Row> {
  const seen = new Set<string>()
  const sizes = { all: 0, page: 0 }
  await load('/')
  const main = [...seen].find((path) => path.endsWith('/main.js'))
  if (!main) throw new Error('The dashboard has no main.js.')
  await load(main.replace('main.js', 'new-script.js')) // which main.js asks for there
  return {
    ...{ what: 'First load of the dashboard, with all of its files', unit: 'KB', against: 'its HTML alone' },
    ...{ baseline: sizes.page / 1000, measured: sizes.all / 1000 },
    compared: { value: sizes.all / 1000, unit: 'KB', how: 'itself' },
    promised: { atMost: firstLoadKbMax },
  }

  async function load(path: string): Promise<void> {
    if (seen.has(path)) return
    seen.add(path)
    const answer = await fetch(gateway.url + path, {
      headers: { accept: 'text/html', 'accept-encoding': 'br' },
      decompress: false,
    })
    const bytes = Buffer.from(await answer.arrayBuffer())
    sizes.all += bytes.length
    if (path === '/') sizes.page = bytes.length
    const text = (answer.headers.get('content-encoding') === 'br' ? brotliDecompressSync(bytes) : bytes).toString()
    const inPage = [...text.matchAll(/(?:src|href)="(\/assets\/[^"#]+)/g)].map(([, found]) => found!)
    const imported = [...text.matchAll(/\bfrom ?['"](\.{1,2}\/[^'"]+)['"]/g)].map(
      ([, found]) => new URL(found!, `http://x${path}`).pathname,
    )
    for (const next of path === '/' ? inPage : path.endsWith('.js') ? imported : []) await load(next)
  }
}
