/** Who comes in to what: the guard, joined to the scripts, runs and files that it guards, and to how a refusal looks. */
import { createGuard, type GuardDeps, type ListedRoute } from './access/guard.ts'
import type { AuditEvent, RecordAudit } from './audit/model.ts'
import type { Installation } from './dependencies/model.ts'
import { isScriptShown, shownInstallation } from './dependencies/shown.ts'
import { GatewayError } from './errors.ts'
import { runOfOutput } from './files/output-place.ts'
import { basePathOf } from './http/base-path.ts'
import { type Caller, callerOf, type Guarded, noteOf } from './http/caller.ts'
import { arrivalOf } from './http/edge.ts'
import { errorResponse } from './http/errors.ts'
import type { Permission, SseEvent } from './http/sse.ts'
import type { Log } from './log.ts'
import { asksForPage, errorPage } from './pages/html.tsx'
import { refusedPage } from './pages/refused.tsx'
import type { Runs } from './runs/runs.ts'
import { type Catalog, seenBy } from './scripts/catalog.ts'

/** What access control gives, wired in app.ts. */
export interface EntranceDeps extends Pick<GuardDeps, 'identify' | 'isSetUp' | 'takeToken'> {
  /** Whether there is anybody who can sign in. */
  hasUsers(): boolean
  /** Calls `tell` after somebody's rights may have become others. */
  onChange(tell: () => void): void
  record: RecordAudit
  catalog: Catalog
  runs: Pick<Runs, 'scriptIdOf'>
  /** The scripts that an installation is for now. Throws `not_found`, in the words for what may not be seen. */
  installedFor(installation: number): number[]
  baseUrl(): string
  log: Log
  routes(): readonly ListedRoute[]
}

export function createEntrance({ catalog, runs, installedFor, log, record, onChange, ...deps }: EntranceDeps) {
  const script = (idOrSlug: string) => guarded(catalog.find(idOrSlug))
  const run = (id: number): Guarded | null => {
    const scriptId = runs.scriptIdOf(id)
    return scriptId === undefined ? null : (guarded(catalog.get(scriptId)) ?? { id: scriptId, tags: [] })
  }
  const output = (path: string) => {
    const id = runOfOutput(path)
    return id === null ? null : run(id)
  }
  const installation = (id: number) => installedFor(id).flatMap((one) => guarded(catalog.get(one)) ?? [])
  const guard = createGuard({ ...deps, objects: { script, run, output, installation } })

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
    if (refused && status === 403) record(refusal(request, refused.caller, status, refused.declared.act))
    const declared = guard.declaredFor(request, path)
    const isPage = declared ? declared.isPage : asksForPage(request)
    return isPage && error instanceof GatewayError
      ? refusedPage(request, error, deps.hasUsers(), refused?.caller ?? null, basePathOf(deps.baseUrl()))
      : errorResponse(error, log)
  }

  /** What a page that failed shows; null where no page was asked for. */
  function failedPage(request: Request, error: unknown): Response | null {
    const { declared, caller } = guard.passedOf(request) ?? {}
    if (!declared?.isPage || !(error instanceof GatewayError)) return null
    return errorPage(error.status, error.message, { viewer: caller, headers: error.headers })
  }

  /**
   * Tells the audit log what a call did, or tried to, once its answer is known. What is not declared as an act says nothing,
   * unless its handler refused somebody who is known.
   */
  function told(request: Request, status: number): void {
    const { declared, caller, object } = guard.passedOf(request) ?? {}
    if (!caller) return
    const named = object ? { type: 'script', id: object.id, name: catalog.get(object.id)?.row.filename } : undefined
    if (declared?.act) record({ action: declared.act, caller, object: named, status, ...noteOf(request) })
    else if (status === 403 && caller.kind !== 'nobody') record(refusal(request, caller, status))
  }

  const watched = new Set<() => void>()
  onChange(() => {
    for (const look of watched) look()
  })

  const permissionOf = (request: Request): Permission => ({
    isGiven: () => guard.stillPasses(request),
    onEnd(end) {
      const look = () => {
        try {
          if (!guard.stillPasses(request)) end()
        } catch {
          end() // the database is not there: the change is not to fail for that, and who reconnects is told
        }
      }
      watched.add(look)
      return () => void watched.delete(look)
    },
  })

  return {
    prepare: guard.prepare,
    check,
    failedPage,
    told,
    confirm: guard.confirm,
    permissionOf,
    /** The scripts whose runs a caller may see; undefined for all. */
    scriptsSeenBy: (caller: Caller): number[] | undefined =>
      caller.seesAll
        ? undefined
        : seenBy(catalog, caller)
            .list()
            .map(({ row }) => row.id),
    /** What a caller is told of a change: what concerns scripts that it may see, and ones that are gone. */
    shownTo: (request: Request) => (event: SseEvent) => {
      const caller = callerOf(request) // as of the last change
      if (caller.seesAll) return event
      const { ids, script_id: scriptId } = event.data as { ids?: number[]; script_id?: number }
      const isShown = (id: number) => isScriptShown(catalog, caller, id)
      if (event.event === 'dependencies') {
        const { installation, script_ids } = event.data as { installation: Installation; script_ids: number[] }
        const data = {
          installation: shownInstallation(catalog, caller, installation),
          script_ids: script_ids.filter(isShown),
        }
        return data.script_ids.length > 0 ? { ...event, data } : null
      }
      if (scriptId !== undefined) return isShown(scriptId) ? event : null
      return ids ? { ...event, data: { ids: ids.filter(isShown) } } : event
    },
  }
}

/** `act`: of the route that was asked for, where it has one. */
const refusal = (request: Request, caller: Caller, status: number, act?: string): AuditEvent => ({
  action: act || 'access.refuse',
  caller,
  object: { type: 'address', name: `${request.method} ${pathOf(request)}` },
  status,
})

/** As Elysia's router reads it. */
function pathOf({ url }: Request): string {
  const start = url.indexOf('/', 11)
  const end = url.indexOf('?', start)
  return url.slice(start, end === -1 ? undefined : end)
}

const guarded = (entry: { row: Guarded } | undefined): Guarded | null =>
  entry ? { id: entry.row.id, tags: entry.row.tags } : null
