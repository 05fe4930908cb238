/** The policy of a script over HTTP: read with what it comes to, written in one step and in force at once. */
import { readFile, unlink } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import type { Problem } from '../errors.ts'
import { GatewayError } from '../errors.ts'
import type { IsolationReport, Level, Permissions } from '../isolation/model.ts'
import { sayProblems } from './args-map.ts'
import { type Entry, findEntry } from './catalog.ts'
import type { EditorDeps } from './editor.ts'
import { hashOf, refuseStale } from './etag.ts'
import { fileError, resolvePlace } from './place.ts'
import { parsePolicy, policyBytesMax } from './policy.ts'
import {
  type EffectiveLimits,
  type KeptRuns,
  narrowLimits,
  queuePolicy,
  resolvePermissions,
  retentionPolicy,
  startsPerMin,
  unenforced,
} from './policy-effect.ts'
import { parsePolicyBytes, policyName } from './policy-file.ts'
import type { OnInterrupt, Policy, SecondStart } from './policy-model.ts'
import { policyWarnings, refusedPaths } from './policy-warnings.ts'
import { statOrNull } from './stamp.ts'
import { writeInPlace } from './write.ts'

/** What a run is given: the policy under the settings of this moment. */
export interface EffectivePolicy {
  permissions: Permissions
  /** What confines scripts on this host, and the permissions that it does not hold them to. */
  isolation: Level
  unenforced: (keyof Permissions)[]
  limits: EffectiveLimits
  /** `slots` and `rate_per_min` 0: no limit of its own. */
  queue: { slots: number; priority: number; second_start: SecondStart; rate_per_min: number }
  on_interrupt: OnInterrupt
  retention: KeptRuns
}

export interface PolicyContent {
  /** Name of the file beside the script, whether it is there or not. */
  file: string
  /** Empty where there is no file. */
  text: string
  /** SHA-256 of the file, hexadecimal; null where there is none. */
  hash: string | null
  /** Empty where there is no file; null where it is not valid, and then no run is accepted. */
  policy: Policy | null
  effective: EffectivePolicy | null
  problems: Problem[]
  /** What it, or a setting in its place, names in vain as things are now; in sentences. */
  warnings: string[]
}

/** What a writer thinks is there; null: whatever is. */
export type Expected = { ifMatch: string } | { isNew: true } | null

export type PolicyEditor = ReturnType<typeof createPolicyEditor>

/** What policies are held against. */
export interface PolicyHost {
  isolation: Pick<IsolationReport, 'level' | 'enforces'>
  /** Real paths of folders that no script sees. */
  hidden: string[]
  /** The names of a script's own variables and of everybody's. */
  variableNames(scriptId: number): string[]
}

type Deps = Pick<EditorDeps, 'catalog' | 'scanner' | 'runtimes' | 'scriptsDir' | 'setting' | 'inTurn'> & PolicyHost

export function createPolicyEditor(deps: Deps) {
  const { catalog, scanner, runtimes, scriptsDir, setting, inTurn, isolation, hidden, variableNames } = deps
  const which = (name: string) => Bun.which(name)

  /** As it is on the disk now. Throws `not_found`, and `forbidden` for a link out of the scripts folder. */
  async function read(idOrSlug: string): Promise<PolicyContent> {
    const entry = findEntry(catalog, idOrSlug)
    const file = policyName(stemOf(entry))
    const bytes = await readOrNull(await placeOf(entry), file)
    const parsed = bytes ? parsePolicyBytes(bytes) : { ok: true as const, policy: {} }
    return {
      file,
      text: bytes ? new TextDecoder().decode(bytes) : '',
      hash: bytes && hashOf(bytes),
      policy: parsed.ok ? parsed.policy : null,
      effective: parsed.ok ? effectOf(parsed.policy, entry) : null,
      problems: parsed.ok ? [] : parsed.problems,
      warnings: parsed.ok ? warningsOf(parsed.policy, entry) : [],
    }
  }

  /** Throws `validation` for what is no policy, `conflict` when the file is not what was expected, and as `read`. */
  async function replace(idOrSlug: string, value: unknown, expected: Expected): Promise<PolicyContent> {
    const { runnable } = findEntry(catalog, idOrSlug)
    const parsed = parsePolicy(value)
    const bytes = new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`)
    if (!parsed.ok) throw notValid(parsed.problems)
    if (bytes.byteLength > policyBytesMax)
      throw notValid([{ path: '', message: `has more than ${policyBytesMax} bytes as a file` }])
    const refused = refusedPaths(parsed.policy, { dir: runnable.dir, hidden })
    if (refused.length > 0) throw notValid(refused)
    return change(idOrSlug, expected, (path) => writeInPlace(path, bytes, { isNew: false }))
  }

  /** Back to what the settings say; no file, no change. Throws as `replace`. */
  const remove = (idOrSlug: string, expected: Expected): Promise<PolicyContent> =>
    change(idOrSlug, expected, (path) => unlink(path).catch(unlessGone))

  async function change(idOrSlug: string, expected: Expected, act: (path: string) => Promise<void>) {
    await inTurn(async () => {
      const entry = findEntry(catalog, idOrSlug)
      const file = policyName(stemOf(entry))
      if (!(await statOrNull(entry.runnable.file)))
        throw new GatewayError('conflict', `The file "${entry.row.filename}" of this script has vanished.`)
      const path = await placeOf(entry)
      const before = await readOrNull(path, file)
      refuseUnexpected(expected, before && hashOf(before))
      await act(path).catch((error) => {
        throw fileError(error, `"${file}"`)
      })
    })
    await scanner.scan()
    return read(idOrSlug)
  }

  const placeOf = ({ row }: Entry) =>
    resolvePlace(
      join(scriptsDir, runtimes[row.runtime].folder),
      join(dirname(row.filename), policyName(basename(row.filename, extname(row.filename)))),
    )

  function effectOf(policy: Policy, { runnable }: Entry): EffectivePolicy {
    const { slots, priority, secondStart, onInterrupt } = queuePolicy(policy, setting)
    const permissions = resolvePermissions(policy, setting, { dir: runnable.dir, which })
    return {
      permissions,
      isolation: isolation.level,
      unenforced: unenforced(permissions, isolation),
      limits: narrowLimits(policy, setting),
      queue: { slots, priority, second_start: secondStart, rate_per_min: startsPerMin(policy, setting) },
      on_interrupt: onInterrupt,
      retention: retentionPolicy(policy, setting),
    }
  }

  const warningsOf = (policy: Policy, { row, runnable }: Entry) =>
    policyWarnings(policy, setting, { dir: runnable.dir, hidden, which, variableNames: variableNames(row.id) })

  return { read, replace, remove }
}

const stemOf = ({ row }: Entry) => basename(row.filename, extname(row.filename))

const notValid = (details: Problem[]) =>
  new GatewayError('validation', `Nothing was changed, because this is no valid policy: ${sayProblems(details)}.`, {
    details,
  })

async function readOrNull(path: string, file: string): Promise<Uint8Array | null> {
  const stats = await statOrNull(path)
  if (!stats) return null
  if (!stats.isFile()) throw new GatewayError('conflict', `"${file}" is not a regular file.`)
  if (stats.size > 2 * policyBytesMax)
    throw new GatewayError('conflict', `"${file}" is larger than a policy may be: look at it on the disk.`)
  return readFile(path).catch((error) => {
    throw fileError(error, `"${file}"`)
  })
}

function refuseUnexpected(expected: Expected, hash: string | null): void {
  if (expected === null) return
  if ('ifMatch' in expected) refuseStale(expected.ifMatch, hash)
  else if (hash !== null)
    throw new GatewayError('conflict', 'The script has a policy by now: read it, and send its ETag as If-Match.')
}

function unlessGone(error: unknown) {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
}
