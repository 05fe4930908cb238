/** The page of one run, the pieces that change when it ends, and its result as a download. */
import { isHtml, type ResultView } from '../../views/result.tsx'
import { csvOf, findRows } from '../../views/rows.ts'
import { RunFragments, RunPage, RunPlaceFragment, type RunProps } from '../../views/run.tsx'
import { say } from '../../views/texts.ts'
import { TreeRest } from '../../views/tree.tsx'
import { mayDo } from '../../views/viewer.ts'
import { missingModuleOf } from '../dependencies/hints/missing.ts'
import { GatewayError } from '../errors.ts'
import { framePolicy, isForFrame } from '../files/static.ts'
import type { LogLine, Run } from '../runs/model.ts'
import type { Script } from '../scripts/model.ts'
import type { OnInterrupt } from '../scripts/policy-model.ts'
import type { PageDeps } from './deps.ts'
import { html } from './html.tsx'
import { markdownOf } from './markdown.ts'
import { findScript, repeatProps } from './script.tsx'

const linesFirst = 250
const repeatsShown = 5

/** Throws `not_found`. */
export function findRun(deps: PageDeps, id: string): Run {
  const run = /^\d{1,15}$/.test(id) ? deps.runs.get(Number(id)) : undefined
  if (!run) throw new GatewayError('not_found', say('There is no such run. It may have been removed with its history.'))
  return run
}

export async function showRun(deps: PageDeps, id: string, search: URLSearchParams, now: number): Promise<Response> {
  const run = findRun(deps, id)
  const before = readBefore(search)
  const log = deps.runs.log(run.id)
  const lines = await (before === null ? log.tail(linesFirst) : log.before(before, linesFirst))
  const [props, markdown] = [runProps(deps, run, lines, search, now), await readMarkdown(run)]
  return html(<RunPage {...props} markdown={markdown} before={before} />)
}

/** The line before which the lines are that are asked for; null for the end. */
export function readBefore(search: URLSearchParams): number | null {
  const text = search.get('log_before') ?? ''
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : null
}

const readMarkdown = async ({ result }: Run) => (result?.type === 'text' ? markdownOf(result.data) : null)

export async function showRunFragments(deps: PageDeps, id: string, now: number): Promise<Response> {
  const run = findRun(deps, id)
  const props = runProps(deps, run, [], new URLSearchParams(), now)
  return html(<RunFragments {...props} markdown={await readMarkdown(run)} />)
}

/** The values of a JSON result that come next at a place in its tree. */
export function showTreeRest(deps: PageDeps, id: string, search: URLSearchParams): Response {
  const { result, id: runId } = findRun(deps, id)
  if (result?.type !== 'json') throw new GatewayError('not_found', say('This run has no JSON result.'))
  const from = Math.max(0, Math.trunc(Number(search.get('from'))) || 0)
  return html(<TreeRest data={result.data} path={search.getAll('at')} from={from} runId={runId} />)
}

/** Its place while it waits; all that changes when it does not any more. */
export async function showRunPlace(deps: PageDeps, id: string, now: number): Promise<Response> {
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
    previous: previousOf(deps, run, now),
    ...rulesFor(deps, script),
    lost: repeatProps(run, params).lost,
    missing: run.status === 'failed' ? missingModuleOf(run.stderr, script.runtime) : null,
    viewer: deps.viewer,
    version: mayDo(deps.viewer, 'edit', script) ? deps.versions.withHash(script.id, run.content_hash) : null,
    attempts: attemptsOf(deps, run),
    repeats: deps.runs.list({ retry_of: run.id, page_size: repeatsShown }).items,
    now,
  }
}

function previousOf({ runs }: PageDeps, { finished_at, script_id }: Run, now: number): RunProps['previous'] {
  const last = finished_at === null ? runs.lastResult(script_id) : null
  return last && { run: last, now }
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
  from: Math.max(0, Math.trunc(Number(search.get('from'))) || 0),
})

/** The whole result as a file: JSON or text. Throws `not_found` when there is none. */
export function downloadResult(deps: PageDeps, id: string): Response {
  const run = findRun(deps, id)
  if (run.result?.type === 'json')
    return download(JSON.stringify(run.result.data, null, 2), 'application/json', `run-${run.id}.json`)
  if (run.result?.type === 'text') return download(run.result.data, 'text/plain; charset=utf-8', `run-${run.id}.txt`)
  throw new GatewayError('not_found', say('This run has no JSON or text result.'))
}

/** A text that is a page, for the frame that shows it; asked for in any other way, it is saved. Throws `not_found` for what is none. */
export function showResultPage(deps: PageDeps, id: string, request: Request): Response {
  const { result, id: runId } = findRun(deps, id)
  if (result?.type !== 'text' || !isHtml(result.data))
    throw new GatewayError('not_found', say('The result of this run is not a page.'))
  if (!isForFrame(request)) return download(result.data, 'text/html; charset=utf-8', `run-${runId}.html`)
  return new Response(result.data, {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-disposition': 'inline', // as the script has made it: no page of ours, whose addresses get the base path
      'content-security-policy': framePolicy,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    },
  })
}

/** The table in a JSON result. Throws `not_found` when there is none. */
export function downloadCsv(deps: PageDeps, id: string): Response {
  const { result } = findRun(deps, id)
  const rows = result?.type === 'json' ? findRows(result.data) : null
  if (!rows) throw new GatewayError('not_found', say('The result of this run is not a table.'))
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
