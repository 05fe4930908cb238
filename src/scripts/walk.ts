/** Lists the files of one runtime's folder: what may be a script, with stamps that tell whether it changed. */
import type { Dirent, Stats } from 'node:fs'
import { mkdir, readdir, realpath } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { messageOf } from '../errors.ts'
import type { Runtime } from '../runtimes/model.ts'
import { stampPolicy } from './policy-file.ts'
import { stampSidecars } from './sidecar.ts'
import { codeStampOf, isFreshCode, statOrNull } from './stamp.ts'

/** Folders inside each other. */
export const groupDepthMax = 8
const filesMax = 20_000

/** A file with a script's ending and a name that is not skipped. */
export interface Found {
  runtime: Runtime
  /** The runtime's folder, absolute. */
  root: string
  /** Path inside `root`, with `/`. */
  filename: string
  /** Folder of `filename`, empty at the top. */
  group: string
  /** Absolute. */
  file: string
  dir: string
  stem: string
  sizeBytes: number
  stamp: string
  /** Changed so recently that the stamp cannot be relied on. */
  isFresh: boolean
  sidecarStamp: string
  policyStamp: string
  /** Why it cannot be a script, whatever it holds. */
  problem: string | null
}

export interface Walk {
  runtime: Runtime
  found: Found[]
  /** Every file with the runtime's endings, helpers that begin with `_` too: path inside the folder → stamp. */
  modules: Map<string, string>
  /** Folders that could not be listed: path inside the runtime's folder → why. */
  unreadable: Map<string, string>
  warnings: string[]
}

interface Options {
  runtime: Runtime
  /** SCRIPTS_DIR, absolute; the runtime's folder is made when it is missing. */
  scriptsDir: string
  ignorePatterns: string[]
  nowMs: number
}

export async function walkScripts({ runtime, scriptsDir, ignorePatterns, nowMs }: Options): Promise<Walk> {
  const root = join(scriptsDir, runtime.folder)
  const walk: Walk = { runtime, found: [], modules: new Map(), unreadable: new Map(), warnings: [] }
  const isIgnored = ignoring(ignorePatterns)
  await mkdir(root, { recursive: true }).catch((error) =>
    walk.warnings.push(`Cannot make ${root}: ${messageOf(error)}`),
  )
  await visit('', root, [])
  return walk

  /** `above`: the real paths of the folders on the way here; a link back to one of them is a loop. */
  async function visit(group: string, dir: string, above: string[]): Promise<void> {
    const listing = await list(group, dir, above)
    if (!listing) return
    const names = new Set(listing.entries.map(({ name }) => name))
    const looks = await Promise.all(listing.entries.map((entry) => look(entry, { group, dir, names })))
    const folders: string[] = []
    for (const { name, filename, stats, isScriptName, isSkipped, ...rest } of looks.flatMap((item) => item ?? [])) {
      if (isScriptName && stats?.isFile()) walk.modules.set(filename, codeStampOf(stats))
      if (isSkipped) continue
      if (isScriptName) add({ ...rest, name, filename, stats, group, dir })
      else if (stats?.isDirectory()) folders.push(name)
    }
    for (const name of folders) await visit(group ? `${group}/${name}` : name, join(dir, name), listing.above)
  }

  async function list(group: string, dir: string, above: string[]) {
    if (walk.found.length >= filesMax) return null
    if (above.length > groupDepthMax) {
      walk.warnings.push(`${dir} is not scanned: groups may be ${groupDepthMax} folders deep.`)
      return null
    }
    try {
      const real = await realpath(dir)
      if (above.includes(real)) return null
      const entries = await readdir(dir, { withFileTypes: true })
      return { entries: entries.sort((a, b) => (a.name < b.name ? -1 : 1)), above: [...above, real] }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') walk.unreadable.set(group, messageOf(error))
      return null
    }
  }

  /** undefined: nothing of interest, or gone since the folder was listed. */
  async function look(entry: Dirent, { group, dir, names }: { group: string; dir: string; names: Set<string> }) {
    const { name } = entry
    const filename = group ? `${group}/${name}` : name
    const isScriptName = runtime.extensions.includes(extname(name))
    if (name.startsWith('.') || (!isScriptName && !entry.isDirectory() && !entry.isSymbolicLink())) return undefined
    const isSkipped = name.startsWith('_') || isIgnored(name, filename)
    if (isSkipped && !isScriptName) return undefined
    const stem = name.slice(0, -extname(name).length)
    const isCandidate = isScriptName && !isSkipped
    const [stats, sidecarStamp, policyStamp] = await Promise.all([
      statOrNull(join(dir, name)),
      isCandidate ? stampSidecars(dir, stem, (sidecar) => names.has(sidecar)) : '',
      isCandidate ? stampPolicy(dir, stem, names, nowMs) : '',
    ])
    if (!stats && !entry.isSymbolicLink()) return undefined
    return { name, filename, stem, stats, sidecarStamp, policyStamp, isScriptName, isSkipped }
  }

  function add({ name, stats, ...rest }: Looked) {
    if (walk.found.length >= filesMax) {
      if (walk.warnings.length === 0)
        walk.warnings.push(`${root} holds more than ${filesMax} files: the others are left out.`)
      return
    }
    walk.found.push({
      ...rest,
      ...{ runtime, root },
      file: join(rest.dir, name),
      sizeBytes: stats?.size ?? 0,
      stamp: stats ? codeStampOf(stats) : 'none',
      isFresh: stats !== null && isFreshCode(stats, nowMs),
      problem: kindProblem(stats, extname(name)),
    })
  }
}

interface Looked extends Pick<Found, 'filename' | 'group' | 'dir' | 'stem' | 'sidecarStamp' | 'policyStamp'> {
  name: string
  /** null: a link to nothing. */
  stats: Stats | null
}

/** Names that are no scripts: a pattern without `/` is about one name, with one about the path below the folder. */
export function ignoring(patterns: string[]): (name: string, path: string) => boolean {
  const globs = patterns.map((pattern) => ({ glob: new Bun.Glob(pattern), isPath: pattern.includes('/') }))
  return (name, path) => globs.some(({ glob, isPath }) => glob.match(isPath ? path : name))
}

function kindProblem(stats: Stats | null, extension: string): string | null {
  if (!stats) return 'It is a link to a file that is not there.'
  if (stats.isDirectory()) return `It is a folder: rename it, a group's name must not end with "${extension}".`
  return stats.isFile() ? null : 'It is not a regular file.'
}
