/** What is in a node_modules folder: read without following links, since packages may contain any. */
import { type Dirent, existsSync } from 'node:fs'
import { lstat, readdir, readFile, readlink, rm, symlink } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import type { InstalledPackage } from '../model.ts'

const manifestBytesMax = 4 * 1024 * 1024
const depthMax = 40

/** One package on the disk. */
export interface Found extends InstalledPackage {
  /** Path below the environment: `node_modules/left/node_modules/deep`. */
  path: string
  dependencies: Record<string, string>
  peers: Record<string, string>
  /** Peers that may be missing. */
  optionalPeers: string[]
}

/** All packages below `environment` (absolute), those that scripts see first; the others follow by path. */
export async function findPackages(environment: string): Promise<Found[]> {
  const found: Found[] = []
  async function enter(modules: string, depth: number) {
    const names = (await foldersIn(join(environment, modules))).filter((name) => !name.startsWith('.'))
    const paths = names.map((name) => join(modules, name))
    const scoped = await Promise.all(
      paths
        .filter((path) => path.includes(`${sep}@`, modules.length))
        .map(async (path) =>
          foldersIn(join(environment, path)).then((inside) => inside.map((name) => join(path, name))),
        ),
    )
    const packages = [...paths.filter((path) => !path.includes(`${sep}@`, modules.length)), ...scoped.flat()].sort()
    for (const path of packages) {
      const manifest = await manifestOf(join(environment, path))
      if (manifest) found.push({ ...manifest, name: path.slice(modules.length + 1), path })
    }
    if (depth < depthMax) for (const path of packages) await enter(join(path, 'node_modules'), depth + 1)
  }
  await enter('node_modules', 0)
  return found
}

async function foldersIn(dir: string): Promise<string[]> {
  const entries = await entriesOf(dir)
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
}

/** Empty where there is no such folder. */
async function entriesOf(dir: string): Promise<Dirent[]> {
  try {
    return await readdir(dir, { withFileTypes: true })
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return []
    throw error
  }
}

/** null for a folder that is no package. */
async function manifestOf(dir: string): Promise<Omit<Found, 'name' | 'path'> | null> {
  const file = join(dir, 'package.json')
  const stats = await lstat(file).catch(() => null)
  if (!stats?.isFile() || stats.size > manifestBytesMax) return null
  const fields = parsed(await readFile(file, 'utf8'))
  if (!fields) return null
  const { version, dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta } = fields
  const optional = Object.keys(namesOf(optionalDependencies))
  return {
    version: typeof version === 'string' ? version : '',
    dependencies: Object.fromEntries(
      Object.entries(namesOf(dependencies)).filter(([name]) => !optional.includes(name)),
    ),
    peers: namesOf(peerDependencies),
    optionalPeers: Object.entries((peerDependenciesMeta ?? {}) as Record<string, { optional?: boolean }>)
      .filter(([, meta]) => meta?.optional)
      .map(([name]) => name),
  }
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const fields = JSON.parse(text)
    return typeof fields === 'object' ? fields : null
  } catch {
    return null // some packages carry broken ones as test data, and Bun does not mind
  }
}

function namesOf(value: unknown): Record<string, string> {
  const entries = typeof value === 'object' && value ? Object.entries(value) : []
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
}

/** As the API gives them: each name and version once, those that scripts see first. */
export function listed(found: Found[]): InstalledPackage[] {
  const once = new Map(found.map(({ name, version }) => [`${name}@${version}`, { name, version }]))
  return [...once.values()]
}

/**
 * Sentences for what packages in `environment` (absolute) need of each other and do not find: missing, or in another version. What
 * the declaration overrides is as somebody wanted it.
 */
export async function findConflicts(environment: string): Promise<string[]> {
  const found = await findPackages(environment)
  const byPath = new Map(found.map((one) => [one.path, one]))
  const manifest = parsed(await readFile(join(environment, 'package.json'), 'utf8'))
  const overridden = new Set(Object.keys(namesOf(manifest?.overrides)))
  const sentences = found.flatMap((one) =>
    Object.entries({ ...one.dependencies, ...one.peers }).flatMap(([name, range]) => {
      if (overridden.has(name)) return []
      const seen = seenFrom(one.path, name, byPath)
      const who = `${one.name} ${one.version} needs ${name} ${range}`
      if (!seen) return one.optionalPeers.includes(name) ? [] : [`${who}, which is not installed.`]
      return Bun.semver.satisfies(seen.version, range) ? [] : [`${who}, but ${seen.version} is installed.`]
    }),
  )
  return [...new Set(sentences)]
}

/** What `name` means in the package at `path`: in its own node_modules, or in one of those above. */
function seenFrom(path: string, name: string, byPath: Map<string, Found>): Found | null {
  for (let folder = path; folder !== '.'; folder = dirname(folder)) {
    const seen = byPath.get(join(folder, 'node_modules', name))
    if (seen) return seen
  }
  return byPath.get(join('node_modules', name)) ?? null
}

/** Links to programs lead from one place in `environment` (absolute) to another, wherever it is moved; the others go. */
export async function settleLinks(environment: string, found: Found[]): Promise<void> {
  const owners = ['', ...found.map(({ path }) => path)]
  for (const bin of owners.map((path) => join(environment, path, 'node_modules/.bin')).filter((dir) => existsSync(dir)))
    for (const entry of await entriesOf(bin))
      if (entry.isSymbolicLink()) await settle(environment, join(bin, entry.name))
}

async function settle(environment: string, link: string) {
  const target = await readlink(link)
  const absolute = resolve(dirname(link), target)
  if (!isAbsolute(target) && absolute.startsWith(environment + sep)) return
  await rm(link)
  if (absolute.startsWith(environment + sep)) await symlink(relative(dirname(link), absolute), link)
}
