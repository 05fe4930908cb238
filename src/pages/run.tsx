/** The page of one run, the pieces that change when it ends, and its result as a download. */
import type { ResultView } from '../../views/result.tsx'
import { csvOf, findRows } from '../../views/rows.ts'
import { RunFragments, RunPage, RunPlaceFragment, type RunProps } from '../../views/run.tsx'
import { missingModuleOf } from '../dependencies/hints/missing.ts'
import { GatewayError } from '../errors.ts'
import type { LogLine, Run } from '../runs/model.ts'
import type { Script } from '../scripts/model.ts'
import type { OnInterrupt } from '../scripts/policy-model.ts'
import type { PageDeps } from './deps.ts'
import { html } from './html.tsx'
import { findScript, repeatProps } from './script.tsx'

const linesFirst = 250
const repeatsShown = 5

/** Throws `not_found`. */
export function findRun(deps: PageDeps, id: string): Run {
  const run = /^\d{1,15}$/.test(id) ? deps.runs.get(Number(id)) : undefined
  if (!run) throw new GatewayError('not_found', 'There is no such run. It may have been removed with its history.')
  return run
}

export async function showRun(deps: PageDeps, id: string, search: URLSearchParams, now: number): Promise<Response> {
  const run = findRun(deps, id)
  const before = readBefore(search)
  const log = deps.runs.log(run.id)
  const lines = await (before === null ? log.tail(linesFirst) : log.before(before, linesFirst))
  return html(<RunPage {...runProps(deps, run, lines, search, now)} before={before} />)
}

/** The line before which the lines are that are asked for; null for the end. */
export function readBefore(search: URLSearchParams): number | null {
  const text = search.get('log_before') ?? ''
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : null
}

export const showRunFragments = (deps: PageDeps, id: string, now: number) =>
  html(<RunFragments {...runProps(deps, findRun(deps, id), [], new URLSearchParams(), now)} />)

/** Its place while it waits; all that changes when it does not any more. */
export function showRunPlace(deps: PageDeps, id: string, now: number): Response {
  const run = findRun(deps, id)
  if (run.status !== 'queued') return showRunFragments(deps, id, now)
  return html(<RunPlaceFragment {...runProps(deps, run, [], new URLSearchParams(), now)} />)
}

function runProps(deps: PageDeps, run: Run, lines: LogLine[], search: URLSearchParams, now: number): RunProps {
  const { script, params } = findScript(deps, String(run.script_id))
  return {
    run,
    script,
    params,
    lines,
    shown: readView(search),
    ...rulesFor(deps, script),
    lost: repeatProps(run, params).lost,
    missing: run.status === 'failed' ? missingModuleOf(run.stderr, script.runtime) : null,
    viewer: deps.viewer,
    attempts: attemptsOf(deps, run),
    repeats: deps.runs.list({ retry_of: run.id, page_size: repeatsShown }).items,
    now,
  }
}

/** Empty where it was not tried again. */
const attemptsOf = ({ runs }: PageDeps, run: Run) =>
  run.first_attempt_id === null && run.next_attempt_id === null ? [] : runs.attemptsOf(run)

/** As they are now: what its policy says, which may only lower a limit, or else the settings. */
function rulesFor(deps: PageDeps, { policy }: Script): Pick<RunProps, 'timeoutMin' | 'onInterrupt'> {
  const settings = new Map(deps.settings.list().map(({ name, value }) => [name, value]))
  const limits = [settings.get('timeout_min'), policy.limits?.timeout_min].filter((one) => typeof one === 'number')
  return {
    timeoutMin: limits.length === 0 ? null : Math.min(...limits),
    onInterrupt: policy.on_interrupt ?? (settings.get('on_interrupt') as OnInterrupt | undefined) ?? 'leave',
  }
}

const readView = (search: URLSearchParams): ResultView => ({
  view: search.get('view') ?? '',
  sort: search.get('sort') ?? '',
  descending: search.get('order') === 'desc',
})

/** The whole result as a file: JSON or text. Throws `not_found` when there is none. */
export function downloadResult(deps: PageDeps, id: string): Response {
  const run = findRun(deps, id)
  if (run.result?.type === 'json')
    return download(JSON.stringify(run.result.data, null, 2), 'application/json', `run-${run.id}.json`)
  if (run.result?.type === 'text') return download(run.result.data, 'text/plain; charset=utf-8', `run-${run.id}.txt`)
  throw new GatewayError('not_found', 'This run has no JSON or text result.')
}

/** The table in a JSON result. Throws `not_found` when there is none. */
export function downloadCsv(deps: PageDeps, id: string): Response {
  const { result } = findRun(deps, id)
  const rows = result?.type === 'json' ? findRows(result.data) : null
  if (!rows) throw new GatewayError('not_found', 'The result of this run is not a table.')
  return download(csvOf(rows), 'text/csv; charset=utf-8', `run-${id}.csv`)
}

/** Always saved, never shown: what a script printed must not become a page of ours. */
const download = (body: string, type: string, filename: string) =>
  new Response(body, {
    headers: {
      'content-type': type,
      'content-disposition': `attachment; filename="${filename}"`,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    },
  })
