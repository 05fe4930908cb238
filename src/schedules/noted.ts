/** Schedules changed on behalf of a request: the audit log is told what they were and are, secrets masked. */
import { callerOf, type Note, note } from '../http/caller.ts'
import { masked } from '../logs/mask.ts'
import type { Catalog } from '../scripts/catalog.ts'
import type { Schedule, ScheduleInput, Schedules } from './view-model.ts'

/** What follows from the rest, or from the clock. */
const derived = [
  ...['id', 'script_id', 'kind', 'words', 'state', 'problems', 'next_runs', 'last_run', 'missed'],
  ...['created_at', 'updated_at', 'created_by'],
]

export function notedSchedules(schedules: Schedules, catalog: Pick<Catalog, 'get'>, request: Request): Schedules {
  const told = ({ id, script_id, cron_expression }: Schedule, change: Pick<Note, 'before' | 'after'>) => {
    const name = `${catalog.get(script_id)?.row.filename ?? `script ${script_id}`}: ${cron_expression}`
    note(request, { object: { type: 'schedule', id, name }, ...change })
  }
  return {
    ...schedules,
    create(scriptId, input, asker) {
      const made = schedules.create(scriptId, input, asker)
      told(made, { before: null, after: settable(made) })
      return made
    },
    update(scriptId, id, input) {
      const before = schedules.get(scriptId, id)
      const script = catalog.get(scriptId)?.row
      const mayEdit = script !== undefined && callerOf(request).may('edit', script)
      const after = schedules.update(scriptId, id, input, { mayEdit })
      told(after, { before: settable(before), after: { ...settable(after), ...replaced(before, after, input) } })
      return after
    },
    remove(scriptId, id) {
      const before = schedules.get(scriptId, id)
      schedules.remove(scriptId, id)
      told(before, { before: settable(before), after: null })
    },
    restore(scriptId, id) {
      const back = schedules.restore(scriptId, id)
      told(back, { before: null, after: settable(back) })
      return back
    },
    async runNow(scriptId, id, asker) {
      const schedule = schedules.get(scriptId, id)
      told(schedule, {})
      const started = await schedules.runNow(scriptId, id, asker)
      told(schedule, { after: started })
      return started
    },
    markSeen(filter) {
      const marked = schedules.markSeen(filter)
      const name = filter.id === undefined ? undefined : `schedule ${filter.id}`
      note(request, { object: { type: 'schedules', name }, after: { marked } })
      return marked
    },
    importCrontab(text, options) {
      const entries = schedules.importCrontab(text, options)
      const made = entries.flatMap(({ schedule_id }) => schedule_id ?? [])
      note(request, { object: { type: 'schedules' }, after: { dry_run: !options.isApplied, schedules: made } })
      return entries
    },
  }
}

const settable = (schedule: Schedule) =>
  Object.fromEntries(Object.entries(schedule).filter(([name]) => !derived.includes(name)))

/** Secrets that were set anew look as before. */
function replaced(before: Schedule, after: Schedule, { params = {}, heartbeat_url: url }: ScheduleInput) {
  const secrets = Object.keys(params).filter((name) => after.params[name] === masked && params[name] !== masked)
  if (url && url !== before.heartbeat_url) secrets.push('heartbeat_url')
  return secrets.length > 0 ? { replaced: secrets } : {}
}
