/** /api/installations: what was and is being installed, with logs, live events, and cancelling. */
import { Elysia, t } from 'elysia'
import { acts, forInstallation, signedIn } from '../http/caller.ts'
import { logEventStream } from '../logs/events.ts'
import { installationEvents } from '../logs/follow.ts'
import { linesAnswer, linesDetail, linesQuery, searchAnswer, searchDetail, searchQuery } from '../logs/log-answers.ts'
import { logTextResponse } from '../logs/log-text.ts'
import { streams } from '../logs/model.ts'
import { runtime } from '../scripts/schemas.ts'
import { dependenciesFor } from './for-caller.ts'
import type { DependencyRoutesDeps } from './routes.ts'
import * as schemas from './schemas.ts'
import { answers, oneOf } from './schemas.ts'

const idParam = t.Object({ id: t.Integer({ minimum: 1, description: 'Number of the installation' }) })
const listQuery = t.Object({
  script_id: t.Optional(t.Integer({ minimum: 1, description: 'Begun for this script' })),
  runtime: t.Optional(runtime),
  status: t.Optional(schemas.installation.properties.status),
  environment: t.Optional(t.String({ maxLength: 200 })),
  page: t.Integer({ minimum: 1, maximum: 1_000_000, default: 1 }),
  page_size: t.Integer({ minimum: 1, maximum: 200, default: 50 }),
})

export function installationRoutes({ permissionOf, ...deps }: Omit<DependencyRoutesDeps, 'receive'>) {
  const own = (request: Request) => dependenciesFor(deps, request).installations
  const one = answers({ 200: ['The installation', schemas.installation] }, [404])

  return new Elysia({ tags: ['Dependencies'] })
    .get(
      '/api/installations',
      ({ query, request }) => {
        const { page, page_size, script_id: scriptId, runtime, status, environment } = query
        const filter = { scriptId, runtime, status, environment }
        const found = own(request).list(filter, { limit: page_size, offset: (page - 1) * page_size })
        return { ...found, page, page_size }
      },
      {
        query: listQuery,
        ...signedIn,
        detail: {
          summary: 'Installations, newest first',
          responses: answers({ 200: ['A page of installations', schemas.installationPage] }),
        },
      },
    )
    .get('/api/installations/:id', ({ params, request }) => own(request).get(params.id), {
      params: idParam,
      ...forInstallation('see'),
      detail: { summary: 'One installation', responses: one },
    })
    .post('/api/installations/:id/cancel', ({ params, request }) => own(request).cancel(params.id), {
      ...{ params: idParam, parse: 'none' },
      ...forInstallation('run'),
      ...acts('dependency.cancel'),
      detail: {
        summary: 'Cancel an installation',
        description: 'The installer and all that it started are ended. One that has ended is answered as it is.',
        responses: one,
      },
    })
    .get(
      '/api/installations/:id/logs',
      ({ params, query, request }) => {
        const follow = own(request).follow(params.id)
        return logTextResponse(request, () => follow.cursor(0), query.stream ?? null)
      },
      {
        params: idParam,
        query: t.Object({ stream: t.Optional(oneOf(streams)) }),
        ...forInstallation('see'),
        detail: {
          summary: "The installer's log as text",
          description: 'Byte ranges are answered, `Range: bytes=-4096` gives the end.',
          responses: {
            200: { description: 'The log', content: { 'text/plain': { schema: { type: 'string' } } } },
            ...answers({}, [404]),
          },
        },
      },
    )
    .get(
      '/api/installations/:id/lines',
      ({ params, query, request }) => linesAnswer(own(request).follow(params.id), query),
      { ...{ params: idParam, query: linesQuery, detail: linesDetail }, ...forInstallation('see') },
    )
    .get(
      '/api/installations/:id/search',
      ({ params, query, request }) => searchAnswer(own(request).follow(params.id), query),
      { ...{ params: idParam, query: searchQuery, detail: searchDetail }, ...forInstallation('see') },
    )
    .get(
      '/api/installations/:id/events',
      ({ params, ...asked }) => {
        const follow = own(asked.request).follow(params.id)
        return logEventStream(asked, { follow, permission: permissionOf(asked.request), names: installationEvents })
      },
      {
        params: idParam,
        query: t.Object({
          after: t.Optional(t.String({ description: 'As Last-Event-ID, for clients that cannot set it' })),
        }),
        ...forInstallation('see'),
        detail: {
          summary: 'Follow an installation live (Server-Sent Events)',
          description:
            'Events: installation_started, installation_progress with `{"lines": [{seq, stream, ts, line}]}`, installation_error for every end but ' +
            'success, and installation_finished, always the last. `Last-Event-ID` resumes with nothing lost and nothing twice; 204 when there is no more.',
          responses: {
            200: { description: 'The events', content: { 'text/event-stream': { schema: { type: 'string' } } } },
            ...answers({}, [404]),
          },
        },
      },
    )
}
