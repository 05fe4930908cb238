/** After a start: what waited when the gateway ended waits again, and what it interrupted is run again where its script says so. */
import type { Clock } from '../clock.ts'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import type { RunnableScript } from '../scripts/catalog.ts'
import type { KeptRequests } from './kept-request.ts'
import type { RunRequest } from './live.ts'
import type { Run } from './model.ts'
import { unstartedEnd } from './outcome.ts'
import type { RunStore } from './store.ts'
import type { RunRow } from './table.ts'
import { toRun } from './to-run.ts'

/** The script of a kept run as it is now, or in words why it cannot be run with these values any more. */
export type Revive = (
  scriptId: number,
  values: Record<string, unknown>,
) => { script: RunnableScript } | { problem: string }

/** A script whose run ends the gateway must not do so for ever. */
const attemptsMax = 3

interface ResumeDeps {
  store: RunStore
  requests: KeptRequests
  clock: Clock
  log: Log
  enqueue(row: RunRow, request: RunRequest): void
  insert(request: RunRequest): RunRow
  tell(row: RunRow): void
  onFinished(run: Run, isResumed: boolean): void
  isLive(id: number): boolean
}

export function createResume({ store, requests, clock, log, enqueue, insert, tell, onFinished, isLive }: ResumeDeps) {
  function revived(row: RunRow, revive: Revive): RunRequest | { problem: string } {
    const kept = requests.read(row)
    if ('problem' in kept) return kept
    const found = revive(row.scriptId, kept.values)
    if ('problem' in found) return found
    const { trigger, startedBy, askedBy, idempotencyKey, requestHash, attempt, retryOf, firstAttemptId } = row
    return {
      ...{ ...found, values: kept.values, trigger, startedBy, askedBy, idempotencyKey, requestHash, attempt },
      ...{ retryOf, firstAttemptId, scheduled: scheduledBy(row) },
      dispose: requests.disposalOf(kept.values),
    }
  }

  function requeue(row: RunRow, revive: Revive) {
    const request = revived(row, revive)
    if ('problem' in request)
      endUnstarted(row, 'interrupted', `${request.problem} The gateway was restarted while it waited.`)
    else enqueue(row, request)
  }

  function endUnstarted(row: RunRow, status: 'cancelled' | 'interrupted', reason: string) {
    const end = { ...unstartedEnd(status, reason), finishedAt: clock.now() }
    if (!store.finish(row.id, end)) return
    store.dropRequest(row.id)
    tell({ ...row, ...end })
    onFinished(toRun({ ...row, ...end }), false)
    disposeOf(row)
  }

  function disposeOf(row: RunRow) {
    const kept = requests.read(row)
    if ('values' in kept)
      requests
        .disposalOf(kept.values)()
        .catch((error) => log.error({ error: messageOf(error) }, 'could not remove uploads'))
  }

  /** The new run and the end of the wish for it are one write: it is run again once, whenever the gateway dies. */
  function retry(row: RunRow, revive: Revive) {
    const request =
      row.attempt < attemptsMax
        ? revived(row, revive)
        : { problem: `It was tried ${attemptsMax} times, which is the most.` }
    if ('problem' in request) {
      log.warn({ run: row.id, why: request.problem }, 'an interrupted run is not run again')
      store.giveUp(row.id, `${row.reason} It is not run again: ${lowered(request.problem)}`)
      disposeOf(row)
      return
    }
    const firstAttemptId = row.firstAttemptId ?? row.id
    const isAgain = { trigger: 'retry' as const, retryOf: row.id, attempt: row.attempt + 1, firstAttemptId }
    const again = { ...request, ...isAgain, idempotencyKey: null, requestHash: null }
    const fresh = store.transaction(() => {
      store.dropRequest(row.id)
      return insert(again)
    })
    enqueue(fresh, again)
    tell(fresh)
  }

  return {
    all(revive: Revive) {
      for (const row of store.queued()) if (!isLive(row.id)) requeue(row, revive)
      for (const row of store.toRetry()) retry(row, revive)
    },

    /** Before the scripts are known a run that waits is only a row. */
    cancel(id: number) {
      const row = store.get(id)
      if (row?.status === 'queued') endUnstarted(row, 'cancelled', 'It was cancelled while it waited in the queue.')
    },

    uploadsToKeep: (): string[] =>
      [...store.queued(), ...store.toRetry()].flatMap((row) => {
        const kept = requests.read(row)
        return 'values' in kept ? requests.uploadFolders(kept.values) : []
      }),
  }
}

const scheduledBy = ({ scheduleId, occurrenceId }: RunRow) =>
  scheduleId === null || occurrenceId === null ? null : { scheduleId, occurrenceId }

const lowered = (sentence: string) => sentence.charAt(0).toLowerCase() + sentence.slice(1)
