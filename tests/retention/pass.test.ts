/** What goes and what stays: rows, logs, files, by age, number and bytes, a script's own words over the settings. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../src/config.ts'
import { createRunFiles } from '../../src/retention/run-files.ts'
import type { Policy } from '../../src/scripts/policy-model.ts'
import { eventually } from '../harness/folder.ts'
import { createLab, dayMs, type Lab, type PastRun } from './lab.ts'

let lab: Lab
beforeEach(() => {
  lab = createLab()
  lab.script('a')
  lab.script('b')
})
afterEach(() => lab.db.$client.close())

interface Row {
  name: string
  runs: PastRun[]
  settings?: Partial<Config>
  own?: Policy['retention']
  /** Numbers of the runs that stay, of those that keep their log, and their files. */
  stay: number[]
  logs?: number[]
  outputs?: number[]
}

const all = { log: 100, output: 100 }

const rows: Row[] = [
  {
    name: 'a run older than retention_days goes with all it has, a younger one stays',
    runs: [{ endedDaysAgo: 91, ...all }, { endedDaysAgo: 29, ...all }, all],
    ...{ stay: [2, 3], logs: [2, 3], outputs: [2, 3] },
  },
  {
    name: 'the newest finished run of a script stays, however old',
    runs: [{ endedDaysAgo: 400 }, { endedDaysAgo: 300 }, { script: 2, endedDaysAgo: 500 }],
    stay: [2, 3],
  },
  {
    name: 'what waits or runs stays, and does not stand for the newest finished one',
    runs: [
      { endedDaysAgo: 300 },
      { endedDaysAgo: 200 },
      { status: 'queued', endedDaysAgo: null },
      { endedDaysAgo: null },
    ],
    stay: [2, 3, 4],
  },
  {
    name: 'only the newest retention_runs_per_script stay, counted by their ends',
    runs: [{ endedDaysAgo: 1 }, { endedDaysAgo: 5 }, { endedDaysAgo: 3 }, { script: 2 }, { endedDaysAgo: null }],
    settings: { retention_runs_per_script: 2 },
    stay: [1, 3, 4, 5],
  },
  {
    name: 'runs that ended in the same millisecond are counted by their numbers',
    runs: [{}, {}, {}],
    settings: { retention_runs_per_script: 2 },
    stay: [2, 3],
  },
  {
    name: 'logs and files may go before their run',
    runs: [
      { endedDaysAgo: 20, ...all },
      { endedDaysAgo: 5, ...all },
    ],
    settings: { log_retention_days: 10, output_retention_days: 3 },
    ...{ stay: [1, 2], logs: [2], outputs: [] },
  },
  {
    name: '0 keeps for ever',
    runs: [
      { endedDaysAgo: 9999, ...all },
      { endedDaysAgo: 9998, ...all },
    ],
    settings: {
      ...{ retention_days: 0, log_retention_days: 0, output_retention_days: 0 },
      ...{ retention_runs_per_script: 0, retention_bytes: 0 },
    },
    ...{ stay: [1, 2], logs: [1, 2], outputs: [1, 2] },
  },
  {
    name: "a script's own days are longer than the settings, for logs and files too",
    runs: [{ endedDaysAgo: 300, ...all }, { script: 2, endedDaysAgo: 300 }, { script: 2 }],
    own: { days: 365 },
    ...{ stay: [1, 3], logs: [1], outputs: [1] },
  },
  {
    name: "a script's own days are shorter than the settings",
    runs: [
      { endedDaysAgo: 3, ...all },
      { endedDaysAgo: 1, ...all },
    ],
    own: { days: 2 },
    ...{ stay: [2], logs: [2], outputs: [2] },
  },
  {
    name: "a script's own number of runs replaces the setting in either direction",
    runs: [
      { endedDaysAgo: 3 },
      { endedDaysAgo: 2 },
      { endedDaysAgo: 1 },
      { script: 2, endedDaysAgo: 1 },
      { script: 2 },
    ],
    settings: { retention_runs_per_script: 1 },
    own: { runs: 2 },
    stay: [2, 3, 5],
  },
  {
    name: "over a script's own bytes the oldest lose their log and files, the newest keeps them whatever they take",
    runs: [
      { endedDaysAgo: 3, ...all },
      { endedDaysAgo: 2, ...all },
      { endedDaysAgo: 1, log: 100, output: 900 },
    ],
    own: { bytes: 1200 },
    ...{ stay: [1, 2, 3], logs: [2, 3], outputs: [2, 3] },
  },
  {
    name: 'a newest run that is over the bytes of its script alone keeps its files',
    runs: [
      { endedDaysAgo: 3, ...all },
      { endedDaysAgo: 1, output: 900 },
    ],
    own: { bytes: 500 },
    ...{ stay: [1, 2], logs: [], outputs: [2] },
  },
  {
    name: 'over the bytes of all the oldest of all scripts go first, a long result counts, and rows stay',
    runs: [
      { script: 2, endedDaysAgo: 3, result: 500 },
      { endedDaysAgo: 2, log: 500 },
      { endedDaysAgo: 1, output: 500 },
    ],
    settings: { retention_bytes: 1000 },
    ...{ stay: [1, 2, 3], logs: [2], outputs: [3] },
  },
  {
    name: 'what ended a moment ago keeps its files, for whoever waited for them',
    runs: [{ endedDaysAgo: 1, output: 500 }, { output: 500 }],
    settings: { retention_bytes: 100 },
    ...{ stay: [1, 2], logs: [], outputs: [2] },
  },
  {
    name: 'more than one batch goes',
    runs: Array.from({ length: 700 }, (_, i) => ({ endedDaysAgo: 200, log: i % 50 === 0 ? 10 : 0 })),
    stay: [700],
  },
]

test.each(rows)('$name', async ({ runs, settings = {}, own, stay, logs, outputs }) => {
  lab.db.$client.transaction(() => runs.forEach(lab.run))()
  Object.assign(lab.settings, settings)
  if (own) lab.own.set(1, own)
  const retention = lab.newRetention()
  expect((await retention.clean()).problem).toBeNull()

  expect(lab.ids()).toEqual(stay)
  if (logs) expect(stay.filter((id) => existsSync(lab.logPath(id)))).toEqual(logs)
  if (outputs) expect(stay.filter((id) => existsSync(lab.outputDir(id)))).toEqual(outputs)
  expect(readdirSync(lab.dataDir, { recursive: true, withFileTypes: true }).filter(isOfRun).length).toBe(
    stay.reduce((sum, id) => sum + filesOf(id), 0),
  )
  expect((await retention.status()).due).toEqual({ runs: 0, logs: 0, outputs: 0, bytes_over: await leftOver() })
  // Once more finds nothing, and the sums are those of the disk.
  expect((await retention.clean()).removed).toMatchObject({ runs: 0, logs: 0, outputs: 0, bytes: 0, orphans: 0 })
  expect(await sums(retention)).toBe(bytesOnDisk())

  async function leftOver() {
    const max = lab.settings.retention_bytes ?? 0
    return max === 0 ? 0 : Math.max(0, (await sums(retention)) - max)
  }
})

async function sums(retention: ReturnType<Lab['newRetention']>) {
  const { log_bytes, output_bytes } = (await retention.status()).kept
  return log_bytes + output_bytes
}

const isOfRun = (entry: { name: string; isFile(): boolean }) =>
  entry.isFile() && /\.(log|result\.json|bin)$/.test(entry.name)

const paths = (id: number) => [
  lab.logPath(id),
  lab.logPath(id).replace(/\.log$/, '.result.json'),
  join(lab.outputDir(id), 'made.bin'),
]
const filesOf = (id: number) => paths(id).filter(existsSync).length
const bytesOnDisk = () =>
  lab
    .ids()
    .flatMap(paths)
    .filter(existsSync)
    .reduce((sum, path) => sum + Bun.file(path).size, 0)

describe('what is said', () => {
  test('the status tells what is kept and what is due, the pass what it removed', async () => {
    lab.run({ endedDaysAgo: 100, ...all })
    lab.run({ endedDaysAgo: 40, ...all, result: 50 })
    lab.run({ endedDaysAgo: 1, ...all })
    lab.run({ endedDaysAgo: null })
    lab.settings.retention_days = 0 // only measured
    Object.assign(lab.settings, { log_retention_days: 0, output_retention_days: 0 })
    const retention = lab.newRetention()
    expect((await retention.status()).kept).toMatchObject({ runs: 4, unmeasured_runs: 3, log_bytes: 0 })
    await retention.clean()
    expect((await retention.status()).kept).toMatchObject({
      ...{ runs: 4, unmeasured_runs: 0, log_bytes: 300, output_bytes: 350, oldest_at: '2026-08-13T04:05:05.789Z' },
    })
    Object.assign(lab.settings, { retention_days: 90, log_retention_days: 30, output_retention_days: 30 })
    expect((await retention.status()).due).toEqual({ runs: 1, logs: 1, outputs: 1, bytes_over: 0 })
    const { removed } = await retention.clean()
    expect(removed).toEqual({
      ...{ runs: 1, logs: 1, outputs: 1, bytes: 450 },
      ...{ orphans: 0, temp_items: 0, temp_bytes: 0 },
    })
    expect((await retention.status()).last).toMatchObject({ removed, problem: null })
    const when = lab.time.at
    expect(lab.row(2)).toMatchObject({
      log_expired_at: when,
      output_expired_at: when,
      log_kept_bytes: 0,
      status: 'success',
    })
    expect(lab.row(3)).toMatchObject({ log_expired_at: null, output_expired_at: null, log_kept_bytes: 100 })
  })

  test('a deleted script takes its sums along', async () => {
    lab.run(all)
    lab.run({ script: 2, ...all })
    const retention = lab.newRetention()
    await retention.clean()
    lab.db.$client.run('DELETE FROM scripts WHERE id = 1')
    expect((await retention.status()).kept).toMatchObject({ runs: 1, log_bytes: 100, output_bytes: 100 })
  })

  test('it looks by itself again and again; after the clock jumped not for what is old', async () => {
    for (let i = 0; i < 3; i++) lab.run({ endedDaysAgo: 100, log: 10 })
    const retention = lab.newRetention(undefined, 5)
    retention.start()
    await eventually('what was old is gone', () => lab.ids().length === 1)
    lab.time.at += 200 * dayMs // nobody waited for that
    lab.run()
    lab.settings.retention_runs_per_script = 1
    await eventually('what goes by number goes on', () => lab.ids().length === 1)
    lab.settings.retention_runs_per_script = 0
    const young = lab.run()
    lab.run()
    const measured = () => lab.row(young).log_kept_bytes !== null
    await eventually('it has looked', measured)
    expect(lab.ids().length).toBe(3)
    expect((await retention.clean()).removed.runs).toBe(2) // who asks for it gets it
    await retention.close()
  })

  test('two who ask at once get the same pass, and closing ends one that is under way', async () => {
    lab.db.$client.transaction(() => {
      for (let i = 0; i < 2000; i++) lab.run({ endedDaysAgo: 100 })
    })()
    const retention = lab.newRetention()
    const asked = [retention.clean(), retention.clean()]
    const ends = Promise.allSettled(asked)
    await retention.close()
    for (const end of await ends) expect(end.status).toBe('rejected')
    expect(lab.ids().length).toBeGreaterThan(1)
    const next = lab.newRetention()
    const [one, other] = await Promise.all([next.clean(), next.clean()])
    expect(one).toBe(other)
    expect(lab.ids()).toEqual([2000])
  })
})

describe('a run that is being deleted, or is coming back', () => {
  test('is not measured: its files are not there', async () => {
    const [first, second] = [lab.run({ log: 100 }), lab.run({ log: 100 })]
    const files = createRunFiles({ dataDir: lab.dataDir, logPath: lab.logPath })
    lab.busy.add(first)
    await lab
      .newRetention({
        ...files,
        async measure(run) {
          lab.busy.add(run.id) // meanwhile
          return { ...(await files.measure(run)), logBytes: 0 }
        },
      })
      .clean()
    expect([first, second].map((id) => lab.row(id).log_kept_bytes)).toEqual([null, null])
    lab.busy.clear()
    await lab.newRetention().clean()
    expect([first, second].map((id) => lab.row(id).log_kept_bytes)).toEqual([100, 100])
  })

  test.each<[string, Partial<Config>]>([
    ['age', { retention_days: 1 }],
    ['the age of its log and its files', { log_retention_days: 1, output_retention_days: 1 }],
    ['bytes', { retention_bytes: 1 }],
  ])('is left alone, whatever its %s', async (_what, settings) => {
    Object.assign(lab.settings, settings)
    const ids = [lab.run({ endedDaysAgo: 5, ...all }), lab.run({ endedDaysAgo: 4, ...all }), lab.run()]
    lab.busy.add(ids[0]!)
    const retention = lab.newRetention()
    lab.db.$client.run('UPDATE runs SET log_kept_bytes = 100, output_kept_bytes = 100 WHERE id < 3')
    await retention.clean()
    expect(existsSync(lab.logPath(ids[0]!))).toBe(true)
    expect(existsSync(lab.logPath(ids[1]!))).toBe(false)
    lab.busy.clear()
    await retention.clean()
    expect(existsSync(lab.logPath(ids[0]!))).toBe(false)
  })
})
