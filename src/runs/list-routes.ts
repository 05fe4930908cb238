/** /api/runs and /api/runs/stats: the history, and what it comes to. */
import { Elysia, t } from 'elysia'
import { invalid } from '../errors.ts'
import { type Caller, callerOf, signedIn } from '../http/caller.ts'
import type { Runs } from './runs.ts'
import { runPageSchema, runStatus, runTrigger, statsSchema } from './schemas.ts'
import { dayMs, type RunStats } from './stats.ts'
import type { RunFilter } from './store.ts'

const pageSizeMax = 200

const listQuery = t.Object({
  script_id: t.Optional(t.Integer({ minimum: 1 })),
  status: t.Optional(runStatus),
  trigger: t.Optional(runTrigger),
  user: t.Optional(t.String({ maxLength: 200, description: 'Who asked for it: the whole of `asked_by`' })),
  retry_of: t.Optional(t.Integer({ minimum: 1, description: 'Runs that repeat this one' })),
  schedule_id: t.Optional(t.Integer({ minimum: 1, description: 'Runs that this schedule asked for' })),
  attempts: t.Optional(t.Literal('last', { description: 'Of the attempts of a run the last one only' })),
  from: t.Optional(t.String({ description: 'ISO 8601: accepted at this time or later' })),
  to: t.Optional(t.String({ description: 'ISO 8601: accepted at this time or earlier' })),
  q: t.Optional(t.String({ maxLength: 200, description: 'Text in the parameters, the reason or the last of stderr' })),
  page: t.Integer({ minimum: 1, maximum: 1_000_000, default: 1 }),
  page_size: t.Integer({ minimum: 1, maximum: pageSizeMax, default: 50 }),
})

const statsQuery = t.Object({
  script_id: t.Optional(t.Integer({ minimum: 1 })),
  from: t.Optional(t.String({ description: 'ISO 8601; a day before `to` where it is left out' })),
  to: t.Optional(t.String({ description: 'ISO 8601; now where it is left out' })),
})

interface ListRoutesDeps {
  runs: Runs
  now(): number
  /** The scripts whose runs a caller may see; undefined for all. */
  scriptsSeenBy(caller: Caller): number[] | undefined
}

export const runListRoutes = ({ runs, now, scriptsSeenBy }: ListRoutesDeps) =>
  new Elysia({ tags: ['Runs'] })
    .get(
      '/api/runs',
      async ({ query, request }) => {
        const filter = { ...toFilter(query), scriptIds: scriptsSeenBy(callerOf(request)) }
        const { page, page_size } = query
        const window = { limit: page_size, offset: (page - 1) * page_size }
        if (!filter.q) return { items: runs.list(filter, window), total: runs.count(filter), page, page_size }
        const { ids, total } = await runs.history.textPage(filter, window, request.signal)
        return { items: runs.list({ ids }, { limit: page_size }), total, page, page_size }
      },
      {
        query: listQuery,
        ...signedIn,
        detail: {
          summary: 'List runs, newest first',
          description:
            'A long result is left out here. With `q` every run that the other filters leave is read, which takes seconds where there are a million.',
          responses: runPageSchema,
        },
      },
    )
    .get(
      '/api/runs/stats',
      ({ query: { script_id: scriptId, from, to }, request }) => {
        const end = toTime('/to', to) ?? now()
        const start = toTime('/from', from) ?? end - dayMs
        if (start > end) throw invalid('/from', 'is after `to`: name an earlier time.')
        const scriptIds = scriptsSeenBy(callerOf(request))
        return shown(runs.history.stats({ from: start, to: end, scriptId, scriptIds, now: now() }))
      },
      {
        query: statsQuery,
        ...signedIn,
        detail: {
          summary: 'How runs ended over time, and how long they took',
          description:
            'Runs that have ended, by the hour or the day (UTC) in which they were accepted; what was deleted since is counted, too. Every attempt counts. ' +
            'Durations are of the scripts that took most time, wrong by less than 5 %. By the hour they are kept for 35 days, by the day for 400.',
          responses: statsSchema,
        },
      },
    )

const iso = (at: number) => new Date(at).toISOString()

const shown = ({ from, to, stepMs, total, steps, durations, scripts }: RunStats) => ({
  from: iso(from),
  to: iso(to),
  step_ms: stepMs,
  total,
  steps: steps.map(({ at, ...counts }) => ({ at: iso(at), ...counts })),
  durations: durations.map(({ at, runs, p50, p95 }) => ({ at: iso(at), runs, p50_ms: p50, p95_ms: p95 })),
  scripts: scripts.map(({ scriptId, totalMs, runs, p50, p95 }) => ({
    ...{ script_id: scriptId, total_ms: totalMs, runs, p50_ms: p50, p95_ms: p95 },
  })),
})

function toFilter(query: typeof listQuery.static): RunFilter {
  const { script_id, status, trigger, user, retry_of, schedule_id, attempts, from, to, q } = query
  return {
    scriptId: script_id,
    status,
    trigger,
    askedBy: user,
    retryOf: retry_of,
    scheduleId: schedule_id,
    isLastAttempt: attempts === 'last',
    from: toTime('/from', from),
    to: toTime('/to', to),
    q,
  }
}

/** The end of the year 9999: what is counted beside it has room in a Date. */
const timeMax = 253_402_300_799_999

function toTime(path: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const time = Date.parse(text)
  if (!(Math.abs(time) <= timeMax)) throw invalid(path, `"${text}" is not a time: write it as 2026-11-21T04:05:06Z.`)
  return time
}
