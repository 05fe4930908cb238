/** The list of all runs: its page, what changes in it, and one act on many of them. */
import { Elysia } from 'elysia'
import { actsItself, asPage, signedIn } from '../http/caller.ts'
import type { PageDeps } from './deps.ts'
import { postBatch, postRestore, showExecutions, showFurther, showRows } from './executions.tsx'
import { handling } from './handling.ts'

export function executionPages(depsFor: (request: Request) => PageDeps) {
  const { page, post, now, search, raw } = handling(depsFor)

  return new Elysia({ name: 'execution-pages' })
    .get(
      '/executions',
      page((context, deps) => showExecutions(deps, search(context), now(deps))),
      { ...asPage(signedIn) },
    )
    .post(
      '/executions/batch',
      post((context, deps) => postBatch(deps, context.request, search(context), now(deps))),
      { ...asPage(signedIn), ...actsItself, ...raw },
    )
    .post(
      '/executions/restore',
      post((context, deps) => postRestore(deps, context.request, search(context), now(deps))),
      { ...asPage(signedIn), ...actsItself, ...raw },
    )
    .get(
      '/fragments/executions',
      page((context, deps) => showRows(deps, search(context), idsIn(search(context)), now(deps))),
      { ...asPage(signedIn) },
    )
    .get(
      '/fragments/executions/further',
      page((context, deps) => showFurther(deps, search(context), now(deps))),
      { ...asPage(signedIn) },
    )
}

const idsMax = 200

const idsIn = (search: URLSearchParams) =>
  (search.get('ids') ?? '')
    .split(',')
    .map(Number)
    .filter((id) => Number.isSafeInteger(id) && id > 0)
    .slice(0, idsMax)
