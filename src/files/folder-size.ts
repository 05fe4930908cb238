/** How much a script keeps in a folder: everything counts, whatever it is and whatever it is called. */
import type { Stats } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'

export interface FolderSize {
  /** Files, folders, links and whatever else there is. */
  entries: number
  bytes: number
  isOver: boolean
}

interface Limits {
  entriesMax: number
  bytesMax: number
}

/**
 * Counts until a limit is over. No link is followed, not even one in the place of `dir`; a folder that is not there, or that its script closed to us, is empty.
 * Paths are bytes here: a name need not be text.
 */
export async function measureFolder(dir: string, { entriesMax, bytesMax }: Limits): Promise<FolderSize> {
  const size: FolderSize = { entries: 0, bytes: 0, isOver: false }
  const root = Buffer.from(dir)
  const folders = (await look(root))?.isDirectory() ? [root] : []
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const name of await namesIn(folder)) {
      const path = Buffer.concat([folder, slash, name])
      const found = await look(path)
      size.entries++
      if (found?.isDirectory()) folders.push(path)
      else if (found?.isFile()) size.bytes += found.size
      size.isOver = size.entries > entriesMax || size.bytes > bytesMax
      if (size.isOver) return size
    }
  }
  return size
}

const slash = Buffer.from('/')

async function namesIn(folder: Buffer): Promise<Buffer[]> {
  try {
    return await readdir(folder, { encoding: 'buffer' })
  } catch {
    return []
  }
}

async function look(path: Buffer): Promise<Stats | null> {
  try {
    return await lstat(path)
  } catch {
    return null // gone meanwhile
  }
}
