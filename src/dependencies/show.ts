/** How a script stands with what it declares, as it is shown. */
import { satisfies } from '@renovatebot/pep440'
import type { RuntimeName } from '../scripts/model.ts'
import type { Builds } from './builds.ts'
import { keyOf } from './declared/wanted.ts'
import type { Environments } from './environments.ts'
import type { Installations } from './installations.ts'
import type { EnvironmentFacts, Installation, InstalledPackage, Readiness, Requirement } from './model.ts'
import type { Need } from './needs.ts'
import { isEmpty, refusedError } from './serve-runs.ts'
import type { DependenciesView, DependencyView, ImportHint } from './view-model.ts'

export interface Stand {
  state: Readiness
  reason: string | null
  installation: Installation | null
  /** null: not built, or not readable. */
  facts: EnvironmentFacts | null
}

interface ShowDeps {
  builds: Builds
  environments: Environments
  installations: Installations
}

export function createShow({ builds, environments, installations }: ShowDeps) {
  /** Scripts that share a declaration share what is shown of it: to compare versions takes time. */
  const shown = new WeakMap<Requirement[], { facts: EnvironmentFacts | null; views: DependencyView[] }>()

  function viewsOf(requirements: Requirement[], runtime: RuntimeName, facts: EnvironmentFacts | null) {
    const known = shown.get(requirements)
    if (known?.facts === facts) return known.views
    const views = requirements.map((one) => toView(one, runtime, facts))
    shown.set(requirements, { facts, views })
    return views
  }

  /** For many at once: scripts that share an environment share its last installation. */
  function remembering(): typeof standOf {
    const last = new Map<string, Installation | null>()
    return (need) =>
      standOf(need, (name) => {
        if (!last.has(name)) last.set(name, installations.lastOf(name))
        return last.get(name)!
      })
  }

  async function standOf(need: Need | null, lastOf = installations.lastOf): Promise<Stand> {
    const nothing = { reason: null, installation: null, facts: null }
    if (!need || isEmpty(need)) return { state: 'none', ...nothing }
    if (need.problems.length > 0) return { state: 'refused', ...nothing, reason: refusedError(need).message }
    const { environment, name, set } = need
    const live = builds.ofSet(set)
    const current = live ? installations.get(live.installation.row.id) : null
    if (environment) {
      const facts = await environments.facts(environment).catch(() => null) // gone since: the next run builds it anew
      return { state: 'ready', reason: null, installation: current ?? lastOf(environment.name), facts }
    }
    const last = lastOf(name)
    if (current) return { state: 'installing', ...nothing, installation: current }
    if (last && ['failed', 'timeout'].includes(last.status))
      return { state: 'failed', reason: last.reason, installation: last, facts: null }
    return { state: 'missing', ...nothing, installation: last }
  }

  async function view(
    need: Need | null,
    { scriptId, runtime, hints }: { scriptId: number | null; runtime: RuntimeName; hints: ImportHint[] },
    stand = standOf,
  ): Promise<DependenciesView> {
    const { state, reason, installation, facts } = await stand(need)
    return {
      script_id: scriptId,
      ...{ runtime, state, reason, installation, hints },
      source: need && { scope: need.declaration.scope, file: need.declaration.file },
      shadowed: need?.shadowed ?? [],
      dependencies: need ? viewsOf(need.declaration.requirements, runtime, facts) : [],
      installed: facts?.packages ?? [],
      lock: need && { file: need.declaration.lockFile, state: need.lockState },
      problems: need?.problems ?? [],
      environment: need?.environment?.name ?? null,
    }
  }

  return { standOf, remembering, view }
}

function toView(one: Requirement, runtime: RuntimeName, facts: EnvironmentFacts | null): DependencyView {
  const installed = facts ? versionOf(facts.packages, one, runtime) : null
  return {
    name: one.extras.length > 0 ? `${one.name}[${one.extras.join(',')}]` : one.name,
    ...{ version: one.version, marker: one.marker, url: one.url, installed },
    state: stateOf(one, installed, runtime, facts !== null),
  }
}

function stateOf(
  { marker, version, url }: Requirement,
  installed: string | null,
  runtime: RuntimeName,
  isBuilt: boolean,
): DependencyView['state'] {
  if (installed === null) return isBuilt && marker !== null ? 'skipped' : 'missing'
  if (version === '' || url !== null) return 'installed'
  return isAllowed(installed, version, runtime) ? 'installed' : 'conflict'
}

/** Whether a version is one of a specifier's; an empty one allows all. */
export const isAllowed = (version: string, specifier: string, runtime: RuntimeName): boolean =>
  specifier === '' ||
  (runtime === 'python' ? satisfies(version, specifier, { prereleases: true }) : isInRange(version, specifier))

/** A tag such as `latest`, or another package's range, says nothing about a version. */
const isInRange = (installed: string, range: string) =>
  /^(npm:|[a-z][\w.-]*$)/i.test(range) || Bun.semver.satisfies(installed, range)

const versionOf = (packages: InstalledPackage[], { key }: Requirement, runtime: RuntimeName) =>
  packages.find(({ name }) => keyOf(runtime, name) === key)?.version ?? null
