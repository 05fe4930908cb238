/** /ws/runs/{id}: the same events as /api/runs/{id}/events, on a WebSocket. `?after=ID` resumes. */
import { Elysia, t } from 'elysia'
import { forRun } from '../http/caller.ts'
import { heartbeatMs, type Permission, whileAllowed } from '../http/sse.ts'
import { type EventSender, sendEvents } from '../http/websocket.ts'
import { followLog, isDelivered } from '../logs/follow.ts'
import type { Runs } from './runs.ts'

interface RunSocketDeps {
  runs: Runs
  permissionOf(request: Request): Permission
}

export function runSocket({ runs, permissionOf }: RunSocketDeps) {
  const senders = new Map<string, EventSender>()
  return new Elysia({ tags: ['Runs'] }).ws('/ws/runs/:id', {
    params: t.Object({ id: t.Integer({ minimum: 1 }) }),
    query: t.Object({ after: t.Optional(t.String({ description: 'Id of the last event received' })) }),
    ...forRun('see'),
    idleTimeout: 120,
    detail: {
      summary: 'Follow a run live (WebSocket)',
      description: 'Messages `{id, event, data}`, the events of /api/runs/{id}/events.',
    },
    beforeHandle: ({ params }) => void runs.get(params.id), // 404 before the upgrade
    open(ws) {
      const { params, query } = ws.data
      const after = query.after ?? null
      if (after !== null && isDelivered(after)) return void ws.close(1000, 'the run has ended')
      const follow = runs.follow(params.id)
      const permission = permissionOf(ws.data.request)
      const events = (signal: AbortSignal) => followLog(follow, after, { heartbeatMs, signal })
      senders.set(
        ws.id,
        sendEvents(ws.raw, (signal) => whileAllowed(events, signal, permission), permission.isGiven),
      )
    },
    drain: (ws) => senders.get(ws.id)?.drained(),
    close(ws) {
      senders.get(ws.id)?.closed()
      senders.delete(ws.id)
    },
  })
}
