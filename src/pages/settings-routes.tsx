/** The addresses of the settings and of the gateway's own log: thin, as all of them. */
import { Elysia } from 'elysia'
import { acts, asPage, forRole } from '../http/caller.ts'
import type { PageDeps } from './deps.ts'
import { readForm } from './form.ts'
import { followGatewayLog, showGatewayLog } from './gateway-log.tsx'
import { handling } from './handling.ts'
import { cleanUp, postGlobalVariable, saveSettings, showSettings, showStorage } from './settings.tsx'
import { createChanges } from './settings-undo.ts'

/** An Elysia instance. `depsFor`: as whoever makes the request may see them. */
export function settingsPages(depsFor: (request: Request) => PageDeps) {
  const { page, post, now, search, raw } = handling(depsFor)
  const changes = createChanges()
  const admin = asPage(forRole('admin'))

  return new Elysia({ name: 'settings-pages' })
    .get(
      '/settings',
      page((context, deps) => showSettings(deps, search(context), changes, now(deps))),
      { ...admin },
    )
    .post(
      '/settings',
      post(async ({ request }, deps) => saveSettings(deps, await readForm(request), changes, now(deps))),
      { ...admin, ...acts('settings.change'), ...raw },
    )
    .get(
      '/settings/storage',
      page((_, deps) => showStorage(deps, now(deps))),
      { ...admin },
    )
    .post(
      '/settings/storage',
      post((_, deps) => cleanUp(deps)),
      { ...admin, ...acts('storage.cleanup'), ...raw },
    )
    .post(
      '/settings/variables',
      post(async ({ request }, deps) => postGlobalVariable(deps, await readForm(request), now(deps))),
      { ...admin, ...acts('variable.set'), ...raw },
    )
    .get(
      '/settings/log',
      page((context, deps) => showGatewayLog(deps, search(context), now(deps))),
      { ...admin },
    )
    .get(
      '/settings/log/events',
      page((context, deps) => followGatewayLog(deps, context.request, search(context))),
      { ...admin },
    )
}
