/** Who comes in to what: the guard, joined to the scripts, runs and files that it guards, and to how a refusal looks. */
import { createGuard, type GuardDeps, type ListedRoute } from './access/guard.ts'
import type { RecordAudit } from './audit/model.ts'
import { GatewayError } from './errors.ts'
import { runOfOutput } from './files/output-place.ts'
import { type Caller, type Guarded, noteOf } from './http/caller.ts'
import { arrivalOf } from './http/edge.ts'
import { errorResponse } from './http/errors.ts'
import type { SseEvent } from './http/sse.ts'
import type { Log } from './log.ts'
import { errorPage } from './pages/html.tsx'
import { refusedPage } from './pages/refused.tsx'
import type { Runs } from './runs/runs.ts'
import { type Catalog, seenBy } from './scripts/catalog.ts'

/** What access control gives, wired in app.ts. */
export interface EntranceDeps extends Pick<GuardDeps, 'identify' | 'isSetUp' | 'takeToken'> {
  /** Whether there is anybody who can sign in. */
  hasUsers(): boolean
  record: RecordAudit
  catalog: Catalog
  runs: Pick<Runs, 'scriptIdOf'>
  log: Log
  routes(): readonly ListedRoute[]
}

export type Entrance = ReturnType<typeof createEntrance>

export function createEntrance({ catalog, runs, log, record, ...deps }: EntranceDeps) {
  const script = (idOrSlug: string) => guarded(catalog.find(idOrSlug))
  const run = (id: number): Guarded | null => {
    const scriptId = runs.scriptIdOf(id)
    return scriptId === undefined ? null : (guarded(catalog.get(scriptId)) ?? { id: scriptId, tags: [] })
  }
  const output = (path: string) => {
    const id = runOfOutput(path)
    return id === null ? null : run(id)
  }
  const guard = createGuard({ ...deps, objects: { script, run, output } })

  /** Before anything is read: undefined lets it through, a response is the refusal. */
  function check(request: Request): Response | undefined {
    const path = pathOf(request)
    try {
      guard.check(request, path, arrivalOf(request).address)
    } catch (error) {
      return refuse(request, path, error)
    }
  }

  function refuse(request: Request, path: string, error: unknown): Response {
    const refused = guard.refusedOf(request)
    const status = error instanceof GatewayError ? error.status : 500
    if (refused && status === 403)
      record({
        action: refused.declared.act || 'access.refuse',
        caller: refused.caller,
        object: { type: 'address', name: path },
        status,
      })
    const page = guard.declaredFor(request, path)?.isPage && error instanceof GatewayError
    return page ? refusedPage(request, error, deps.hasUsers(), refused?.caller ?? null) : errorResponse(error, log)
  }

  /** What a page that failed shows; null where no page was asked for. */
  function failedPage(request: Request, error: unknown): Response | null {
    const isPage = guard.passedOf(request)?.declared.isPage && error instanceof GatewayError
    return isPage ? errorPage(error.status, error.message, { headers: error.headers }) : null
  }

  /** Tells the audit log what a call did, once its answer is known; what is not declared as an act says nothing. */
  function told(request: Request, status: number): void {
    const { declared, caller, object } = guard.passedOf(request) ?? {}
    if (!declared?.act || !caller) return
    const named = object ? { type: 'script', id: object.id, name: catalog.get(object.id)?.row.filename } : undefined
    record({ action: declared.act, caller, object: named, status, ...noteOf(request) })
  }

  return {
    prepare: guard.prepare,
    check,
    failedPage,
    told,
    confirm: guard.confirm,
    stillPasses: guard.stillPasses,
    /** The scripts whose runs a caller may see; undefined for all. */
    scriptsSeenBy: (caller: Caller): number[] | undefined =>
      caller.seesAll
        ? undefined
        : seenBy(catalog, caller)
            .list()
            .map(({ row }) => row.id),
    /** What a caller is told of a change: what concerns scripts that it may see, and ones that are gone. */
    shownTo: (caller: Caller) => (event: SseEvent) => {
      if (caller.seesAll) return event
      const { ids, script_id: scriptId } = event.data as { ids?: number[]; script_id?: number }
      const isShown = (id: number) => {
        const entry = catalog.get(id)
        return !entry || caller.may('see', entry.row)
      }
      if (scriptId !== undefined) return isShown(scriptId) ? event : null
      return ids ? { ...event, data: { ids: ids.filter(isShown) } } : event
    },
  }
}

/** As Elysia's router reads it. */
function pathOf({ url }: Request): string {
  const start = url.indexOf('/', 11)
  const end = url.indexOf('?', start)
  return url.slice(start, end === -1 ? undefined : end)
}

const guarded = (entry: { row: Guarded } | undefined): Guarded | null =>
  entry ? { id: entry.row.id, tags: entry.row.tags } : null
