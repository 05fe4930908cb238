/** Files that are to be packed are set aside first, so that they are the same when they are hashed and when they are read again. */
import { createHash } from 'node:crypto'
import { copyFile, link, lstat, mkdir, open, readdir, realpath } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { messageOf } from '../errors.ts'
import { openFile } from '../files/opened-file.ts'
import { archivePathProblem } from '../files/unpack.ts'
import type { LeftOut, PackedFile } from './model.ts'

/** What was changed more recently may be in somebody's hands still. */
const stillMs = 10 * 60_000

/** A file that lies below the staging folder under its path in the archive. */
export interface Staging {
  /** Absolute. */
  dir: string
  files: PackedFile[]
  leftOut: LeftOut[]
}

interface Tree {
  /** Absolute, a real path. */
  root: string
  /** Folder in the archive; empty: its top. */
  as: string
  /** Never rewritten in place, so that a second name for it will do: no room is needed. */
  isWrittenOnce: boolean
  /** What is passed over without a word, by its name or its absolute path. */
  isSkipped?(name: string, path: string): boolean
}

/** All files below `root`. A link to a file inside of it is packed as that file, other links are left out. */
export async function stageTree(staging: Staging, { root, as, isWrittenOnce, isSkipped = () => false }: Tree) {
  const visit = async (folder: string): Promise<void> => {
    for (const entry of await entriesOf(join(root, folder))) {
      const path = folder ? `${folder}/${entry.name}` : entry.name
      const packed = as ? `${as}/${path}` : path
      if (isSkipped(entry.name, join(root, path))) continue
      if (entry.isDirectory()) await visit(path)
      else if (entry.isFile()) await stageFile(staging, join(root, path), packed, isWrittenOnce)
      else if (entry.isSymbolicLink()) await stageLink(staging, root, path, packed)
      else staging.leftOut.push({ path: packed, why: 'is neither a file nor a folder' })
    }
  }
  await visit('')
}

/** One file below `root` (a real path), if it is there. */
export async function stageOne(staging: Staging, root: string, path: string, packed: string): Promise<void> {
  const stats = await lstat(join(root, path)).catch(() => null)
  if (stats?.isSymbolicLink()) await stageLink(staging, root, path, packed)
  else if (stats) await stageFile(staging, join(root, path), packed, false)
}

/** `from`: absolute, a real path. */
async function stageFile(staging: Staging, from: string, path: string, isWrittenOnce: boolean): Promise<void> {
  const problem = archivePathProblem(path)
  if (problem) return void staging.leftOut.push({ path, why: problem })
  const opened = openFile(from)
  if (!opened) return void staging.leftOut.push({ path, why: 'is no file that can be read' })
  const { ino, size, mtimeMs, mode } = opened.stats
  const isStill = Date.now() - mtimeMs > stillMs
  const to = join(staging.dir, path)
  try {
    await mkdir(dirname(to), { recursive: true, mode: 0o700 })
    // A script may put another folder in the place of this one meanwhile: what was opened counts.
    const isLinked = isWrittenOnce && isStill && (await linkOrNot(from, to)) && (await lstat(to)).ino === ino
    if (!isLinked && size > 0) await write(to, chunksOf(opened.stream({ start: 0, end: size - 1 })), mode)
    else if (!isLinked) await write(to, [], mode)
    staging.files.push({ path, size, sha256: await hashOf(to, size) })
  } finally {
    opened.closeUnlessStreamed()
  }
}

async function stageLink(staging: Staging, root: string, path: string, packed: string): Promise<void> {
  const target = await realpath(join(root, path)).catch(() => null)
  const isInside = target?.startsWith(`${root}${sep}`) && (await lstat(target)).isFile()
  if (target && isInside) await stageFile(staging, target, packed, false)
  else staging.leftOut.push({ path: packed, why: 'is a link to something else than a file beside it' })
}

async function entriesOf(folder: string) {
  try {
    return (await readdir(folder, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [] // removed meanwhile
    throw new Error(`Cannot read the folder ${folder}: ${messageOf(error)}`, { cause: error })
  }
}

/** Not every file system has second names, and not every file may be given one. */
const linkOrNot = (from: string, to: string) =>
  link(from, to).then(
    () => true,
    () => false,
  )

async function write(path: string, chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, mode: number) {
  const handle = await open(path, 'w', mode & 0o100 ? 0o700 : 0o600)
  try {
    for await (const chunk of chunks)
      for (let from = 0; from < chunk.length; ) from += (await handle.write(chunk, from)).bytesWritten
  } finally {
    await handle.close()
  }
}

/** TypeScript's DOM types do not know that a stream can be iterated. */
export const chunksOf = (stream: ReadableStream<Uint8Array>) => stream as unknown as AsyncIterable<Uint8Array>

/** Of its first `size` bytes: a log may grow. */
export async function hashOf(path: string, size: number): Promise<string> {
  const hash = createHash('sha256')
  if (size > 0) for await (const chunk of chunksOf(Bun.file(path).slice(0, size).stream())) hash.update(chunk)
  return hash.digest('hex')
}

/** A copy of a plain file of the gateway's own. */
export async function stageCopy(staging: Staging, from: string, path: string): Promise<void> {
  await copyFile(from, join(staging.dir, path))
  const { size } = await lstat(join(staging.dir, path))
  staging.files.push({ path, size, sha256: await hashOf(join(staging.dir, path), size) })
}
