/** /ws/installations/{id}: the same events as /api/installations/{id}/events, on a WebSocket. `?after=ID` resumes. */
import { Elysia, t } from 'elysia'
import { forInstallation } from '../http/caller.ts'
import { logSocket } from '../logs/events.ts'
import { installationEvents } from '../logs/follow.ts'
import { dependenciesFor } from './for-caller.ts'
import type { DependencyRoutesDeps } from './routes.ts'

export const installationSocket = ({ permissionOf, ...deps }: Omit<DependencyRoutesDeps, 'receive'>) =>
  new Elysia({ tags: ['Dependencies'] }).ws('/ws/installations/:id', {
    params: t.Object({ id: t.Integer({ minimum: 1 }) }),
    query: t.Object({ after: t.Optional(t.String({ description: 'Id of the last event received' })) }),
    ...forInstallation('see'),
    detail: {
      summary: 'Follow an installation live (WebSocket)',
      description: 'Messages `{id, event, data}`, the events of /api/installations/{id}/events.',
    },
    beforeHandle: ({ params }) => void deps.dependencies.installations.get(params.id), // 404 before the upgrade
    ...logSocket({
      follow: (id, request) => dependenciesFor(deps, request).installations.follow(id),
      ...{ permissionOf, names: installationEvents, ended: 'the installation has ended' },
    }),
  })
