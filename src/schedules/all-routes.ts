/** /api/schedules: those of all scripts, what is due on which day, and the switch for all of them. */
import { Elysia, t } from 'elysia'
import { invalid } from '../errors.ts'
import { acts, actsItself, type Caller, callerOf, forRole, signedIn } from '../http/caller.ts'
import { notedSettings } from '../settings/noted.ts'
import { usualZone } from './draft.ts'
import { notedSchedules } from './noted.ts'
import type { ScheduleRoutesDeps } from './routes.ts'
import * as schemas from './schemas.ts'
import { answers, filters, offsetOf, paging } from './schemas.ts'
import type { ScheduleFilter, ScheduleInput } from './view-model.ts'

const scriptQuery = { script_id: t.Optional(t.Integer({ minimum: 1 })) }
const dayQuery = (description: string) => t.String({ maxLength: 32, description })
const previewCountMax = 100

type Asked = Pick<ScheduleFilter, 'state' | 'q'> & { script_id?: number }

export function allScheduleRoutes({ schedules, catalog, receive, settings, scriptsSeenBy }: ScheduleRoutesDeps) {
  const noted = (request: Request) => notedSchedules(schedules, catalog, request)
  /** What was asked for, of the scripts that the caller may see. */
  const seen = (request: Request, { script_id, ...filter }: Asked): ScheduleFilter => ({
    ...filter,
    scriptId: script_id,
    scriptIds: scriptsSeenBy(callerOf(request)),
  })
  const runnable = (caller: Caller) => catalog.list().flatMap(({ row }) => (caller.may('run', row) ? [row.id] : []))

  const pause = (isPaused: boolean) => ({
    handle: ({ request }: { request: Request }) => {
      notedSettings(settings, request).update({ schedules_paused: isPaused })
      return schedules.status({})
    },
    options: {
      parse: 'none' as const,
      ...forRole('admin'),
      ...acts(isPaused ? 'schedules.pause' : 'schedules.resume'),
      detail: {
        summary: isPaused ? 'Pause all schedules' : 'Go on with all schedules',
        description: isPaused
          ? 'Nothing that is due is started: each occurrence is noted as skipped. Runs that go on are not touched.'
          : 'From now on. What was due meanwhile stays skipped.',
        responses: answers({ 200: ['The status', schemas.status] }, [403]),
      },
    },
  })
  const [paused, resumed] = [pause(true), pause(false)]

  return new Elysia({ tags: ['Schedules'] })
    .get(
      '/api/schedules',
      ({ query, request }) => {
        const { page, page_size, ...filter } = query
        return { ...schedules.list(seen(request, filter), offsetOf(query)), page, page_size }
      },
      {
        query: t.Object({ ...scriptQuery, ...filters, ...paging }),
        ...signedIn,
        detail: {
          summary: 'The schedules of all scripts that you may see',
          responses: answers({ 200: ['In the order of their numbers', schemas.schedulePage] }, [422]),
        },
      },
    )
    .get(
      '/api/schedules/calendar',
      async ({ query, request }) => {
        const { from, to, timezone: given, ...filter } = query
        const timezone = given || usualZone(settings.get)
        const items = await schedules.calendar(seen(request, filter), { from, to, timezone })
        return { items, total: items.length, page: 1, page_size: items.length, timezone }
      },
      {
        query: t.Object({
          from: dayQuery('The first day: 2027-03-01'),
          to: dayQuery('The last day, at most 61 days later'),
          timezone: t.Optional(t.String({ maxLength: 64, description: 'IANA; whose days they are' })),
          ...{ ...scriptQuery, ...filters },
        }),
        ...signedIn,
        detail: {
          summary: 'What is due on each day',
          description:
            'Of schedules that run, unless `state` says otherwise: the first times of each day, and how many there are.',
          responses: answers({ 200: ['The days', schemas.calendar] }, [422]),
        },
      },
    )
    .get('/api/schedules/status', ({ query, request }) => schedules.status(seen(request, query)), {
      query: t.Object(scriptQuery),
      ...signedIn,
      detail: {
        summary: 'Whether schedules run, how many there are, and what was missed',
        responses: answers({ 200: ['The status', schemas.status] }),
      },
    })
    .post(
      '/api/schedules/preview',
      async ({ request }) => {
        const { count, input } = withCount(await receive.json(request))
        return schedules.preview(input, count)
      },
      {
        parse: 'none',
        ...signedIn,
        ...actsItself, // nothing is changed
        detail: {
          summary: 'What an expression means: in words, with its next times',
          requestBody: schemas.previewBody,
          responses: answers({ 200: ['What it means', schemas.preview] }, [400, 413, 422]),
        },
      },
    )
    .post('/api/schedules/pause', paused.handle, paused.options)
    .post('/api/schedules/resume', resumed.handle, resumed.options)
    .post(
      '/api/schedules/seen',
      ({ query, request }) => {
        const filter = { scriptId: query.script_id, scriptIds: runnable(callerOf(request)) }
        return { marked: noted(request).markSeen(filter) }
      },
      {
        ...{ query: t.Object(scriptQuery), parse: 'none' },
        ...signedIn,
        ...acts('schedule.seen'),
        detail: {
          summary: 'What was missed has been seen',
          description: 'Of all scripts that you may run, or of one of them.',
          responses: answers({ 200: ['How many were marked', schemas.seen] }, [422]),
        },
      },
    )
    .post(
      '/api/schedules/import',
      ({ body, request }) => {
        const { crontab, timezone, lines, enabled, is_system } = body
        const dry_run = body.dry_run ?? true
        const items = noted(request).importCrontab(crontab, {
          ...{ timezone: timezone || null, isApplied: !dry_run, lines: lines ?? undefined, enabled: enabled ?? true },
          isSystem: is_system ?? undefined,
          ...{ scriptIds: runnable(callerOf(request)), asker: callerOf(request) },
        })
        return { dry_run, created: items.filter(({ schedule_id }) => schedule_id !== null).length, items }
      },
      {
        body: schemas.importBody,
        /** Within the limit of a body; the second one is for the document, and finds the body read. */
        parse: [({ request }: { request: Request }) => receive.json(request), 'json' as const],
        ...forRole('editor'),
        ...acts('schedule.import'),
        detail: {
          summary: 'Make schedules of a crontab',
          description:
            'A line becomes a schedule where it starts one of our scripts with arguments that fit; the others say what is in the way, and hold up nothing. Without `"dry_run": false` nothing is made.',
          responses: answers({ 200: ['What each line comes to', schemas.imported] }, [400, 403, 413, 422]),
        },
      },
    )
}

/** What an expression is asked for with: how many times. */
function withCount(body: unknown): { count: number; input: ScheduleInput } {
  if (typeof body !== 'object' || body === null || !('count' in body))
    return { count: 10, input: body as ScheduleInput }
  const { count, ...input } = body
  if (count === null) return { count: 10, input }
  if (!Number.isInteger(count) || (count as number) < 1 || (count as number) > previewCountMax)
    throw invalid('/count', `must be a whole number from 1 to ${previewCountMax}`)
  return { count: count as number, input }
}
