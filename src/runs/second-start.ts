/** What becomes of a start while the script is running already: `parallel | queue | skip | replace`. */
import { GatewayError } from '../errors.ts'
import type { OnInterrupt, SecondStart } from '../scripts/policy-model.ts'
import type { LiveRun } from './live.ts'

/** How the runs of one script are treated. */
export interface QueueRules {
  /** Runs at the same time; 0: no limit of its own. */
  slots: number
  priority: number
  secondStart: SecondStart
  onInterrupt: OnInterrupt
}

/** All but `parallel` mean one at a time. */
export const slotsOf = ({ slots, secondStart }: QueueRules) => (secondStart === 'parallel' ? slots : 1)

export function skippedError(runId: number, status: string): GatewayError {
  const message = `Run ${runId} of this script is ${status} already, and a second start is skipped (second_start); try again when it has ended.`
  return new GatewayError('conflict', message, {
    headers: { 'retry-after': '5', 'content-location': `/api/runs/${runId}` },
  })
}

export const replacedReason = (runId: number) => `It was replaced by run ${runId} (second_start).`

/**
 * Who replaces a run that waits has its turn: else one that is replaced ever again would never begin. `given`: the turn that it has already.
 * undefined: its own.
 */
export function placeOf(replaced: Pick<LiveRun, 'row' | 'request'>[], given: number | undefined): number | undefined {
  const waiting = replaced.filter(({ row }) => row.status === 'queued')
  const places = waiting.map(({ row, request }) => request.place ?? row.id).concat(given ?? [])
  return places.length === 0 ? undefined : Math.min(...places)
}
