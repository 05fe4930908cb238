/** /ws/runs/{id}: the same events as /api/runs/{id}/events, on a WebSocket. `?after=ID` resumes. */
import { Elysia, t } from 'elysia'
import { forRun } from '../http/caller.ts'
import type { Permission } from '../http/sse.ts'
import { logSocket } from '../logs/events.ts'
import { runEvents } from '../logs/follow.ts'
import type { Runs } from './runs.ts'

interface RunSocketDeps {
  runs: Runs
  permissionOf(request: Request): Permission
}

export const runSocket = ({ runs, permissionOf }: RunSocketDeps) =>
  new Elysia({ tags: ['Runs'] }).ws('/ws/runs/:id', {
    params: t.Object({ id: t.Integer({ minimum: 1 }) }),
    query: t.Object({ after: t.Optional(t.String({ description: 'Id of the last event received' })) }),
    ...forRun('see'),
    detail: {
      summary: 'Follow a run live (WebSocket)',
      description: 'Messages `{id, event, data}`, the events of /api/runs/{id}/events.',
    },
    beforeHandle: ({ params }) => void runs.get(params.id), // 404 before the upgrade
    ...logSocket({ follow: runs.follow, permissionOf, names: runEvents, ended: 'the run has ended' }),
  })
