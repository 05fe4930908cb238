/** The form of a schedule: from what was posted to what the service takes, and back. */
import { own, type ScheduleFields } from '../../views/schedule-fields.ts'
import { say } from '../../views/texts.ts'
import type { Problem } from '../errors.ts'
import { masked } from '../logs/mask.ts'
import type { HeartbeatSignal, MisfirePolicy, OverlapPolicy, RetryOutcome } from '../schedules/model.ts'
import { localAt } from '../schedules/times/offsets.ts'
import type { Schedule, ScheduleInput } from '../schedules/view-model.ts'
import { convertParams } from '../scripts/convert.ts'
import type { Param } from '../scripts/model.ts'
import { sentence, textIn } from './form.ts'

/** Of a new one: the defaults of the service, so that the form says what they are. */
export const emptyFields: ScheduleFields = {
  ...{ cron_expression: '', timezone: '', description: '', enabled: true, starts_at: '', ends_at: '' },
  ...{ jitter_sec: '0', misfire: 'once', misfire_window_min: '60', misfire_max: '10', overlap: 'skip' },
  ...{ retry_count: '0', retry_delay_sec: '60', retry_factor: '2', retry_delay_max_sec: '3600', retry_jitter: '0.1' },
  retry_on: ['failed', 'timeout', 'killed', 'interrupted'],
  ...{ heartbeat_url: '', heartbeat_signals: ['success'] },
}

/** As it is, for its form; the address of its heartbeat is a secret and is not in it. */
export function fieldsFrom(schedule: Schedule): ScheduleFields {
  const { retry } = schedule
  return {
    ...emptyFields,
    cron_expression: schedule.cron_expression,
    timezone: schedule.timezone,
    description: schedule.description,
    enabled: schedule.enabled,
    starts_at: localInput(schedule.starts_at, schedule.timezone),
    ends_at: localInput(schedule.ends_at, schedule.timezone),
    jitter_sec: String(schedule.jitter_sec),
    misfire: schedule.misfire,
    misfire_window_min: String(schedule.misfire_window_min),
    misfire_max: String(schedule.misfire_max),
    overlap: schedule.overlap,
    heartbeat_signals: schedule.heartbeat_signals,
    ...(retry && {
      retry_count: String(retry.count),
      retry_delay_sec: String(retry.delay_sec),
      retry_factor: String(retry.factor),
      retry_delay_max_sec: String(retry.delay_max_sec),
      retry_jitter: String(retry.jitter),
      retry_on: retry.on,
    }),
  }
}

/** `2027-03-14T09:00`, as a field for local times takes it. */
const localInput = (at: string | null, timezone: string) =>
  at === null ? '' : new Date(localAt(timezone, Date.parse(at))).toISOString().slice(0, 16)

/** As they were posted. */
export function fieldsIn(form: URLSearchParams): ScheduleFields {
  const text = (name: keyof ScheduleFields) => textIn(form, own(name))
  const texts = Object.fromEntries(
    Object.entries(emptyFields)
      .filter(([, value]) => typeof value === 'string')
      .map(([name]) => [name, text(name as keyof ScheduleFields)]),
  )
  return {
    ...emptyFields,
    ...texts,
    enabled: form.has(own('enabled')),
    retry_on: form.getAll(own('retry_on')),
    heartbeat_signals: form.getAll(own('heartbeat_signals')),
  }
}

/** What the service is to be told. It says what does not fit: nothing is checked here. `before`: of a change. */
export function inputOf(form: URLSearchParams, params: Param[], before: Schedule | null): ScheduleInput {
  const fields = fieldsIn(form)
  const was = before && fieldsFrom(before)
  const hasNewZone = fields.timezone !== was?.timezone
  /** Told only where it changed: `tomorrow at 9` would be another day, and bounds have seconds that the form has not. */
  const changed = <T>(name: 'starts_at' | 'ends_at', value: T) =>
    was && !hasNewZone && was[name] === fields[name] ? undefined : value
  return withoutUndefined({
    // The same words in another zone are the service's to move.
    cron_expression: was?.cron_expression === fields.cron_expression ? undefined : fields.cron_expression,
    timezone: fields.timezone === '' && !was ? undefined : fields.timezone,
    description: fields.description,
    params: valuesIn(form, params, before),
    ...(before ? {} : { enabled: fields.enabled }),
    starts_at: changed('starts_at', fields.starts_at === '' ? null : fields.starts_at),
    ends_at: changed('ends_at', fields.ends_at === '' ? null : fields.ends_at),
    jitter_sec: numberOf(fields.jitter_sec),
    misfire: (fields.misfire as MisfirePolicy) || undefined,
    misfire_window_min: numberOf(fields.misfire_window_min),
    misfire_max: numberOf(fields.misfire_max),
    overlap: (fields.overlap as OverlapPolicy) || undefined,
    retry: retryOf(fields),
    ...heartbeatOf(form, fields, before),
  })
}

/** A member that is there is a member that is set. */
const withoutUndefined = <T extends object>(members: T): T =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as T

/** What is no number goes on as it was typed, for the service to refuse in its words. */
const numberOf = (text: string): number | undefined =>
  text === '' ? undefined : Number.isFinite(Number(text)) ? Number(text) : (text as unknown as number)

const retryOf = (fields: ScheduleFields): ScheduleInput['retry'] =>
  ['', '0'].includes(fields.retry_count)
    ? null
    : withoutUndefined({
        count: numberOf(fields.retry_count),
        delay_sec: numberOf(fields.retry_delay_sec),
        factor: numberOf(fields.retry_factor),
        delay_max_sec: numberOf(fields.retry_delay_max_sec),
        jitter: numberOf(fields.retry_jitter),
        on: fields.retry_on as RetryOutcome[],
      })

function heartbeatOf(form: URLSearchParams, fields: ScheduleFields, before: Schedule | null): ScheduleInput {
  if (form.has(':heartbeat_remove')) return { heartbeat_url: null }
  const hasAny = fields.heartbeat_url !== '' || Boolean(before?.heartbeat_url)
  return {
    heartbeat_url: fields.heartbeat_url === '' ? undefined : fields.heartbeat_url,
    heartbeat_signals: hasAny ? (fields.heartbeat_signals as HeartbeatSignal[]) : undefined,
  }
}

/** Of their types where they fit them. A secret that was left empty is the one that the schedule has, unless it is to be forgotten. */
function valuesIn(form: URLSearchParams, params: Param[], before: Schedule | null): Record<string, unknown> {
  const forgotten = form.getAll(':forget')
  const typed = typedIn(form, params)
  const { values } = convertParams(params, typed, { isForm: true })
  const sent = params.flatMap(({ name }): [string, unknown][] =>
    Object.hasOwn(typed, name) && values[name] !== undefined ? [[name, values[name]]] : [],
  )
  const kept = before ? keptSecrets(params, before).filter((name) => !typed[name] && !forgotten.includes(name)) : []
  return Object.fromEntries([...sent, ...kept.map((name): [string, unknown] => [name, masked])])
}

/** Secrets that the schedule has. */
export const keptSecrets = (params: Param[], { params: had }: Pick<Schedule, 'params'>): string[] =>
  params.filter(({ name, secret }) => secret && Object.hasOwn(had, name)).map(({ name }) => name)

/** Values of the parameters as they were typed: of a switch the last one counts, empty fields are left out. */
export function typedIn(form: URLSearchParams, params: Param[]): Record<string, unknown> {
  return Object.fromEntries(
    params.flatMap(({ name, multiple }): [string, unknown][] => {
      const all = form.getAll(name).map((value) => value.replaceAll('\r\n', '\n'))
      const filled = all.filter((value) => value !== '')
      if (multiple) return all.length === 0 ? [] : [[name, filled]]
      const last = all.at(-1)
      return last === undefined || last === '' ? [] : [[name, last]]
    }),
  )
}

/** What the form shows of the values again; not its secrets. */
export const shownValues = (values: Record<string, unknown>, params: Param[]): Record<string, unknown> =>
  Object.fromEntries(
    params.filter(({ name, secret }) => !secret && Object.hasOwn(values, name)).map(({ name }) => [name, values[name]]),
  )

/** A schedule gets no uploads: a file is an address that is fetched for each run. */
export const asAddresses = (params: Param[]): Param[] =>
  params.map((param) =>
    param.type === 'file'
      ? {
          ...param,
          type: 'str' as const,
          help: `${param.help === '' ? '' : `${param.help.replace(/[.!?…]?$/, '.')} `}${say('An address, which is fetched for each run')}`,
        }
      : param,
  )

/** What is wrong, at the fields of the form; and what belongs to none of them. */
export function errorsOf(problems: Problem[], params: Param[]): { errors: Record<string, string>; others: string[] } {
  const errors: Record<string, string> = {}
  const others: string[] = []
  for (const { path, message } of problems) {
    const name = fieldOf(path, params)
    if (name === null) others.push(sentence(`${path.slice(1)} ${message}`.trim()))
    else errors[name] = errors[name] === undefined ? sentence(message) : `${errors[name]} ${sentence(message)}`
  }
  return { errors, others }
}

/** `/retry/count` is the field `retry_count`, `/params/sizes/0` the parameter `params/sizes`. */
function fieldOf(path: string, params: Param[]): string | null {
  const [, first = '', second = ''] = path.split('/').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
  if (first === 'params') return params.some(({ name }) => name === second) ? `params/${second}` : null
  if (first === 'retry') return Object.hasOwn(emptyFields, `retry_${second}`) ? `retry_${second}` : 'retry_count'
  return Object.hasOwn(emptyFields, first) ? first : null
}
