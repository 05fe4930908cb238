/** /api/scripts/{id}/schedules: the schedules of one script. Those of all are in all-routes.ts. */
import { Elysia, t } from 'elysia'
import type { Receive } from '../files/receive.ts'
import { basePathOf } from '../http/base-path.ts'
import { acts, type Caller, callerOf, forScript } from '../http/caller.ts'
import { type Catalog, findEntry } from '../scripts/catalog.ts'
import type { Settings } from '../settings/settings.ts'
import { allScheduleRoutes } from './all-routes.ts'
import { notedSchedules } from './noted.ts'
import * as schemas from './schemas.ts'
import { answers, filters, offsetOf, paging } from './schemas.ts'
import type { ScheduleInput, Schedules } from './view-model.ts'

export interface ScheduleRoutesDeps {
  schedules: Schedules
  catalog: Catalog
  receive: Receive
  settings: Settings
  /** The scripts that a caller may see; undefined for all. */
  scriptsSeenBy(caller: Caller): number[] | undefined
}

/** Every route about schedules. */
export const scheduleRoutes = (deps: ScheduleRoutesDeps) =>
  new Elysia().use(scriptScheduleRoutes(deps)).use(allScheduleRoutes(deps))

const idParam = t.String({ description: 'Number or slug of the script' })
const scriptParam = t.Object({ id: idParam })
const bothParams = t.Object({
  id: idParam,
  schedule: t.Integer({ minimum: 1, description: 'Number of the schedule' }),
})
const countQuery = t.Object({ count: t.Integer({ minimum: 1, maximum: 100, default: 10 }) })

function scriptScheduleRoutes({ schedules, catalog, receive, settings }: ScheduleRoutesDeps) {
  const scriptOf = (idOrSlug: string) => findEntry(catalog, idOrSlug).row.id
  const noted = (request: Request) => notedSchedules(schedules, catalog, request)

  const change = async ({ params, request }: { params: typeof bothParams.static; request: Request }) => {
    const body = (await receive.json(request)) as ScheduleInput
    return noted(request).update(scriptOf(params.id), params.schedule, body)
  }
  const changeOptions = {
    ...{ params: bothParams, parse: 'none' as const },
    ...forScript('run'),
    ...acts('schedule.update'),
    detail: {
      summary: 'Change a schedule, or pause it',
      description: 'What is left out stays as it is. What was read may be sent back.',
      requestBody: schemas.changeBody,
      responses: answers({ 200: ['The schedule as it is now', schemas.schedule] }, [400, 403, 404, 409, 413, 422]),
    },
  }

  return new Elysia({ tags: ['Schedules'] })
    .get(
      '/api/scripts/:id/schedules',
      ({ params, query }) => {
        const { page, page_size, ...filter } = query
        const found = schedules.list({ ...filter, scriptId: scriptOf(params.id) }, offsetOf(query))
        return { ...found, page, page_size }
      },
      {
        ...{ params: scriptParam, query: t.Object({ ...filters, ...paging }) },
        ...forScript('see'),
        detail: {
          summary: "A script's schedules",
          responses: answers({ 200: ['In the order of their numbers', schemas.schedulePage] }, [404, 422]),
        },
      },
    )
    .post(
      '/api/scripts/:id/schedules',
      async ({ params, request, set }) => {
        const body = (await receive.json(request)) as ScheduleInput
        const made = noted(request).create(scriptOf(params.id), body, callerOf(request))
        set.status = 201
        set.headers.location = `/api/scripts/${made.script_id}/schedules/${made.id}`
        return made
      },
      {
        ...{ params: scriptParam, parse: 'none' },
        ...forScript('run'),
        ...acts('schedule.create'),
        detail: {
          summary: 'Make a schedule',
          description: 'Its parameters are checked as those of a run are. Nothing is made unless all of it fits.',
          requestBody: schemas.createBody,
          responses: answers(
            { 201: ['The schedule; Location has its address', schemas.schedule] },
            [400, 403, 404, 409, 413, 422],
          ),
        },
      },
    )
    .get('/api/scripts/:id/schedules/:schedule', ({ params }) => schedules.get(scriptOf(params.id), params.schedule), {
      params: bothParams,
      ...forScript('see'),
      detail: { summary: 'One schedule', responses: answers({ 200: ['The schedule', schemas.schedule] }, [404]) },
    })
    .put('/api/scripts/:id/schedules/:schedule', change, changeOptions)
    .patch('/api/scripts/:id/schedules/:schedule', change, changeOptions)
    .delete(
      '/api/scripts/:id/schedules/:schedule',
      ({ params, request }) => {
        noted(request).remove(scriptOf(params.id), params.schedule)
        return new Response(null, { status: 204 })
      },
      {
        ...{ params: bothParams, parse: 'none' },
        ...forScript('run'),
        ...acts('schedule.remove'),
        detail: {
          summary: 'Delete a schedule',
          description: 'The traces of its occurrences go with it; its runs stay.',
          responses: { 204: { description: 'It is gone' }, ...answers({}, [403, 404]) },
        },
      },
    )
    .post(
      '/api/scripts/:id/schedules/:schedule/run',
      async ({ params, request, set }) => {
        const scriptId = scriptOf(params.id)
        const { run_id } = await noted(request).runNow(scriptId, params.schedule, callerOf(request))
        const location = `/api/runs/${run_id}`
        const url = basePathOf(settings.get('base_url')) + location
        set.status = 202
        set.headers.location = location
        return { script_id: scriptId, schedule_id: params.schedule, run_id, url, events_url: `${url}/events` }
      },
      {
        ...{ params: bothParams, parse: 'none' },
        ...forScript('run'),
        ...acts('schedule.run'),
        detail: {
          summary: 'Run it now, with its parameters',
          description: 'Beside its times, which stay as they are; also while it is paused. 409 for one that is broken.',
          responses: answers({ 202: ['Accepted; Location has the run', schemas.started] }, [403, 404, 409, 429, 503]),
        },
      },
    )
    .get(
      '/api/scripts/:id/schedules/:schedule/upcoming',
      ({ params, query }) => {
        const items = schedules.upcoming(scriptOf(params.id), params.schedule, query.count)
        return { items, total: items.length, page: 1, page_size: query.count }
      },
      {
        ...{ params: bothParams, query: countQuery },
        ...forScript('see'),
        detail: {
          summary: 'Its next times, on the clock of its zone',
          description: 'None for one that is paused, broken or ended. `note` says what clocks do to a time.',
          responses: answers({ 200: ['The next times', schemas.upcomingPage] }, [404, 422]),
        },
      },
    )
    .get(
      '/api/scripts/:id/schedules/:schedule/occurrences',
      ({ params, query }) => {
        const { page, page_size } = query
        const found = schedules.occurrences(scriptOf(params.id), params.schedule, offsetOf(query))
        return { ...found, page, page_size }
      },
      {
        ...{ params: bothParams, query: t.Object(paging) },
        ...forScript('see'),
        detail: {
          summary: 'What became of its times',
          description: 'Ran, skipped and why, missed: every time that it was due leaves a trace.',
          responses: answers({ 200: ['Newest first', schemas.occurrencePage] }, [404, 422]),
        },
      },
    )
    .post(
      '/api/scripts/:id/schedules/:schedule/seen',
      ({ params, request }) => {
        const { id, script_id } = schedules.get(scriptOf(params.id), params.schedule)
        return { marked: noted(request).markSeen({ id, scriptId: script_id }) }
      },
      {
        ...{ params: bothParams, parse: 'none' },
        ...forScript('run'),
        ...acts('schedule.seen'),
        detail: {
          summary: 'What it missed has been seen',
          responses: answers({ 200: ['How many were marked', schemas.seen] }, [403, 404]),
        },
      },
    )
}
