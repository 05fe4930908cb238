/** The pages: thin handlers that read the address, ask, and answer with HTML. */
import { Elysia } from 'elysia'
import { GatewayError } from '../errors.ts'
import { acts, asPage, forInstallation, forRole, forRun, openBeforeSetup, signedIn } from '../http/caller.ts'
import {
  cleanEnvironments,
  installAll,
  postGlobal,
  showDependencies,
  showDependencyFragments,
} from './all-dependencies.tsx'
import { createAssets } from './assets.ts'
import { codePages } from './code-routes.tsx'
import { dashboardPages } from './dashboard-routes.tsx'
import type { PageDeps } from './deps.ts'
import { executionPages } from './execution-routes.tsx'
import { readForm } from './form.ts'
import { handling } from './handling.ts'
import { seeOther } from './html.tsx'
import { cancelInstallation, showInstallation, showInstallationFragments } from './installation.tsx'
import { chooseLanguage } from './language.ts'
import { newScriptPages } from './new-script-routes.tsx'
import { notificationPages } from './notification-routes.tsx'
import {
  downloadCsv,
  downloadResult,
  findRun,
  showResultPage,
  showRun,
  showRunFragments,
  showRunPlace,
  showTreeRest,
} from './run.tsx'
import { schedulePages } from './schedule-routes.tsx'
import { scriptPages } from './script-routes.tsx'
import { settingsPages } from './settings-routes.tsx'
import { versionPages } from './versions-routes.tsx'

export type { PageDeps } from './deps.ts'
export { unknownPage } from './html.tsx'

/**
 * An Elysia instance with every page, fragment and asset. Bodies are left alone: `submit` streams them.
 * `depsFor`: as whoever makes the request may see them.
 */
export function createPages(depsFor: (request: Request) => PageDeps) {
  const { page, post, now, search, raw } = handling(depsFor)
  const serveAsset = createAssets()

  return new Elysia({ name: 'pages' })
    .use(dashboardPages(depsFor))
    .use(schedulePages(depsFor))
    .use(newScriptPages(depsFor))
    .use(versionPages(depsFor))
    .use(scriptPages(depsFor))
    .use(codePages(depsFor))
    .use(executionPages(depsFor))
    .get(
      '/executions/:id',
      page((context, deps) => showRun(deps, context.params.id!, search(context), now(deps))),
      { ...asPage(forRun('see')) },
    )
    .get(
      '/executions/:id/result',
      page(({ params }, deps) => downloadResult(deps, params.id!)),
      { ...asPage(forRun('see')) },
    )
    .get(
      '/executions/:id/result.html',
      page(({ params, request }, deps) => showResultPage(deps, params.id!, request)),
      { ...asPage(forRun('see')) },
    )
    .get(
      '/executions/:id/result.csv',
      page(({ params }, deps) => downloadCsv(deps, params.id!)),
      { ...asPage(forRun('see')) },
    )
    .post(
      '/executions/:id/cancel',
      post(({ params }, deps) => cancel(deps, params.id!)),
      { ...asPage(forRun('run')), ...acts('run.cancel'), ...raw },
    )
    .get(
      '/dependencies',
      page((context, deps) => showDependencies(deps, { search: search(context), now: now(deps) })),
      { ...asPage(signedIn) },
    )
    .get(
      '/fragments/dependencies',
      page((context, deps) => showDependencyFragments(deps, { search: search(context), now: now(deps) })),
      { ...asPage(signedIn) },
    )
    .post(
      '/dependencies/install',
      post(async ({ request }, deps) => installAll(deps, await readForm(request))),
      { ...asPage(signedIn), ...acts('dependency.install'), ...raw },
    )
    .post(
      '/dependencies/packages',
      post(async ({ request }, deps) => postGlobal(deps, await readForm(request), now(deps))),
      { ...asPage(forRole('editor')), ...acts('dependency.change'), ...raw },
    )
    .post(
      '/dependencies/cache',
      post(async ({ request }, deps) => cleanEnvironments(deps, await readForm(request))),
      { ...asPage(forRole('admin')), ...acts('storage.cleanup'), ...raw },
    )
    .get(
      '/dependencies/installations/:id',
      page((context, deps) => showInstallation(deps, context.params.id!, search(context), now(deps))),
      { ...asPage(forInstallation('see')) },
    )
    .post(
      '/dependencies/installations/:id/cancel',
      post(({ params }, deps) => cancelInstallation(deps, params.id!)),
      { ...asPage(forInstallation('run')), ...acts('dependency.cancel'), ...raw },
    )
    .use(notificationPages(depsFor))
    .use(settingsPages(depsFor))

    .get(
      '/fragments/runs/:id',
      page(({ params }, deps) => showRunFragments(deps, params.id!, now(deps))),
      { ...asPage(forRun('see')) },
    )
    .get(
      '/fragments/runs/:id/tree',
      page((context, deps) => showTreeRest(deps, context.params.id!, search(context))),
      { ...asPage(forRun('see')) },
    )
    .get(
      '/fragments/runs/:id/place',
      page(({ params }, deps) => showRunPlace(deps, params.id!, now(deps))),
      { ...asPage(forRun('see')) },
    )

    .get(
      '/fragments/installations/:id',
      page(({ params }, deps) => showInstallationFragments(deps, params.id!, now(deps))),
      { ...asPage(forInstallation('see')) },
    )

    .post(
      '/language',
      post(async ({ request }) => chooseLanguage(request, await readForm(request))),
      { ...asPage(openBeforeSetup), ...raw },
    )

    .get(
      '/assets/:version/*',
      page(async ({ params, request }) => {
        const found = await serveAsset(params.version!, params['*']!, request.headers.get('accept-encoding') ?? '')
        if (!found) throw new GatewayError('not_found', 'There is no such file.')
        return found
      }),
      { ...openBeforeSetup, detail: { hide: true } },
    )
}

/** A run that ended in the meantime is where the visitor wanted it. */
function cancel(deps: PageDeps, id: string): Response {
  const run = findRun(deps, id)
  if (run.finished_at === null) deps.runs.cancel(run.id)
  return seeOther(`/executions/${run.id}`)
}
