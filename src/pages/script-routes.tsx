/** The addresses of a script's own pages: thin, as all of them. */
import { Elysia } from 'elysia'
import { acts, actsItself, asPage, forScript } from '../http/caller.ts'
import { installPackages } from './dependencies.tsx'
import type { PageDeps } from './deps.ts'
import { readForm } from './form.ts'
import { type Context, handling } from './handling.ts'
import { chooseSchema, findScript, postForm, postPackages, postPolicy, postVariable, showScript } from './script.tsx'
import { postSchema } from './script-schema.tsx'
import { postAbout, postRescan } from './script-settings.tsx'

/** An Elysia instance. `depsFor`: as whoever makes the request may see them. */
export function scriptPages(depsFor: (request: Request) => PageDeps) {
  const { page, post, now, search, raw } = handling(depsFor)

  const shown = (context: Context, deps: PageDeps) => ({
    ...{ search: search(context), cookie: context.request.headers.get('cookie'), now: now(deps) },
  })

  return new Elysia({ name: 'script-pages' })
    .get(
      '/scripts/:id',
      page((context, deps) => showScript(deps, context.params.id!, shown(context, deps))),
      { ...asPage(forScript('see')) },
    )
    .get(
      '/scripts/:id/execute',
      page((context, deps) => showScript(deps, context.params.id!, shown(context, deps))),
      { ...asPage(forScript('see')) },
    )
    .post(
      '/scripts/:id/execute',
      post(({ params, request }, deps) => postForm(deps, params.id!, request, now(deps))),
      { ...asPage(forScript('run')), ...actsItself, ...raw },
    )
    .post(
      '/scripts/:id/schema',
      post(async ({ params, request }, deps) => chooseSchema(deps, params.id!, await readForm(request))),
      { ...asPage(forScript('edit')), ...acts('script.schema'), ...raw },
    )
    .post(
      '/scripts/:id/parameters',
      post(async ({ params, request }, deps) => postSchema(deps, params.id!, await readForm(request), now(deps))),
      { ...asPage(forScript('edit')), ...acts('script.schema'), ...raw },
    )
    .post(
      '/scripts/:id/about',
      post(async ({ params, request }, deps) => postAbout(deps, params.id!, await readForm(request), now(deps))),
      { ...asPage(forScript('edit')), ...acts('script.describe'), ...raw },
    )
    .post(
      '/scripts/:id/rescan',
      post(({ params }, deps) => postRescan(deps, params.id!)),
      { ...asPage(forScript('edit')), ...acts('script.rescan'), ...raw },
    )
    .post(
      '/scripts/:id/policy',
      post(async ({ params, request }, deps) => postPolicy(deps, params.id!, await readForm(request), now(deps))),
      { ...asPage(forScript('edit')), ...acts('script.policy'), ...raw },
    )
    .post(
      '/scripts/:id/variables',
      post(async ({ params, request }, deps) => postVariable(deps, params.id!, await readForm(request), now(deps))),
      { ...asPage(forScript('edit')), ...acts('variable.set'), ...raw },
    )
    .post(
      '/scripts/:id/dependencies',
      post(async ({ params, request }, deps) => postPackages(deps, params.id!, await readForm(request), now(deps))),
      { ...asPage(forScript('edit')), ...acts('dependency.change'), ...raw },
    )
    .post(
      '/scripts/:id/dependencies/install',
      post(({ params }, deps) => installPackages(deps, findScript(deps, params.id!).script)),
      { ...asPage(forScript('run')), ...acts('dependency.install'), ...raw },
    )
}
