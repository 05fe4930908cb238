/** The small files of /etc as one folder: bubblewrap takes 0.1 ms for each place that it shows, and this makes a dozen of them one. */
import { chmodSync, copyFileSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { isBelow, parentsOf, statOf } from './paths.ts'
import type { SystemPlaces } from './system.ts'

export interface EtcCopy {
  /** To be shown, read-only, as /etc. */
  folder: string
  /** Files that are in it. */
  files: Set<string>
  /** Whether it is one of them, or something that there is an empty folder for. */
  has(path: string): boolean
}

const OTHERS_READ = 4
const bytesMax = 1024 * 1024

/**
 * The answer is called for each run and brings the copies up to date; null when that does not work (a full disk), so that
 * the files have to be shown one by one. `folder` is absolute, and nobody else writes there; `etc` is what it is a copy of.
 */
export function createEtcCopy(folder: string, { readable, links }: SystemPlaces, etc = '/etc'): () => EtcCopy | null {
  const paths = readable.filter((path) => isBelow(path, etc))
  const files = paths.filter(isSmallFile)
  const folders = paths.filter((path) => statOf(path)?.isDirectory())
  const etcLinks = links.filter(([, link]) => isBelow(link, etc))
  const parents = [...paths, ...etcLinks.map(([, link]) => link)].flatMap((path) => parentsOf(path))
  const known = new Set([...files, ...folders])
  const placeOf = (path: string) => join(folder, path.slice(etc.length))
  const copied = new Map<string, string>()
  const copy: EtcCopy = { folder, files: new Set(files), has: (path) => known.has(path) }
  let isMade = false

  function make() {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    chmodSync(folder, 0o755)
    for (const path of [...parents, ...folders].filter((path) => isBelow(path, etc))) {
      mkdirSync(placeOf(path), { recursive: true })
      chmodSync(placeOf(path), 0o755) // whatever the umask is
    }
    for (const [target, link] of etcLinks) symlinkSync(target, placeOf(link))
    isMade = true
  }

  return function refresh() {
    try {
      if (!isMade) make()
      for (const file of files) {
        const version = versionOf(file)
        if ((copied.get(file) ?? null) === version) continue
        put(file, placeOf(file), version !== null)
        if (version === null) copied.delete(file)
        else copied.set(file, version)
      }
      return copy
    } catch {
      return null
    }
  }
}

function isSmallFile(path: string): boolean {
  const stat = statOf(path)
  return stat?.isFile() === true && stat.size <= bytesMax
}

/** null: it is gone, or no longer for everybody to read. */
function versionOf(path: string): string | null {
  const stat = statOf(path)
  if (!stat?.isFile() || (stat.mode & OTHERS_READ) === 0) return null
  return `${stat.ino} ${stat.size} ${stat.mtimeMs} ${stat.ctimeMs}`
}

/** A run that has the folder before it finds the old file or the new one, never half of one. */
function put(from: string, to: string, isThere: boolean) {
  if (!isThere) return rmSync(to, { force: true })
  copyFileSync(from, `${to}.new`)
  chmodSync(`${to}.new`, 0o644)
  renameSync(`${to}.new`, to)
}
