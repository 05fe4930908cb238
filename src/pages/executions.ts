/** Which runs the list shows. */
import type { ExecutionsProps, NamedRun } from '../../views/executions.tsx'
import { scriptName } from '../../views/parts.tsx'
import { mayDo } from '../../views/viewer.ts'
import { type Run, runStatuses } from '../runs/model.ts'
import type { PageDeps } from './deps.ts'

const pageSize = 50

export function executionsProps(deps: PageDeps, search: URLSearchParams, now: number): ExecutionsProps {
  const scriptId = idIn(search, 'script_id')
  const status = runStatuses.find((one) => one === search.get('status')) ?? null
  const [before, after] = [idIn(search, 'before'), idIn(search, 'after')]
  const filters = { script_id: scriptId ?? undefined, status: status ?? undefined, isLastAttempt: true }
  // One more than the page tells whether there is a further one.
  const { items, total } = deps.runs.list({
    ...filters,
    before: before ?? undefined,
    after: after ?? undefined,
    page_size: pageSize + 1,
  })
  const hasMore = items.length > pageSize
  const shown = after === null ? items.slice(0, pageSize) : items.slice(hasMore ? 1 : 0)
  const [first, last] = [shown[0]?.id ?? null, shown.at(-1)?.id ?? null]
  const hasNewer = after === null ? before !== null : hasMore
  const hasOlder = after === null ? hasMore : true
  return {
    runs: named(
      deps,
      shown.map((run) => placed(deps, run)),
    ),
    total,
    scripts: deps.scripts
      .list()
      .map((script) => ({ id: script.id, name: scriptName(script) }))
      .sort((a, b) => a.name.localeCompare(b.name)),
    scriptId,
    status,
    newer: hasNewer ? first : null,
    older: hasOlder ? last : null,
    now,
    viewer: deps.viewer,
  }
}

/** A list does not know where its runs wait. */
const placed = (deps: PageDeps, run: Run) => (run.status === 'queued' ? (deps.runs.get(run.id) ?? run) : run)

/** Each run with the name of its script, and whether it may be stopped. */
export function named(deps: PageDeps, runs: Run[]): NamedRun[] {
  const scripts = new Map(deps.scripts.list().map((script) => [script.id, script]))
  return runs.map((run) => {
    const script = scripts.get(run.script_id)
    return {
      run,
      name: script ? scriptName(script) : `script ${run.script_id}`,
      mayStop: script !== undefined && mayDo(deps.viewer, 'run', script),
    }
  })
}

const idIn = (search: URLSearchParams, key: string) => {
  const id = Number(search.get(key))
  return Number.isSafeInteger(id) && id > 0 ? id : null
}
