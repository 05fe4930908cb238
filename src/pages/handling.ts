/** What stands around the handler of a page: who looks, what becomes of what it throws, and whose forms are taken. */
import type { PageDeps } from './deps.ts'
import { guarded, refuseForeign } from './html.tsx'

export interface Context {
  request: Request
  params: Record<string, string>
}

type Handle<D> = (context: Context, deps: D) => Response | Promise<Response>

/** `depsFor`: as whoever makes the request may see them. */
export function handling<D extends PageDeps>(depsFor: (request: Request) => D) {
  const page = (handle: Handle<D>) => (context: Context) => {
    const deps = depsFor(context.request)
    return guarded<Context>(
      deps.report,
      (given) => handle(given, deps),
      () => deps.viewer,
    )(context)
  }
  return {
    page,
    /** Refuses what another site made a browser send. */
    post: (handle: Handle<D>) =>
      page((context, deps) => {
        refuseForeign(context.request)
        return handle(context, deps)
      }),
    now: (deps: D) => deps.now?.() ?? Date.now(),
    search: ({ request }: Context) => new URL(request.url).searchParams,
    /** The body is left alone. */
    raw: { parse: 'none' } as const,
  }
}
