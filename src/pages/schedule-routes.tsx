/** The addresses of the pages about schedules: thin, as all of them. */
import { Elysia } from 'elysia'
import { acts, asPage, forRole, forScript, signedIn } from '../http/caller.ts'
import { postCrontab, postPause, postSeen, showImport, showSchedules } from './all-schedules.tsx'
import type { PageDeps } from './deps.ts'
import { readForm } from './form.ts'
import { handling } from './handling.ts'
import { showPreview } from './schedule-props.tsx'
import { type Posted, postSchedule, postSchedules, showSchedule, showSchedulesOf } from './schedules.tsx'

/** An Elysia instance. `depsFor`: as whoever makes the request may see them. */
export function schedulePages(depsFor: (request: Request) => PageDeps) {
  const { page, post, now, search, raw } = handling(depsFor)
  const posted = async (request: Request, deps: PageDeps): Promise<Posted> => ({
    form: await readForm(request),
    isInPlace: request.headers.get('hx-request') === 'true',
    now: now(deps),
  })

  return new Elysia({ name: 'schedule-pages' })
    .get(
      '/scripts/:id/schedules',
      page((context, deps) => showSchedulesOf(deps, context.params.id!, search(context), now(deps))),
      { ...asPage(forScript('see')) },
    )
    .post(
      '/scripts/:id/schedules',
      post(async ({ params, request }, deps) => postSchedules(deps, params.id!, await posted(request, deps))),
      { ...asPage(forScript('run')), ...acts('schedule.create'), ...raw },
    )
    .get(
      '/scripts/:id/schedules/:schedule',
      page((context, deps) => showSchedule(deps, context.params, search(context), now(deps))),
      { ...asPage(forScript('see')) },
    )
    .post(
      '/scripts/:id/schedules/:schedule',
      post(async ({ params, request }, deps) => postSchedule(deps, params, await posted(request, deps))),
      { ...asPage(forScript('run')), ...acts('schedule.update'), ...raw },
    )
    .get(
      '/schedules',
      page((context, deps) => showSchedules(deps, search(context), now(deps))),
      { ...asPage(signedIn) },
    )
    .post(
      '/schedules/pause',
      post((_, deps) => postPause(deps, true)),
      { ...asPage(forRole('admin')), ...acts('schedules.pause'), ...raw },
    )
    .post(
      '/schedules/resume',
      post((_, deps) => postPause(deps, false)),
      { ...asPage(forRole('admin')), ...acts('schedules.resume'), ...raw },
    )
    .post(
      '/schedules/seen',
      post((_, deps) => postSeen(deps)),
      { ...asPage(signedIn), ...acts('schedule.seen'), ...raw },
    )
    .get(
      '/schedules/import',
      page((_, deps) => showImport(deps, now(deps))),
      { ...asPage(forRole('editor')) },
    )
    .post(
      '/schedules/import',
      post(async ({ request }, deps) => postCrontab(deps, await readForm(request), now(deps))),
      { ...asPage(forRole('editor')), ...acts('schedule.import'), ...raw },
    )
    .get(
      '/fragments/schedules/preview',
      page((context, deps) => showPreview(deps, search(context), now(deps))),
      { ...asPage(signedIn) },
    )
}
