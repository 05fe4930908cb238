/** What packages cost a run that has them, a script whose set is there already, and a thousand scripts with few sets. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { systemClock } from '../../src/clock.ts'
import type { OptionName } from '../../src/config.ts'
import { openDatabase } from '../../src/db/open.ts'
import { createDependencyParts } from '../../src/dependencies/parts.ts'
import { createIsolation } from '../../src/isolation/isolation.ts'
import { silentLog } from '../../src/log.ts'
import { options } from '../../src/options/options.ts'
import { createStartProcess } from '../../src/process/process.ts'
import type { RunnableScript } from '../../src/scripts/catalog.ts'
import type { Setting } from '../../src/settings/settings.ts'
import { makeWheel, startIndex } from '../../tests/harness/wheels.ts'
import type { Lab } from '../lab.ts'
import type { Measure, Row } from '../model.ts'
import type { Gateway } from '../server.ts'
import { median } from '../stats.ts'

const secondMsMax = 50
const checkMsMax = 0.2
const sets = 50
const scripts = 1000

const script = `import json, sys
if __name__ == "__main__":
    print("{}" if "--_sys_get_schema" in sys.argv else json.dumps(sys.prefix))
`

export const dependencies: Measure = {
  name: 'dependencies',
  about: 'Packages: the check before a run, a second script with the same set, a thousand scripts with fifty sets',
  async run(lab) {
    const wheels = Array.from({ length: sets }, (_, i) => makeWheel({ name: `pack${i}`, version: '1.0.0' }))
    const index = startIndex({ wheels })
    lab.defer(() => index.stop())
    return [await checked(lab, index.url), await second(lab, index.url), await many(lab, index.url)]
  },
}

/** All that is looked at before a run: what is declared, its lock, and whether the environment is there. */
async function checked(lab: Lab, indexUrl: string): Promise<Row> {
  const scriptsDir = lab.scripts({
    'python/group/a.py': script,
    'python/group/requirements.txt': 'pack0\n',
    'python/bare/b.py': script,
  })
  const dataDir = lab.folder()
  const db = openDatabase(join(dataDir, 'gateway.db'))
  const startProcess = createStartProcess()
  const setting = ((name: OptionName) => (name === 'pip_index_url' ? indexUrl : options[name].default)) as Setting
  const isolation = await createIsolation({
    ...{ wanted: 'auto', uidBase: options.script_uid_base.default, bun: lab.bun, interpreters: [lab.python] },
    ...{ dirForFiles: join(dataDir, 'isolation'), startProcess },
  })
  const parts = createDependencyParts({
    ...{
      db,
      setting,
      startProcess,
      isolation,
      clock: systemClock,
      log: silentLog(),
      dataDir,
      scriptsDir,
      bun: lab.bun,
    },
    ...{ catalog: { list: () => [], get: () => undefined, find: () => undefined, refresh: () => {} } },
    ...{
      python: { path: lab.python },
      secret: () => null,
      hostProblem: () => null,
      scan: async () => {},
      rememberWrite: () => {},
    },
    ...{ variablesOf: () => ({}), onChange: () => {} },
  })
  lab.defer(() => parts.close().then(() => db.$client.close()))
  const scriptIn = (folder: string, name: string) =>
    ({
      ...{ id: 1, file: join(scriptsDir, 'python', folder, name), dir: join(scriptsDir, 'python', folder) },
      runtime: lab.runtimes.python,
    }) as RunnableScript
  const [declaring, bare] = [scriptIn('group', 'a.py'), scriptIn('bare', 'b.py')]
  for (let state = parts.forRuns.check(declaring); state.state === 'waiting'; state = parts.forRuns.check(declaring))
    await state.until
  await Bun.sleep(2100) // a file that was written just now is read again each time
  const times = { with: [] as number[], without: [] as number[] }
  for (let round = 0; round < 50; round++)
    for (const [name, one] of [
      ['with', declaring],
      ['without', bare],
    ] as const) {
      const startedAt = performance.now()
      for (let i = 0; i < 200; i++) {
        const { state } = parts.forRuns.check(one)
        if (state !== (name === 'with' ? 'ready' : 'none')) throw new Error(`It is ${state}.`)
      }
      times[name].push((performance.now() - startedAt) / 200)
    }
  const [measured, baseline] = [median(times.with), median(times.without)]
  return {
    ...{ what: 'The check before a run that its packages are there, median', unit: 'ms' },
    ...{ baseline, against: 'the same for a script that declares nothing', measured },
    ...{ compared: { value: measured, unit: 'ms', how: 'itself' }, promised: { atMost: checkMsMax } },
  }
}

/** From the moment that its list is written until it could be run. */
async function second(lab: Lab, indexUrl: string): Promise<Row> {
  const rounds = lab.isQuick ? 3 : 20
  const files = Object.fromEntries(Array.from({ length: rounds + 1 }, (_, i) => [`python/g${i}/s${i}.py`, script]))
  const root = lab.scripts(files)
  const gateway = await lab.gateway({
    scriptsDir: root,
    dataDir: join(lab.folder(), 'data'),
    env: { PIP_INDEX_URL: indexUrl },
  })
  const times: number[] = []
  for (let i = 0; i <= rounds; i++) times.push(await installed(gateway, root, i))
  const [first, ...others] = times
  lab.note(`the first: ${first!.toFixed(0)} ms, each of ${rounds} with the same set: ${median(others).toFixed(1)} ms`)
  return {
    ...{ what: 'A script whose set another one has already, until it is ready, median', unit: 'ms' },
    ...{ baseline: first!, against: 'the first one, which installs it', measured: median(others) },
    ...{ compared: { value: median(others), unit: 'ms', how: 'itself' }, promised: { atMost: secondMsMax } },
  }
}

async function installed(gateway: Gateway, root: string, i: number): Promise<number> {
  const startedAt = performance.now()
  writeFileSync(join(root, `python/g${i}/requirements.txt`), 'pack1\n')
  const answer = await gateway.call(`/api/scripts/s${i}/dependencies/install?wait=1`, { method: 'POST', expected: 200 })
  const ms = performance.now() - startedAt
  if (JSON.parse(answer).state !== 'ready') throw new Error(`It is not ready: ${answer}`)
  return ms
}

/** Installations that a thousand scripts with fifty different sets cost. */
async function many(lab: Lab, indexUrl: string): Promise<Row> {
  const [count, distinct] = lab.isQuick ? [40, 4] : [scripts, sets]
  const root = lab.scripts({})
  for (let i = 0; i < count; i++) {
    const path = join(root, `python/g${i}/s${i}.py`)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, script)
    writeFileSync(join(dirname(path), 'requirements.txt'), `pack${i % distinct}  # ${i}\n`)
  }
  const startedAt = performance.now()
  const gateway = await lab.gateway({
    scriptsDir: root,
    dataDir: join(lab.folder(), 'data'),
    env: { PIP_INDEX_URL: indexUrl },
    waitsUntilReady: false, // it asks a thousand scripts for their schemas
  })
  const total = async (query: string) => JSON.parse(await gateway.call(`/api/installations${query}`)).total as number
  while ((await total('?status=success')) < distinct) await Bun.sleep(250)
  const seconds = (performance.now() - startedAt) / 1000
  for (let i = 0; i < count; i += Math.floor(count / 20))
    await gateway.call(`/api/scripts/s${i}/run`, { method: 'POST' })
  const all = await total('')
  lab.note(`${count} scripts with ${distinct} sets: ${all} installations, ${seconds.toFixed(1)} s with INSTALL_SLOTS=2`)
  return {
    ...{
      what: `Installations for ${count} scripts with ${distinct} sets`,
      unit: 'processes',
      baseline: distinct,
      against: 'as many as there are sets',
    },
    ...{ measured: all, compared: { value: all / distinct, unit: 'ratio', how: 'ratio' }, promised: { atMost: 1 } },
  }
}
