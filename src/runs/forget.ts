/** The end of a script's history: its runs are ended, then their rows, logs and results are removed. */
import { readdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { removeFolder } from '../files/temp.ts'
import type { RunStore } from './store.ts'

interface ForgetDeps {
  store: Pick<RunStore, 'idsOf' | 'remove'>
  /** Ends every run of a script; resolves when they have ended. */
  end(scriptId: number): Promise<unknown>
  logPath(id: number): string
  resultPath(id: number): string
  /** Absolute; results are below it, by the script's slug. */
  staticDir: string
}

/** Rows in one write: other requests get their turn between two batches. */
const batchSize = 200

/**
 * Removes every trace of a script's runs. The caller makes sure that no new one is accepted. Rows go after their files,
 * so that what a crash left behind is found again.
 */
export const createForget = ({ store, end, logPath, resultPath, staticDir }: ForgetDeps) =>
  async function forget(script: { id: number; slug: string }): Promise<void> {
    await end(script.id)
    for (let ids = store.idsOf(script.id, batchSize); ids.length > 0; ids = store.idsOf(script.id, batchSize)) {
      await removeLogs(ids.map(logPath))
      for (const id of ids) await rm(resultPath(id), { force: true })
      store.remove(ids)
    }
    await removeFolder(join(staticDir, script.slug))
  }

/** With the tail files of logs that a killed gateway left in parts. */
export async function removeLogs(paths: string[]): Promise<void> {
  for (const path of await logFiles(paths)) await rm(path, { force: true })
}

/** What there is of these logs: each may be in parts. */
export async function logFiles(paths: string[]): Promise<string[]> {
  const found: string[] = []
  for (const [folder, logs] of Map.groupBy(paths, dirname)) {
    const names = new Set(logs.map((path) => basename(path)))
    for (const name of await namesIn(folder))
      if (names.has(name.replace(/\.tail\.\d+$/, ''))) found.push(join(folder, name))
  }
  return found
}

/** What is in a folder; nothing where there is none. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
