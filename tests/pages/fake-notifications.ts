/** Notifications that only pretend: channels of the real kinds, rules and deliveries in memory, and hostile texts. */
import { channels as kinds } from '../../src/channels/channels.ts'
import { type ChannelKind, channelKinds } from '../../src/channels/model.ts'
import { GatewayError, invalid } from '../../src/errors.ts'
import type { Delivery, NotifyRule, RuleInput } from '../../src/notify/model.ts'
import type { ChannelInput, ChannelView, Notifications } from '../../src/notify/view-model.ts'
import { hostile } from './fake-dependencies.ts'
import { iso } from './samples.ts'

export const ruleOf = (rest: Partial<NotifyRule> & { id: number }): NotifyRule => ({
  ...{ script_id: null, channel_id: 1, events: ['failure'], triggers: [], tags: [], title: null, body: null },
  ...{ slow_factor: 2, quiet_hours: null, timezone: 'UTC', max_per_hour: 0, enabled: true },
  ...{ created_at: iso(90_000), updated_at: iso(90_000) },
  ...rest,
})

export const deliveryOf = (rest: Partial<Delivery> & { id: number }): Delivery => ({
  ...{
    channel_id: 1,
    rule_id: 1,
    kind: 'webhook',
    event: 'failure',
    outcome: 'failed',
    script_id: 3,
    run_id: 48_002,
    schedule_id: null,
  },
  ...{ title: 'resize_images failed', body: 'Exit code 1 after 1 min 22 s\nhttps://gateway.example/executions/48002' },
  ...{ state: 'sent', attempts: 1, next_at: null, status: 200, problem: null, answer: 'ok', duration_ms: 84 },
  ...{ created_at: iso(120), finished_at: iso(119), redelivery_of: null },
  ...rest,
})

export type FakeNotifications = ReturnType<typeof fakeNotifications>

export function fakeNotifications() {
  const configs = new Map<number, Record<string, unknown>>()
  const views: ChannelView[] = []
  const rules: NotifyRule[] = []
  const deliveries: Delivery[] = []
  const muted = new Set<number>()
  /** What a test comes to. */
  const outcome: { next: Partial<Delivery> } = { next: {} }

  const found = <T extends { id: number }>(all: T[], id: number, what: string): T => {
    const one = all.find((each) => each.id === id)
    if (!one) throw new GatewayError('not_found', `There is no ${what} ${id}.`)
    return one
  }
  const [removed, removedRules]: [ChannelView[], NotifyRule[]] = [[], []]
  const foundAgain = <T extends { id: number }>(all: T[], id: number): T => {
    const one = all.find((each) => each.id === id)
    if (!one) throw new GatewayError('conflict', `${id} cannot be brought back: it was deleted too long ago.`)
    return one
  }
  const nextId = (all: { id: number }[]) => Math.max(0, ...all.map(({ id }) => id)) + 1

  function write(id: number, kind: ChannelKind, input: ChannelInput) {
    const config = Object.fromEntries(
      Object.entries({ ...configs.get(id), ...input.config }).filter(([, value]) => value !== null),
    )
    const parsed = kinds[kind].parse(config)
    const problems = parsed.ok ? [] : parsed.problems
    if (input.name === '') problems.push({ path: 'name', message: 'must have 1 to 100 characters' })
    if (problems.length > 0 || !parsed.ok) {
      const details = problems.map(({ path, message }) => ({
        path: path === 'name' ? '/name' : `/config/${path}`,
        message,
      }))
      throw new GatewayError('validation', 'Nothing was changed.', { details })
    }
    if (views.some(({ id: other, name }) => other !== id && name === input.name))
      throw new GatewayError('conflict', `There is a channel "${input.name}" already.`)
    configs.set(id, parsed.config as Record<string, unknown>)
    return kinds[kind].shown(parsed.config)
  }

  const deliver = (rest: Partial<Delivery>) => {
    const made = deliveryOf({ ...rest, ...outcome.next, id: nextId(deliveries) })
    deliveries.unshift(made)
    return made
  }

  const check = (input: RuleInput) => {
    if (input.channel_id !== undefined && !views.some(({ id }) => id === input.channel_id))
      throw invalid('/channel_id', 'is no channel that there is')
    if (input.timezone !== undefined && !/^(UTC|[A-Z]\w+\/\w+)$/.test(input.timezone))
      throw invalid('/timezone', 'is no time zone: write it as Europe/Berlin')
  }

  const notifications: Notifications = {
    kinds: () =>
      channelKinds
        .filter((kind) => kind !== 'heartbeat')
        .map((kind) => ({ kind, label: kinds[kind].label, fields: kinds[kind].fields })),
    channels: () => views,
    channel: (id) => found(views, id, 'channel'),
    createChannel(input) {
      const [id, kind] = [nextId(views), input.kind!]
      const config = write(id, kind, input)
      const times = { created_at: iso(0), updated_at: iso(0) }
      views.push({ id, name: input.name!, kind, config, enabled: true, last: null, waiting: 0, warnings: [], ...times })
      return views.at(-1)!
    },
    updateChannel(id, input) {
      const view = found(views, id, 'channel')
      if (input.config || input.name !== undefined) view.config = write(id, view.kind, input)
      return Object.assign(view, {
        name: input.name ?? view.name,
        enabled: input.enabled ?? view.enabled,
      })
    },
    removeChannel(id) {
      const view = found(views, id, 'channel')
      removed.push(view)
      views.splice(views.indexOf(view), 1)
      for (const rule of rules.filter(({ channel_id }) => channel_id === id)) rules.splice(rules.indexOf(rule), 1)
    },
    restoreChannel(id) {
      views.unshift(foundAgain(removed, id))
      return views[0]!
    },
    testChannel: async (id) =>
      deliver({ channel_id: id, kind: found(views, id, 'channel').kind, event: 'test', title: 'Test', ...ofNothing }),
    testNotifyUrl: async () => {
      if (outcome.next.state === undefined)
        throw new GatewayError('conflict', 'NOTIFY_URL is not set: set notify_url first.')
      return deliver({ channel_id: null, kind: 'notify_url', event: 'test', title: 'Test', ...ofNothing })
    },
    ofNotifyUrl() {
      const last = deliveries.find(({ kind }) => kind === 'notify_url')
      return { last: last ? { ...last, at: last.finished_at ?? last.created_at } : null, waiting: 0, warnings: [] }
    },
    rules: (scriptId) => rules.filter((rule) => scriptId === undefined || rule.script_id === scriptId),
    rule: (id) => found(rules, id, 'rule'),
    createRule(scriptId, input) {
      check(input)
      const rule = ruleOf({ ...(input as Partial<NotifyRule>), script_id: scriptId, id: nextId(rules) })
      rules.push(rule)
      return rule
    },
    updateRule(id, input) {
      check(input)
      return Object.assign(found(rules, id, 'rule'), input)
    },
    removeRule(id) {
      const rule = found(rules, id, 'rule')
      removedRules.push(rule)
      rules.splice(rules.indexOf(rule), 1)
    },
    restoreRule(scriptId, id) {
      const of = removedRules.filter((rule) => rule.script_id === scriptId)
      rules.push(foundAgain(of, id))
      return rules.at(-1)!
    },
    isMuted: (scriptId) => muted.has(scriptId),
    setMuted: (scriptId, isMuted) => void (isMuted ? muted.add(scriptId) : muted.delete(scriptId)),
    deliveries({ channelId, scriptId, state }, { limit, offset }) {
      const all = deliveries.filter(
        (one) =>
          (channelId === undefined || one.channel_id === channelId) &&
          (scriptId === undefined || one.script_id === scriptId) &&
          (state === undefined || one.state === state),
      )
      return { items: all.slice(offset, offset + limit), total: all.length }
    },
    delivery: (id) => found(deliveries, id, 'delivery'),
    redeliver(id) {
      const before = found(deliveries, id, 'delivery')
      return deliver({ ...before, state: 'pending', attempts: 0, redelivery_of: id, finished_at: null })
    },
  }

  return { notifications, configs, views, rules, deliveries, muted, outcome }
}

const ofNothing = { rule_id: null, script_id: null, run_id: null, body: 'Notifications arrive here.' }

/** As they are in a gateway that has been told a lot, and by somebody with bad intentions. */
export function sampleNotifications() {
  const fake = fakeNotifications()
  const { createChannel, createRule, updateChannel } = fake.notifications
  createChannel({
    name: 'Ops on call',
    kind: 'webhook',
    config: { url: 'https://hooks.example/T0/secret-path', secret: 'canary-of-a-signature', headers: 'X-Key: canary' },
  })
  createChannel({
    name: 'Team mail',
    kind: 'email',
    config: { host: 'smtp.example', from: 'gateway@example.org', to: ['anna@example.org', 'ben@example.org'] },
  })
  createChannel({ name: hostile, kind: 'slack', config: { url: 'https://hooks.slack.com/services/T/B/canary' } })
  updateChannel(3, { enabled: false })
  const [ops, mail, slack] = fake.views
  Object.assign(ops!, { last: { state: 'failed', at: iso(400), problem: refusedBy }, waiting: 3 })
  Object.assign(mail!, { last: { state: 'sent', at: iso(4000), problem: null } })
  Object.assign(slack!, { last: { state: 'failed', at: iso(90_000), problem: hostile } })
  createRule(null, { events: ['first_failure', 'recovery', 'missed'] })
  createRule(null, {
    ...{ channel_id: 2, events: ['slow'], slow_factor: 3, triggers: ['schedule'], tags: ['nightly', hostile] },
    ...{ quiet_hours: { from: '22:00', to: '07:00' }, timezone: 'Europe/Berlin', max_per_hour: 4, body: '{{reason}}' },
  })
  createRule(3, { channel_id: 2, events: ['always'], title: hostile, enabled: false })
  createRule(3, { channel_id: 3, events: ['timeout'] })
  const waits = { next_at: iso(-540), finished_at: null, attempts: 3, status: 503, answer: 'down for maintenance' }
  fake.deliveries.push(
    deliveryOf({ id: 9, state: 'pending', ...waits, problem: 'hooks.example answered 503: Service Unavailable.' }),
    deliveryOf({ id: 8, state: 'held', attempts: 0, status: null, answer: null, next_at: iso(-14_000), channel_id: 2 }),
    deliveryOf({
      id: 7,
      state: 'failed',
      problem: refusedBy,
      status: null,
      answer: null,
      attempts: 8,
      event: 'missed',
      outcome: 'not_started',
    }),
    deliveryOf({
      ...{ id: 6, title: hostile, body: hostile, answer: hostile, problem: hostile, event: hostile, channel_id: 3 },
      ...{ state: 'failed', script_id: 16, run_id: null },
    }),
    deliveryOf({
      id: 5,
      event: 'recovery',
      outcome: 'success',
      title: 'sync_crm works again',
      script_id: 4,
      channel_id: 2,
      kind: 'email',
    }),
    deliveryOf({ id: 4, state: 'joined', attempts: 0, status: null, answer: null }),
    deliveryOf({ id: 3, channel_id: null, kind: 'notify_url', event: 'always', script_id: 4, created_at: iso(9000) }),
    deliveryOf({
      id: 2,
      channel_id: null,
      kind: 'heartbeat',
      event: 'heartbeat_success',
      title: '',
      body: '',
      schedule_id: 1,
    }),
    deliveryOf({ id: 1, channel_id: 99, title: 'To a channel that was deleted', redelivery_of: 77 }),
  )
  return fake
}

const refusedBy = 'hooks.example did not let anybody in: connection refused. Is it running?'
