/** Files put in place in one step: whoever reads meanwhile gets all of the old one or all of the new one. */
import { randomUUID } from 'node:crypto'
import { type FileHandle, link, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { statOrNull } from './stamp.ts'

/** A complete file under a hidden name beside its place, on the disk for good. */
export interface Staged {
  /** Absolute, of its place. */
  path: string
  /** Puts it there. `isNew`: throws EEXIST when there is something already. */
  commit(options: { isNew: boolean }): Promise<void>
  /** Removes it where it was not put in place; always safe to call. */
  discard(): Promise<void>
}

/** Writes the chunks beside `path` (absolute), with the mode and the owner of what it is to replace, or with this mode. */
export async function stageFile(
  path: string,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  mode?: number,
): Promise<Staged> {
  const folder = dirname(path)
  await mkdir(folder, { recursive: true })
  const temporary = join(folder, `.${randomUUID()}.tmp`)
  const discard = () => rm(temporary, { force: true })
  const handle = await open(temporary, 'wx', mode === undefined ? 0o644 : 0o600)
  try {
    for await (const chunk of chunks) await writeAll(handle, chunk)
    await (mode === undefined ? keepRights(handle, path) : handle.chmod(mode))
    await handle.sync()
  } catch (error) {
    await handle.close()
    await discard()
    throw error
  }
  await handle.close()
  return {
    path,
    discard,
    async commit({ isNew }) {
      await (isNew ? linkInto(temporary, path) : rename(temporary, path))
      await discard()
      await syncFolder(folder)
    },
  }
}

/** Writes one file. Throws what the file system says; EEXIST when it `isNew` and there is one. */
export async function writeInPlace(path: string, bytes: Uint8Array, options: { isNew: boolean }): Promise<void> {
  const staged = await stageFile(path, [bytes])
  try {
    await staged.commit(options)
  } finally {
    await staged.discard()
  }
}

/** One write may take fewer bytes than it was given. */
async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let from = 0; from < chunk.length; ) from += (await handle.write(chunk, from)).bytesWritten
}

async function keepRights(handle: FileHandle, path: string): Promise<void> {
  const before = await statOrNull(path)
  if (!before?.isFile()) return
  const own = await handle.stat()
  if (before.uid !== own.uid || before.gid !== own.gid) await handle.chown(before.uid, before.gid).catch(() => {}) // only root may; the content is what counts
  await handle.chmod(before.mode & 0o7777)
}

/** `link` fails where the target exists, `rename` replaces it; not every file system has links. */
async function linkInto(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST' || (await statOrNull(path)) !== null) throw error
    await rename(temporary, path)
  }
}

/** So that the new name is there after a power cut too. Not every file system can, and the file itself is safe. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync().catch(() => {})
  } finally {
    await handle.close()
  }
}
