/** /api/deps: the packages of every script that declares none itself; and the cache of environments. */
import { Elysia, t } from 'elysia'
import { acts, forRole, signedIn } from '../http/caller.ts'
import type { RuntimeName } from '../scripts/model.ts'
import { runtime } from '../scripts/schemas.ts'
import { dependenciesFor } from './for-caller.ts'
import type { DependencyRoutesDeps } from './routes.ts'
import * as schemas from './schemas.ts'
import { answers } from './schemas.ts'
import { answerInstallation, waitParam } from './waiting.ts'

const waitQuery = t.Object({ wait: waitParam })

export function globalRoutes({ receive, ...deps }: DependencyRoutesDeps) {
  const own = (request: Request) => dependenciesFor(deps, request)
  /** Within the limit of a body; the second one is for the document, and finds the body read. */
  const parse = [({ request }: { request: Request }) => receive.json(request), 'json' as const]
  /** Who may do without a body is not asked for one. */
  const parseIfThere = [
    ({ request }: { request: Request }) => (isEmpty(request) ? {} : receive.json(request)),
    'json' as const,
  ]
  const removeOptions = { parse: 'none' as const, ...forRole('editor'), ...acts('dependency.remove') }
  const installed = answers(
    { 200: ['It is ready', schemas.view], 202: ['The installation', schemas.installation] },
    [403, 404, 409, 422, 502],
  )

  const remove = async (runtime: RuntimeName, name: string, request: Request) =>
    (await own(request).removeGlobal(runtime, name)).view

  return new Elysia({ tags: ['Dependencies'] })
    .get('/api/deps', ({ request }) => own(request).globals(), {
      ...signedIn,
      detail: {
        summary: 'The global packages of each runtime',
        responses: answers({ 200: ['What every script gets that declares nothing itself', schemas.globals] }),
      },
    })
    .post(
      '/api/deps/install',
      async ({ body, ...asked }) => {
        asked.server?.timeout(asked.request, 0) // who waits, waits for an installer
        const ofCaller = own(asked.request)
        const wanted = body.deps.map(schemas.withVersion)
        const runtime = body.runtime as RuntimeName
        const { installation } = await ofCaller.addGlobal(runtime, wanted)
        const ready = async () => {
          const view = (await ofCaller.globals())[runtime]
          return { status: view.state, ...view }
        }
        return answerInstallation(installation, { own: ofCaller, asked, ready })
      },
      {
        ...{ query: waitQuery, body: schemas.globalBody, parse },
        ...forRole('editor'),
        ...acts('dependency.add'),
        detail: {
          summary: 'Declare global packages, and install them',
          description:
            'For who may edit every script that uses the global set. With an empty list what is declared is installed.',
          responses: { ...installed, ...answers({}, [400, 413]) },
        },
      },
    )
    .delete('/api/deps/:runtime/:name', ({ params, request }) => remove(params.runtime, params.name, request), {
      params: t.Object({ runtime, name: t.String({ description: 'Percent-encoded' }) }),
      ...removeOptions,
      detail: {
        summary: 'Declare a global package no more',
        responses: answers({ 200: ['What is declared now', schemas.view] }, [403, 404, 409, 422]),
      },
    })
    .delete(
      '/api/deps/:runtime/:name/:rest', // @scope/name that was not encoded
      ({ params, request }) => remove(params.runtime, `${params.name}/${params.rest}`, request),
      {
        params: t.Object({ runtime, name: t.String(), rest: t.String() }),
        ...removeOptions,
        detail: { hide: true },
      },
    )
    .get('/api/dependencies/cache/status', ({ request }) => own(request).cache.status(), {
      ...forRole('operator'),
      detail: {
        summary: 'The environments on disk: size, age, and which scripts need them',
        responses: answers({ 200: ['The cache', schemas.cacheStatus] }),
      },
    })
    .post(
      '/api/dependencies/cache/cleanup',
      ({ body, request, server }) => {
        server?.timeout(request, 0) // many files take their time
        return own(request).cache.cleanup(body)
      },
      {
        ...{ body: schemas.cleanupBody, parse: parseIfThere },
        ...forRole('admin'),
        ...acts('storage.cleanup'),
        detail: {
          summary: 'Remove environments that no script needs',
          description: 'Without a body: those that were not used for the days of the setting DEPS_CACHE_DAYS.',
          responses: answers({ 200: ['What was removed', schemas.cleanupReport] }, [400, 413, 422]),
        },
      },
    )
}

const isEmpty = ({ body, headers }: Request) => body === null || headers.get('content-length') === '0'
