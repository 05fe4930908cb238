/** Whether what a script needs is there, asked before each run; what is missing is begun to be installed. */
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import type { RunnableScript } from '../scripts/catalog.ts'
import type { RuntimeName } from '../scripts/model.ts'
import type { AskedScript, QuestionPackages } from '../scripts/question-start.ts'
import type { Builds } from './builds.ts'
import { DependencyError } from './dependency-error.ts'
import { type Environments, isThere } from './environments.ts'
import type { Arrivals, GivenPackages, PackagesForRuns, PackagesState } from './for-runs.ts'
import { InstallError, type Installer } from './model.ts'
import type { Need, Needs } from './needs.ts'

interface ServeDeps {
  needs: Needs
  builds: Builds
  environments: Environments
  installers: Record<RuntimeName, Installer>
  start(script: AskedScript, name: string): GivenPackages
  /** A run begins with it. */
  onUse(name: string): void
  /** Resolves when the environments on the disk are known. */
  loaded(): Promise<void> | null
  /** Looks at the scripts again: some could not tell their schema without their packages. */
  scan(): Promise<unknown>
  log: Log
}

/** A declaration that changes faster than it can be installed keeps nobody waiting for ever. */
const roundsMax = 10

export function createPackagesForRuns(deps: ServeDeps): PackagesForRuns & Arrivals & Required<QuestionPackages> {
  const { needs, builds, environments, installers, start, onUse, loaded, scan, log } = deps

  function check(script: RunnableScript): PackagesState {
    try {
      const need = needs.of(script)
      if (!need || isEmpty(need)) return { state: 'none' }
      if (need.problems.length > 0) return waiting(refusedError(need))
      const loading = loaded()
      if (loading) return { state: 'waiting', installation: null, until: loading }
      if (need.set === '') return waitFor(installers[need.declaration.runtime].facts())
      return need.environment ? proven(script, need) : building(script, need)
    } catch (error) {
      if (!(error instanceof DependencyError))
        log.error({ file: script.file, error: messageOf(error) }, 'it cannot be told what a script needs')
      return waiting(error)
    }
  }

  function proven(script: RunnableScript, need: Need): PackagesState {
    const environment = need.environment!
    if (environment.isUnproven) return waitFor(environments.isWhole(environment))
    if (isThere(environment)) return { state: 'ready', environment: environment.name }
    log.warn({ environment: environment.name }, 'an environment was removed by somebody else, and is built anew')
    environments.forget(environment)
    const again = needs.of(script)
    if (!again) return { state: 'none' }
    return again.environment ? proven(script, again) : building(script, again)
  }

  function building(script: RunnableScript, need: Need): PackagesState {
    const build = builds.ensure({ need, isUpdate: false, trigger: 'run', scriptId: script.id, startedBy: null })
    return { state: 'waiting', installation: build.installation.row.id, until: build.done }
  }

  function give(script: RunnableScript, name: string): GivenPackages {
    try {
      const given = start(script, name)
      onUse(name)
      return given
    } catch (error) {
      throw asDependencyError(error)
    }
  }

  /** What a script is asked for its schema with; null: nothing is declared, or it is not there yet. */
  function startOf(script: AskedScript): GivenPackages | null {
    const need = needs.of(script)
    if (!need?.environment || need.environment.isUnproven || !isThere(need.environment)) return null
    return start(script, need.environment.name)
  }

  /** Names of what is declared and not there yet. */
  function pendingPackages(script: AskedScript): string[] {
    const need = needs.of(script)
    if (!need || isEmpty(need) || need.problems.length > 0) return []
    if (need.environment && !need.environment.isUnproven) return []
    return need.declaration.requirements.map(({ name }) => name)
  }

  async function arrive(script: RunnableScript): Promise<void> {
    for (let round = 0; round < roundsMax; round++) {
      const state = check(script)
      if (state.state !== 'waiting') break
      await state.until
    }
    await scan() // it is asked for its schema now
  }

  return { check, give, startOf, pendingPackages, arrive }
}

export const isEmpty = ({ declaration, problems }: Pick<Need, 'declaration' | 'problems'>) =>
  declaration.requirements.length === 0 && problems.length === 0

function waitFor(until: Promise<unknown>): PackagesState {
  const told = until.catch((error) => {
    throw asDependencyError(error)
  })
  told.catch(() => {}) // whoever waits hears it
  return { state: 'waiting', installation: null, until: told }
}

function waiting(error: unknown): PackagesState {
  const until = Promise.reject(error)
  until.catch(() => {})
  return { state: 'waiting', installation: null, until }
}

/** An installer's failure in the words of the API; others stay what they are. */
export const asDependencyError = (error: unknown): unknown =>
  error instanceof InstallError
    ? new DependencyError(`Its packages cannot be used: ${error.message}`, error.lines.join('\n'), null)
    : error

/** What it declares is not installed, and why. */
export function refusedError({ declaration, problems }: Need): DependencyError {
  const [first] = problems
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''
  return new DependencyError(
    `What ${declaration.file} asks for is not installed: ${wordsOf(first?.path ?? '')}${first?.message}${more}.`.replace(
      /\.\.$/,
      '.',
    ),
    problems.map(({ path, message }) => `${path} ${message}`).join('\n'),
    null,
  )
}

const wordsOf = (path: string) => {
  const line = /^\/line\/(\d+)$/.exec(path)?.[1]
  return line ? `line ${line} ` : path === '' ? '' : `${path.slice(1)} `
}
