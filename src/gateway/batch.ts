/** One act on many runs: cancelled, deleted, or run again. Each of them is answered for, and what was not possible says why. */
import type { RecordAudit } from '../audit/model.ts'
import { GatewayError, type Problem, storageFault } from '../errors.ts'
import { type Caller, callerOf, type Guarded, identityOf, type Right } from '../http/caller.ts'
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
  runs: Pick<Runs, 'scriptIdOf' | 'get' | 'cancel' | 'deleted'>
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
  /** The script of a run, as far as rights are concerned; null for one that is not there, or that the caller does not see. */
  function guardedOf(scriptId: number | undefined, caller: Caller): (Guarded & { name?: string }) | null {
    if (scriptId === undefined) return null
    const row = catalog.get(scriptId)?.row
    const script = { id: scriptId, tags: row?.tags ?? [], name: row?.filename }
    return caller.may('see', script) ? script : null
  }

  async function remove(id: number, by: string | null): Promise<undefined> {
    const { script_id } = runs.get(id)
    await runs.deleted.remove(id, by)
    feed.publish({ event: 'runs', data: { id, script_id, status: 'deleted' } })
  }

  /** `keeps`: what is deleted can be brought back for a while. */
  const actsOf = (caller: Caller, keeps: boolean): Record<BatchAction, Act> => ({
    async cancel(id): Promise<undefined> {
      if (isFinished(runs.get(id).status)) throw new GatewayError('conflict', `Run ${id} has ended already.`)
      runs.cancel(id)
    },
    delete: (id) => remove(id, keeps ? identityOf(caller) : null),
    rerun: async (id) => (await repeat(id, {}, caller)).id,
  })

  async function bringBack(id: number, caller: Caller): Promise<undefined> {
    await runs.deleted.bringBack(id, identityOf(caller))
    const { script_id, status } = runs.get(id)
    feed.publish({ event: 'runs', data: { id, script_id, status } })
  }

  async function one(id: number, caller: Caller, { name, right, scriptId, act }: One): Promise<BatchItem> {
    try {
      const script = guardedOf(scriptId, caller)
      if (!script) throw new GatewayError('not_found', `There is no run ${id}.`)
      const told = (status: number) => {
        if (name === 'rerun' && status === 200) return // the start is told where it is made
        const object = { type: 'script', id: script.id, name: script.name }
        record({ action: `run.${name}`, caller, object, status, after: { run_id: id } })
      }
      if (!caller.may(right, script)) {
        told(403)
        throw new GatewayError('forbidden', `You may not ${words[name]} runs of this script.`)
      }
      const runId = await act(id)
      told(200)
      return { id, ok: true, ...(runId !== undefined && { run_id: runId }) }
    } catch (error) {
      if (!(error instanceof GatewayError)) report(error)
      const { type, message, details } =
        error instanceof GatewayError
          ? error
          : (storageFault(error) ?? {
              type: 'system',
              message: 'The gateway could not do it; its log has the details.',
              details: undefined,
            })
      return { id, ok: false, error: { type, message, ...(details && details.length > 0 && { details }) } }
    }
  }

  /** One after the other, in their order. Never rejects. */
  async function each(ids: number[], perform: (id: number) => Promise<BatchItem>): Promise<BatchItem[]> {
    const items: BatchItem[] = []
    for (const id of new Set(ids)) items.push(await perform(id))
    return items
  }

  return {
    /** `keeps`: who deletes can bring back for a while what was deleted. Never rejects. */
    perform(action: BatchAction, ids: number[], request: Request, { keeps = false } = {}): Promise<BatchItem[]> {
      const caller = callerOf(request)
      const act = actsOf(caller, keeps)[action]
      return each(ids, (id) =>
        one(id, caller, { name: action, right: rights[action], scriptId: runs.scriptIdOf(id), act }),
      )
    },

    /** Whether the caller deleted it a moment ago and can have it back. */
    comesBack: (id: number, request: Request) => runs.deleted.deletedBy(id, identityOf(callerOf(request))) !== null,

    /** Brings back what the caller deleted a moment ago. Never rejects. */
    bringBack(ids: number[], request: Request): Promise<BatchItem[]> {
      const caller = callerOf(request)
      const act = (id: number) => bringBack(id, caller)
      return each(ids, async (id) => {
        await runs.deleted.settled(id)
        const scriptId = runs.deleted.deletedBy(id, identityOf(caller))
        if (scriptId !== null) return one(id, caller, { name: 'bring-back', right: 'edit', scriptId, act })
        // Two tabs, or two clicks, ask for the same.
        const message = guardedOf(runs.scriptIdOf(id), caller)
          ? `Run ${id} is there: it is not deleted.`
          : `Run ${id} cannot be brought back: it was deleted too long ago.`
        return { id, ok: false, error: { type: 'conflict', message } }
      })
    },

    /** Deletes one run, for good. Rejects with `not_found` and `conflict`. */
    delete: (id: number) => remove(id, null),
  }
}

type Act = (id: number) => Promise<number | undefined>

interface One {
  name: BatchAction | 'bring-back'
  right: Right
  scriptId: number | undefined
  act: Act
}

const words = { cancel: 'cancel', delete: 'delete', rerun: 'start', 'bring-back': 'bring back' }
