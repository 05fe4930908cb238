/**
 * How a script finds its packages with no change to it. Bun looks for `node_modules` above the real path of whoever imports: links
 * to scripts, NODE_PATH and plugins do not help. So a run starts from a view: `src/`, which has the scripts as hard links,
 * beside a `node_modules` that leads to the environment's.
 */
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import type { Permissions } from '../../isolation/model.ts'
import { InstallError } from '../model.ts'
import { type Mirror, mirrorFolder } from './mirror.ts'
import { type Reach, reachOf } from './reach.ts'
import { readableIn } from './readable.ts'

/** Without runs. Those that were not used for the longest time go first. */
const viewsMax = 1000

export interface View {
  /** Absolute: the script in the view. */
  file: string
  /** Absolute: the counterpart of its folder. */
  srcDir: string
  /** Absolute: the view. */
  dir: string
  /** Absolute: what of it a script may read, that may read `allowed` and its own folder. */
  readable(allowed: Permissions['read']): string[]
  /** Keeps it, until what it answers is called. To be called in the turn in which the view was answered. */
  lease(): () => void
}

export interface ViewWish {
  /** Absolute: the folder of all JavaScripts. */
  root: string
  /** Absolute. */
  file: string
  /** Absolute: an environment. */
  environment: string
}

interface ViewsDeps {
  /** Absolute; ours, and emptied. */
  dir: string
  /** Files and folders in one view. */
  filesMax: number
}

interface Kept {
  dir: string
  mirror: Mirror
  leases: number
  isRetired: boolean
}

export type Views = ReturnType<typeof createViews>

export function createViews({ dir, filesMax }: ViewsDeps) {
  rmSync(dir, { recursive: true, force: true })
  const reaches = new Map<string, Reach>()
  const views = new Map<string, Kept>()
  let count = 0

  /**
   * A view in which every file is as it is now. Scripts of one folder share one where they have the same environment. In about
   * 0.03 ms where nothing has changed; else it is made anew, and runs that are under way keep the one they began with.
   * Throws an InstallError when it cannot be made.
   */
  function viewOf({ root, file, environment }: ViewWish): View {
    if (!file.startsWith(root + sep)) throw new InstallError(`${file} is not in ${root}.`)
    const { folders } = reach(root, file)
    const key = [environment, root, ...folders].join('\0')
    let view = views.get(key)
    if (!view?.mirror.isCurrent() || !existsSync(view.dir)) {
      if (view) retire(view)
      view = build(root, environment, folders)
    }
    views.delete(key)
    views.set(key, view) // the last one is the one that was used last
    dropOldest()
    const { dir } = view
    const inView = join(dir, 'src', relative(root, file))
    return {
      ...{ dir, file: inView, srcDir: dirname(inView) },
      readable: (allowed) => readableIn(dir, { root, folder: dirname(file), allowed }),
      lease: () => lease(view),
    }
  }

  function reach(root: string, file: string): Reach {
    const before = reaches.get(file)
    if (before?.isCurrent()) return before
    const now = reachOf({ root, file })
    if (reaches.size >= viewsMax * 10) reaches.clear()
    reaches.set(file, now)
    return now
  }

  function build(root: string, environment: string, folders: string[]): Kept {
    const place = join(dir, `${++count}-${crypto.randomUUID().slice(0, 8)}`)
    try {
      mkdirSync(dir, { recursive: true, mode: 0o711 })
      mkdirSync(place, { mode: 0o755 })
      const packages = join(environment, 'node_modules')
      symlinkSync(packages, join(place, 'node_modules')) // for folders that have packages of their own
      const mirror = mirrorFolder({ root, target: join(place, 'src'), folders, packages, filesMax })
      return { dir: place, mirror, leases: 0, isRetired: false }
    } catch (error) {
      rmSync(place, { recursive: true, force: true })
      throw inWords(error, root)
    }
  }

  function lease(view: Kept): () => void {
    view.leases++
    let isGiven = false
    return () => {
      if (isGiven) return
      isGiven = true
      view.leases--
      removeUnused(view)
    }
  }

  function retire(view: Kept) {
    view.isRetired = true
    // Somebody may have been given it in this turn, and leases it at the end of it.
    setImmediate(() => removeUnused(view))
  }

  function removeUnused(view: Kept) {
    if (!view.isRetired || view.leases > 0) return
    // What cannot be removed is emptied with the folder, at the next start.
    rm(view.dir, { recursive: true, force: true }).catch(() => {})
  }

  function dropOldest() {
    for (const [key, view] of views) {
      if (views.size <= viewsMax) return
      if (view.leases > 0) continue
      views.delete(key)
      retire(view)
    }
  }

  return {
    viewOf,
    /** How many there are, those of runs under way included. */
    size: () => views.size,
  }
}

function inWords(error: unknown, root: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException
  if (!code || error instanceof InstallError) return error
  return new InstallError(
    code === 'ENOSPC'
      ? 'There is no space left on the disk for the links through which the script finds its packages.'
      : `The script cannot be shown its packages: links to the files of ${root} cannot be made (${message}).`,
    [],
    code === 'ENOSPC' ? 'resource' : 'failed',
  )
}
