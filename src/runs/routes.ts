/** /api/runs/{id}: one run, its log, its live events, cancelling. */
import { Elysia, t } from 'elysia'
import { acts, forRun, note } from '../http/caller.ts'
import type { Permission } from '../http/sse.ts'
import { logEventStream } from '../logs/events.ts'
import { runEvents } from '../logs/follow.ts'
import { linesAnswer, linesDetail, linesQuery, searchAnswer, searchDetail, searchQuery } from '../logs/log-answers.ts'
import { logTextResponse } from '../logs/log-text.ts'
import { withAttempts } from './attempts.ts'
import { refuseGoneLog } from './log-gone.ts'
import { streams } from './model.ts'
import type { Runs } from './runs.ts'
import { runSchema } from './schemas.ts'

/** Not UnionEnum: that one fills in its first value where nothing was asked for. */
const oneOf = <T extends string>(names: readonly T[]) => t.Union(names.map((name) => t.Literal(name)))

const idParam = t.Object({ id: t.Integer({ minimum: 1, description: 'Number of the run' }) })
interface RunRoutesDeps {
  runs: Runs
  permissionOf(request: Request): Permission
}

export function runRoutes({ runs, permissionOf }: RunRoutesDeps) {
  /** Throws `not_found`, also where the log is gone. */
  function keptLog(id: number) {
    const follow = runs.follow(id)
    refuseGoneLog(follow.run(), runs.logPath(id))
    return follow
  }

  return new Elysia({ tags: ['Runs'] })
    .get('/api/runs/:id', ({ params }) => withAttempts(runs.get(params.id), runs.attemptsOf), {
      params: idParam,
      ...forRun('see'),
      detail: {
        summary: 'One run',
        description: 'One that was tried again has all of its `attempts`, whichever of them is asked for.',
        responses: runSchema,
      },
    })
    .post(
      '/api/runs/:id/cancel',
      ({ params, request }) => {
        note(request, { after: { run_id: params.id } })
        return runs.cancel(params.id)
      },
      {
        params: idParam,
        parse: 'none',
        ...forRun('run'),
        ...acts('run.cancel'),
        detail: {
          summary: 'Cancel a run',
          description:
            'The script and everything it started are asked to end, then ended. One that has ended is answered as it is.',
          responses: runSchema,
        },
      },
    )
    .get(
      '/api/runs/:id/logs',
      ({ params, query, request }) => {
        const follow = keptLog(params.id)
        return logTextResponse(request, () => follow.cursor(0), query.stream ?? null)
      },
      {
        params: idParam,
        query: t.Object({ stream: t.Optional(oneOf(streams)) }),
        ...forRun('see'),
        detail: {
          summary: 'The log as text',
          description: 'Byte ranges are answered, `Range: bytes=-4096` gives the end.',
          responses: { 200: { description: 'The log', content: { 'text/plain': { schema: { type: 'string' } } } } },
        },
      },
    )
    .get('/api/runs/:id/lines', ({ params, query }) => linesAnswer(keptLog(params.id), query), {
      ...{ params: idParam, query: linesQuery, detail: linesDetail },
      ...forRun('see'),
    })
    .get('/api/runs/:id/search', ({ params, query }) => searchAnswer(keptLog(params.id), query), {
      ...{ params: idParam, query: searchQuery, detail: searchDetail },
      ...forRun('see'),
    })
    .get(
      '/api/runs/:id/events',
      ({ params, ...asked }) => {
        const permission = permissionOf(asked.request)
        return logEventStream(asked, { follow: runs.follow(params.id), permission, names: runEvents })
      },
      {
        params: idParam,
        query: t.Object({
          after: t.Optional(t.String({ description: 'As Last-Event-ID, for clients that cannot set it' })),
        }),
        ...forRun('see'),
        detail: {
          summary: 'Follow a run live (Server-Sent Events)',
          description:
            'Events: execution_started, log_output with `{"lines": [{seq, stream, ts, line}]}`, execution_error for every end but success, ' +
            'and execution_finished, always the last. `Last-Event-ID` resumes with nothing lost and nothing twice; 204 when there is no more.',
          responses: {
            200: { description: 'The events', content: { 'text/event-stream': { schema: { type: 'string' } } } },
          },
        },
      },
    )
}
