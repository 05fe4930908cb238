/** Looks now and then what scripts declare: what is missing is installed in the background, and what is not locked gets its lock. */
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Catalog, Entry } from '../scripts/catalog.ts'
import type { RuntimeName } from '../scripts/model.ts'
import type { Setting } from '../settings/settings.ts'
import type { Builds } from './builds.ts'
import type { Environments } from './environments.ts'
import type { Locks } from './locks.ts'
import type { Installer } from './model.ts'
import type { Need, Needs } from './needs.ts'
import { isEmpty } from './serve-runs.ts'

interface DiscoveryDeps {
  catalog: Catalog
  needs: Needs
  builds: Builds
  environments: Environments
  installers: Record<RuntimeName, Installer>
  locks: Locks
  setting: Setting
  log: Log
  /** Looks at the scripts again: those that could not tell their schema without their packages are asked again. */
  scan(): Promise<unknown>
  loaded(): Promise<void> | null
}

/** Scripts looked at between two breaths. */
const atOnce = 50

export type Discovery = ReturnType<typeof createDiscovery>

export function createDiscovery(deps: DiscoveryDeps) {
  const { catalog, needs, builds, environments, installers, locks, setting, log, scan, loaded } = deps
  /** Environment, or the name that it is to be built under → scripts that need it. */
  let users = new Map<string, number[]>()
  const unwritable = new Set<string>()
  const factsAsked = new Set<RuntimeName>()
  /** Script → what was said of it. */
  const reported = new Map<string, string>()
  /** Environments that were found whole after a start of the machine. */
  let proven = 0
  let isClosed = false
  let current: Promise<void> | null = null
  let isAgain = false

  /** Calls during a look share one more look after it. Never rejects. */
  function look(): Promise<void> {
    if (current) isAgain = true
    current ??= all()
      .catch((error) => log.error({ error: messageOf(error) }, 'what scripts declare could not be looked at'))
      .finally(() => {
        current = null
        if (isAgain && !isClosed) {
          isAgain = false
          void look()
        }
      })
    return current
  }

  async function all(): Promise<void> {
    await loaded()
    const found = new Map<string, number[]>()
    const entries = catalog.list()
    const provenBefore = proven
    for (let i = 0; i < entries.length && !isClosed; i++) {
      if (i % atOnce === 0) await Bun.sleep(0)
      const entry = entries[i]!
      await one(entry, found).catch((error) => report(entry, error)) // the others are looked at all the same
    }
    if (isClosed) return // what was not looked at may be needed, too
    users = found
    needs.keep(entries.map(({ runnable }) => runnable.file))
    if (proven > provenBefore) askAgain()
  }

  function report({ runnable: { file } }: Entry, error: unknown) {
    const message = messageOf(error)
    if (reported.get(file) === message) return // there is a look every few seconds
    reported.set(file, message)
    log.error({ file, error: message }, 'it cannot be told what a script needs')
  }

  async function one({ row, runnable, state }: Entry, found: Map<string, number[]>): Promise<void> {
    if (state === 'missing') return needs.forget(runnable.file)
    let need = needs.of(runnable)
    if (!need || isEmpty(need) || need.problems.length > 0) return
    if (need.set === '') {
      if (!(await askFacts(need.declaration.runtime))) return
      need = needs.of(runnable)
      if (!need || need.problems.length > 0) return
    }
    if (need.environment?.isUnproven) {
      if (await environments.isWhole(need.environment)) proven++
      need = needs.of(runnable)
      if (!need || need.problems.length > 0) return
    }
    const name = need.environment?.name ?? need.name
    found.set(name, [...(found.get(name) ?? []), row.id])
    if (need.environment) {
      if (need.lockState !== 'current') await lock(need, need.environment)
    } else if (
      setting('deps_auto_install') &&
      state !== 'inactive' &&
      !builds.failureOf(need.name) &&
      !builds.of(need.name)
    )
      builds.ensure({ need, isUpdate: false, trigger: 'discovery', scriptId: row.id, startedBy: null })
  }

  /** What the interpreter is has to be known; a failure is told where somebody needs it, and asked again at the next start. */
  async function askFacts(runtime: RuntimeName): Promise<boolean> {
    if (installers[runtime].knownFacts()) return true
    if (factsAsked.has(runtime)) return false
    factsAsked.add(runtime)
    try {
      await installers[runtime].facts()
      return true
    } catch (error) {
      log.warn({ runtime, error: messageOf(error) }, 'packages cannot be installed')
      return false
    }
  }

  async function lock({ declaration }: Need, environment: NonNullable<Need['environment']>) {
    const key = `${declaration.lockFile} ${environment.name}`
    if (unwritable.has(key)) return
    const problem = await locks.tryWrite(declaration, await environments.lockText(environment))
    if (problem === null) return
    unwritable.add(key)
    log.warn({ file: declaration.lockFile, problem }, 'a lock could not be written')
  }

  /** After something was installed. */
  function installed() {
    void look()
    askAgain()
  }

  function askAgain() {
    scan().catch((error) => log.error({ error: messageOf(error) }, 'scripts could not be asked again'))
  }

  /** One that has begun after the call is over. */
  async function lookAnew(): Promise<void> {
    if (current) await current
    await look()
  }

  return {
    ...{ look, lookAnew, installed },
    /** Ids of the scripts that need an environment, as of the last look. */
    usersOf: (name: string): number[] => users.get(name) ?? [],
    async close(): Promise<void> {
      isClosed = true
      await current
    },
  }
}
