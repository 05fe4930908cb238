/** A copy of a folder of scripts that costs next to nothing: real folders with hard links, so that their real path is here. */
import {
  accessSync,
  closeSync,
  constants,
  type Dirent,
  fchmodSync,
  fstatSync,
  linkSync,
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
import { policyEnding } from '../../scripts/policy-file.ts'
import { sidecarEnding } from '../../scripts/sidecar.ts'
import { isFresh, stampOf } from '../../scripts/stamp.ts'
import { InstallError } from '../model.ts'

const depthMax = 30

/** What is imported, and so has to be found here by its real path. */
const isModule = (name: string) => /\.([mc]?[jt]s|[jt]sx|json|wasm|node)$/.test(name) && !name.startsWith('.')

/** What the gateway reads beside scripts: a link to each takes longer than all the rest. */
const isOurs = (name: string) => name.startsWith('.') && (name.endsWith(sidecarEnding) || name.endsWith(policyEnding))

interface Wanted {
  /** Absolute. */
  root: string
  /** Absolute; is made. */
  target: string
  /** Topmost folders that are mirrored; the others are links to where they are. */
  folders: string[]
  /**
   * Absolute: what `node_modules` leads to in each mirrored folder that has none of its own. In each, since a script that may
   * read nothing but its folder sees none of those above.
   */
  packages: string
  filesMax: number
}

export interface Mirror {
  /**
   * Whether the root still has what is here: a folder tells when a file in it is added, removed, or replaced, and what is written
   * in place shows through its link. About 1 µs for each folder, and for each file that had to be copied.
   */
  isCurrent(): boolean
}

interface Step {
  /** Absolute. */
  from: string
  handle: string
  /** Absolute; is made. */
  to: string
  depth: number
}

/**
 * Files at the top of `root`, and `folders` with all below. What is no module is a link to where it is, and so are folders
 * of packages; dot folders are left out. Throws an InstallError when there is too much, and what the file system says.
 */
export function mirrorFolder({ root, target, folders, packages, filesMax }: Wanted): Mirror {
  const seen: { path: string; stamp: string }[] = []
  const now = Date.now()
  const realRoot = realpathSync(root)
  let isSure = true
  let count = 0
  mirror(root, root, target, 0)

  /** `handle`: another way to `from`, which leads nowhere else when somebody puts a link in its place meanwhile. */
  function mirror(from: string, handle: string, to: string, depth: number) {
    if (depth > depthMax) throw tooMuch(`${from} is more than ${depthMax} folders deep`)
    const folder = openSync(handle, constants.O_RDONLY | constants.O_DIRECTORY | (depth > 0 ? constants.O_NOFOLLOW : 0))
    try {
      const held = `/proc/self/fd/${folder}`
      // The stamp before the names: what changes meanwhile is seen the next time.
      const stats = fstatSync(folder)
      const entries = readdirSync(held, { withFileTypes: true })
      note(from, stats)
      mkdirSync(to, { mode: 0o755 })
      for (const entry of entries) {
        if (++count > filesMax)
          throw tooMuch(`${root} has more than ${filesMax} files where ${basename(root)} scripts reach`)
        place(entry, { from: join(from, entry.name), handle: `${held}/${entry.name}`, to: join(to, entry.name), depth })
      }
      if (!entries.some(({ name }) => name === 'node_modules')) symlinkSync(packages, join(to, 'node_modules'))
    } finally {
      closeSync(folder)
    }
  }

  function place(entry: Dirent, { from, handle, to, depth }: Step) {
    if (isOurs(entry.name)) return
    if (entry.isDirectory()) {
      if (entry.name.startsWith('.')) return
      const isMirrored = entry.name !== 'node_modules' && (depth > 0 || folders.includes(entry.name))
      if (!isMirrored || !canEnter(handle)) symlinkSync(from, to)
      else mirrorOrLeave({ from, handle, to, depth })
    } else if (entry.isFile() && isModule(entry.name)) linkOrCopy({ from, handle, to })
    else if (entry.isSymbolicLink()) symlinkSync(leadsTo(from), to)
    else symlinkSync(from, to)
  }

  function mirrorOrLeave({ from, handle, to, depth }: Step) {
    try {
      mirror(from, handle, to, depth + 1)
    } catch (error) {
      const { code = '', path } = error as NodeJS.ErrnoException
      // Gone since, or something else is in its place: the folder around it tells it the next time.
      if (path !== handle || !['ENOENT', 'ENOTDIR', 'ELOOP'].includes(code)) throw error
    }
  }

  /**
   * Links lead where they led, but to the counterpart of what is mirrored. Never a file in the place of its link: somebody who
   * may write links here, and nothing else, would read there what is for others.
   */
  function leadsTo(link: string): string {
    const real = realOf(link)
    if (real === null) return readlinkSync(link)
    const below = real.startsWith(realRoot + sep) ? real.slice(realRoot.length + 1).split(sep) : []
    const [top = ''] = below
    const isMirrored =
      folders.includes(top) && !below.includes('node_modules') && !below.some((name) => name.startsWith('.'))
    const isAtTop = below.length === 1 && isModule(top)
    return isMirrored || isAtTop ? join(target, ...below) : real
  }

  function linkOrCopy({ from, handle, to }: Omit<Step, 'depth'>) {
    try {
      linkSync(handle, to)
    } catch (error) {
      // Another file system, somebody else's file where the kernel protects them, or more links than it can count.
      const { code = '' } = error as NodeJS.ErrnoException
      if (code === 'ENOENT') return // gone since, and the folder tells it the next time
      if (!['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'ENOSYS', 'EACCES'].includes(code)) throw error
      if (!canRead(handle)) return symlinkSync(from, to)
      const stats = copy(handle, to)
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
