/** What a policy comes to under the settings: the values that a run is given. */
import { isAbsolute, resolve } from 'node:path'
import { messageOf } from '../errors.ts'
import { lowerRate } from '../http/rate-limit.ts'
import type { IsolationReport, Permissions } from '../isolation/model.ts'
import { RefusedPath } from '../isolation/refused.ts'
import type { ResourceLimits } from '../process/model.ts'
import type { Setting } from '../settings/settings.ts'
import type { OnInterrupt, Policy, PolicyLimitName, SecondStart } from './policy-model.ts'
import { policyLimitNames } from './policy-model.ts'

interface Places {
  /** Absolute, the script's folder. */
  dir: string
  /** The absolute path of a program that is found on PATH. */
  which(name: string): string | null
}

/**
 * What the policy says itself stands in place of the setting `allow_…`, key by key. Paths are absolute and need not exist;
 * a program that is not on PATH is left out.
 */
export function resolvePermissions(
  { permissions = {} }: Policy,
  setting: Setting,
  { dir, which }: Places,
): Permissions {
  const paths = (list: string[]) => list.map((path) => resolve(dir, path))
  const programs = (list: string[]) =>
    list.map((name) => (name.includes('/') ? resolve(name) : (which(name) ?? ''))).filter(isAbsolute)
  return {
    net: own(permissions.net) ?? usual(setting('allow_net'), portsOf),
    read: own(permissions.read, paths) ?? usual(setting('allow_read'), paths),
    write: own(permissions.write, paths) ?? usual(setting('allow_write'), paths),
    env: own(permissions.env) ?? usualNames(setting('allow_env')),
    run: own(permissions.run, programs) ?? usual(setting('allow_run'), programs),
  }
}

function own<T>(declared: boolean | T[] | undefined, toItems = (list: T[]) => list): true | T[] | undefined {
  if (declared === undefined || declared === true) return declared
  return declared === false ? [] : [...new Set(toItems(declared))]
}

/** A list of texts as the settings have it, in which `*` is everything. */
function usual<T>(list: string[], toItems: (list: string[]) => T[]): true | T[] {
  return list.includes('*') ? true : [...new Set(toItems(list))]
}

/** `*` beside names stays: it is all but secrets, and a secret that is named is given. */
const usualNames = (list: string[]) => (list.length === 1 && list[0] === '*' ? true : [...new Set(list)])

const portsOf = (list: string[]) => list.map(Number).filter((port) => port >= 1 && port <= 65_535)

/** Why a script could not be confined, with the setting that says so where its policy does not. */
export function whyNotConfined(error: unknown, { permissions = {} }: Policy): string {
  if (!(error instanceof RefusedPath) || permissions[error.what] !== undefined) return messageOf(error)
  return `The setting allow_${error.what} names "${error.path}", which ${error.why}`
}

/** The permissions that nothing holds a script to on this host, though they are narrower than everything. */
export function unenforced(
  { net, run }: Permissions,
  { enforces }: Pick<IsolationReport, 'enforces'>,
): (keyof Permissions)[] {
  const isHeld = (name: string) => enforces.includes(name)
  return [
    ...(net === true || isHeld(net.length > 0 ? 'ports' : 'net') ? [] : (['net'] as const)),
    // `true` is not all of the host either: the gateway's own folders are not in it.
    ...(isHeld('read') ? [] : (['read'] as const)),
    ...(isHeld('write') ? [] : (['write'] as const)),
    ...(run === true || isHeld('run') ? [] : (['run'] as const)),
  ]
}

export type EffectiveLimits = Record<PolicyLimitName, number>

/** The narrower of policy and setting, each in the unit of its name. */
export function narrowLimits({ limits = {} }: Policy, setting: Setting): EffectiveLimits {
  const narrow = (name: PolicyLimitName) => Math.min(limits[name] ?? Number.POSITIVE_INFINITY, setting(name))
  return Object.fromEntries(policyLimitNames.map((name) => [name, narrow(name)])) as EffectiveLimits
}

/** How long runs are kept, and how many; null: no limit. `bytes` are those of this script alone. */
export interface KeptRuns {
  days: number | null
  runs: number | null
  bytes: number | null
}

/** What the policy says itself stands in place of the setting. */
export const retentionPolicy = ({ retention = {} }: Policy, setting: Setting): KeptRuns => ({
  // A setting of 0 is no limit.
  days: retention.days ?? (setting('retention_days') || null),
  runs: retention.runs ?? (setting('retention_runs_per_script') || null),
  bytes: retention.bytes ?? null,
})

/** The limits that the policy itself brought lower than the settings. */
export const narrowedBy = ({ limits = {} }: Policy, setting: Setting): PolicyLimitName[] =>
  policyLimitNames.filter((name) => (limits[name] ?? Number.POSITIVE_INFINITY) < setting(name))

/** The limits of them that processes are held to. */
export const resourceLimits = (narrow: EffectiveLimits): ResourceLimits => ({
  memoryBytesMax: narrow.memory_bytes_max,
  cpuSecMax: narrow.cpu_sec_max,
  processesMax: narrow.processes_max,
  openFilesMax: narrow.open_files_max,
  fileBytesMax: narrow.file_bytes_max,
})

export interface QueuePolicy {
  /** Runs of the script at the same time, the smaller of policy and setting; 0: no limit of its own. */
  slots: number
  /** -100 to 100; a higher one goes first. */
  priority: number
  secondStart: SecondStart
  onInterrupt: OnInterrupt
}

export function queuePolicy({ queue = {}, on_interrupt }: Policy, setting: Setting): QueuePolicy {
  const usualSlots = setting('run_slots_per_script')
  return {
    slots:
      queue.slots === undefined || usualSlots === 0 ? (queue.slots ?? usualSlots) : Math.min(queue.slots, usualSlots),
    priority: queue.priority ?? 0,
    secondStart: queue.second_start ?? (setting('second_start') as SecondStart),
    onInterrupt: on_interrupt ?? (setting('on_interrupt') as OnInterrupt),
  }
}

/** Starts a minute, the lower of policy and setting; 0: no limit. */
export const startsPerMin = ({ queue = {} }: Policy, setting: Setting): number =>
  lowerRate(queue.rate_per_min ?? null, setting('rate_limit_per_script'))
