/** The addresses of new scripts and templates: thin, as all of them. */
import { Elysia } from 'elysia'
import { acts, asPage, forRole, signedIn } from '../http/caller.ts'
import type { PageDeps } from './deps.ts'
import { readForm } from './form.ts'
import { handling } from './handling.ts'
import { checkName, postNewScript, postUpload, showNewScript, showTemplates } from './new-script.tsx'

/** An Elysia instance. `depsFor`: as whoever makes the request may see them. */
export function newScriptPages(depsFor: (request: Request) => PageDeps) {
  const { page, post, search, raw } = handling(depsFor)

  return new Elysia({ name: 'new-script-pages' })
    .get(
      '/templates',
      page((context, deps) => showTemplates(deps, search(context))),
      { ...asPage(signedIn) },
    )
    .get(
      '/scripts/new',
      page((context, deps) => showNewScript(deps, search(context))),
      { ...asPage(forRole('editor')) },
    )
    .post(
      '/scripts/new',
      post(async ({ request }, deps) => postNewScript(deps, await readForm(request))),
      { ...asPage(forRole('editor')), ...acts('script.create'), ...raw },
    )
    .post(
      '/scripts/new/upload',
      post(({ request }, deps) => postUpload(deps, request)),
      { ...asPage(forRole('editor')), ...acts('script.upload'), ...raw },
    )
    .get(
      '/fragments/scripts/name',
      page((context, deps) => checkName(deps, search(context))),
      { ...asPage(forRole('editor')) },
    )
}
