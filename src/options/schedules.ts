/** Schedules, for all of them; each says the rest itself. */
import { isZone, option } from './option.ts'

export const schedulesOptions = {
  schedules_paused: option(
    'bool',
    'SCHEDULES_PAUSED',
    false,
    'Start nothing that is scheduled: each occurrence is noted as skipped.',
  ),
  schedule_timezone: option(
    'str',
    'SCHEDULE_TIMEZONE',
    '',
    "Time zone (IANA, such as Europe/Berlin) of schedules that name none; empty: the gateway's own.",
    { isZone },
  ),
}
