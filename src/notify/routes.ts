/** /api/channels, /api/notifications, /api/deliveries, and the same of one script. */
import { Elysia } from 'elysia'
import { acts } from '../http/caller.ts'
import { notedNotifications } from './noted.ts'
import { aboutTests, admin, bodyOf, deliveryPage, empty, gone, list, made, type NotifyRoutesDeps } from './routing.ts'
import { ruleRoutes, scriptRoutes } from './rule-routes.ts'
import { answers, channelBody, channelParam, deliveriesQuery, deliveryParam } from './schemas.ts'

export const notifyRoutes = (deps: NotifyRoutesDeps) =>
  new Elysia().use(channelRoutes(deps)).use(ruleRoutes(deps)).use(scriptRoutes(deps)).use(deliveryRoutes(deps))

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

const aboutSecrets = 'Addresses and tokens are stored encrypted and never shown again: of an address its host is.'
