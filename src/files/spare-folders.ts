/**
 * Folders that a run leaves empty serve the next ones: a rename is a tenth of the work of removing one and making
 * another, and where a file system keeps deleted inodes aside (ext4 without a journal, for a minute) it is 1 ms less.
 */
import { lstatSync, mkdirSync, readdirSync, renameSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Clock } from '../clock.ts'

export interface SpareFolders {
  /** Makes an empty folder at `path`, which must be new, with what is above it; closed to other users. */
  make(path: string): void
  /** Takes back a folder that `make` made, when nothing is in it and it is as it was; false leaves it to the caller. */
  takeBack(path: string): boolean
}

/** Longer than the sweep for processes that a run left behind: none of them is still in a folder that is given out. */
const restMs = 1000
const sparesMax = 1024
/** What a script wrote is its own, and the gateway's; the way there can be walked and not listed. */
const freshMode = 0o700
const passageMode = 0o711

/** `dir`: absolute, where they wait; made when missing. What an earlier gateway left there is not used. */
export function createSpareFolders({ dir, clock }: { dir: string; clock: Clock }): SpareFolders {
  const spares: { path: string; usableAt: number }[] = []
  let lastName = 0

  /** Nobody wrote into it, changed its rights, or put a link in its place. */
  function isFresh(path: string): boolean {
    try {
      const found = lstatSync(path)
      return found.isDirectory() && (found.mode & 0o7777) === freshMode && readdirSync(path).length === 0
    } catch {
      return false // gone, or closed to us: whoever asks has a way for that
    }
  }

  /** False where the parent is missing or on another disk, too: the spare waits on for somebody else then. */
  function moveSpareTo(path: string): boolean {
    const spare = spares[0]
    if (!spare || spare.usableAt > clock.now()) return false
    const isFit = isFresh(spare.path)
    const isDone = isFit && isMoved(spare.path, path)
    if (isDone || !isFit) spares.shift()
    return isDone
  }

  return {
    make(path) {
      if (moveSpareTo(path)) return
      mkdirSync(dirname(path), { recursive: true, mode: passageMode })
      mkdirSync(path, { mode: freshMode })
    },
    takeBack(path) {
      if (spares.length >= sparesMax || !isFresh(path)) return false
      mkdirSync(dir, { recursive: true, mode: 0o700 })
      const spare = join(dir, String(++lastName))
      if (!isMoved(path, spare)) return false
      spares.push({ path: spare, usableAt: clock.now() + restMs })
      return true
    },
  }
}

function isMoved(from: string, to: string): boolean {
  try {
    renameSync(from, to)
    return true
  } catch {
    return false
  }
}
