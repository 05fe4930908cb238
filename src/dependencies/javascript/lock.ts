/** `bun.lock`: what it is for, what it installs, and what is refused in it. */
import { createHash } from 'node:crypto'
import { messageOf } from '../../errors.ts'
import type { Declaration, Requirement } from '../model.ts'

/** One line of `packages`: where it is placed below node_modules, what it is, and where it came from. */
export interface LockedPackage {
  /** `left`, or `left/deep` for one that `left` has for itself. */
  key: string
  name: string
  /** A version, or what stands in its place: `file:…`, `git+ssh://…`, an address. */
  version: string
  /** Of the archive; empty: where the registry has it. */
  address: string
  /** `sha512-…`, empty where the registry gave none. */
  integrity: string
  hasInstallScript: boolean
  /** Operating systems and processors it is for, as the registry says; empty for all. */
  platforms: string[]
}

export interface Lock {
  /** Of the workspace it was made for: name → specifier. */
  dependencies: Record<string, string>
  overrides: Record<string, unknown>
  /** It was made for more than dependencies and overrides: workspaces, development, patches. */
  hasMore: boolean
  packages: LockedPackage[]
}

/** Throws an Error that says what is wrong with the text. */
export function parseLock(text: string): Lock {
  const lock = parsed(text)
  const { '': root, ...workspaces } = recordOf(lock.workspaces, '/workspaces')
  const { name: _, version: __, dependencies, ...more } = recordOf(root, '/workspaces/')
  const entries = Object.entries(recordOf(lock.packages ?? {}, '/packages'))
  return {
    dependencies: recordOf(dependencies ?? {}, '/workspaces//dependencies') as Record<string, string>,
    overrides: recordOf(lock.overrides ?? {}, '/overrides'),
    hasMore:
      [...Object.keys(workspaces), ...Object.keys(more)].length > 0 ||
      ['patchedDependencies', 'trustedDependencies', 'catalog', 'catalogs'].some((field) => field in lock),
    packages: entries.map(([key, entry]) => packageOf(key, entry)),
  }
}

function parsed(text: string): Record<string, unknown> {
  try {
    return recordOf(Bun.JSONC.parse(text), '')
  } catch (error) {
    throw new Error(`bun.lock cannot be read: ${messageOf(error)}`)
  }
}

function recordOf(value: unknown, path: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new Error(`bun.lock: "${path}" must be an object.`)
}

/** From the registry it has four parts: what, address, facts, hash. All else has fewer. */
function packageOf(key: string, entry: unknown): LockedPackage {
  if (!Array.isArray(entry) || typeof entry[0] !== 'string')
    throw new Error(`bun.lock: "/packages/${key}" must be a list.`)
  const [what, ...rest] = entry as [string, ...unknown[]]
  const at = what.indexOf('@', 1)
  const [address, facts, integrity] = rest.length === 3 ? rest : [null, rest[0], rest[1]]
  const { hasInstallScript, os = [], cpu = [] } = (typeof facts === 'object' && facts) as Record<string, unknown>
  return {
    ...{ key, name: what.slice(0, at), version: what.slice(at + 1) },
    address: typeof address === 'string' ? address : '',
    integrity: typeof integrity === 'string' ? integrity : '',
    hasInstallScript: hasInstallScript === true,
    platforms: [os, cpu].flat().map(String),
  }
}

/** Whether exactly this declaration was resolved in it: with the same specifiers, each met by what it installs. */
export function lockFits(text: string, { requirements, overrides }: Declaration): boolean {
  try {
    const lock = parseLock(text)
    const isSame = isEqual(lock.dependencies, wantedOf(requirements)) && isEqual(lock.overrides, overrides ?? {})
    return isSame && !lock.hasMore && requirements.every((one) => isMet(one, lock, overrides ?? {}))
  } catch {
    return false // what cannot be read is of no declaration; the installation makes a new one
  }
}

/** name → specifier, as package.json has it. */
export const wantedOf = (requirements: Requirement[]): Record<string, string> =>
  sorted(Object.fromEntries(requirements.map(({ key, url, version }) => [key, url ?? (version || '*')])))

export const sorted = <T>(record: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))

const isEqual = (a: Record<string, unknown>, b: Record<string, unknown>) => Bun.deepEquals(sorted(a), sorted(b))

function isMet({ key, url, version }: Requirement, lock: Lock, overrides: Record<string, string>): boolean {
  const locked = lock.packages.find((one) => one.key === key)
  if (!locked) return false
  if (url !== null || key in overrides || version.startsWith('npm:')) return true
  return locked.name === key && Bun.semver.satisfies(locked.version, version || '*')
}

/** Equal for locks that put the same packages in the same places. */
export function digestOfLock(text: string): string {
  const hash = createHash('sha256')
  try {
    const lines = parseLock(text).packages.map((one) => [one.key, one.name, one.version, one.integrity || one.address])
    return hash.update(JSON.stringify(lines.sort(([a = ''], [b = '']) => (a < b ? -1 : 1)))).digest('hex')
  } catch {
    return hash.update(text).digest('hex')
  }
}

export interface Allowed {
  /** Address of the registry. */
  registry: string
  /** Addresses that the declaration may name itself. */
  urls: string[]
}

/** What in it would be fetched from elsewhere than the registry, in sentences. */
export function lockProblems({ packages }: Lock, allowed: Allowed): string[] {
  const { origin } = new URL(allowed.registry)
  return packages.flatMap((one) => {
    if (allowed.urls.includes(one.version)) return []
    if (!/^\d+\.\d+\.\d+([-+][\w.+-]+)?$/.test(one.version)) return [`${one.key} comes from ${one.version}`]
    if (!/^(@[\w.~-]+\/)?[\w.~-]+$/.test(one.name)) return [`${one.key} is called ${one.name}`]
    if (one.address && originOf(one.address) !== origin) return [`${one.key} comes from ${one.address}`]
    if (one.integrity && !/^sha(1|256|384|512)-[A-Za-z0-9+/=]+$/.test(one.integrity))
      return [`${one.key} has a hash that is none`]
    return []
  })
}

/** null for what is no address. */
export const originOf = (address: string) => (URL.canParse(address) ? new URL(address).origin : null)

/**
 * The text without the addresses that follow from the registry's own, so that it is good for a mirror as well and holds nobody's
 * credentials. One at another host goes too: a lock that names it would be refused, and the hash says what must come.
 */
export function portableLock(text: string, registry: string): string {
  const { origin } = new URL(registry)
  const base = registry.replace(/\/+$/, '').replace(/\/\/[^/@]*@/, '//')
  let portable = text
  for (const { name, version, address } of parseLock(text).packages) {
    const usual = `${base}/${name}/-/${name.slice(name.indexOf('/') + 1)}-${version}.tgz`
    if (address && (address === usual || originOf(address) !== origin))
      portable = portable.replaceAll(JSON.stringify(address), '""')
  }
  return portable
}
