/** /api/logs/gateway: the end of the gateway's own log, live, and as a file. */
import { Elysia, t } from 'elysia'
import { answersWith } from '../http/answers.ts'
import { forRole } from '../http/caller.ts'
import { eventStream, type Permission, type SseEvent, whileAllowed } from '../http/sse.ts'
import { type GatewayLogReader, type LogFilter, type LogLevel, logLevels } from './log-reader.ts'

const page = t.Object(
  {
    items: t.Array(t.Record(t.String(), t.Unknown()), { description: 'pino: `level`, `time`, `msg` and more' }),
    before: t.Union([t.String(), t.Null()], { description: 'For the ones before these; null: there are none' }),
    position: t.String({ description: 'For `after` of the live ones: what is written from now on' }),
  },
  { title: 'GatewayLogPage' },
)

const filter = {
  level: t.Optional(
    t.Union(
      (Object.keys(logLevels) as LogLevel[]).map((level) => t.Literal(level)),
      { description: 'This one and worse' },
    ),
  ),
  q: t.Optional(t.String({ maxLength: 200, description: 'What an entry must hold, in whatever case' })),
}
const answers = answersWith({ 422: 'A value does not fit' })

interface Deps {
  gatewayLog: GatewayLogReader
  permissionOf(request: Request): Permission
}

export const gatewayLogRoutes = ({ gatewayLog, permissionOf }: Deps) =>
  new Elysia({ tags: ['System'] })
    .get('/api/logs/gateway', ({ query }) => gatewayLog.last(query), {
      query: t.Object({
        lines: t.Integer({ minimum: 1, maximum: 10_000, default: 200 }),
        ...filter,
        before: t.Optional(t.String({ maxLength: 40, description: '`before` of another answer' })),
      }),
      ...forRole('admin'),
      detail: {
        summary: "The end of the gateway's own log",
        description:
          'Oldest first; each entry as it was written. What is rare is looked for in the last 16 MiB before `before`.',
        responses: answers({ 200: ['The entries', page] }, [422]),
      },
    })
    .get(
      '/api/logs/gateway/events',
      ({ request, server, query }) => {
        server?.timeout(request, 0)
        const after = request.headers.get('last-event-id') ?? query.after
        const events = (signal: AbortSignal) => logEvents(gatewayLog, { ...query, after }, signal)
        return eventStream(request, (signal) => whileAllowed(events, signal, permissionOf(request)))
      },
      {
        query: t.Object({ ...filter, after: t.Optional(t.String({ maxLength: 40 })) }),
        ...forRole('admin'),
        detail: {
          summary: "The gateway's own log, as it is written",
          description:
            'Server-Sent Events: `entries` (`{"items": […]}`), and before them `reset` where what was written in between is gone. `Last-Event-ID`, or `after`, resumes.',
          responses: {
            200: { description: 'The events', content: { 'text/event-stream': { schema: { type: 'string' } } } },
            ...answers({}, [422]),
          },
        },
      },
    )
    .get('/api/logs/gateway/download', () => downloadOf(gatewayLog), {
      ...forRole('admin'),
      detail: {
        summary: "All that is kept of the gateway's own log, as a file",
        responses: {
          200: { description: 'One entry a line', content: { 'application/x-ndjson': { schema: { type: 'string' } } } },
        },
      },
    })

async function* logEvents(
  log: GatewayLogReader,
  query: LogFilter & { after?: string },
  signal: AbortSignal,
): AsyncGenerator<SseEvent | null> {
  yield null // the answer begins with its first byte
  for await (const batch of log.follow(query, signal)) {
    if (batch?.isReset) yield { event: 'reset', data: {} }
    yield batch && { id: batch.position, event: 'entries', data: { items: batch.items } }
  }
}

function downloadOf(log: GatewayLogReader): Response {
  const chunks = log.all()
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await chunks.next()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      async cancel() {
        await chunks.return(undefined)
      },
    },
    { highWaterMark: 1 },
  )
  return new Response(body, {
    headers: {
      'content-type': 'application/x-ndjson; charset=utf-8',
      'content-disposition': 'attachment; filename="gateway.log"',
      'cache-control': 'no-store',
    },
  })
}
