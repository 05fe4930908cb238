/** The addresses of the dashboard, of what is done there, and of the way to any page: thin, as all of them. */
import { Elysia } from 'elysia'
import { Counts, DashboardPage, dashboardHref, Facets } from '../../views/dashboard.tsx'
import { Partial } from '../../views/parts.tsx'
import { Rail } from '../../views/rail.tsx'
import { RowMenu } from '../../views/row-menu.tsx'
import { ScriptRow } from '../../views/script-row.tsx'
import { MoreRows, ScriptRows, ScriptTable } from '../../views/script-table.tsx'
import { acts, actsItself, asPage, forScript, signedIn } from '../http/caller.ts'
import { dashboardProps, liveProps, moreRows, readQuery, tableProps } from './dashboard.ts'
import type { PageDeps } from './deps.ts'
import { readForm } from './form.ts'
import { showGo } from './go.tsx'
import { handling } from './handling.ts'
import { html } from './html.tsx'
import { findScript } from './script.tsx'
import { chosen, postBatch, postState } from './script-acts.tsx'
import { askDelete, deletedDone, postDelete, postRestore } from './script-delete.tsx'

/** An Elysia instance. `depsFor`: as whoever makes the request may see them. */
export function dashboardPages(depsFor: (request: Request) => PageDeps) {
  const { page, post, now, search, raw } = handling(depsFor)

  return new Elysia({ name: 'dashboard-pages' })
    .get(
      '/',
      page((context, deps) => dashboard(deps, search(context), now(deps))),
      { ...asPage(signedIn) },
    )
    .get(
      '/fragments/scripts',
      page((context, deps) => scriptTable(deps, search(context), now(deps))),
      { ...asPage(signedIn) },
    )
    .get(
      '/fragments/scripts/rows',
      page((context, deps) => rows(deps, search(context), now(deps))),
      { ...asPage(signedIn) },
    )
    .get(
      '/fragments/scripts/:id/menu',
      page(({ params }, deps) => html(<RowMenu script={findScript(deps, params.id!).script} viewer={deps.viewer} />)),
      { ...asPage(forScript('see')) },
    )
    .get(
      '/fragments/live',
      page((context, deps) => live(deps, search(context), now(deps))),
      { ...asPage(signedIn) },
    )
    .get(
      '/fragments/go',
      page((context, deps) => showGo(deps, search(context))),
      { ...asPage(signedIn) },
    )
    .post(
      '/scripts/:id/state',
      post(async ({ params, request }, deps) => postState(deps, params.id!, request, await readForm(request))),
      { ...asPage(forScript('edit')), ...acts('script.describe'), ...raw },
    )
    .get(
      '/scripts/:id/delete',
      page(({ params, request }, deps) => askDelete(deps, [findScript(deps, params.id!).script], request, now(deps))),
      { ...asPage(forScript('edit')) },
    )
    .post(
      '/scripts/:id/delete',
      post(async ({ params, request }, deps) => postDelete(deps, params.id!, request, await readForm(request))),
      { ...asPage(forScript('edit')), ...acts('script.delete'), ...raw },
    )
    .post(
      '/scripts/restore',
      post(async ({ request }, deps) => postRestore(deps, request, await readForm(request))),
      { ...asPage(signedIn), ...actsItself, ...raw },
    )
    .post(
      '/batch',
      post(async ({ request }) => {
        const form = await readForm(request)
        return postBatch(depsFor(request), request, form) // as one may by then: the address names no script to guard
      }),
      { ...asPage(signedIn), ...actsItself, ...raw },
    )
    .get(
      '/batch/delete',
      page((context, deps) => askDelete(deps, chosen(deps, search(context)), context.request, now(deps))),
      { ...asPage(signedIn) },
    )
}

function dashboard(deps: PageDeps, search: URLSearchParams, now: number): Response {
  const scriptsDir = deps.settings.list().find(({ name }) => name === 'scripts_dir')?.value
  return html(
    <DashboardPage
      {...dashboardProps(deps, readQuery(search), now)}
      done={deletedDone(deps, search)}
      scriptsDir={String(scriptsDir ?? 'scripts_repo')}
    />,
  )
}

/** The table alone; the address bar follows the filters. */
function scriptTable(deps: PageDeps, search: URLSearchParams, now: number): Response {
  const query = readQuery(search)
  const address = dashboardHref(query).replaceAll('&amp;', '&')
  const shown = numberIn(search, 'shown')
  return html(<ScriptTable {...tableProps(deps, query, { now, shown })} />, { headers: { 'hx-replace-url': address } })
}

function rows(deps: PageDeps, search: URLSearchParams, now: number): Response {
  const where = { from: numberIn(search, 'from'), after: numberIn(search, 'after'), now }
  const props = moreRows(deps, readQuery(search), where)
  return html(
    <>
      {'<template hx type="partial" hx-target="#script-rows" hx-swap="beforeend">' as 'safe'}
      <ScriptRows {...props} />
      {'</template>' as 'safe'}
      <Partial id="more-scripts">
        <MoreRows {...props} />
      </Partial>
    </>,
  )
}

/** What changed on the dashboard: these rows, how many are in which state, and what runs now. */
function live(deps: PageDeps, search: URLSearchParams, now: number): Response {
  const query = readQuery(search)
  const { rail, counts, rows, gone } = liveProps(deps, query, { ids: idsIn(search), now })
  return html(
    <>
      <Partial id="rail">
        <Rail {...rail} />
      </Partial>
      <Partial id="counts">
        <Counts {...counts} />
      </Partial>
      <Partial id="facets">
        <Facets chosen={query.facets} counts={counts.counts} />
      </Partial>
      {rows.rows.map((row) => (
        <Partial id={`script-${row.script.id}`}>
          <ScriptRow {...row} now={now} viewer={deps.viewer} maySelect={rows.maySelect} />
        </Partial>
      ))}
      {gone.map((id) => `<template hx type="partial" hx-target="#script-${id}" hx-swap="delete"></template>` as 'safe')}
    </>,
  )
}

const idsMax = 200

const idsIn = (search: URLSearchParams) =>
  (search.get('ids') ?? '')
    .split(',')
    .map(Number)
    .filter((id) => Number.isSafeInteger(id) && id > 0)
    .slice(0, idsMax)

function numberIn(search: URLSearchParams, name: string): number {
  const value = Number(search.get(name))
  return Number.isSafeInteger(value) && value > 0 ? value : 0
}
