/** A closer look at what is installed: what is newer, and what does not go together. Takes seconds, since it asks the sources. */
import { mkdirSync } from 'node:fs'
import { createMask } from '../logs/mask.ts'
import type { RuntimeName } from '../scripts/model.ts'
import { keyOf } from './declared/wanted.ts'
import type { Environments } from './environments.ts'
import { InstallError, type Installer, type Sources } from './model.ts'
import type { Need } from './needs.ts'
import { isAllowed } from './show.ts'
import { portsOf } from './sources.ts'
import { proxies, type Tools } from './tool.ts'
import type { CheckView, DependenciesView } from './view-model.ts'

interface CheckDeps {
  environments: Environments
  installers: Record<RuntimeName, Installer>
  toolFor: Tools
  /** Throws a GatewayError in words. */
  sources(): Sources
}

const timeoutMs = 60_000

/** Rejects with a `conflict` error when a secret for the sources is missing. */
export const createCheck =
  ({ environments, installers, toolFor, sources }: CheckDeps) =>
  async (need: Need | null, { dependencies, reason, state }: DependenciesView): Promise<CheckView> => {
    const items = dependencies.map((one) => ({ ...one, latest: null, result: one.state }))
    if (!need?.environment)
      return { items, conflicts: [], problem: reason ?? (state === 'none' ? null : 'They are not installed yet.') }
    const { runtime } = need.declaration
    const from = sources()
    const downloadDir = environments.downloadDir(runtime)
    mkdirSync(downloadDir, { recursive: true })
    const runTool = toolFor({
      ...{
        writable: [],
        shared: [downloadDir],
        timeoutMs,
        ports: portsOf(from, need.declaration.requirements, proxies()),
      },
      readable: [need.environment.dir, ...(runtime === 'python' && from.wheelDir ? [from.wheelDir] : [])],
      onOutput: () => {}, // its words are in the error
      mask: createMask([], {}, from.secrets),
    })
    const release = environments.lease(need.environment.name)
    try {
      const job = { environment: need.environment.dir, downloadDir, sources: from, runTool }
      const [newer, conflicts] = await Promise.all([
        orProblem(installers[runtime].outdated({ ...job, declaration: need.declaration })),
        orProblem(installers[runtime].conflicts(job)),
      ])
      const latest = new Map(newer.found?.map((one) => [keyOf(runtime, one.name), one.latest]))
      return {
        items: items.map((item) => {
          const found = latest.get(keyOf(runtime, item.name)) ?? null
          // What the declaration does not allow is told, but an update would not bring it.
          const isNewer = found !== null && item.state === 'installed' && isAllowed(found, item.version, runtime)
          const result = isNewer ? ('outdated' as const) : item.result
          return { ...item, latest: found, result }
        }),
        conflicts: conflicts.found ?? [],
        problem: newer.problem ?? conflicts.problem,
      }
    } finally {
      release()
    }
  }

/** What an installer could not find out is said beside what it could. */
async function orProblem<T>(asked: Promise<T>): Promise<{ found: T | null; problem: string | null }> {
  try {
    return { found: await asked, problem: null }
  } catch (error) {
    if (!(error instanceof InstallError)) throw error
    return { found: null, problem: error.message }
  }
}
