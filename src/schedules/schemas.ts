/** Schedules in requests and in the OpenAPI document. Bodies of schedules are read by input.ts, and answers are made by our own types. */
import { type TSchema, t } from 'elysia'
import { answersWith, pageOf } from '../http/answers.ts'
import { runStatus } from '../runs/schemas.ts'
import { oneOf } from '../scripts/schemas.ts'
import { crontabBytesMax, linesMax } from './crontab/model.ts'
import { bounds } from './input.ts'
import {
  askedStates,
  heartbeatSignals,
  misfirePolicies,
  occurrenceStates,
  overlapPolicies,
  retryOutcomes,
  scheduleStates,
} from './model.ts'

const strict = { additionalProperties: false }
const nullable = <T extends TSchema>(schema: T) => t.Union([schema, t.Null()])
const time = (description?: string) => t.String({ format: 'date-time', ...(description ? { description } : {}) })

const expression = t.String({
  ...{ minLength: 1, maxLength: bounds.expressionLengthMax },
  description:
    'Cron with five or six fields (seconds first), @daily and the like, plain words ("every weekday at 9:30", "every 5 minutes", "on the last day of the month at 23:00", "tomorrow at 9"), or an ISO 8601 time',
})
const timezone = t.String({
  maxLength: bounds.timezoneLengthMax,
  description: "IANA, such as Europe/Berlin; left out: the setting schedule_timezone, or the gateway's own",
})
const momentText = (description: string) =>
  nullable(t.String({ maxLength: 64, description: `${description}; without an offset on the clock of the time zone` }))
const retry = t.Object(
  {
    count: t.Integer({ minimum: 1, maximum: bounds.retryCountMax, description: 'Further attempts after the first' }),
    delay_sec: t.Optional(t.Number({ minimum: 1, maximum: bounds.retryDelaySecMax, default: 60 })),
    factor: t.Optional(t.Number({ minimum: 1, maximum: bounds.retryFactorMax, default: 2 })),
    delay_max_sec: t.Optional(t.Number({ minimum: 1, maximum: bounds.retryDelaySecMax, default: 3600 })),
    jitter: t.Optional(
      t.Number({ minimum: 0, maximum: 1, default: 0.1, description: 'Part of the delay, either way' }),
    ),
    on: t.Optional(t.Array(oneOf(retryOutcomes), { description: 'Which ends are tried again; all of these' })),
  },
  { title: 'Retry' },
)

const timeMembers = {
  timezone: t.Optional(nullable(timezone)),
  starts_at: t.Optional(momentText('Nothing before')),
  ends_at: t.Optional(momentText('Nothing after; a day counts to its end')),
}
/** Null is the default, for clients that send every member. */
const members = {
  ...timeMembers,
  description: t.Optional(nullable(t.String({ maxLength: bounds.descriptionLengthMax }))),
  params: t.Optional(
    nullable(
      t.Record(t.String(), t.Unknown(), {
        description:
          'All of them, as for a run; a mask that is sent back means "as it was". File parameters are addresses, data: URLs or allowed paths',
      }),
    ),
  ),
  enabled: t.Optional(nullable(t.Boolean({ default: true, description: 'false: paused' }))),
  jitter_sec: t.Optional(
    nullable(
      t.Number({
        ...{ minimum: 0, maximum: bounds.jitterSecMax, default: 0 },
        description: 'Each time is moved by a random part of it, to later',
      }),
    ),
  ),
  misfire: t.Optional(nullable(oneOf(misfirePolicies, { default: 'once', description: 'Of times that were missed' }))),
  misfire_window_min: t.Optional(nullable(t.Integer({ minimum: 1, maximum: bounds.misfireWindowMinMax, default: 60 }))),
  misfire_max: t.Optional(nullable(t.Integer({ minimum: 1, maximum: bounds.misfireMaxMax, default: 10 }))),
  overlap: t.Optional(
    nullable(oneOf(overlapPolicies, { default: 'skip', description: 'While an earlier run goes on' })),
  ),
  retry: t.Optional(nullable(retry)),
  heartbeat_url: t.Optional(
    nullable(
      t.String({ maxLength: bounds.urlLengthMax, description: 'Called after each good run; shown as its host' }),
    ),
  ),
  heartbeat_signals: t.Optional(nullable(t.Array(oneOf(heartbeatSignals), { default: ['success'] }))),
}

const example = {
  ...{ cron_expression: 'every weekday at 9:30', timezone: 'Europe/Berlin', description: 'The report for the morning' },
  ...{ params: { text: 'hello' }, misfire: 'once', overlap: 'skip', retry: { count: 3, delay_sec: 60 } },
}

const body = (schema: TSchema, shown: object) => ({
  required: true,
  content: { 'application/json': { schema: schema as object, example: shown } },
})
export const createBody = body(
  t.Object({ cron_expression: expression, ...members }, { ...strict, title: 'NewSchedule' }),
  example,
)
export const changeBody = body(
  t.Object({ cron_expression: t.Optional(expression), ...members }, { ...strict, title: 'ScheduleChange' }),
  {
    enabled: false,
  },
)
export const previewBody = body(
  t.Object(
    {
      ...{ cron_expression: expression, ...timeMembers },
      count: t.Optional(t.Integer({ minimum: 1, maximum: 100, default: 10 })),
    },
    strict,
  ),
  { cron_expression: 'on the last day of the month at 23:00', timezone: 'America/New_York', count: 3 },
)
export const importBody = t.Object(
  {
    crontab: t.String({ minLength: 1, maxLength: crontabBytesMax }),
    timezone: t.Optional(nullable(t.String({ ...timezone, description: 'Of lines without CRON_TZ' }))),
    dry_run: t.Optional(nullable(t.Boolean({ description: 'true, also when left out: nothing is made' }))),
    lines: t.Optional(
      nullable(
        t.Array(t.Integer({ minimum: 1 }), {
          maxItems: linesMax,
          description: 'Only these lines; left out: all that can, and that have no schedule yet',
        }),
      ),
    ),
    enabled: t.Optional(nullable(t.Boolean({ description: 'false: they are made paused' }))),
    is_system: t.Optional(
      nullable(
        t.Boolean({
          description: 'Whether the user stands before the command, as in /etc/crontab; left out: it is found out',
        }),
      ),
    ),
  },
  { ...strict, title: 'CrontabImport' },
)

export const paging = {
  page: t.Integer({ minimum: 1, maximum: 1_000_000, default: 1 }),
  page_size: t.Integer({ minimum: 1, maximum: 200, default: 50 }),
}
export const filters = {
  state: t.Optional(oneOf(askedStates, { description: '`missed`: with times that nobody has seen yet' })),
  q: t.Optional(
    t.String({ maxLength: 200, description: 'Text in the expression or the description, or words of the script' }),
  ),
}
export const offsetOf = ({ page, page_size }: { page: number; page_size: number }) => ({
  limit: page_size,
  offset: (page - 1) * page_size,
})

const problem = t.Object({ path: t.String(), message: t.String() }, { title: 'Problem' })

export const schedule = t.Object(
  {
    ...{ id: t.Integer(), script_id: t.Integer() },
    cron_expression: t.String({ description: 'As it was written' }),
    kind: oneOf(['cron', 'every', 'once']),
    words: t.String({ description: 'As it was understood' }),
    ...{ timezone: t.String(), description: t.String() },
    params: t.Record(t.String(), t.Unknown(), { description: 'As they were sent, secrets masked' }),
    enabled: t.Boolean(),
    state: oneOf(scheduleStates, {
      description: 'broken: its parameters do not fit the script any more, and it is not run',
    }),
    problems: t.Array(problem, { description: 'Why it is broken' }),
    ...{ starts_at: nullable(time()), ends_at: nullable(time()) },
    jitter_sec: t.Number(),
    ...{ misfire: oneOf(misfirePolicies), misfire_window_min: t.Integer(), misfire_max: t.Integer() },
    overlap: oneOf(overlapPolicies),
    retry: nullable(retry),
    heartbeat_url: nullable(t.String({ description: 'Its host alone' })),
    heartbeat_signals: t.Array(oneOf(heartbeatSignals)),
    next_runs: t.Array(time(), { description: 'The next three; none while it is paused, broken or ended' }),
    last_run: nullable(
      t.Object({
        ...{ id: t.Integer(), status: runStatus, queued_at: time() },
        ...{ finished_at: nullable(time()), duration_ms: nullable(t.Integer()) },
      }),
    ),
    missed: t.Integer({ description: 'Times that were missed, and that nobody has seen yet' }),
    ...{ created_at: time(), updated_at: time(), created_by: nullable(t.String()) },
  },
  { title: 'Schedule' },
)

const upcoming = t.Object(
  {
    at: time(),
    local: t.String({ description: 'On the clock of its zone: Sun 14 Mar 2027 03:00 EDT' }),
    note: nullable(t.String({ description: 'Why it is not when one would think, or why there is a gap before it' })),
  },
  { title: 'UpcomingTime' },
)
const occurrence = t.Object(
  {
    ...{ id: t.Integer(), schedule_id: t.Integer(), script_id: t.Integer(), due_at: time() },
    is_manual: t.Boolean({ description: 'Somebody asked for it' }),
    state: oneOf(occurrenceStates, { title: 'OccurrenceState' }),
    reason: nullable(t.String({ description: 'Why it was skipped, missed or failed' })),
    run_id: nullable(t.Integer({ description: 'Of its last attempt' })),
    run_status: nullable(runStatus),
    attempt: t.Integer(),
    retry_at: nullable(time('When the next attempt is due')),
    count: t.Integer({ description: 'Of missed ones in a row: how many' }),
    last_due_at: nullable(time()),
    is_seen: t.Boolean(),
    asked_by: nullable(t.String()),
  },
  { title: 'Occurrence' },
)

export const schedulePage = pageOf(schedule)
export const upcomingPage = pageOf(upcoming)
export const occurrencePage = pageOf(occurrence)
export const calendar = pageOf(
  t.Object({
    date: t.String({ format: 'date' }),
    entries: t.Array(
      t.Object({
        ...{ schedule_id: t.Integer(), script_id: t.Integer() },
        times: t.Array(t.Object({ at: time(), local: t.String() }), { description: 'The first ones of the day' }),
        count: t.Integer(),
        is_more: t.Boolean({ description: 'There are more than count' }),
      }),
    ),
  }),
  { timezone: t.String() },
)
export const preview = t.Object({
  kind: oneOf(['cron', 'every', 'once']),
  ...{ words: t.String(), timezone: t.String() },
  upcoming: t.Array(upcoming),
  warnings: t.Array(t.String()),
})
export const status = t.Object(
  {
    is_scheduling: t.Boolean({ description: 'Whether this gateway starts what is due' }),
    problem: nullable(t.String({ description: 'Why it cannot just now' })),
    is_paused: t.Boolean({ description: 'By the setting schedules_paused' }),
    other: nullable(
      t.Object(
        { host: t.String(), pid: t.Integer(), seen_at: time() },
        { description: 'The gateway that schedules in its place' },
      ),
    ),
    ...{ active: t.Integer(), broken: t.Integer(), missed: t.Integer() },
    next_at: nullable(time()),
  },
  { title: 'SchedulesStatus' },
)
export const started = t.Object({
  ...{ script_id: t.Integer(), schedule_id: t.Integer(), run_id: t.Integer() },
  ...{ url: t.String(), events_url: t.String() },
})
export const seen = t.Object({ marked: t.Integer({ description: 'Occurrences whose badge is gone' }) })
export const imported = t.Object(
  {
    dry_run: t.Boolean(),
    created: t.Integer(),
    items: t.Array(
      t.Object({
        line: t.Integer(),
        text: t.String(),
        ...{ cron_expression: nullable(t.String()), timezone: nullable(t.String()), command: nullable(t.String()) },
        script_id: nullable(t.Integer()),
        params: t.Record(t.String(), t.Unknown()),
        heartbeat_url: nullable(t.String({ description: 'What it calls after a good end: the host alone' })),
        problem: nullable(t.String({ description: 'Why nothing can be made of it' })),
        warnings: t.Array(t.String()),
        schedule_id: nullable(t.Integer({ description: 'Once it was made' })),
        existing_id: nullable(
          t.Integer({ description: 'The schedule that it has already: it gets no other unless `lines` names it' }),
        ),
      }),
    ),
  },
  { title: 'CrontabImportAnswer' },
)

const errorTexts = {
  400: 'The body is not what it claims to be',
  403: 'The right is missing',
  404: 'There is no such script or schedule',
  409: 'It cannot be done as things are',
  413: 'The body is over its limit',
  422: 'Something does not fit: each problem with its place; nothing was changed',
  429: 'The queue is full',
  503: 'No run is accepted now',
} as const

/** The answers of a route: those that succeed, and the errors it has. */
export const answers = answersWith(errorTexts)
