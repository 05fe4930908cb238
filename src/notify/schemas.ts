/** Channels, rules and deliveries in requests and in the OpenAPI document. */
import { type TSchema, t } from 'elysia'
import { channelKinds } from '../channels/model.ts'
import { pageOf } from '../http/answers.ts'
import { notifyEventNames } from '../options/notify.ts'
import { runTrigger } from '../runs/schemas.ts'
import { deliveryStates } from './model.ts'

/** Not UnionEnum: that one fills in its first value where nothing was asked for. */
const oneOf = <T extends string>(names: readonly T[], options = {}) =>
  t.Union(
    names.map((name) => t.Literal(name)),
    options,
  )
const nullable = <T extends TSchema>(schema: T) => t.Union([schema, t.Null()])
const closed = { additionalProperties: false }
const time = t.String({ format: 'date-time' })
const number = (description: string) => t.Integer({ minimum: 1, description })

export const channelParam = t.Object({ channel: number('Number of the channel') })
export const ruleParam = t.Object({ rule: number('Number of the rule') })
export const deliveryParam = t.Object({ delivery: number('Number of the delivery') })
const scriptId = t.String({ description: 'Number or slug of the script' })
export const scriptParam = t.Object({ id: scriptId })
export const scriptRuleParam = t.Object({ id: scriptId, rule: number('Number of the rule') })

const state = oneOf(deliveryStates, { title: 'DeliveryState' })
const event = oneOf(notifyEventNames, { title: 'NotifyEvent' })
const channelKind = oneOf(channelKinds, { title: 'ChannelKind' })
const paging = {
  page: t.Integer({ minimum: 1, maximum: 1_000_000, default: 1 }),
  page_size: t.Integer({ minimum: 1, maximum: 200, default: 50 }),
}
export const scriptDeliveriesQuery = t.Object({ state: t.Optional(state), ...paging }, closed)
export const deliveriesQuery = t.Object(
  {
    channel_id: t.Optional(number('To this channel')),
    rule_id: t.Optional(number('By this rule')),
    run_id: t.Optional(number('Of this run')),
    script_id: t.Optional(number('Of this script')),
    state: t.Optional(state),
    ...paging,
  },
  closed,
)

export const channelBody = t.Object(
  {
    name: t.Optional(t.String({ description: 'Required for a new one' })),
    kind: t.Optional(oneOf(channelKinds.filter((kind) => kind !== 'heartbeat'))),
    config: t.Optional(
      t.Record(t.String(), t.Unknown(), {
        description:
          'By the fields of the kind, see GET /api/channels/kinds. What is left out stays, and so does a secret that is sent as it is shown; null goes back to the default',
      }),
    ),
    enabled: t.Optional(t.Boolean()),
  },
  { ...closed, title: 'ChannelInput' },
)

export const ruleBody = t.Object(
  {
    channel_id: t.Optional(number('Where it goes; required for a new one')),
    events: t.Optional(t.Array(event, { maxItems: 20, description: 'What is told; required for a new one' })),
    triggers: t.Optional(t.Array(runTrigger, { maxItems: 20, description: 'Only of such runs; empty: of all' })),
    tags: t.Optional(
      t.Array(t.String(), { maxItems: 50, description: 'Only of scripts with one of them; empty: of all' }),
    ),
    title: t.Optional(nullable(t.String({ description: 'Template with {{names}} of facts; null: the usual text' }))),
    body: t.Optional(nullable(t.String({ description: 'The same' }))),
    slow_factor: t.Optional(
      t.Number({ description: 'Slow is what takes more than this times the median of the last 20 good runs' }),
    ),
    quiet_hours: t.Optional(
      nullable(
        t.Object(
          // Both are needed, and rule-input.ts says which one is not there.
          { from: t.Optional(t.String({ description: '22:00' })), to: t.Optional(t.String({ description: '07:00' })) },
          { ...closed, description: 'Nothing is sent between them; what came is told together at their end' },
        ),
      ),
    ),
    timezone: t.Optional(t.String({ description: 'IANA: the clock of the quiet hours' })),
    max_per_hour: t.Optional(
      t.Integer({ description: 'In any 60 minutes; what is over it is told together later. 0: no limit' }),
    ),
    enabled: t.Optional(t.Boolean()),
  },
  { ...closed, title: 'RuleInput' },
)

export const muteBody = t.Object(
  { muted: t.Boolean({ description: 'Whether the rules for all scripts, and NOTIFY_URL, say nothing of this one' }) },
  { ...closed, title: 'Mute' },
)

const channel = t.Object(
  {
    id: t.Integer(),
    name: t.String(),
    kind: channelKind,
    config: t.Record(t.String(), t.Unknown(), { description: 'Without its secrets: of an address its host' }),
    enabled: t.Boolean(),
    last: nullable(t.Object({ state, at: time, problem: nullable(t.String()) })),
    waiting: t.Integer({ description: 'Deliveries that wait to be sent, or to be tried again' }),
    warnings: t.Array(t.String(), { description: 'Why nothing will arrive, as the settings are' }),
    created_at: time,
    updated_at: time,
  },
  { title: 'Channel' },
)

const rule = t.Object(
  {
    id: t.Integer(),
    script_id: nullable(t.Integer({ description: 'Null: of every script' })),
    channel_id: t.Integer(),
    events: t.Array(event),
    triggers: t.Array(runTrigger),
    tags: t.Array(t.String()),
    title: nullable(t.String()),
    body: nullable(t.String()),
    slow_factor: t.Number(),
    quiet_hours: nullable(t.Object({ from: t.String(), to: t.String() })),
    timezone: t.String(),
    max_per_hour: t.Integer(),
    enabled: t.Boolean(),
    created_at: time,
    updated_at: time,
  },
  { title: 'Rule' },
)

const delivery = t.Object(
  {
    id: t.Integer(),
    channel_id: nullable(t.Integer({ description: 'Null: NOTIFY_URL, or a heartbeat' })),
    rule_id: nullable(t.Integer()),
    kind: channelKind,
    event: t.String({
      description: 'What the rule asks for; or test, summary, heartbeat_start, heartbeat_success, heartbeat_fail',
    }),
    outcome: nullable(t.String({ description: 'How the run ended, or missed, broken, not_started' })),
    script_id: nullable(t.Integer()),
    run_id: nullable(t.Integer()),
    schedule_id: nullable(t.Integer()),
    title: t.String(),
    body: t.String(),
    state,
    attempts: t.Integer(),
    next_at: nullable(time),
    status: nullable(t.Integer({ description: 'HTTP status of the last answer' })),
    problem: nullable(t.String({ description: 'Why the last try failed' })),
    answer: nullable(t.String({ description: 'The beginning of the last answer' })),
    duration_ms: nullable(t.Integer()),
    created_at: time,
    finished_at: nullable(time),
    redelivery_of: nullable(t.Integer()),
  },
  { title: 'Delivery' },
)

const kind = t.Object(
  {
    kind: channelKind,
    label: t.String(),
    fields: t.Array(t.Object({ name: t.String(), type: t.String(), required: t.Boolean(), secret: t.Boolean() })),
  },
  { title: 'ChannelKindInfo' },
)

const json = (description: string, schema: object) => ({ description, content: { 'application/json': { schema } } })
const refusals = {
  400: 'The body is not what it claims to be',
  404: 'There is no such thing',
  409: 'It is not possible as things are; the message says why',
  413: 'The body is over its limit',
  422: 'Something does not fit; nothing was changed',
}
const errors = (...codes: (keyof typeof refusals)[]) =>
  Object.fromEntries(codes.map((code) => [code, json(refusals[code], { $ref: '#/components/schemas/Error' })]))
const changing = errors(400, 404, 409, 413, 422)
const removed = { 204: { description: 'It is gone' }, ...errors(404) }

export const answers = {
  kinds: { 200: json('The kinds', pageOf(kind)) },
  channels: { 200: json('The channels, by name', pageOf(channel)) },
  channel: { 200: json('The channel', channel), ...errors(404) },
  channelMade: { 201: json('The new channel', channel), ...changing },
  channelChanged: { 200: json('The channel as it is now', channel), ...changing },
  rules: { 200: json('The rules', pageOf(rule)) },
  rule: { 200: json('The rule', rule), ...errors(404) },
  ruleMade: { 201: json('The new rule', rule), ...changing },
  ruleChanged: { 200: json('The rule as it is now', rule), ...changing },
  scriptRules: {
    200: json(
      "The script's own rules, and what else is told of it",
      pageOf(
        rule,
        {
          muted: t.Boolean(),
          global: t.Array(rule, {
            description: 'Rules for all scripts that tell of it, with those of their tags that it has',
          }),
          notify_url: t.Array(event, { description: 'What NOTIFY_URL is told; empty: none is set' }),
          channels: t.Array(t.Object({ id: t.Integer(), name: t.String(), kind: channelKind })),
        },
        'ScriptNotifications',
      ),
    ),
    ...errors(404),
  },
  muted: { 200: json('As it is now', muteBody), ...changing },
  removed,
  deliveries: { 200: json('Deliveries, newest first', pageOf(delivery)) },
  delivery: { 200: json('The delivery', delivery), ...errors(404) },
  tried: { 200: json('What came of it', delivery), ...errors(404, 409) },
  again: { 202: json('The new delivery', delivery), ...errors(404, 409) },
}
