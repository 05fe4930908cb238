/** What the form of a schedule shows: what is there, or what was refused, and what it means. */
import type { ScheduleFormProps } from '../../views/schedule-form.tsx'
import { PreviewFragments, type PreviewProps } from '../../views/schedule-preview.tsx'
import { currentLanguage, say, type Text } from '../../views/texts.ts'
import { GatewayError } from '../errors.ts'
import { chineseLocal } from '../schedules/times/chinese.ts'
import { normalZone, systemZone, zones } from '../schedules/times/zone.ts'
import type { Schedule, Upcoming } from '../schedules/view-model.ts'
import type { Param, Script } from '../scripts/model.ts'
import type { PageDeps } from './deps.ts'
import { html } from './html.tsx'
import {
  asAddresses,
  emptyFields,
  errorsOf,
  fieldsFrom,
  fieldsIn,
  keptSecrets,
  shownValues,
  typedIn,
} from './schedule-form.ts'

/** What a form was refused for: it comes back as it was typed. */
export interface RefusedSchedule {
  form: URLSearchParams
  message: string | null
  errors: Record<string, string>
  status: number
}

const previewCount = 10

/** Another schedule, which it is a copy of; or when it is due. */
export interface Start {
  copied?: Schedule
  when?: string
}

interface FormGiven {
  script: Pick<Script, 'id'>
  params: Param[]
  /** null: a new one. */
  schedule: Schedule | null
  /** Of a new one: what its form begins with. */
  start?: Start
  refused: RefusedSchedule | null
  now: number
}

export function formProps(
  deps: PageDeps,
  { script, params, schedule, start = {}, refused, now }: FormGiven,
): ScheduleFormProps {
  const like = schedule ?? start.copied ?? null
  const fields = refused
    ? fieldsIn(refused.form)
    : like
      ? { ...fieldsFrom(like), enabled: true }
      : { ...emptyFields, cron_expression: start.when ?? '' }
  const values = refused ? typedIn(refused.form, params) : (like?.params ?? {})
  const preview: PreviewProps =
    schedule && !refused
      ? savedProps(deps, schedule, now)
      : fields.cron_expression === ''
        ? { preview: null, errors: {}, now }
        : previewOf(deps, fields, now)
  return {
    ...{ scriptId: script.id, id: schedule?.id ?? null, fields, preview },
    params: asAddresses(params),
    values: shownValues(values, params),
    kept: schedule ? keptSecrets(params, schedule) : [],
    heartbeatHost: schedule?.heartbeat_url ?? null,
    errors: { ...secretsToType(params, refused), ...refused?.errors },
    message: refused?.message ?? null,
    zones: zones(),
    zone: gatewayZone(deps),
  }
}

/** A refused form comes back without its secrets: nobody should send it without them by mistake. */
const secretsToType = (params: Param[], refused: RefusedSchedule | null) =>
  refused === null
    ? {}
    : Object.fromEntries(
        params
          .filter(({ name, secret }) => secret && refused.form.get(name))
          .map(({ name }) => [`params/${name}`, say('Type it again.')]),
      )

/** What it says as it is saved: an expression such as `tomorrow at 9` would mean another day by now. */
export const savedProps = (deps: PageDeps, schedule: Schedule, now: number): PreviewProps => ({
  preview: {
    ...{ kind: schedule.kind, words: schedule.words, timezone: schedule.timezone, warnings: [] },
    upcoming: spoken(deps.schedules.upcoming(schedule.script_id, schedule.id, previewCount)),
  },
  ...{ errors: {}, rest: say(restWords[schedule.state]), now },
})

const restWords: Record<Schedule['state'], Text> = {
  active: 'There is none: it is never due.',
  paused: 'It is paused: it is not due until it is resumed.',
  broken: 'It is not run while its values do not fit the script.',
  ended: 'It is over: it is never due again.',
}

/** Times on a clock, as whoever looks writes them. */
export const localWords = (local: string): string => (currentLanguage() === 'zh-CN' ? chineseLocal(local) : local)

const spoken = (upcoming: Upcoming[]): Upcoming[] => upcoming.map((one) => ({ ...one, local: localWords(one.local) }))

/** What a schedule that names no zone gets. */
export function gatewayZone({ settings }: Pick<PageDeps, 'settings'>): string {
  const set = settings.list().find(({ name }) => name === 'schedule_timezone')?.value
  return (typeof set === 'string' && normalZone(set)) || systemZone()
}

type Previewed = Pick<ScheduleFormProps['fields'], 'cron_expression' | 'timezone' | 'starts_at' | 'ends_at'>

function previewOf(deps: PageDeps, fields: Previewed, now: number): PreviewProps {
  const { cron_expression, timezone, starts_at, ends_at } = fields
  try {
    const input = {
      ...{ cron_expression, starts_at: starts_at || null, ends_at: ends_at || null },
      ...(timezone === '' ? {} : { timezone }),
    }
    const preview = deps.schedules.preview(input, previewCount)
    return { preview: { ...preview, upcoming: spoken(preview.upcoming) }, errors: {}, now }
  } catch (error) {
    if (!(error instanceof GatewayError) || error.type !== 'validation') throw error
    return { preview: null, errors: errorsOf(error.details, []).errors, now }
  }
}

/** While somebody types. */
export function showPreview(deps: PageDeps, search: URLSearchParams, now: number): Response {
  const fields = fieldsIn(search)
  return html(
    <PreviewFragments
      {...(fields.cron_expression === '' ? { preview: null, errors: {}, now } : previewOf(deps, fields, now))}
    />,
  )
}
