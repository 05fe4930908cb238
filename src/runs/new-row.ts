/** What is known of a run when it is accepted. */
import { maskSecrets } from '../logs/mask.ts'
import type { RunRequest } from './live.ts'
import type { Surroundings } from './plan.ts'
import type { NewRun } from './store.ts'

interface Accepting {
  now: number
  host: string
  priority: number
  /** What confines it. */
  level: string
  /** Null: it waits. */
  surroundings: Surroundings | null
  /** What it can be begun with after a restart; null where that is not wanted. */
  kept: Uint8Array | null
}

export function newRow(request: RunRequest, { now, surroundings, kept, level, ...rest }: Accepting): NewRun {
  const { script, values, trigger, scheduled } = request
  return {
    ...rest,
    scriptId: script.id,
    status: surroundings ? 'running' : 'queued',
    trigger,
    params: maskSecrets(script.params, values),
    contentHash: script.contentHash,
    queuedAt: now,
    startedAt: surroundings ? now : null,
    idempotencyKey: request.idempotencyKey ?? null,
    requestHash: request.requestHash ?? null,
    startedBy: request.startedBy ?? null,
    askedBy: request.askedBy ?? null,
    environmentHash: surroundings?.hash ?? null,
    packagesEnvironment: surroundings?.packages ?? null,
    isolation: level,
    retryOf: request.retryOf ?? null,
    attempt: request.attempt ?? 1,
    scheduleId: scheduled?.scheduleId ?? null,
    occurrenceId: scheduled?.occurrenceId ?? null,
    firstAttemptId: request.firstAttemptId ?? null,
    request: kept,
  }
}
