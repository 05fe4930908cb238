/** A scripts folder of its own with everything around the scanner, and eyes on what it starts. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { systemClock } from '../../src/clock.ts'
import { type Config, inheritedEnvironment } from '../../src/config.ts'
import { openDatabase } from '../../src/db/open.ts'
import { silentLog } from '../../src/log.ts'
import type { StartProcess } from '../../src/process/model.ts'
import { createStartProcess } from '../../src/process/process.ts'
import { resolvePython } from '../../src/runtimes/python.ts'
import { createRuntimes } from '../../src/runtimes/runtimes.ts'
import { createCatalog } from '../../src/scripts/catalog.ts'
import { createQuestionPlaces } from '../../src/scripts/question-place.ts'
import { createScanner, type ScannerOptions } from '../../src/scripts/scanner.ts'
import { toScript } from '../../src/scripts/script.ts'
import { createScriptStore } from '../../src/scripts/store.ts'
import { createSettings } from '../../src/settings/settings.ts'
import { unconfined } from '../harness/isolation.ts'

const runtimes = createRuntimes({ python: await resolvePython('python3'), bun: process.execPath })

export type Lab = Awaited<ReturnType<typeof createLab>>

/** `packages`: what the scanner is told of them. */
export async function createLab(environment: Partial<Config> = {}, packages: Partial<ScannerOptions> = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'sg-scripts-'))
  const scriptsDir = join(dir, 'scripts')
  const db = openDatabase(join(dir, 'gateway.db'))
  const store = createScriptStore(db)
  const settings = createSettings({ db, environment, clock: systemClock })
  /** Files that were asked for their schema, in order. */
  const asked: string[] = []
  const startReal = createStartProcess()
  const startProcess: StartProcess = (spec) => {
    asked.push(spec.argv.find((part) => part.startsWith(scriptsDir))?.slice(scriptsDir.length + 1) ?? '')
    return startReal(spec)
  }
  const changes: number[][] = []
  const tools = { store, setting: settings.get, runtimes, scriptsDir, clock: systemClock, log: silentLog() }

  function start() {
    const catalog = createCatalog({ ...tools, onChange: (ids) => changes.push(ids) })
    const environmentOf = () => inheritedEnvironment([])
    const place = { isolation: unconfined, setting: settings.get, tmpDir: join(dir, 'tmp'), dataDir: dir, scriptsDir }
    const scanner = createScanner({
      ...{ ...tools, startProcess, environment: environmentOf, onChange: catalog.refresh },
      makePlace: createQuestionPlaces(place),
      ...packages,
    })
    return { catalog, scanner }
  }
  let parts = start()

  return {
    ...tools,
    settings,
    asked,
    changes,
    get catalog() {
      return parts.catalog
    },
    get scanner() {
      return parts.scanner
    },
    /** As after a restart of the gateway: only the database and the folder are left. */
    restart() {
      parts = start()
    },
    path: (name: string) => join(scriptsDir, name),
    write(name: string, content: string | Uint8Array) {
      mkdirSync(dirname(join(scriptsDir, name)), { recursive: true })
      writeFileSync(join(scriptsDir, name), content)
    },
    /** Scans; answers what was asked meanwhile. */
    async scan() {
      asked.length = 0
      await parts.scanner.scan()
      return [...asked]
    },
    /** As the API gives it, by its filename. */
    script(filename: string) {
      const entry = parts.catalog.list().find(({ row }) => row.filename === filename)
      // A copy: a script that stays the same is the same object, and toMatchObject writes its matchers into what it is given.
      return entry && structuredClone(toScript(entry.row, null))
    },
    filenames: () =>
      parts.catalog
        .list()
        .map(({ row }) => row.filename)
        .sort(),
    async close() {
      await parts.scanner.close()
      db.$client.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** A Python script that answers with `argsMap`, and says hello otherwise. */
export const python = (argsMap: unknown, docstring = 'Says hello.') => `"""${docstring}

More about it.
"""
import sys

if __name__ == "__main__":
    if "--_sys_get_schema" in sys.argv:
        print('${JSON.stringify(argsMap)}')
        sys.exit(0)
    print("hello")
`

export const js = (argsMap: unknown) => `/**
 * Greets.
 */
const ARGS_MAP = ${JSON.stringify(argsMap)}
export default function main() { return 'hello' }
if (process.argv.includes('--_sys_get_schema')) console.log(JSON.stringify(ARGS_MAP))
else console.log(main())
`
