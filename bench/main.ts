/**
 * Measures what is promised, each number against a baseline of the same run:
 *   npm run bench -- [NAMES …] [--quick] [--binary dist/scriptgateway] [--json FILE]
 */
import { rmSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type LabOptions, openLab } from './lab.ts'
import { access } from './measures/access.ts'
import { audit } from './measures/audit.ts'
import { dependencies } from './measures/dependencies.ts'
import { flood } from './measures/flood.ts'
import { followers } from './measures/followers.ts'
import { isolation } from './measures/isolation.ts'
import { logPage } from './measures/log-page.ts'
import { memory } from './measures/memory.ts'
import { overhead } from './measures/overhead.ts'
import { pages } from './measures/pages.ts'
import { recovery } from './measures/recovery.ts'
import { refusal } from './measures/refusal.ts'
import { schedules } from './measures/schedules.ts'
import { start } from './measures/start.ts'
import { stop } from './measures/stop.ts'
import { throughput } from './measures/throughput.ts'
import { isKept, type Measure, type Row } from './model.ts'
import { toTable } from './table.ts'

const measures: Measure[] = [
  overhead,
  throughput,
  followers,
  start,
  memory,
  refusal,
  flood,
  logPage,
  isolation,
  recovery,
  stop,
  audit,
  access,
  dependencies,
  schedules,
  pages,
]

const folders: string[] = []
let leaveLab: (() => Promise<void>) | null = null
let isInterrupted = false
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, async () => {
    isInterrupted = true
    await leaveLab?.()
    exit(130)
  })

const { values: flags, positionals: names } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean' }, binary: { type: 'string' }, json: { type: 'string' } },
})
const unknown = names.filter((name) => !measures.some((measure) => measure.name === name))
if (unknown.length > 0) {
  console.error(`There is no measure ${unknown.join(', ')}; there are: ${measures.map(({ name }) => name).join(', ')}.`)
  process.exit(2)
}

const options: LabOptions = {
  binary: flags.binary ? resolve(flags.binary) : null,
  isQuick: flags.quick ?? false,
}
const wanted = measures.filter(({ name }) => names.length === 0 || names.includes(name))
const rows: Row[] = []
try {
  for (const measure of wanted) rows.push(...(await take(measure, options)))
} catch (error) {
  if (isInterrupted) await new Promise(() => {}) // what was being measured was taken away; the signal's handler goes on
  console.error(error)
  exit(1)
}

console.log(toTable(rows))
const machine = { cpu: cpus()[0]?.model, cores: cpus().length, bun: Bun.version, platform: process.platform }
if (flags.json)
  writeFileSync(flags.json, `${JSON.stringify({ at: new Date().toISOString(), machine, ...options, rows }, null, 2)}\n`)
exit(rows.some((row) => isKept(row) === false) ? 1 : 0)

function exit(code: number): never {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  process.exit(code)
}

/** In a lab of its own, which is left whatever happens. */
async function take(measure: Measure, options: LabOptions): Promise<Row[]> {
  console.error(`${measure.name}: ${measure.about}`)
  const { lab, leave } = await openLab(options, folders)
  leaveLab = leave
  try {
    return await measure.run(lab)
  } finally {
    await leave()
    leaveLab = null
  }
}
