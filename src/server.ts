/** Every route there is: the fixed ones as Elysia knows them, and the scripts' own, which are looked up at each call. */
import { join } from 'node:path'
import { Elysia } from 'elysia'
import type { Access } from './access/access.ts'
import { accessRoutes } from './access/routes.ts'
import type { Audit } from './audit/audit.ts'
import { auditRoutes } from './audit/routes.ts'
import { type Backups, backupRoutes, createBackups, type ProvenUpload } from './backup/routes.ts'
import { receiveScripts, type ScriptArchiveDeps, scriptArchiveRoutes } from './backup/script-routes.ts'
import type { Clock } from './clock.ts'
import { dependencyRoutes } from './dependencies/routes.ts'
import type { Dependencies } from './dependencies/view-model.ts'
import { createEntrance } from './entrance.ts'
import { GatewayError } from './errors.ts'
import { resolveOutput } from './files/output-place.ts'
import type { Receive } from './files/receive.ts'
import { serveFile } from './files/static.ts'
import { tempRoutes } from './files/temp-routes.ts'
import { createBatch } from './gateway/batch.ts'
import { batchRoutes } from './gateway/batch-routes.ts'
import { type Documents, docsRoutes } from './gateway/docs.ts'
import type { Gateway } from './gateway/gateway.ts'
import { rerunRoutes } from './gateway/rerun.ts'
import { createSwaggerFiles, scriptsSwagger, swaggerResponse } from './gateway/swagger.ts'
import { actsItself, asPage, callerOf, forOutput, forScript, open, signedIn } from './http/caller.ts'
import { createEdge } from './http/edge.ts'
import { errorResponse } from './http/errors.ts'
import type { Feed } from './http/feed.ts'
import { createMethodCheck } from './http/methods.ts'
import { eventStream, whileAllowed } from './http/sse.ts'
import { idleTimeoutSec, unhurried, unhurriedBodies } from './http/unhurried.ts'
import type { Log } from './log.ts'
import { notifyRoutes } from './notify/routes.ts'
import type { Notifications } from './notify/view-model.ts'
import { accessPages } from './pages/access.tsx'
import { pageDepsFor } from './pages/for-caller.ts'
import { spoken } from './pages/language.ts'
import { createPages, unknownPage } from './pages/pages.tsx'
import type { Retention } from './retention/retention.ts'
import { retentionRoutes } from './retention/routes.ts'
import { runArchiveRoutes } from './runs/archive-routes.ts'
import { runListRoutes } from './runs/list-routes.ts'
import { runRoutes } from './runs/routes.ts'
import type { Runs } from './runs/runs.ts'
import { runSocket } from './runs/socket.ts'
import type { Runtimes } from './runtimes/model.ts'
import { scheduleRoutes } from './schedules/routes.ts'
import type { SchedulesService } from './schedules/schedules.ts'
import { type Catalog, findEntry } from './scripts/catalog.ts'
import { contentRoutes } from './scripts/content-routes.ts'
import type { Editing } from './scripts/editing.ts'
import { policyRoutes } from './scripts/policy-routes.ts'
import { scriptRoutes } from './scripts/routes.ts'
import type { Scanner } from './scripts/scanner.ts'
import { schemaRoutes } from './scripts/schema-routes.ts'
import type { Scripts } from './scripts/scripts.ts'
import { versionRoutes } from './scripts/versions-routes.ts'
import { settingsRoutes } from './settings/routes.ts'
import type { Settings } from './settings/settings.ts'
import { gatewayLogRoutes } from './system/gateway-log.ts'
import { createLogReader } from './system/log-reader.ts'
import type { finishedCounter } from './system/metrics.ts'
import { systemRoutes } from './system/routes.ts'
import { variableRoutes } from './variables/routes.ts'
import type { Variables } from './variables/variables.ts'

export interface ServerDeps {
  access: Access
  audit: Audit
  settings: Settings
  variables: Variables
  dependencies: Dependencies
  runs: Runs
  schedules: SchedulesService
  notifications: Notifications
  scripts: Scripts
  catalog: Catalog
  scanner: Scanner
  editing: Editing
  receive: Receive
  retention: Retention
  gateway: Gateway
  documents: Documents
  feed: Feed
  finished: ReturnType<typeof finishedCounter>
  log: Log
  clock: Clock
  dataDir: string
  scriptsDir: string
  runtimes: Runtimes
  tmpDir: string
  version: string
  startedAt: number
  baseUrl(): string
  isReady(): boolean
  onRestore: ((upload: ProvenUpload) => void) | null
  host: Parameters<typeof systemRoutes>[0]['host']
}

export type Server = ReturnType<typeof createServer>

export function createServer(deps: ServerDeps) {
  const { settings, runs, scripts, gateway, documents, feed, log, dataDir, baseUrl } = deps
  const staticDir = join(dataDir, 'static')
  const swaggerFile = createSwaggerFiles()

  const serveStatic = (request: Request) => {
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    const path = isRead && resolveOutput(staticDir, new URL(request.url).pathname.slice('/static/'.length))
    if (!path) throw new GatewayError('not_found', 'There is no such file.')
    return serveFile(request, path)
  }

  // One router, Elysia's: Bun's own would look at addresses that still have the base path.
  const root = new Elysia({ normalize: false, systemRouter: false })
  const report = (error: unknown) => void errorResponse(error, log)
  const peerOf = (request: Request) => root.server?.requestIP(request)?.address ?? null
  const setTimeoutSec = (request: Request, sec: number) => void root.server?.timeout(request, sec)
  const { scriptsOf: installedFor } = deps.dependencies.installations
  const entrance = createEntrance({ ...deps, ...deps.access, installedFor, routes: () => root.routes })
  const { access, receive } = deps
  const { accounts } = access
  const scriptOf = (idOrSlug: string) => {
    const { row } = findEntry(deps.catalog, idOrSlug)
    return { id: row.id, tags: row.tags, name: row.filename }
  }
  const gatewayLog = createLogReader(join(dataDir, 'logs/gateway/gateway.log'))
  const backups = createBackups(deps)
  const archives = { ...deps, setting: settings.get, isAccessTag: access.isAccessTag }
  const batch = createBatch({ ...deps, repeat: gateway.repeat, record: access.record, report })
  const wrongMethod = createMethodCheck(() => root.routes)

  const server = root
    .wrap(createEdge({ setting: settings.get, baseUrl, peerOf, log }))
    .wrap(unhurriedBodies(setTimeoutSec))
    .wrap(spoken())
    .onRequest(({ request }) => entrance.check(request))
    .onTransform(({ request, route }) => entrance.confirm(request, route))
    .onAfterHandle(({ request, responseValue, set }) =>
      entrance.told(request, responseValue instanceof Response ? responseValue.status : Number(set.status ?? 200)),
    )
    .onError(({ error, code, params, query, request }) => {
      const isUnknown = code === 'NOT_FOUND' && !(error instanceof GatewayError)
      const wrong = isUnknown ? wrongMethod(new URL(request.url).pathname) : null
      const fault = isUnknown ? wrong : error
      const page = isUnknown ? unknownPage(request, callerOf(request), wrong) : entrance.failedPage(request, fault)
      const response = page || errorResponse(fault ?? error, log, { sent: { ...query, ...params } })
      entrance.told(request, response.status)
      return response
    })
    .use(systemRoutes({ ...deps, scriptCounts: scripts.counts }))
    .use(gatewayLogRoutes({ gatewayLog, permissionOf: entrance.permissionOf }))
    .use(settingsRoutes({ settings, receive: deps.receive }))
    .use(variableRoutes({ ...deps, scriptId: (idOrSlug) => findEntry(deps.catalog, idOrSlug).row.id }))
    .use(scriptRoutes({ ...deps, endRuns: runs.cancelAllOf, isAccessTag: deps.access.isAccessTag }))
    .use(contentRoutes(deps))
    .use(versionRoutes(deps))
    .use(policyRoutes(deps))
    .use(schemaRoutes(deps))
    .use(dependencyRoutes({ ...deps, permissionOf: entrance.permissionOf }))
    .use(scheduleRoutes({ ...deps, scriptsSeenBy: entrance.scriptsSeenBy }))
    .use(
      notifyRoutes({
        ...deps,
        setting: settings.get,
        scriptId: (idOrSlug) => findEntry(deps.catalog, idOrSlug).row.id,
        tagsOf: (id) => deps.catalog.get(id)?.row.tags ?? [],
      }),
    )
    .use(
      tempRoutes({ ...deps, isLive: (id) => runs.active().some((run) => run.id === id), filesInUse: runs.filesInUse }),
    )
    .use(retentionRoutes(deps))
    .use(auditRoutes(deps))
    .use(accessRoutes({ accounts, receive, cookie: access.cookie, scriptOf }))
    .use(backupRoutes({ receive, backups }))
    .use(scriptArchiveRoutes(archives))
    .use(runListRoutes({ runs, now: deps.clock.now, scriptsSeenBy: entrance.scriptsSeenBy }))
    .use(runArchiveRoutes({ runs, staticDir }))
    .use(runRoutes({ runs, permissionOf: entrance.permissionOf }))
    .use(rerunRoutes({ gateway, receive: deps.receive }))
    .use(batchRoutes({ batch, receive: deps.receive }))
    .use(runSocket({ runs, permissionOf: entrance.permissionOf }))
    .all(
      '/api/scripts/:id/run',
      // a run may take longer than a connection may be silent
      ({ params, request }) => unhurried(request, setTimeoutSec, () => gateway.handle(params.id, request)),
      { ...forScript('run'), ...actsItself, parse: 'none', ...hidden }, // every script has its own path in the document
    )
    .get(
      '/api/events',
      ({ request, server }) => {
        server?.timeout(request, 0)
        const events = (signal: AbortSignal) => feed.subscribe(signal, entrance.shownTo(request))
        return eventStream(request, (signal) => whileAllowed(events, signal, entrance.permissionOf(request)))
      },
      { ...signedIn, ...hidden },
    )
    .all('/static/*', ({ request }) => serveStatic(request), { ...forOutput, ...hidden }) // to HEAD of a `get`, Elysia reads the whole file for its length
    .use(docsRoutes({ documents, baseUrl }))
    .get(
      '/swagger',
      ({ request }) =>
        swaggerResponse({
          ...{ title: 'API', documentUrl: '/openapi.json', isOpenToAll: callerOf(request).kind === 'off' },
          other: { href: '/scripts-swagger.html', text: 'All scripts' },
        }),
      { ...asPage(signedIn), ...hidden },
    )
    .get(
      '/scripts-swagger.html',
      ({ request }) =>
        swaggerResponse({
          ...scriptsSwagger(new URL(request.url).searchParams.get('script')),
          isOpenToAll: callerOf(request).kind === 'off',
        }),
      { ...asPage(signedIn), ...hidden },
    )
    .get(
      '/assets/swagger/:name',
      async ({ params, request }) => {
        const response = await swaggerFile(params.name, request.headers.get('accept-encoding') ?? '')
        if (!response) throw new GatewayError('not_found', 'There is no such file.')
        return response
      },
      { ...open, ...hidden },
    )
    .use(
      createPages(
        pageDepsFor({
          ...{ ...deps, runs, batch, policies: deps.editing.policy, storage: deps.retention },
          ...{ accounts: deps.access.accounts, scriptsSeenBy: entrance.scriptsSeenBy },
          ...{ isAccessTag: deps.access.isAccessTag, record: deps.audit.record },
          ...{ gatewayLog, permissionOf: entrance.permissionOf },
          report,
        }),
      ),
    )
    .use(
      accessPages({
        ...{ accounts, audit: deps.audit, scripts, baseUrl, report, cookie: access.cookie },
        backup: pageBackup(backups, archives),
        oidc: access.oidc,
        provider: () => access.oidc?.button ?? null,
        sessionSec: accounts.sessions.cookieSec,
      }),
    )
  entrance.prepare()
  return server
}

/** Begins to listen. Throws an Error when the port is taken. */
export function listenAt(server: Server, hostname: string, port: number): void {
  try {
    // Elysia would share a port that is taken, and half of the requests would go elsewhere.
    server.listen({
      ...{ hostname, port, reusePort: false },
      ...{ idleTimeout: idleTimeoutSec, maxRequestBodySize: Number.MAX_SAFE_INTEGER },
      development: false, // else what fails below Elysia is answered with a page of paths and sources
    })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw code === 'EADDRINUSE' ? new Error(`Port ${port} is taken: stop who has it, or set PORT to another.`) : error
  }
}

/** As the pages ask for them. */
function pageBackup(backups: Backups, archives: ScriptArchiveDeps) {
  return {
    make: backups.make,
    restore: (request: Request) => backups.restore(request, { isConfirmed: false }),
    importScripts: (request: Request, overwrite: boolean) => receiveScripts(archives, request, overwrite),
  }
}

const hidden = { detail: { hide: true } }
