/** /api/runs: history, logs, live events, cancelling. */
import { Elysia, t } from 'elysia'
import { invalid } from '../errors.ts'
import { acts, type Caller, callerOf, forRun, note, signedIn } from '../http/caller.ts'
import type { Permission } from '../http/sse.ts'
import { logEventStream } from '../logs/events.ts'
import { runEvents } from '../logs/follow.ts'
import { linesAnswer, linesDetail, linesQuery, searchAnswer, searchDetail, searchQuery } from '../logs/log-answers.ts'
import { logTextResponse } from '../logs/log-text.ts'
import { withAttempts } from './attempts.ts'
import { refuseGoneLog } from './log-gone.ts'
import { runStatuses, streams, triggers } from './model.ts'
import type { Runs } from './runs.ts'
import { runPageSchema, runSchema } from './schemas.ts'
import type { RunFilter } from './store.ts'

/** Not UnionEnum: that one fills in its first value where nothing was asked for. */
const oneOf = <T extends string>(names: readonly T[]) => t.Union(names.map((name) => t.Literal(name)))

const idParam = t.Object({ id: t.Integer({ minimum: 1, description: 'Number of the run' }) })
const pageSizeMax = 200

const listQuery = t.Object({
  script_id: t.Optional(t.Integer({ minimum: 1 })),
  status: t.Optional(oneOf(runStatuses)),
  trigger: t.Optional(oneOf(triggers)),
  retry_of: t.Optional(t.Integer({ minimum: 1, description: 'Runs that repeat this one' })),
  schedule_id: t.Optional(t.Integer({ minimum: 1, description: 'Runs that this schedule asked for' })),
  attempts: t.Optional(t.Literal('last', { description: 'Of the attempts of a run the last one only' })),
  from: t.Optional(t.String({ description: 'ISO 8601: accepted at this time or later' })),
  to: t.Optional(t.String({ description: 'ISO 8601: accepted at this time or earlier' })),
  q: t.Optional(t.String({ maxLength: 200, description: 'Text in the parameters, the reason or the last of stderr' })),
  page: t.Integer({ minimum: 1, maximum: 1_000_000, default: 1 }),
  page_size: t.Integer({ minimum: 1, maximum: pageSizeMax, default: 50 }),
})

interface RunRoutesDeps {
  runs: Runs
  /** The scripts whose runs a caller may see; undefined for all. */
  scriptsSeenBy(caller: Caller): number[] | undefined
  permissionOf(request: Request): Permission
}

export function runRoutes({ runs, scriptsSeenBy, permissionOf }: RunRoutesDeps) {
  /** Throws `not_found`, also where the log is gone. */
  function keptLog(id: number) {
    const follow = runs.follow(id)
    refuseGoneLog(follow.run(), runs.logPath(id))
    return follow
  }

  return new Elysia({ tags: ['Runs'] })
    .get(
      '/api/runs',
      ({ query, request }) => {
        const filter = { ...toFilter(query), scriptIds: scriptsSeenBy(callerOf(request)) }
        const { page, page_size } = query
        const items = runs.list(filter, { limit: page_size, offset: (page - 1) * page_size })
        return { items, total: runs.count(filter), page, page_size }
      },
      {
        query: listQuery,
        ...signedIn,
        detail: {
          summary: 'List runs, newest first',
          description: 'A long result is left out here.',
          responses: runPageSchema,
        },
      },
    )
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

function toFilter(query: typeof listQuery.static): RunFilter {
  const { script_id, status, trigger, retry_of, schedule_id, attempts, from, to, q } = query
  return {
    scriptId: script_id,
    status,
    trigger,
    retryOf: retry_of,
    scheduleId: schedule_id,
    isLastAttempt: attempts === 'last',
    from: toTime('/from', from),
    to: toTime('/to', to),
    q,
  }
}

function toTime(path: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const time = Date.parse(text)
  if (Number.isNaN(time)) throw invalid(path, `"${text}" is not a time: write it as 2026-11-21T04:05:06Z.`)
  return time
}
