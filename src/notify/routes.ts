/** /api/channels, /api/notifications, /api/deliveries, and the same of one script. */
import { Elysia } from 'elysia'
import { GatewayError } from '../errors.ts'
import type { Receive } from '../files/receive.ts'
import { acts, forRole, forScript } from '../http/caller.ts'
import type { Setting } from '../settings/settings.ts'
import { notedNotifications } from './noted.ts'
import {
  answers,
  channelBody,
  channelParam,
  deliveriesQuery,
  deliveryParam,
  muteBody,
  ruleBody,
  ruleParam,
  scriptDeliveriesQuery,
  scriptParam,
  scriptRuleParam,
} from './schemas.ts'
import type { DeliveryFilter, Notifications } from './view-model.ts'

interface NotifyRoutesDeps {
  notifications: Notifications
  receive: Receive
  setting: Setting
  /** Throws `not_found`. */
  scriptId(idOrSlug: string): number
}

interface Answering {
  request: Request
  set: { status?: number | string; headers: Record<string, string | number> }
}

export const notifyRoutes = (deps: NotifyRoutesDeps) =>
  new Elysia().use(channelRoutes(deps)).use(ruleRoutes(deps)).use(scriptRoutes(deps)).use(deliveryRoutes(deps))

const list = <T>(items: T[]) => ({ items, total: items.length, page: 1, page_size: items.length })
const gone = () => new Response(null, { status: 204 })
const admin = forRole('admin')
const editor = forScript('edit')
const empty = { parse: 'none' as const }

/** Within the limit of a body; the second one is for the document, and finds the body read. */
const bodyOf = ({ receive }: NotifyRoutesDeps) => [
  ({ request }: { request: Request }) => receive.json(request),
  'json' as const,
]

function made<T extends { id: number }>({ set }: Answering, path: string, thing: T): T {
  set.status = 201
  set.headers.location = `${path}/${thing.id}`
  return thing
}

function channelRoutes(deps: NotifyRoutesDeps) {
  const { notifications } = deps
  const parse = bodyOf(deps)
  const noted = (request: Request) => notedNotifications(notifications, request)
  const change = {
    handler: ({
      params,
      body,
      request,
    }: {
      params: { channel: number }
      body: typeof channelBody.static
      request: Request
    }) => noted(request).updateChannel(params.channel, body),
    options: {
      ...{ params: channelParam, body: channelBody, parse, ...admin, ...acts('channel.change') },
      detail: { summary: 'Change a channel; what is left out stays', responses: answers.channelChanged },
    },
  }
  return new Elysia({ tags: ['Notifications'] })
    .get('/api/channels', () => list(notifications.channels()), {
      ...admin,
      detail: { summary: 'Where notifications go', responses: answers.channels },
    })
    .get('/api/channels/kinds', () => list(notifications.kinds()), {
      ...admin,
      detail: { summary: 'The kinds of channels, with the fields of each', responses: answers.kinds },
    })
    .post('/api/channels', ({ body, ...at }) => made(at, '/api/channels', noted(at.request).createChannel(body)), {
      ...{ body: channelBody, parse, ...admin, ...acts('channel.create') },
      detail: { summary: 'Make a channel', description: aboutSecrets, responses: answers.channelMade },
    })
    .get('/api/channels/:channel', ({ params }) => notifications.channel(params.channel), {
      ...{ params: channelParam, ...admin },
      detail: { summary: 'One channel', responses: answers.channel },
    })
    .put('/api/channels/:channel', change.handler, change.options)
    .patch('/api/channels/:channel', change.handler, change.options)
    .delete(
      '/api/channels/:channel',
      ({ params, request }) => {
        noted(request).removeChannel(params.channel)
        return gone()
      },
      {
        ...{ params: channelParam, ...empty, ...admin, ...acts('channel.remove') },
        detail: { summary: 'Delete a channel with its rules and deliveries', responses: answers.removed },
      },
    )
    .post('/api/channels/:channel/test', ({ params, request }) => noted(request).testChannel(params.channel), {
      ...{ params: channelParam, ...empty, ...admin, ...acts('channel.test') },
      detail: { summary: 'Send a test now', description: aboutTests, responses: answers.tried },
    })
}

function ruleRoutes(deps: NotifyRoutesDeps) {
  const { notifications } = deps
  const parse = bodyOf(deps)
  const noted = (request: Request) => notedNotifications(notifications, request)
  const ofAll = (id: number) => ruleWithin(notifications, id, null)
  const change = {
    handler: ({
      params,
      body,
      request,
    }: {
      params: { rule: number }
      body: typeof ruleBody.static
      request: Request
    }) => noted(request).updateRule(ofAll(params.rule), body),
    options: {
      ...{ params: ruleParam, body: ruleBody, parse, ...admin, ...acts('notify-rule.change') },
      detail: { summary: 'Change a rule for all scripts; what is left out stays', responses: answers.ruleChanged },
    },
  }
  return new Elysia({ tags: ['Notifications'] })
    .get('/api/notifications/rules', () => list(notifications.rules(null)), {
      ...admin,
      detail: { summary: 'The rules for all scripts', responses: answers.rules },
    })
    .post(
      '/api/notifications/rules',
      ({ body, ...at }) => made(at, '/api/notifications/rules', noted(at.request).createRule(null, body)),
      {
        ...{ body: ruleBody, parse, ...admin, ...acts('notify-rule.create') },
        detail: { summary: 'Make a rule for all scripts', responses: answers.ruleMade },
      },
    )
    .get('/api/notifications/rules/:rule', ({ params }) => notifications.rule(ofAll(params.rule)), {
      ...{ params: ruleParam, ...admin },
      detail: { summary: 'A rule for all scripts', responses: answers.rule },
    })
    .put('/api/notifications/rules/:rule', change.handler, change.options)
    .patch('/api/notifications/rules/:rule', change.handler, change.options)
    .delete(
      '/api/notifications/rules/:rule',
      ({ params, request }) => {
        noted(request).removeRule(ofAll(params.rule))
        return gone()
      },
      {
        ...{ params: ruleParam, ...empty, ...admin, ...acts('notify-rule.remove') },
        detail: { summary: 'Delete a rule for all scripts', responses: answers.removed },
      },
    )
    .post('/api/notifications/test', ({ request }) => noted(request).testNotifyUrl(), {
      ...{ ...empty, ...admin, ...acts('channel.test') },
      detail: { summary: 'Send a test to NOTIFY_URL now', description: aboutTests, responses: answers.tried },
    })
}

function scriptRoutes(deps: NotifyRoutesDeps) {
  const { notifications, scriptId, setting } = deps
  const parse = bodyOf(deps)
  const noted = (request: Request) => notedNotifications(notifications, request)
  const ruleOf = ({ id, rule }: { id: string; rule: number }) => ruleWithin(notifications, rule, scriptId(id))
  const change = {
    handler: ({
      params,
      body,
      request,
    }: {
      params: typeof scriptRuleParam.static
      body: typeof ruleBody.static
      request: Request
    }) => noted(request).updateRule(ruleOf(params), body),
    options: {
      ...{ params: scriptRuleParam, body: ruleBody, parse, ...editor, ...acts('notify-rule.change') },
      detail: { summary: "Change one of a script's rules; what is left out stays", responses: answers.ruleChanged },
    },
  }
  /** All that is told of a script; of channels nothing that only administrators may know. */
  const toldOf = (id: number) => ({
    ...list(notifications.rules(id)),
    muted: notifications.isMuted(id),
    global: notifications.rules(null),
    notify_url: setting('notify_url') === '' ? [] : setting('notify_on'),
    channels: notifications.channels().map(({ id, name, kind }) => ({ id, name, kind })),
  })
  return new Elysia({ tags: ['Notifications'] })
    .get('/api/scripts/:id/notifications', ({ params }) => toldOf(scriptId(params.id)), {
      ...{ params: scriptParam, ...editor },
      detail: { summary: "A script's own rules, and what else is told of it", responses: answers.scriptRules },
    })
    .post(
      '/api/scripts/:id/notifications',
      ({ params, body, ...at }) => {
        const id = scriptId(params.id)
        return made(at, `/api/scripts/${id}/notifications`, noted(at.request).createRule(id, body))
      },
      {
        ...{ params: scriptParam, body: ruleBody, parse, ...editor, ...acts('notify-rule.create') },
        detail: { summary: 'Make a rule for a script', responses: answers.ruleMade },
      },
    )
    .put(
      '/api/scripts/:id/notifications/mute',
      ({ params, body, request }) => {
        noted(request).setMuted(scriptId(params.id), body.muted)
        return { muted: notifications.isMuted(scriptId(params.id)) }
      },
      {
        ...{ params: scriptParam, body: muteBody, parse, ...editor, ...acts('notify-rule.mute') },
        detail: { summary: 'Whether the rules for all scripts say nothing of this one', responses: answers.muted },
      },
    )
    .get('/api/scripts/:id/notifications/:rule', ({ params }) => notifications.rule(ruleOf(params)), {
      ...{ params: scriptRuleParam, ...editor },
      detail: { summary: "One of a script's rules", responses: answers.rule },
    })
    .put('/api/scripts/:id/notifications/:rule', change.handler, change.options)
    .patch('/api/scripts/:id/notifications/:rule', change.handler, change.options)
    .delete(
      '/api/scripts/:id/notifications/:rule',
      ({ params, request }) => {
        noted(request).removeRule(ruleOf(params))
        return gone()
      },
      {
        ...{ params: scriptRuleParam, ...empty, ...editor, ...acts('notify-rule.remove') },
        detail: { summary: "Delete one of a script's rules", responses: answers.removed },
      },
    )
    .get(
      '/api/scripts/:id/deliveries',
      ({ params, query }) => deliveryPage(notifications, { scriptId: scriptId(params.id), state: query.state }, query),
      {
        ...{ params: scriptParam, query: scriptDeliveriesQuery, ...editor },
        detail: { summary: 'What was told of a script, newest first', responses: answers.deliveries },
      },
    )
}

function deliveryRoutes({ notifications }: NotifyRoutesDeps) {
  return new Elysia({ tags: ['Notifications'] })
    .get(
      '/api/deliveries',
      ({ query }) => {
        const { channel_id, rule_id, run_id, script_id, state } = query
        const filter = { channelId: channel_id, ruleId: rule_id, runId: run_id, scriptId: script_id, state }
        return deliveryPage(notifications, filter, query)
      },
      {
        ...{ query: deliveriesQuery, ...admin },
        detail: { summary: 'What was told, is to be told, or was not', responses: answers.deliveries },
      },
    )
    .get('/api/deliveries/:delivery', ({ params }) => notifications.delivery(params.delivery), {
      ...{ params: deliveryParam, ...admin },
      detail: { summary: 'One delivery', responses: answers.delivery },
    })
    .post(
      '/api/deliveries/:delivery/redeliver',
      ({ params, request, set }) => {
        const again = notedNotifications(notifications, request).redeliver(params.delivery)
        set.status = 202
        set.headers.location = `/api/deliveries/${again.id}`
        return again
      },
      {
        ...{ params: deliveryParam, ...empty, ...admin, ...acts('delivery.repeat') },
        detail: { summary: 'Send it again, as a new delivery', responses: answers.again },
      },
    )
}

function deliveryPage(
  notifications: Notifications,
  filter: DeliveryFilter,
  { page, page_size }: { page: number; page_size: number },
) {
  return { ...notifications.deliveries(filter, { limit: page_size, offset: (page - 1) * page_size }), page, page_size }
}

/** The rule's number, if it is one of the script's, or for all. Throws `not_found`: what is another's is not there. */
function ruleWithin(notifications: Notifications, id: number, scriptId: number | null): number {
  if (notifications.rule(id).script_id !== scriptId) throw new GatewayError('not_found', `There is no rule ${id}.`)
  return id
}

const aboutSecrets = 'Addresses and tokens are stored encrypted and never shown again: of an address its host is.'
const aboutTests = 'One try, past quiet hours and limits; the answer says what came of it.'
