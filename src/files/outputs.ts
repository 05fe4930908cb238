/** What a run left in its OUTPUT_DIR. */
import type { Dirent } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { contentTypeOf } from '../results/content-types.ts'
import type { ResultFile } from '../runs/model.ts'
import { measureFolder } from './folder-size.ts'
import { formatBytes } from './store.ts'

export { contentTypeOf } from '../results/content-types.ts'

export interface ListOptions {
  /** Address of the folder, without a slash at the end. */
  urlPrefix: string
  filesMax: number
  bytesMax: number
}

export interface Outputs {
  /** Sorted by name; `filename` is the path inside the folder, with `/`. */
  files: ResultFile[]
  bytes: number
  /** Set when there is more than allowed, listed or not: in words; nothing is listed then. */
  problem: string | null
}

/**
 * Lists a folder with its subfolders; one that does not exist is empty. Left out: links that lead out of it or to a
 * folder, what is no regular file, and names that no address can carry (with a backslash, or not UTF-8).
 */
export async function listOutputs(dir: string, { urlPrefix, filesMax, bytesMax }: ListOptions): Promise<Outputs> {
  const { bytes, entries, isOver } = await measureFolder(dir, { entriesMax: filesMax, bytesMax })
  if (isOver) return { files: [], bytes, problem: tooMuchIn('OUTPUT_DIR', { entries, filesMax, bytesMax }) }
  const outputs: Outputs = { files: [], bytes, problem: null }
  for await (const { name, size } of filesBelow(dir))
    outputs.files.push({
      url: `${urlPrefix}/${encodePath(name)}`,
      filename: name,
      size,
      content_type: contentTypeOf(name),
    })
  outputs.files.sort((a, b) => (a.filename < b.filename ? -1 : 1))
  return outputs
}

interface Excess {
  entries: number
  filesMax: number
  bytesMax: number
}

/** What of a folder is over its limit. */
export const tooMuchIn = (folder: string, { entries, filesMax, bytesMax }: Excess) =>
  `more than ${entries > filesMax ? `${filesMax} files` : formatBytes(bytesMax)} in ${folder}`

/** A path with `/` as part of an address, each segment encoded. */
export const encodePath = (path: string) => path.split('/').map(encodeURIComponent).join('/')

interface Found {
  name: string
  size: number
}

async function* filesBelow(root: string): AsyncGenerator<Found, void> {
  const folders = [root]
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of await entriesOf(folder)) {
      if (!isServable(entry.name)) continue
      const path = join(folder, entry.name)
      if (entry.isDirectory()) folders.push(path)
      else {
        const size = await sizeOf(root, path, entry)
        const name = relative(root, path).replaceAll(sep, '/')
        if (size !== null) yield { name, size }
      }
    }
  }
}

/** Folders that are gone, that the script closed to others, or whose path is too long to open hold nothing to give. */
async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true })
  } catch {
    return []
  }
}

/** U+FFFD stands for bytes that are not UTF-8: a name that has it does not find its file again. */
const isServable = (name: string) => name.isWellFormed() && !/[\\\ufffd]/.test(name)

/** null for what is not a regular file of this folder, or went away meanwhile. */
async function sizeOf(root: string, path: string, entry: Dirent): Promise<number | null> {
  if (!entry.isFile() && !entry.isSymbolicLink()) return null
  try {
    if (entry.isSymbolicLink()) {
      const target = await realpath(path)
      if (!target.startsWith(`${await realpath(root)}${sep}`)) return null
    }
    const found = await stat(path)
    return found.isFile() ? found.size : null
  } catch {
    return null
  }
}
