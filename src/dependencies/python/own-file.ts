/** Files that an installer left. What it built may have run code of packages, so a link in there may lead anywhere. */
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, realpathSync } from 'node:fs'
import { join } from 'node:path'

/** Its bytes; null when it is missing, larger than `bytesMax`, no ordinary file, or reached through a link. */
export function readOwnFile(root: string, path: string, bytesMax: number): Buffer | null {
  const place = join(root, path)
  try {
    if (realpathSync(place) !== join(realpathSync(root), path)) return null
    const fd = openSync(place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const stat = fstatSync(fd)
      if (!stat.isFile() || stat.nlink !== 1 || stat.size > bytesMax) return null
      const bytes = Buffer.alloc(stat.size)
      const read = readSync(fd, bytes, 0, stat.size, 0)
      return bytes.subarray(0, read)
    } finally {
      closeSync(fd)
    }
  } catch {
    return null // missing, or somebody else's: for whoever asks it is the same
  }
}

/** Whether a folder is there, and nothing on the way to it is a link. */
export function isOwnFolder(root: string, path: string): boolean {
  try {
    return (
      realpathSync(join(root, path)) === join(realpathSync(root), path) && lstatSync(join(root, path)).isDirectory()
    )
  } catch {
    return false
  }
}
