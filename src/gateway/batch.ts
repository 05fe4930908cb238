/** One act on many runs: cancelled, deleted, or run again. Each of them is answered for, and what was not possible says why. */
import type { RecordAudit } from '../audit/model.ts'
import { GatewayError, type Problem } from '../errors.ts'
import { type Caller, callerOf, type Guarded, type Right } from '../http/caller.ts'
import type { Feed } from '../http/feed.ts'
import { isFinished, type Run } from '../runs/model.ts'
import type { Runs } from '../runs/runs.ts'
import type { Catalog } from '../scripts/catalog.ts'

export const batchActions = ['cancel', 'delete', 'rerun'] as const
export type BatchAction = (typeof batchActions)[number]

/** More at once would keep others waiting. */
export const batchMax = 200

/** What became of one run. `run_id`: of a run that was run again the new one. */
export type BatchItem =
  | { id: number; ok: true; run_id?: number }
  | { id: number; ok: false; error: { type: string; message: string; details?: Problem[] } }

interface BatchDeps {
  runs: Pick<Runs, 'scriptIdOf' | 'get' | 'cancel' | 'remove'>
  catalog: Pick<Catalog, 'get'>
  /** Starts a run with the values of an earlier one. Throws `not_found`, `conflict`, `validation` and what a start throws. */
  repeat(id: number, sent: Record<string, unknown>, caller: Caller): Promise<Run>
  record: RecordAudit
  feed: Pick<Feed, 'publish'>
  /** Told of what is no GatewayError: whoever asked is told the rest all the same. */
  report(error: unknown): void
}

const rights: Record<BatchAction, Right> = { cancel: 'run', rerun: 'run', delete: 'edit' }

export type Batch = ReturnType<typeof createBatch>

export function createBatch({ runs, catalog, repeat, record, feed, report }: BatchDeps) {
  /** The script of a run, as far as rights are concerned. Throws `not_found`, also for one that the caller does not see. */
  function guardedOf(id: number, caller: Caller): Guarded & { name?: string } {
    const scriptId = runs.scriptIdOf(id)
    const row = scriptId === undefined ? undefined : catalog.get(scriptId)?.row
    const script = scriptId === undefined ? null : { id: scriptId, tags: row?.tags ?? [], name: row?.filename }
    if (!script || !caller.may('see', script)) throw new GatewayError('not_found', `There is no run ${id}.`)
    return script
  }

  const acts: Record<BatchAction, (id: number, caller: Caller) => Promise<number | undefined>> = {
    async cancel(id) {
      if (isFinished(runs.get(id).status)) throw new GatewayError('conflict', `Run ${id} has ended already.`)
      runs.cancel(id)
      return undefined
    },
    async delete(id) {
      const { script_id } = runs.get(id)
      await runs.remove(id)
      feed.publish({ event: 'runs', data: { id, script_id, status: 'deleted' } })
      return undefined
    },
    rerun: async (id, caller) => (await repeat(id, {}, caller)).id,
  }

  async function one(action: BatchAction, id: number, caller: Caller): Promise<BatchItem> {
    try {
      const script = guardedOf(id, caller)
      const told = (status: number) => {
        if (action === 'rerun' && status === 200) return // the start is told where it is made
        const object = { type: 'script', id: script.id, name: script.name }
        record({ action: `run.${action}`, caller, object, status, after: { run_id: id } })
      }
      if (!caller.may(rights[action], script)) {
        told(403)
        throw new GatewayError('forbidden', `You may not ${words[action]} runs of this script.`)
      }
      const runId = await acts[action](id, caller)
      told(200)
      return { id, ok: true, ...(runId !== undefined && { run_id: runId }) }
    } catch (error) {
      if (!(error instanceof GatewayError)) report(error)
      const { type, message, details } =
        error instanceof GatewayError
          ? error
          : { type: 'system', message: 'The gateway could not do it; its log has the details.', details: undefined }
      return { id, ok: false, error: { type, message, ...(details && details.length > 0 && { details }) } }
    }
  }

  return {
    /** One after the other, in their order. Never rejects. */
    async perform(action: BatchAction, ids: number[], request: Request): Promise<BatchItem[]> {
      const caller = callerOf(request)
      const items: BatchItem[] = []
      for (const id of [...new Set(ids)]) items.push(await one(action, id, caller))
      return items
    },

    /** Deletes one run. Rejects with `not_found` and `conflict`. */
    delete: (id: number, caller: Caller) => acts.delete(id, caller),
  }
}

const words: Record<BatchAction, string> = { cancel: 'cancel', delete: 'delete', rerun: 'start' }
