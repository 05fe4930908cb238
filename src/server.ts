/** Every route there is: the fixed ones as Elysia knows them, and the scripts' own, which are looked up at each call. */
import { join } from 'node:path'
import { Elysia } from 'elysia'
import type { Clock } from './clock.ts'
import { GatewayError } from './errors.ts'
import type { Receive } from './files/receive.ts'
import { resolveInside, serveFile } from './files/static.ts'
import { tempRoutes } from './files/temp-routes.ts'
import { type Documents, docsRoutes } from './gateway/docs.ts'
import type { Gateway } from './gateway/gateway.ts'
import { rerunRoutes } from './gateway/rerun.ts'
import { createSwaggerFiles, swaggerResponse } from './gateway/swagger.ts'
import { errorResponse } from './http/errors.ts'
import type { Feed } from './http/feed.ts'
import { guard } from './http/guard.ts'
import { createMethodCheck } from './http/methods.ts'
import { eventStream } from './http/sse.ts'
import type { Log } from './log.ts'
import { createPages, unknownPage } from './pages/pages.tsx'
import type { Retention } from './retention/retention.ts'
import { retentionRoutes } from './retention/routes.ts'
import { runRoutes } from './runs/routes.ts'
import type { Runs } from './runs/runs.ts'
import { runSocket } from './runs/socket.ts'
import { type Catalog, findEntry } from './scripts/catalog.ts'
import { contentRoutes } from './scripts/content-routes.ts'
import type { Editing } from './scripts/editing.ts'
import { policyRoutes } from './scripts/policy-routes.ts'
import { scriptRoutes } from './scripts/routes.ts'
import type { Scanner } from './scripts/scanner.ts'
import type { Scripts } from './scripts/scripts.ts'
import { settingsRoutes } from './settings/routes.ts'
import type { Settings } from './settings/settings.ts'
import { gatewayLogRoutes } from './system/gateway-log.ts'
import type { finishedCounter } from './system/metrics.ts'
import { systemRoutes } from './system/routes.ts'
import { variableRoutes } from './variables/routes.ts'
import type { Variables } from './variables/variables.ts'

export interface ServerDeps {
  settings: Settings
  variables: Variables
  runs: Runs
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
  tmpDir: string
  version: string
  startedAt: number
  baseUrl(): string
  isReady(): boolean
  host: Parameters<typeof systemRoutes>[0]['host']
}

export type Server = ReturnType<typeof createServer>

export function createServer(deps: ServerDeps) {
  const { settings, runs, scripts, gateway, documents, feed, log, dataDir, baseUrl } = deps
  const staticDir = join(dataDir, 'static')
  const swaggerFile = createSwaggerFiles()

  const serveStatic = (request: Request) => {
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    const path = isRead && resolveInside(staticDir, new URL(request.url).pathname.slice('/static/'.length))
    if (!path) throw new GatewayError('not_found', 'There is no such file.')
    return serveFile(request, path)
  }

  const root = new Elysia({ normalize: false })
  const wrongMethod = createMethodCheck(() => root.routes)

  return root
    .onRequest(({ request }) => {
      try {
        guard(request, baseUrl())
      } catch (error) {
        return errorResponse(error, log)
      }
    })
    .onError(({ error, code, params, query, request }) => {
      const isUnknown = code === 'NOT_FOUND' && !(error instanceof GatewayError)
      const fault = isUnknown ? wrongMethod(new URL(request.url).pathname) : error
      const page = isUnknown && !fault && unknownPage(request)
      return page || errorResponse(fault ?? error, log, { sent: { ...query, ...params } })
    })
    .use(systemRoutes({ ...deps, scriptCounts: scripts.counts }))
    .use(gatewayLogRoutes({ dataDir }))
    .use(settingsRoutes({ settings, receive: deps.receive }))
    .use(variableRoutes({ ...deps, scriptId: (idOrSlug) => findEntry(deps.catalog, idOrSlug).row.id }))
    .use(scriptRoutes({ ...deps, endRuns: runs.cancelAllOf }))
    .use(contentRoutes(deps))
    .use(policyRoutes(deps))
    .use(
      tempRoutes({ ...deps, isLive: (id) => runs.active().some((run) => run.id === id), filesInUse: runs.filesInUse }),
    )
    .use(retentionRoutes(deps))
    .use(runRoutes({ runs }))
    .use(rerunRoutes({ gateway, receive: deps.receive }))
    .use(runSocket({ runs }))
    .all(
      '/api/scripts/:id/run',
      ({ params, request, server }) => {
        server?.timeout(request, 0) // a run may take longer than a connection may be silent
        return gateway.handle(params.id, request, server?.requestIP(request)?.address)
      },
      { parse: 'none', detail: { hide: true } }, // every script has its own path in the document
    )
    .get(
      '/api/events',
      ({ request, server }) => {
        server?.timeout(request, 0)
        return eventStream(request, (signal) => feed.subscribe(signal))
      },
      { detail: { hide: true } },
    )
    .all('/static/*', ({ request }) => serveStatic(request), hidden) // to HEAD of a `get`, Elysia reads the whole file for its length
    .use(docsRoutes({ documents }))
    .get(
      '/swagger',
      () => swaggerResponse('API', '/openapi.json', { href: '/scripts-swagger.html', text: 'Scripts only' }),
      hidden,
    )
    .get(
      '/scripts-swagger.html',
      () => swaggerResponse('Scripts', '/scripts-openapi.json', { href: '/swagger', text: 'The whole API' }),
      hidden,
    )
    .get(
      '/assets/swagger/:name',
      async ({ params, request }) => {
        const response = await swaggerFile(params.name, request.headers.get('accept-encoding') ?? '')
        if (!response) throw new GatewayError('not_found', 'There is no such file.')
        return response
      },
      hidden,
    )
    .use(
      createPages({
        scripts,
        runs: pageRuns(runs),
        submit: (id, request) => gateway.submitForm(id, request, root.server?.requestIP(request)?.address),
        chooseSchema: deps.scanner.chooseSchema,
        policies: deps.editing.policy,
        settings,
        variables: deps.variables,
        storage: deps.retention,
        host: deps.host,
        baseUrl,
        report: (error) => errorResponse(error, log),
      }),
    )
}

const hidden = { detail: { hide: true } }

/** The runs as the pages ask for them. */
const pageRuns = (runs: Runs) => ({
  list: ({ script_id: scriptId, status, retry_of: retryOf, before, after, page_size }: PageQuery) => {
    const filter = { scriptId, status, retryOf }
    const items = runs.list({ ...filter, beforeId: before, afterId: after }, { limit: page_size })
    return { items, total: runs.count(filter) }
  },
  get: runs.find,
  sparks: (scriptIds: number[], n: number) =>
    new Map(
      scriptIds.map((id) => [
        id,
        runs
          .sparksOf(id, n)
          .reverse()
          .map(({ status, durationMs }) => ({ status, duration_ms: durationMs })),
      ]),
    ),
  active: runs.active,
  cancel: runs.cancel,
  log: (id: number) => ({ tail: async (lines: number) => runs.tail(id, lines) }),
})

type PageQuery = Parameters<PageRuns['list']>[0]
type PageRuns = Parameters<typeof createPages>[0]['runs']
