/** The addresses of the pages about versions of scripts: thin, as all of them. */
import { Elysia } from 'elysia'
import { acts, asPage, forScript } from '../http/caller.ts'
import type { PageDeps } from './deps.ts'
import { readForm } from './form.ts'
import { handling } from './handling.ts'
import { postRestore, showVersions } from './versions.tsx'

/** An Elysia instance. `depsFor`: as whoever makes the request may see them. */
export function versionPages(depsFor: (request: Request) => PageDeps) {
  const { page, post, now, search, raw } = handling(depsFor)

  return new Elysia({ name: 'version-pages' })
    .get(
      '/scripts/:id/versions',
      page((context, deps) => showVersions(deps, context.params.id!, search(context), now(deps))),
      { ...asPage(forScript('edit')) },
    )
    .post(
      '/scripts/:id/versions/:version/restore',
      post(async ({ params, request }, deps) => postRestore(deps, params, await readForm(request), now(deps))),
      { ...asPage(forScript('edit')), ...acts('script.restore'), ...raw },
    )
}
