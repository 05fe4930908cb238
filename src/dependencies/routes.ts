/** /api/scripts/{id}/dependencies: what a script declares, what of it is installed, and changing that. */
import { Elysia, t } from 'elysia'
import { invalid } from '../errors.ts'
import { contentDisposition } from '../files/disposition.ts'
import type { Receive } from '../files/receive.ts'
import { acts, forScript, signedIn } from '../http/caller.ts'
import type { Permission } from '../http/sse.ts'
import type { Catalog } from '../scripts/catalog.ts'
import { dependenciesFor } from './for-caller.ts'
import { globalRoutes } from './global-routes.ts'
import { installationRoutes } from './installation-routes.ts'
import * as schemas from './schemas.ts'
import { answers, oneOf } from './schemas.ts'
import { installationSocket } from './socket.ts'
import { type Dependencies, exportFormats } from './view-model.ts'
import { answerInstallation, isOn, waitParam } from './waiting.ts'

export interface DependencyRoutesDeps {
  dependencies: Dependencies
  catalog: Catalog
  receive: Receive
  permissionOf(request: Request): Permission
}

/** Every route about packages, environments and installations. */
export const dependencyRoutes = (deps: DependencyRoutesDeps) =>
  new Elysia()
    .use(scriptDependencyRoutes(deps))
    .use(globalRoutes(deps))
    .use(installationRoutes(deps))
    .use(installationSocket(deps))

const idParam = t.String({ description: 'Number or slug of the script' })
const scriptParam = t.Object({ id: idParam })
const scopeQuery = t.Object({
  scope: t.Optional(
    oneOf(['script', 'folder', 'global'] as const, {
      description: "Where it is declared; the script's own place when left out",
    }),
  ),
})
const installQuery = t.Object({
  update: t.Optional(t.String({ description: '1: renew the lock, which needs the right to edit' })),
  wait: waitParam,
})

function scriptDependencyRoutes({ receive, ...deps }: DependencyRoutesDeps) {
  const own = (request: Request) => dependenciesFor(deps, request)
  /** Within the limit of a body; the second one is for the document, and finds the body read. */
  const parse = [({ request }: { request: Request }) => receive.json(request), 'json' as const]
  const parseList = [async ({ request }: { request: Request }) => listIn(await receive.json(request)), 'json' as const]
  const changed = answers({ 200: ['What it declares now', schemas.view] }, [400, 403, 404, 409, 413, 422])
  const removeOptions = {
    ...{ query: scopeQuery, parse: 'none' as const },
    ...forScript('edit'),
    ...acts('dependency.remove'),
  }

  return new Elysia({ tags: ['Dependencies'] })
    .get('/api/scripts/:id/dependencies', ({ params, request }) => own(request).view(params.id), {
      params: scriptParam,
      ...forScript('see'),
      detail: {
        summary: 'What a script declares, where, and what of it is installed',
        responses: answers({ 200: ['Its dependencies', schemas.view] }, [404]),
      },
    })
    .post(
      '/api/scripts/:id/dependencies',
      ({ params, body, query, request }) => own(request).add(params.id, schemas.withVersion(body), query.scope),
      {
        ...{ params: scriptParam, query: scopeQuery, body: schemas.dependencyBody, parse },
        ...forScript('edit'),
        ...acts('dependency.add'),
        detail: {
          summary: 'Declare a package, or another version of it',
          description: 'It is written into the file that declares it, and installed in the background.',
          responses: changed,
        },
      },
    )
    .put(
      '/api/scripts/:id/dependencies',
      ({ params, body, query, request }) =>
        own(request).replace(params.id, body.dependencies.map(schemas.withVersion), query.scope),
      {
        ...{ params: scriptParam, query: scopeQuery, body: schemas.replaceBody, parse: parseList },
        ...forScript('edit'),
        ...acts('dependency.replace'),
        detail: {
          summary: 'Declare these packages and no others',
          description: 'The body is a list of `{name, version}`, or `{"dependencies": [...]}`.',
          responses: changed,
        },
      },
    )
    .delete(
      '/api/scripts/:id/dependencies/:name',
      ({ params, query, request }) => own(request).remove(params.id, params.name, query.scope),
      {
        params: t.Object({ id: idParam, name: t.String({ description: 'As it is declared, percent-encoded' }) }),
        ...removeOptions,
        detail: { summary: 'Declare a package no more', responses: changed },
      },
    )
    .delete(
      '/api/scripts/:id/dependencies/:name/:rest', // @scope/name that was not encoded
      ({ params, query, request }) => own(request).remove(params.id, `${params.name}/${params.rest}`, query.scope),
      {
        params: t.Object({ id: idParam, name: t.String(), rest: t.String() }),
        ...removeOptions,
        detail: { hide: true },
      },
    )
    .post(
      '/api/scripts/:id/dependencies/install',
      async ({ params, ...asked }) => {
        const { request, query, server } = asked
        server?.timeout(request, 0) // who waits, waits for an installer
        const ofCaller = own(request)
        const installation = await ofCaller.install(params.id, { isUpdate: isOn(query.update) })
        const ready = async () => {
          const view = await ofCaller.view(params.id)
          return { status: view.state, ...view }
        }
        return answerInstallation(installation, { own: ofCaller, asked, ready })
      },
      {
        ...{ params: scriptParam, query: installQuery, parse: 'none' },
        ...forScript('run'),
        ...acts('dependency.install'),
        detail: {
          summary: 'Install what a script declares',
          description: '202 while it goes on, with `Location`; 200 where there is nothing to do.',
          responses: answers(
            { 200: ['It is ready', schemas.view], 202: ['The installation', schemas.installation] },
            [403, 404, 409, 422, 502],
          ),
        },
      },
    )
    .get(
      '/api/scripts/:id/dependencies/check',
      ({ params, request, server }) => {
        server?.timeout(request, 0) // indexes are asked
        return own(request).check(params.id)
      },
      {
        params: scriptParam,
        ...forScript('edit'),
        detail: {
          summary: 'Which packages are installed, missing, outdated or in conflict',
          description: 'Asks where packages come from, which takes seconds.',
          responses: answers({ 200: ['What was found', schemas.check] }, [403, 404, 422]),
        },
      },
    )
    .get(
      '/api/scripts/:id/dependencies/export',
      async ({ params, query, request }) => {
        const ofCaller = own(request)
        const format =
          query.format ?? ((await ofCaller.view(params.id)).runtime === 'js' ? 'package.json' : 'requirements')
        const { filename, text } = await ofCaller.exportOf(params.id, format)
        return new Response(text, {
          headers: {
            'content-type': 'text/plain; charset=utf-8',
            'content-disposition': contentDisposition('attachment', filename),
            'x-content-type-options': 'nosniff',
          },
        })
      },
      {
        ...{ params: scriptParam, query: t.Object({ format: t.Optional(oneOf(exportFormats)) }) },
        ...forScript('see'),
        detail: {
          summary: 'What it declares, or its lock, as a file',
          responses: {
            200: { description: 'The file', content: { 'text/plain': { schema: { type: 'string' } } } },
            ...answers({}, [404, 409]),
          },
        },
      },
    )
    .get('/api/scripts/:id/environment', ({ params, request }) => own(request).environment(params.id), {
      params: scriptParam,
      ...forScript('edit'),
      detail: {
        summary: 'The interpreter, packages and variables that a run is given',
        responses: answers({ 200: ['The environment', schemas.environment] }, [403, 404]),
      },
    })
    .post(
      '/api/scripts/batch/dependencies/install',
      async ({ body, request, set }) => {
        if ((body.script_ids === undefined) === !body.all)
          throw invalid('/script_ids', 'must be a list of ids, or "all" must be true: one of the two.')
        set.status = 202
        return { items: await own(request).installMany(body.script_ids ?? 'all', { isUpdate: body.update }) }
      },
      {
        ...{ body: schemas.batchBody, parse },
        ...signedIn,
        ...acts('dependency.install'),
        detail: {
          summary: 'Install what many scripts declare',
          description: 'Scripts that declare the same share one installation. What cannot be done is said in its item.',
          responses: answers({ 202: ['What became of each', schemas.batch] }, [400, 413, 422]),
        },
      },
    )
}

/** A bare list stands for an object with nothing else in it. */
const listIn = (body: unknown) => (Array.isArray(body) ? { dependencies: body } : body)
