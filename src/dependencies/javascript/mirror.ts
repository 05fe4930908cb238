/** A copy of a folder of scripts that costs next to nothing: real folders with hard links, so that their real path is here. */
import {
  accessSync,
  closeSync,
  constants,
  type Dirent,
  fchmodSync,
  fstatSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  type Stats,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { basename, join, sep } from 'node:path'
import { isFresh, stampOf } from '../../scripts/stamp.ts'
import { InstallError } from '../model.ts'

const depthMax = 30

/** What is imported, and so has to be found here by its real path. */
const isModule = (name: string) => /\.([mc]?[jt]s|[jt]sx|json|wasm|node)$/.test(name) && !name.startsWith('.')

interface Wanted {
  /** Absolute. */
  root: string
  /** Absolute; is made. */
  target: string
  /** Topmost folders that are mirrored; the others are links to where they are. */
  folders: string[]
  filesMax: number
}

export interface Mirror {
  /**
   * Whether the root still has what is here: a folder tells when a file in it is added, removed, or replaced, and what is written
   * in place shows through its link. About 1 µs for each folder, and for each file that had to be copied.
   */
  isCurrent(): boolean
}

/**
 * Files at the top of `root`, and `folders` with all below. What is no module is a link to where it is, and so are folders
 * of packages; dot folders are left out. Throws an InstallError when there is too much, and what the file system says.
 */
export function mirrorFolder({ root, target, folders, filesMax }: Wanted): Mirror {
  const seen: { path: string; stamp: string }[] = []
  const now = Date.now()
  let isSure = true
  let count = 0
  mirror(root, target, 0)

  function mirror(from: string, to: string, depth: number) {
    if (depth > depthMax) throw tooMuch(`${from} is more than ${depthMax} folders deep`)
    // The stamp before the names: what changes meanwhile is seen the next time.
    const stats = statSync(from)
    const entries = readdirSync(from, { withFileTypes: true })
    note(from, stats)
    mkdirSync(to, { mode: 0o755 })
    for (const entry of entries) {
      if (++count > filesMax)
        throw tooMuch(`${root} has more than ${filesMax} files where ${basename(root)} scripts reach`)
      place(entry, join(from, entry.name), join(to, entry.name), depth)
    }
  }

  function place(entry: Dirent, from: string, to: string, depth: number) {
    if (entry.isDirectory()) {
      if (entry.name.startsWith('.')) return
      const isMirrored = entry.name !== 'node_modules' && (depth > 0 || folders.includes(entry.name))
      if (!isMirrored || !canEnter(from)) symlinkSync(from, to)
      else mirror(from, to, depth + 1)
    } else if (entry.isFile() && isModule(entry.name)) linkOrCopy(from, to)
    else if (entry.isSymbolicLink()) follow(from, to)
    else symlinkSync(from, to)
  }

  /** A link to a module in the root is that module; all others lead where they led. */
  function follow(from: string, to: string) {
    const real = realOf(from)
    if (real?.startsWith(root + sep) && isModule(basename(from)) && lstatSync(real).isFile()) {
      note(from, statSync(from))
      linkOrCopy(real, to)
    } else symlinkSync(real ?? readlinkSync(from), to)
  }

  function linkOrCopy(from: string, to: string) {
    try {
      linkSync(from, to)
    } catch (error) {
      // Another file system, somebody else's file where the kernel protects them, or more links than it can count.
      const { code = '' } = error as NodeJS.ErrnoException
      if (code === 'ENOENT') return // gone since, and the folder tells it the next time
      if (!['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'ENOSYS', 'EACCES'].includes(code)) throw error
      if (!canRead(from)) return symlinkSync(from, to)
      const stats = copy(from, to)
      if (stats) note(from, stats)
    }
  }

  function note(path: string, stats: Stats) {
    seen.push({ path, stamp: stampOf(stats) })
    if (isFresh(stats, now)) isSure = false
  }

  return {
    isCurrent: () => {
      if (!isSure) return false
      for (const { path, stamp } of seen) {
        const stats = statSync(path, { throwIfNoEntry: false })
        if (!stats || stampOf(stats) !== stamp) return false
      }
      return true
    },
  }
}

const tooMuch = (what: string) =>
  new InstallError(`${what}: move data and generated files out of the scripts' folders.`, [], 'resource')

/** What the gateway may not read is left where it is: the script finds out whether it may. */
const canRead = (path: string) => isAccessible(path, constants.R_OK)
const canEnter = (path: string) => isAccessible(path, constants.R_OK | constants.X_OK)

function isAccessible(path: string, mode: number): boolean {
  try {
    accessSync(path, mode)
    return true
  } catch {
    return false
  }
}

/** null for a link to nothing. */
function realOf(path: string): string | null {
  try {
    return realpathSync(path)
  } catch {
    return null
  }
}

/** With the rights it has, and never through a link that has taken its place. null: it is gone. */
function copy(from: string, to: string): Stats | null {
  const source = openOrNull(from)
  if (source === null) return null
  try {
    const stats = fstatSync(source)
    const target = openSync(to, 'wx', stats.mode & 0o777)
    try {
      writeFileSync(target, readFileSync(source))
      fchmodSync(target, stats.mode & 0o777)
    } finally {
      closeSync(target)
    }
    return stats
  } finally {
    closeSync(source)
  }
}

function openOrNull(path: string): number | null {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    if (['ENOENT', 'ELOOP'].includes((error as NodeJS.ErrnoException).code ?? '')) return null
    throw error
  }
}
