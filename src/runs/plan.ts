/** What a run is given: places of its own, a clean environment, what it may touch, the limits as they are set now. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { inheritedEnvironment } from '../config.ts'
import type { GivenPackages } from '../dependencies/for-runs.ts'
import { GatewayError } from '../errors.ts'
import { isStillItself } from '../files/local.ts'
import { encodePath } from '../files/outputs.ts'
import { uploadFolders } from '../files/temp.ts'
import type { Permissions } from '../isolation/model.ts'
import { masked } from '../logs/mask.ts'
import type { RunnableScript } from '../scripts/catalog.ts'
import type { Param } from '../scripts/model.ts'
import { narrowedBy, narrowLimits, resolvePermissions, resourceLimits } from '../scripts/policy-effect.ts'
import type { Setting } from '../settings/settings.ts'
import { type RunLimits, type RunPlan, scriptVariables } from './execute.ts'
import type { LiveRun } from './live.ts'
import type { RunRow } from './table.ts'

/** The variables that the operator configured, and which values of them are secret. */
export interface GivenVariables {
  env: Record<string, string>
  secrets: string[]
}

interface PlannerDeps {
  setting: Setting
  /** Absolute. */
  dataDir: string
  scriptsDir: string
  baseUrl(): string
  /** Throws a GatewayError when a secret cannot be read. */
  variables(scriptId: number, names: true | string[]): GivenVariables
  /** What confines scripts on this host. */
  level: string
  /** Keyed: says nothing of what it was made of. */
  mac(text: string): string
}

/** Everything around a run that is not its parameters nor its code. */
export interface Surroundings {
  permissions: Permissions
  limits: RunLimits
  environment: Record<string, string>
  secrets: string[]
  /** Name of the environment that has its packages; null: it needs none. */
  packages: string | null
  /** Equal for equal surroundings. */
  hash: string
}

export type Planner = ReturnType<typeof createPlanner>

export function createPlanner(deps: PlannerDeps) {
  const { setting, dataDir, scriptsDir, baseUrl, variables, level, mac } = deps

  function limitsFor(script: RunnableScript): RunLimits {
    const narrow = narrowLimits(script.policy, setting)
    return {
      timeoutMs: narrow.timeout_min * 60_000,
      graceMs: setting('kill_grace_sec') * 1000,
      outputBytesMax: narrow.output_bytes_max,
      resultBytesMax: setting('result_bytes_max'),
      logBytesMax: narrow.log_bytes_max,
      resources: resourceLimits(narrow),
      narrowed: narrowedBy(script.policy, setting),
    }
  }

  return {
    /** `packages`: name of the environment that has them. Throws a GatewayError when a secret of the script cannot be read. */
    surroundings(script: RunnableScript, packages: string | null): Surroundings {
      const permissions = resolvePermissions(script.policy, setting, { dir: script.dir, which: Bun.which })
      const limits = limitsFor(script)
      const given = variables(script.id, permissions.env)
      const environment = { ...inheritedEnvironment(setting('script_env_names')), ...given.env }
      const runtime = [script.runtime.command('', []), process.versions.bun]
      const text = JSON.stringify([runtime, level, permissions, limits, Object.entries(environment).sort(), packages])
      const hash = createHash('sha256').update(mac(text)).digest('hex')
      return { permissions, limits, environment, secrets: given.secrets, packages, hash }
    },

    /** What every run would be given, with secrets masked. Throws a GatewayError when a secret of the script cannot be read. */
    shown(script: RunnableScript): Record<string, string> {
      const { env: own } = resolvePermissions(script.policy, setting, { dir: script.dir, which: Bun.which })
      const { env, secrets } = variables(script.id, own)
      const inherited = inheritedEnvironment(setting('script_env_names'))
      const all = { ...inherited, ...env, ...scriptVariables(script, baseUrl()) }
      return Object.fromEntries(
        Object.entries(all).map(([name, value]) => [name, secrets.includes(value) ? masked : value]),
      )
    },

    /** Throws `forbidden` when a local file that a pattern allowed is not what it was. */
    plan(
      { row, request: { script, values }, log }: LiveRun,
      surroundings: Surroundings,
      packages: GivenPackages | null,
    ): RunPlan {
      refuseSwapped(script.params, values)
      const place = join(script.slug, 'resources', folderName(row))
      const { permissions, limits, environment } = surroundings
      const tempDir = join(dataDir, 'tmp', `run-${row.id}`)
      const outputDir = join(dataDir, 'static', place)
      return {
        ...{ id: row.id, script, values, log, limits, environment, outputDir, tempDir, packages },
        baseUrl: baseUrl(),
        outputUrl: `${baseUrl()}/static/${encodePath(place)}`,
        confinement: {
          permissions,
          readable: [script.dir, ...filesGiven(script.params, values)],
          writable: [outputDir],
          tempDir,
          hidden: [dataDir],
          protected: [scriptsDir],
          owned: uploadFolders(join(dataDir, 'tmp'), values),
          userIndex: script.id,
          limits: limits.resources,
        },
        isIsolationRequired: setting('require_isolation'),
      }
    },
  }
}

/** Unique, sorts by time, and says which run it was. */
export const folderName = (row: Pick<RunRow, 'id' | 'queuedAt'>) =>
  `${new Date(row.queuedAt).toISOString().replace(/[-:.]/g, '')}-${row.id}`

/** Absolute paths: uploads, and local files that a pattern allowed. A text that looks like a path opens nothing. */
export const filesGiven = (params: Param[], values: Record<string, unknown>): string[] =>
  params
    .filter(({ type }) => type === 'file')
    .flatMap(({ name }) => values[name] ?? [])
    .filter((value): value is string => typeof value === 'string')

/** The author's own default is a path that the author may name, link or not. */
function refuseSwapped(params: Param[], values: Record<string, unknown>): void {
  const named = params.filter(({ name, default: own }) => !Bun.deepEquals(values[name], own))
  const swapped = filesGiven(named, values).find((path) => !isStillItself(path))
  if (swapped === undefined) return
  throw new GatewayError(
    'forbidden',
    `"${swapped}" is gone, or a link has taken its place since the run was accepted: it is not handed over.`,
  )
}
