/** A run that somebody deletes: its log, its result and its files go, then its row. Retention does the same with many. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { GatewayError } from '../errors.ts'
import { removeFolder } from '../files/temp.ts'
import { removeLogs } from './forget.ts'
import { isFinished } from './model.ts'
import { folderName } from './plan.ts'
import type { RunStore } from './store.ts'

interface RemoveDeps {
  store: Pick<RunStore, 'get' | 'slugOf' | 'removeAttempt'>
  logPath(id: number): string
  resultPath(id: number): string
  /** Absolute. */
  staticDir: string
}

/**
 * Removes every trace of a run but what is counted of it. Throws `not_found`, and `conflict` for one that is not over. The row goes
 * last, so that what a crash left behind is found again.
 */
export const createRemove = ({ store, logPath, resultPath, staticDir }: RemoveDeps) =>
  async function remove(id: number): Promise<void> {
    const row = store.get(id)
    if (!row) throw new GatewayError('not_found', `There is no run ${id}.`)
    if (!isFinished(row.status)) throw new GatewayError('conflict', `Run ${id} has not ended: cancel it first.`)
    if (row.retryAt !== null)
      throw new GatewayError('conflict', `Run ${id} is about to be tried again: delete it when that has ended.`)
    await removeLogs([logPath(id)])
    await rm(resultPath(id), { force: true })
    const slug = store.slugOf(row.scriptId)
    if (slug !== undefined) await removeFolder(join(staticDir, slug, 'resources', folderName(row)))
    store.removeAttempt(row)
  }
