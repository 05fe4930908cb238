/** The fields of a schedule's form, for those who draw it and those who read it. */
import { attr } from './attr.ts'

/** What the fields hold, as one types it. Times are on the clock of the zone: `2027-03-14T09:00`. */
export interface ScheduleFields {
  cron_expression: string
  timezone: string
  description: string
  enabled: boolean
  starts_at: string
  ends_at: string
  jitter_sec: string
  misfire: string
  misfire_window_min: string
  misfire_max: string
  overlap: string
  retry_count: string
  retry_delay_sec: string
  retry_factor: string
  retry_delay_max_sec: string
  retry_jitter: string
  retry_on: string[]
  heartbeat_url: string
  heartbeat_signals: string[]
}

/** Our own fields have a colon before their names: a parameter may be called as it likes. */
export const own = (name: keyof ScheduleFields) => `:${name}`

/** The attributes of a field of our own that holds a text. */
export const textProps = (
  name: Exclude<keyof ScheduleFields, 'enabled' | 'retry_on' | 'heartbeat_signals'>,
  fields: ScheduleFields,
  errors: Record<string, string>,
) => ({
  id: `s-${name}`,
  name: own(name),
  value: attr(fields[name]),
  autocomplete: 'off',
  'aria-invalid': errors[name] === undefined ? undefined : ('true' as const),
})
