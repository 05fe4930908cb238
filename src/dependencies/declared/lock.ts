/** requirements.lock: every package of a Python set with its version and the hashes of its files. */
import { createHash } from 'node:crypto'
import type { Requirement } from '../model.ts'
import { requirementLines } from './edit.ts'
import { logicalLines, splitLines } from './logical-lines.ts'
import { renderRequirement } from './pep508.ts'
import type { Policy } from './policy.ts'
import { parseLine } from './requirements-file.ts'

export interface LockedPackage {
  /** Normalised. */
  name: string
  /** Canonical, without an operator; empty where there is an address. */
  version: string
  /** `sha256:…`, sorted; one at least. */
  hashes: string[]
  extras?: string[]
  marker?: string | null
  url?: string | null
}

export interface Lock {
  /** SHA-256 of what was declared (`normal`), hexadecimal. */
  declaration: string
  /** Ids of the interpreters that it was made for, sorted. */
  platforms: string[]
  /** Sorted by name. */
  packages: LockedPackage[]
}

interface NewLock {
  /** Of the declaration. */
  normal: string
  platform: string
  packages: readonly LockedPackage[]
}

const lockPackagesMax = 2000
const platform = /^[A-Za-z0-9._+-]{1,100}$/

/** What a lock says that it was made for. */
export const declarationHash = (normal: string) => sha256(normal)

/** A lock for one platform, as text. */
export const formatLock = ({ normal, platform, packages }: NewLock) =>
  renderLock({ declaration: declarationHash(normal), platforms: [platform], packages: [...packages] })

/** As text, byte for byte the same for the same lock. */
export function renderLock({ declaration, platforms, packages }: Lock): string {
  const requirements = packages.map(toRequirement).sort(byText)
  return [
    '# Written by ScriptGateway: the versions that are installed. Keep it with the declaration; do not change it by hand.',
    `# declaration: ${declaration}`,
    `# platforms: ${[...new Set(platforms)].sort().join(', ')}`,
    ...requirements.flatMap(requirementLines),
    '',
  ].join('\n')
}

/**
 * Reads a lock strictly: it decides what is installed, and anybody may have written it. The problem is a sentence. `policy`: what
 * addresses are allowed.
 */
export function parseLock(text: string, policy: Policy): { lock: Lock } | { problem: string } {
  const { lines } = splitLines(text)
  const declaration = headerOf(lines, 'declaration')
  const platforms = headerOf(lines, 'platforms').split(', ')
  if (!/^[0-9a-f]{64}$/.test(declaration) || !platforms.every((one) => platform.test(one)))
    return { problem: `The lock does not begin as ScriptGateway writes it: ${renew}` }
  const packages: LockedPackage[] = []
  const seen = new Set<string>()
  for (const line of logicalLines(lines)) {
    if (line.text === '') continue
    const refuse = (why: string) => ({ problem: `Line ${line.from + 1} of the lock ${why}: ${renew}` })
    if (packages.length >= lockPackagesMax) return refuse(`is beyond the ${lockPackagesMax} packages that it may have`)
    if (line.text.startsWith('-')) return refuse('is an option, which no lock has')
    const parsed = parseLine(line.text, policy)
    if ('problem' in parsed) return refuse(`is refused. ${parsed.problem.replace(/\.$/, '')}`)
    const locked = fromRequirement(parsed.requirement)
    if (!locked) return refuse('does not name one version (==) or one address')
    if (locked.hashes.length === 0) return refuse('has no hash')
    const id = `${locked.name} ${locked.marker ?? ''}`
    if (seen.has(id)) return refuse(`names ${locked.name} a second time`)
    seen.add(id)
    packages.push(locked)
  }
  return { lock: { declaration, platforms: [...new Set(platforms)].sort(), packages: packages.sort(byName) } }
}

const renew = 'delete it or have it renewed by an update.'

/**
 * The lock for the platforms of both: hashes of the same files are joined. null when they do not hold the same packages in the
 * same versions for the same declaration.
 */
export function mergeLocks(one: Lock, other: Lock): Lock | null {
  if (one.declaration !== other.declaration || one.packages.length !== other.packages.length) return null
  const others = new Map(other.packages.map((item) => [pinOf(item), item]))
  const packages: LockedPackage[] = []
  for (const item of one.packages) {
    const twin = others.get(pinOf(item))
    if (!twin) return null
    packages.push({ ...item, hashes: [...new Set([...item.hashes, ...twin.hashes])].sort() })
  }
  return { ...one, platforms: [...new Set([...one.platforms, ...other.platforms])].sort(), packages }
}

/** SHA-256, hexadecimal: equal for locks that install the same. What it was made for, comments and order do not count. */
export const digestOfLock = ({ packages }: Pick<Lock, 'packages'>) =>
  sha256(JSON.stringify(packages.map((item) => `${pinOf(item)} ${[...new Set(item.hashes)].sort().join()}`).sort()))

function toRequirement({ name, version, hashes, extras = [], marker = null, url = null }: LockedPackage): Requirement {
  return {
    ...{ name, key: name, extras, marker, url },
    version: url === null ? `==${version}` : '',
    hashes: [...new Set(hashes)].sort(),
  }
}

function fromRequirement({ key, version, extras, marker, url, hashes }: Requirement): LockedPackage | null {
  const pinned = url === null ? /^==([^*,=]+)$/.exec(version)?.[1] : ''
  return pinned === undefined ? null : { name: key, version: pinned, hashes, extras, marker, url }
}

const pinOf = (item: LockedPackage) => renderRequirement({ ...toRequirement(item) })

const headerOf = (lines: readonly string[], name: string) =>
  lines
    .slice(0, 10)
    .find((line) => line.startsWith(`# ${name}: `))
    ?.slice(name.length + 4)
    .trim() ?? ''

const byName = (one: LockedPackage, other: LockedPackage) => (pinOf(one) < pinOf(other) ? -1 : 1)
const byText = (one: Requirement, other: Requirement) => (renderRequirement(one) < renderRequirement(other) ? -1 : 1)
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
