/** Rules for all scripts, and what is told of one script. */
import { Elysia } from 'elysia'
import { GatewayError } from '../errors.ts'
import { acts } from '../http/caller.ts'
import { notificationsFor } from './for-caller.ts'
import { notedNotifications } from './noted.ts'
import {
  aboutTests,
  admin,
  bodyOf,
  deliveryPage,
  editor,
  empty,
  gone,
  list,
  made,
  type NotifyRoutesDeps,
} from './routing.ts'
import { rulesAbout } from './rules.ts'
import {
  answers,
  muteBody,
  ruleBody,
  ruleParam,
  scriptDeliveriesQuery,
  scriptParam,
  scriptRuleParam,
} from './schemas.ts'
import type { Notifications } from './view-model.ts'

export function ruleRoutes(deps: NotifyRoutesDeps) {
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

export function scriptRoutes(deps: NotifyRoutesDeps) {
  const { notifications, scriptId, tagsOf, setting } = deps
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
    global: rulesAbout(notifications.rules(null), tagsOf(id)),
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
      ({ params, query, request }) => {
        const filter = { scriptId: scriptId(params.id), state: query.state }
        return deliveryPage(notificationsFor(notifications, request), filter, query)
      },
      {
        ...{ params: scriptParam, query: scriptDeliveriesQuery, ...editor },
        detail: {
          summary: 'What was told of a script, newest first',
          description: 'What a receiver answered, and why something did not arrive, is for administrators.',
          responses: answers.deliveries,
        },
      },
    )
}

/** The rule's number, if it is one of the script's, or for all. Throws `not_found`: what is another's is not there. */
function ruleWithin(notifications: Notifications, id: number, scriptId: number | null): number {
  if (notifications.rule(id).script_id !== scriptId) throw new GatewayError('not_found', `There is no rule ${id}.`)
  return id
}
