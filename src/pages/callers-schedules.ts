/** Schedules on behalf of a request: of the scripts that its caller sees, and told to the audit log by what was done. */
import { note } from '../http/caller.ts'
import { notedSchedules } from '../schedules/noted.ts'
import type { ScheduleFilter, Schedules } from '../schedules/view-model.ts'
import type { Catalog } from '../scripts/catalog.ts'

interface Given {
  schedules: Schedules
  catalog: Pick<Catalog, 'get'>
  request: Request
  /** The scripts that the caller sees; undefined: all. */
  seen: number[] | undefined
  /** The scripts that the caller may run. */
  runnable(): number[]
}

/** The rights over the one script that an address names are the guard's to ask. */
export function schedulesFor({ schedules, catalog, request, seen, runnable }: Given): Schedules {
  const noted = notedSchedules(schedules, catalog, request)
  const within = (filter: ScheduleFilter, ids: number[] | undefined): ScheduleFilter => {
    if (ids === undefined) return filter
    const asked = filter.scriptIds && new Set(filter.scriptIds)
    return { ...filter, scriptIds: asked ? ids.filter((id) => asked.has(id)) : ids }
  }
  /** The forms of a page share an address, so the route cannot say what is done. */
  const acting =
    <A extends unknown[], R>(action: string, act: (...given: A) => R) =>
    (...given: A): R => {
      note(request, { action })
      return act(...given)
    }
  return {
    ...noted,
    list: (filter, page) => noted.list(within(filter, seen), page),
    calendar: (filter, span) => noted.calendar(within(filter, seen), span),
    status: (filter) => noted.status(within(filter, seen)),
    missed: (filter) => noted.missed(within(filter, seen)),
    dueByScript: (filter) => noted.dueByScript(within(filter, seen)),
    soonest: (filter, options) => noted.soonest(within(filter, seen), options),
    nextTimes: (filter, limit) => noted.nextTimes(within(filter, seen), limit),
    create: acting('schedule.create', noted.create),
    update: acting('schedule.update', noted.update),
    remove: acting('schedule.remove', noted.remove),
    restore: acting('schedule.restore', noted.restore),
    runNow: acting('schedule.run', noted.runNow),
    markSeen: acting('schedule.seen', (filter) => noted.markSeen(within(filter, runnable()))),
    importCrontab: acting('schedule.import', (text, options) =>
      noted.importCrontab(text, { ...options, scriptIds: runnable() }),
    ),
  }
}
