/** Which runs the history of a script shows, and what they come to. */
import { ratedRuns } from '../../views/parts.tsx'
import type { HistoryProps, HistorySummary } from '../../views/script-history.tsx'
import { runStatuses } from '../runs/model.ts'
import type { Script } from '../scripts/model.ts'
import type { PageDeps, SparkRun } from './deps.ts'
import { named } from './executions.tsx'
import { oneOf } from './form.ts'

const pageSize = 50

export function historyProps(deps: PageDeps, script: Script, search: URLSearchParams, now: number): HistoryProps {
  const status = oneOf(runStatuses, search.get('status'))
  const [before, after] = [idIn(search, 'before'), idIn(search, 'after')]
  // One more than the page tells whether there is a further one.
  const { items } = deps.runs.list({
    ...{ script_id: script.id, status: status ?? undefined, isLastAttempt: true, page_size: pageSize + 1 },
    ...{ before, after },
  })
  const hasMore = items.length > pageSize
  const shown = after === undefined ? items.slice(0, pageSize) : items.slice(hasMore ? 1 : 0)
  const hasNewer = after === undefined ? before !== undefined : hasMore
  const hasOlder = after === undefined ? hasMore : true
  return {
    ...{ script, status, now },
    runs: named(deps, shown),
    newer: hasNewer ? (shown[0]?.id ?? null) : null,
    older: hasOlder ? (shown.at(-1)?.id ?? null) : null,
    summary: summaryOf(deps.runs.sparks([script.id]).get(script.id) ?? []),
  }
}

/** null where no run says anything. */
export function summaryOf(runs: SparkRun[]): HistorySummary | null {
  const rated = ratedRuns(runs)
  if (rated.length === 0) return null
  const durations = rated.flatMap((run) => run.duration_ms ?? []).sort((a, b) => a - b)
  const at = (share: number) => durations[Math.max(0, Math.ceil(share * durations.length) - 1)] ?? null
  return {
    runs: rated.length,
    good: rated.filter((run) => run.status === 'success').length,
    ...{ medianMs: at(0.5), p95Ms: at(0.95) },
  }
}

function idIn(search: URLSearchParams, key: string): number | undefined {
  const id = Number(search.get(key) ?? Number.NaN)
  return Number.isSafeInteger(id) && id > 0 ? id : undefined
}
