/** The schedules of a script, out of one gateway and into another: all but their secrets. */
import { GatewayError } from '../errors.ts'
import type { Caller } from '../http/caller.ts'
import { masked } from '../logs/mask.ts'
import type { SchedulesService } from '../schedules/schedules.ts'
import type { Schedule, ScheduleInput } from '../schedules/view-model.ts'
import type { PackedSchedule } from './script-model.ts'

export interface ImportedSchedule {
  script_id: number
  cron_expression: string
  /** null: it was not made, and `problem` says why. */
  schedule_id: number | null
  /** It waits for parameters that it lacks. */
  paused: boolean
  /** What is to be set again: names of secret parameters, and `heartbeat_url`. */
  lacks: string[]
  problem: string | null
}

/** More than a script can have. */
const all = { limit: 1000, offset: 0 }

export const packSchedules = (schedules: Pick<SchedulesService, 'list'>, scriptId: number): PackedSchedule[] =>
  schedules.list({ scriptId }, all).items.map(packed)

function packed(schedule: Schedule): PackedSchedule {
  const { cron_expression, timezone, description, params, enabled, starts_at, ends_at, heartbeat_url } = schedule
  const { jitter_sec, misfire, misfire_window_min, misfire_max, overlap, retry, heartbeat_signals } = schedule
  const settings = {
    ...{ timezone, description, enabled, starts_at, ends_at, jitter_sec, misfire, misfire_window_min, misfire_max },
    ...{ overlap, retry, heartbeat_signals },
    params: Object.fromEntries(Object.entries(params).filter(([, value]) => value !== masked)),
  }
  const secrets = Object.keys(params).filter((name) => params[name] === masked)
  return { cron_expression, settings, secrets, has_heartbeat: heartbeat_url !== null }
}

/** Makes those that are not there yet. One that cannot be made here says why, and holds up no others. */
export function unpackSchedules(
  schedules: Pick<SchedulesService, 'list' | 'bring'>,
  { scriptId, caller }: { scriptId: number; caller: Caller },
  wanted: PackedSchedule[] = [],
): ImportedSchedule[] {
  const there = schedules.list({ scriptId }, all).items
  return wanted.flatMap((one) => {
    const isThere = there.some(
      ({ cron_expression, timezone, description }) =>
        cron_expression === one.cron_expression &&
        timezone === one.settings.timezone &&
        description === one.settings.description,
    )
    return isThere ? [] : [brought(schedules, { scriptId, caller }, one)]
  })
}

function brought(
  schedules: Pick<SchedulesService, 'bring'>,
  { scriptId, caller }: { scriptId: number; caller: Caller },
  { cron_expression, settings, secrets, has_heartbeat: hasHeartbeat }: PackedSchedule,
): ImportedSchedule {
  const about = {
    script_id: scriptId,
    cron_expression,
    lacks: [...secrets, ...(hasHeartbeat ? ['heartbeat_url'] : [])],
  }
  // Its members are looked at one by one there, as those of a request.
  const input = { ...settings, cron_expression } as ScheduleInput
  try {
    const { id, enabled } = schedules.bring(scriptId, input, { asker: caller, lacks: secrets })
    return { ...about, schedule_id: id, paused: !enabled, problem: null }
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    return { ...about, schedule_id: null, paused: false, problem: error.message }
  }
}
