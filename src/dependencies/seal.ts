/** An environment that was built becomes the gateway's own: nobody writes it any more, and every script's user may read it. */
import type { Stats } from 'node:fs'
import { chmod, lchown, lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'

export interface TreeSize {
  /** Files and links; folders do not count. */
  files: number
  bytes: number
}

/** What is in `dir` (absolute) and below; no link is followed. Rejects with what the file system says. */
export const measureTree = (dir: string): Promise<TreeSize> => walk(dir, async () => {})

/**
 * Takes `dir` and all in it back from the installer's user, and takes away the right to write; `dir` itself can be written
 * until `closeTree`. A file keeps its right to be executed and loses every other bit. Rejects with what the file system says.
 */
export async function sealTree(dir: string): Promise<TreeSize> {
  const [uid, gid] = [process.geteuid?.() ?? 0, process.getegid?.() ?? 0]
  return walk(dir, async (path, stats) => {
    if (stats.uid !== uid || stats.gid !== gid) await lchown(path, uid, gid)
    if (stats.isDirectory()) await chmod(path, path === dir ? 0o755 : 0o555)
    else if (stats.isFile()) await chmod(path, stats.mode & 0o100 ? 0o555 : 0o444)
    else if (!stats.isSymbolicLink()) throw new Error(`The installer left "${path}", which is no file, folder or link.`)
  })
}

/** The last step: nothing is put into `dir` any more. `names`: what was put there after it was sealed. */
export async function closeTree(dir: string, names: string[]): Promise<void> {
  for (const name of names) await chmod(join(dir, name), 0o444)
  await chmod(dir, 0o555)
}

async function walk(dir: string, visit: (path: string, stats: Stats) => Promise<void>): Promise<TreeSize> {
  const size = { files: 0, bytes: 0 }
  const folders = [dir]
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const names = await readdir(folder)
    await Promise.all(
      names.map(async (name) => {
        const path = join(folder!, name)
        const stats = await lstat(path)
        if (stats.isDirectory()) folders.push(path)
        else {
          size.files++
          size.bytes += stats.size
        }
        await visit(path, stats)
      }),
    )
    if (folder === dir) await visit(dir, await lstat(dir))
  }
  return size
}
