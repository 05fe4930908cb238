/** The parts of dependencies, joined: where each is made, and who is given what. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import type { Db } from '../db/open.ts'
import { type GatewayError, messageOf } from '../errors.ts'
import type { Isolation } from '../isolation/model.ts'
import type { Log } from '../log.ts'
import type { StartProcess } from '../process/model.ts'
import type { PythonInterpreter } from '../runtimes/python.ts'
import type { Catalog, RunnableScript } from '../scripts/catalog.ts'
import type { RuntimeName } from '../scripts/model.ts'
import type { Setting } from '../settings/settings.ts'
import { type BuildWish, createBuilds } from './builds.ts'
import { createCache } from './cache.ts'
import { createCheck } from './check.ts'
import { createDeclarations } from './declared/find.ts'
import { policyOf } from './declared/policy.ts'
import { createDeclarationWriter } from './declared/write.ts'
import { createDiscovery } from './discovery.ts'
import { createEnvironments } from './environments.ts'
import { createImportsOf } from './hints/imports.ts'
import { createInstallations } from './installations.ts'
import { createInstallers } from './installers.ts'
import { createViews } from './javascript/views.ts'
import { createLocks } from './locks.ts'
import type { Installation } from './model.ts'
import { createNeeds, type Need } from './needs.ts'
import { createPackagesForRuns } from './serve-runs.ts'
import { createShow } from './show.ts'
import { readSources } from './sources.ts'
import { createStarts } from './start.ts'
import { createInstallationStore } from './store.ts'
import { createTools, proxies } from './tool.ts'

export interface DependencyPartsDeps {
  db: Db
  setting: Setting
  startProcess: StartProcess
  isolation: Isolation
  clock: Clock
  log: Log
  catalog: Catalog
  python: PythonInterpreter
  /** Absolute path of this program. */
  bun: string
  /** All absolute. */
  dataDir: string
  scriptsDir: string
  /** Value of everybody's secret of that name; null when there is none. */
  secret(name: string): string | null
  hostProblem(): GatewayError | null
  /** Looks at the scripts again: some could not tell their schema without their packages. */
  scan(): Promise<unknown>
  /** What was written there by us is no news for the watcher. */
  rememberWrite(path: string): void
  /** What a run of the script would be given, secrets masked. */
  variablesOf(script: RunnableScript): Record<string, string>
  onChange(installation: Installation, scriptIds: number[]): void
}

const hourMs = 3_600_000

export type DependencyParts = ReturnType<typeof createDependencyParts>

export function createDependencyParts(deps: DependencyPartsDeps) {
  const { db, setting, clock, log, catalog, dataDir, scriptsDir, python, bun, hostProblem, scan, onChange } = deps
  const cacheDir = join(dataDir, '.deps_cache')
  const tmpDir = join(dataDir, 'tmp')
  mkdirSync(cacheDir, { recursive: true, mode: 0o711 })
  const store = createInstallationStore(db)
  const environments = createEnvironments({ dir: cacheDir, log })
  const toolFor = createTools({ ...deps, tmpDir })
  const installers = createInstallers({ python, bun, cacheDir, toolFor, setting })
  const declarations = createDeclarations({ scriptsDir, setting })
  const needs = createNeeds({
    find: declarations.of,
    findGlobal: declarations.global,
    installers,
    environments,
    scriptsDir,
    extra: (runtime) => (runtime === 'js' ? setting('npm_scripts_allowed').toSorted() : []), // they write into their packages
    rules: () => JSON.stringify(policyOf(setting)),
  })
  const locks = createLocks({ scriptsDir, onWrite: deps.rememberWrite })
  const installations = createInstallations({
    ...{ store, setting, clock, logDir: join(dataDir, 'logs/install') },
    onChange: (one) => onChange(one, discovery.usersOf(one.environment)),
  })
  const sources = () => readSources({ setting, secret: deps.secret, proxies, dataDir })
  const builds = createBuilds({
    ...{ installers, environments, installations, toolFor, setting, clock, log, sources, hostProblem },
    async onBuilt(environment, wish, lock, note) {
      if (!wish.isUpdate) needs.alias(wish.need.name, environment.name) // an update is not what the lock said
      await locks.keep(wish, needNow(wish), lock, note)
      discovery.installed()
    },
  })
  /** What is needed where it was begun for; null: nothing any more. */
  const needNow = ({ scriptId, need }: BuildWish): Need | null => {
    if (scriptId === null) return needs.global(need.declaration.runtime)
    const script = catalog.get(scriptId)?.runnable
    return script ? needs.of(script) : null
  }
  let loading: Promise<void> | null = environments
    .load()
    .catch((error) => log.error({ error: messageOf(error) }, 'the environments could not be looked at'))
    .finally(() => {
      loading = null
    })
  const loaded = () => loading
  const discovery = createDiscovery({
    ...{ catalog, needs, builds, environments, installers, locks, setting, log, scan, loaded },
  })
  const cache = createCache({ environments, builds, discovery, store, setting, clock, log })
  const views = createViews({ dir: join(cacheDir, 'views'), filesMax: 20_000 })
  const start = createStarts({ environments, views, scriptsDir })
  const interrupted = installations.recover()
  if (interrupted > 0)
    log.warn({ installations: interrupted }, 'installations were interrupted when the gateway stopped')

  function tidy() {
    installations.tidy()
    void cache.tidy().catch((error) => log.error({ error: messageOf(error) }, 'the cache could not be cleaned up'))
  }
  const everyHour = setInterval(tidy, hourMs)

  return {
    ...{ catalog, needs, builds, installers, environments, installations, discovery, cache, scriptsDir, start },
    loaded,
    writer: createDeclarationWriter({ scriptsDir, setting, declarations }),
    show: createShow({ builds, environments, installations }),
    check: createCheck({ environments, installers, toolFor, sources }),
    importsOf: createImportsOf({ clock }),
    executables: { python: 'path' in python ? python.path : '', js: bun } satisfies Record<RuntimeName, string>,
    variablesOf: deps.variablesOf,
    forRuns: createPackagesForRuns({
      ...{ needs, builds, environments, installers, start, onUse: cache.used, loaded, scan, log },
    }),
    /** A setting, or what is declared, may be another now. */
    changed() {
      builds.look()
      void discovery.look()
    },
    /** Ends what is under way; the database can be closed then. */
    async close(): Promise<void> {
      clearInterval(everyHour)
      const looked = discovery.close()
      await builds.close()
      await looked
      await loading
    },
  }
}
