/** The live events of what has a log, as Server-Sent Events and on a WebSocket: of runs and of installations alike. */
import type { Server } from 'bun'
import { eventStream, heartbeatMs, type Permission, whileAllowed } from '../http/sse.ts'
import { type EventSender, type Socket, sendEvents } from '../http/websocket.ts'
import { type EventNames, type Follow, type Followed, followLog, isDelivered } from './follow.ts'

interface Following<T extends Followed> {
  follow: Follow<T>
  permission: Permission
  names: EventNames
}

interface Asked {
  request: Request
  server: Server<unknown> | null
  /** As Last-Event-ID, for clients that cannot set it. */
  query: { after?: string }
}

/** 204 for whoever has it all: an EventSource stops at this. */
export function logEventStream<T extends Followed>(
  { request, server, query }: Asked,
  { follow, permission, names }: Following<T>,
): Response {
  const after = request.headers.get('last-event-id') ?? query.after ?? null
  if (after !== null && isDelivered(after)) return new Response(null, { status: 204 })
  server?.timeout(request, 0)
  async function* events(signal: AbortSignal) {
    // Whoever comes back hears at once that he is back, however long nothing is printed: an answer begins with its first byte.
    if (after !== null) yield null
    yield* followLog(follow, after, { heartbeatMs, signal, names })
  }
  return eventStream(request, (signal) => whileAllowed(events, signal, permission))
}

/** What we need of Elysia's socket. */
interface LogSocket {
  id: string
  raw: Socket
  data: { params: { id: number }; query: { after?: string }; request: Request }
  close(code?: number, reason?: string): unknown
}

interface SocketOptions {
  /** Throws `not_found`. */
  follow(id: number, request: Request): Follow<Followed>
  permissionOf(request: Request): Permission
  names: EventNames
  /** Why it is closed at the end. */
  ended: string
}

/** The handlers of a WebSocket route with `:id` in its address and `?after=` to resume. */
export function logSocket({ follow, permissionOf, names, ended }: SocketOptions) {
  const senders = new Map<string, EventSender>()
  return {
    idleTimeout: 120,
    open(ws: LogSocket) {
      const { params, query, request } = ws.data
      const after = query.after ?? null
      if (after !== null && isDelivered(after)) return void ws.close(1000, ended)
      const followed = follow(params.id, request)
      const permission = permissionOf(request)
      const events = (signal: AbortSignal) => followLog(followed, after, { heartbeatMs, signal, names })
      const allowed = (signal: AbortSignal) => whileAllowed(events, signal, permission)
      senders.set(ws.id, sendEvents(ws.raw, allowed, { isAllowed: permission.isGiven, ended }))
    },
    drain: (ws: LogSocket) => senders.get(ws.id)?.drained(),
    close(ws: LogSocket) {
      senders.get(ws.id)?.closed()
      senders.delete(ws.id)
    },
  }
}
