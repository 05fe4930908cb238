/** The pages: thin handlers that read the address, ask, and answer with HTML. */
import { Elysia } from 'elysia'
import { DashboardPage, dashboardHref, ScriptTable } from '../../views/dashboard.tsx'
import { ExecutionsPage, RunRow } from '../../views/executions.tsx'
import { Partial } from '../../views/parts.tsx'
import { Rail } from '../../views/rail.tsx'
import { ScriptRow } from '../../views/script-row.tsx'
import { GatewayError } from '../errors.ts'
import { readAll } from '../files/chunks.ts'
import { createAssets } from './assets.ts'
import { dashboardProps, railProps, readQuery, rowsOf, tableProps } from './dashboard.ts'
import type { PageDeps } from './deps.ts'
import { executionsProps, named } from './executions.ts'
import { guarded, html, refuseForeign, seeOther } from './html.tsx'
import { downloadCsv, downloadResult, findRun, showRun, showRunFragments, showRunPlace } from './run.tsx'
import { chooseSchema, postForm, postPolicy, postVariable, showScript } from './script.tsx'
import { cleanUp, postGlobalVariable, saveSettings, showSettings } from './settings.tsx'

export type { PageDeps } from './deps.ts'
export { unknownPage } from './html.tsx'

interface Context {
  request: Request
  params: Record<string, string>
}

/** An Elysia instance with every page, fragment and asset. Bodies are left alone: `submit` streams them. */
export function createPages(deps: PageDeps) {
  const now = () => deps.now?.() ?? Date.now()
  const search = ({ request }: Context) => new URL(request.url).searchParams
  const page = (handle: (context: Context) => Response | Promise<Response>) => guarded<Context>(deps.report, handle)
  const post = (handle: (context: Context) => Response | Promise<Response>) =>
    page((context) => {
      refuseForeign(context.request)
      return handle(context)
    })
  const serveAsset = createAssets()
  const raw = { parse: 'none' } as const

  return new Elysia({ name: 'pages' })
    .get(
      '/',
      page((context) => dashboard(deps, search(context), now())),
    )
    .get(
      '/scripts/:id',
      page((context) => showScript(deps, context.params.id!, search(context), now())),
    )
    .get(
      '/scripts/:id/execute',
      page((context) => showScript(deps, context.params.id!, search(context), now())),
    )
    .post(
      '/scripts/:id/execute',
      post(({ params, request }) => postForm(deps, params.id!, request, now())),
      raw,
    )
    .post(
      '/scripts/:id/schema',
      post(async ({ params, request }) => chooseSchema(deps, params.id!, await readForm(request))),
      raw,
    )
    .post(
      '/scripts/:id/policy',
      post(async ({ params, request }) => postPolicy(deps, params.id!, await readForm(request), now())),
      raw,
    )
    .post(
      '/scripts/:id/variables',
      post(async ({ params, request }) => postVariable(deps, params.id!, await readForm(request), now())),
      raw,
    )
    .get(
      '/executions',
      page((context) => html(<ExecutionsPage {...executionsProps(deps, search(context), now())} />)),
    )
    .get(
      '/executions/:id',
      page((context) => showRun(deps, context.params.id!, search(context), now())),
    )
    .get(
      '/executions/:id/result',
      page(({ params }) => downloadResult(deps, params.id!)),
    )
    .get(
      '/executions/:id/result.csv',
      page(({ params }) => downloadCsv(deps, params.id!)),
    )
    .post(
      '/executions/:id/cancel',
      post(({ params }) => cancel(deps, params.id!)),
      raw,
    )
    .get(
      '/settings',
      page((context) => showSettings(deps, search(context), now())),
    )
    .post(
      '/settings',
      post(async ({ request }) => saveSettings(deps, await readForm(request), now())),
      raw,
    )
    .post(
      '/settings/storage',
      post(() => cleanUp(deps)),
      raw,
    )
    .post(
      '/settings/variables',
      post(async ({ request }) => postGlobalVariable(deps, await readForm(request), now())),
      raw,
    )

    .get(
      '/fragments/scripts',
      page((context) => scriptTable(deps, search(context), now())),
    )
    .get(
      '/fragments/live',
      page((context) => live(deps, idsIn(search(context)), now())),
    )
    .get(
      '/fragments/executions',
      page((context) => runRows(deps, idsIn(search(context)), now())),
    )
    .get(
      '/fragments/runs/:id',
      page(({ params }) => showRunFragments(deps, params.id!, now())),
    )
    .get(
      '/fragments/runs/:id/place',
      page(({ params }) => showRunPlace(deps, params.id!, now())),
    )

    .get(
      '/assets/:version/*',
      page(async ({ params, request }) => {
        const found = await serveAsset(params.version!, params['*']!, request.headers.get('accept-encoding') ?? '')
        if (!found) throw new GatewayError('not_found', 'There is no such file.')
        return found
      }),
    )
}

function dashboard(deps: PageDeps, search: URLSearchParams, now: number): Response {
  const scriptsDir = deps.settings.list().find(({ name }) => name === 'scripts_dir')?.value
  return html(
    <DashboardPage
      {...dashboardProps(deps, readQuery(search), now)}
      scriptsDir={String(scriptsDir ?? 'scripts_repo')}
    />,
  )
}

/** The table alone; the address bar follows the filters. */
function scriptTable(deps: PageDeps, search: URLSearchParams, now: number): Response {
  const query = readQuery(search)
  const address = dashboardHref(query).replaceAll('&amp;', '&')
  return html(<ScriptTable {...tableProps(deps, query, now)} />, { headers: { 'hx-replace-url': address } })
}

/** What changed on the dashboard: these rows, and what runs now. */
const live = (deps: PageDeps, ids: number[], now: number) =>
  html(
    <>
      <Partial id="rail">
        <Rail {...railProps(deps, now)} />
      </Partial>
      {rowsOf(deps, ids).map((row) => (
        <Partial id={`script-${row.script.id}`}>
          <ScriptRow {...row} now={now} />
        </Partial>
      ))}
    </>,
  )

const runRows = (deps: PageDeps, ids: number[], now: number) =>
  html(
    named(
      deps,
      ids.flatMap((id) => deps.runs.get(id) ?? []),
    )
      .map((row) => (
        <Partial id={`run-${row.run.id}`}>
          <RunRow {...row} now={now} />
        </Partial>
      ))
      .join(''),
  )

const idsMax = 200

const idsIn = (search: URLSearchParams) =>
  (search.get('ids') ?? '')
    .split(',')
    .map(Number)
    .filter((id) => Number.isSafeInteger(id) && id > 0)
    .slice(0, idsMax)

/** A run that ended in the meantime is where the visitor wanted it. */
function cancel(deps: PageDeps, id: string): Response {
  const run = findRun(deps, id)
  if (run.finished_at === null) deps.runs.cancel(run.id)
  return seeOther(`/executions/${run.id}`)
}

const formBytesMax = 256 * 1024

async function readForm(request: Request): Promise<URLSearchParams> {
  return new URLSearchParams(Buffer.from(await readAll(request, formBytesMax)).toString())
}
