/** Temporary folders below DATA_DIR/tmp. What holds them removes them; what a dead gateway left goes at the next start. */
import { constants } from 'node:fs'
import { chmod, mkdir, mkdtemp, open, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** A folder of its own for one stored file, so that the file can keep its name. Absolute path. */
export const makeUploadFolder = (tmpDir: string) => makeFolder(join(tmpDir, 'uploads'), 'u-')

/** The folders made by `makeUploadFolder` among a run's values, absolute. */
export const uploadFolders = (tmpDir: string, values: Record<string, unknown>): string[] => [
  ...new Set(
    Object.values(values)
      .flat()
      .filter((value): value is string => typeof value === 'string')
      .map(dirname)
      .filter((folder) => dirname(folder) === join(tmpDir, 'uploads') && basename(folder).startsWith('u-')),
  ),
]

/** Removes a folder with all that is in it, also where a script took its own rights away. Missing is fine. */
export async function removeFolder(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true })
  } catch {
    // A folder without write permission cannot be emptied by anyone but root: give the rights back, then try once more.
    await makeWritable(folder)
    await rm(folder, { recursive: true, force: true })
  }
}

/**
 * Removes everything in `tmpDir` that an earlier gateway left. New folders can be made as soon as `moved` has resolved;
 * the removal goes on in the background until `done`, which rejects when something could not be removed. `keep`: upload
 * folders of runs that go on.
 */
export function cleanLeftovers(tmpDir: string, keep: string[] = []): { moved: Promise<void>; done: Promise<void> } {
  const moved = setAside(tmpDir, keep)
  const done = moved.then((folders) => removeAll(folders))
  done.catch(() => {}) // whoever awaits `done` is told; nobody has to
  return { moved: moved.then(() => {}), done }
}

async function makeFolder(parent: string, prefix: string): Promise<string> {
  try {
    return await mkdtemp(join(parent, prefix))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    await mkdir(parent, { recursive: true, mode: 0o711 })
    return mkdtemp(join(parent, prefix))
  }
}

/**
 * By what is open, not by its path: a process that the script left may put a link in a folder's place, and what that leads to
 * is not its own.
 */
async function makeWritable(folder: string): Promise<void> {
  const handle = await open(folder, pathOnly | constants.O_DIRECTORY | constants.O_NOFOLLOW)
  try {
    const place = procFd ? `${procFd}/${handle.fd}` : folder
    await chmod(place, 0o700)
    for (const entry of await readdir(place, { withFileTypes: true }))
      if (entry.isDirectory()) await makeWritable(join(place, entry.name)).catch(() => {})
  } finally {
    await handle.close()
  }
}

/** Where the kernel leads to what is open: Linux alone, and there O_PATH opens what may not be read. */
const procFd = process.platform === 'linux' ? '/proc/self/fd' : null
const pathOnly = procFd ? 0o10000000 : 0

const asidePrefix = '.old-'

/** A rename takes no time however much is in there, and gives the names free for the new gateway. */
async function setAside(tmpDir: string, keep: string[]): Promise<string[]> {
  await mkdir(tmpDir, { recursive: true, mode: 0o711 })
  await chmod(tmpDir, 0o711) // scripts with a user of their own pass through it, and cannot list it
  const kept = new Set(keep)
  const folders: string[] = []
  for (const name of await readdir(tmpDir)) {
    if (name === 'uploads' && kept.size > 0) {
      folders.push(...(await setUploadsAside(tmpDir, kept)))
      continue
    }
    const aside = name.startsWith(asidePrefix) ? name : `${asidePrefix}${crypto.randomUUID()}`
    if (aside !== name) await rename(join(tmpDir, name), join(tmpDir, aside))
    folders.push(join(tmpDir, aside))
  }
  return folders
}

async function setUploadsAside(tmpDir: string, kept: Set<string>): Promise<string[]> {
  const folders: string[] = []
  for (const name of await readdir(join(tmpDir, 'uploads'))) {
    const path = join(tmpDir, 'uploads', name)
    if (kept.has(path)) continue
    const aside = join(tmpDir, `${asidePrefix}${crypto.randomUUID()}`)
    await rename(path, aside)
    folders.push(aside)
  }
  return folders
}

async function removeAll(folders: string[]): Promise<void> {
  for (const folder of folders) await removeFolder(folder)
}
