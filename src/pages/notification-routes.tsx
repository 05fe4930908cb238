/** The addresses of the pages about notifications: thin, as all of them. */
import { Elysia } from 'elysia'
import { notificationsPath } from '../../views/notifications.tsx'
import { acts, asPage, forRole, forScript } from '../http/caller.ts'
import type { PageDeps } from './deps.ts'
import { readForm } from './form.ts'
import { type Context, handling } from './handling.ts'
import { seeOther } from './html.tsx'
import * as all from './notifications.tsx'
import { postRedeliver, showDelivery } from './notifications-deliveries.tsx'
import { deleteRule, saveRule, setRuleEnabled } from './notifications-rules.ts'
import * as own from './notifications-script.tsx'
import { findScript } from './script.tsx'

/** An Elysia instance. `depsFor`: as whoever makes the request may see them. */
export function notificationPages(depsFor: (request: Request) => PageDeps) {
  const { page, post, now, search, raw } = handling(depsFor)
  const channelOf = ({ params }: Context) => all.numberOf(params.channel, 'channel')
  const deliveryOf = ({ params }: Context) => all.numberOf(params.delivery, 'delivery')
  const ruleOf = ({ params }: Context) => all.numberOf(params.rule, 'rule')
  const shown = (context: Context, deps: PageDeps) => ({ search: search(context), now: now(deps) })
  const [admin, editor] = [asPage(forRole('admin')), asPage(forScript('edit'))]

  return new Elysia({ name: 'notification-pages' })
    .get(
      '/notifications',
      page((context, deps) => all.showNotifications(deps, shown(context, deps))),
      { ...admin },
    )
    .post(
      '/notifications/channels',
      post(async ({ request }, deps) => all.postNewChannel(deps, await readForm(request), now(deps))),
      { ...admin, ...acts('channel.create'), ...raw },
    )
    .get(
      '/notifications/channels/:channel',
      page((context, deps) => all.showChannel(deps, channelOf(context), shown(context, deps))),
      { ...admin },
    )
    .post(
      '/notifications/channels/:channel',
      post(async (context, deps) =>
        all.postChannel(deps, channelOf(context), await readForm(context.request), now(deps)),
      ),
      { ...admin, ...acts('channel.change'), ...raw },
    )
    .post(
      '/notifications/channels/:channel/enabled',
      post(async (context, deps) => all.postEnabled(deps, channelOf(context), await readForm(context.request))),
      { ...admin, ...acts('channel.change'), ...raw },
    )
    .post(
      '/notifications/channels/:channel/test',
      post((context, deps) => all.postTest(deps, channelOf(context))),
      { ...admin, ...acts('channel.test'), ...raw },
    )
    .post(
      '/notifications/channels/:channel/delete',
      post((context, deps) => all.postDeleteChannel(deps, channelOf(context), now(deps))),
      { ...admin, ...acts('channel.remove'), ...raw },
    )
    .post(
      '/notifications/channels/:channel/restore',
      post((context, deps) => all.postRestoreChannel(deps, channelOf(context), now(deps))),
      { ...admin, ...acts('channel.restore'), ...raw },
    )
    .post(
      '/notifications/notify-url/test',
      post((_, deps) => all.postNotifyUrlTest(deps, now(deps))),
      { ...admin, ...acts('channel.test'), ...raw },
    )
    .post(
      '/notifications/rules',
      post(async ({ request }, deps) => globalRule(deps, null, await readForm(request), now(deps))),
      { ...admin, ...acts('notify-rule.create'), ...raw },
    )
    .post(
      '/notifications/rules/:rule',
      post(async (context, deps) => globalRule(deps, ruleOf(context), await readForm(context.request), now(deps))),
      { ...admin, ...acts('notify-rule.change'), ...raw },
    )
    .post(
      '/notifications/rules/:rule/enabled',
      post(async (context, deps) => {
        setRuleEnabled(deps, null, ruleOf(context), await readForm(context.request))
        return seeOther(`${notificationsPath}?done=saved#rules`)
      }),
      { ...admin, ...acts('notify-rule.change'), ...raw },
    )
    .post(
      '/notifications/rules/:rule/delete',
      post((context, deps) => {
        const rule = ruleOf(context)
        deleteRule(deps, null, rule)
        return seeOther(`${notificationsPath}?done=rule-deleted&of=${rule}#rules`)
      }),
      { ...admin, ...acts('notify-rule.remove'), ...raw },
    )
    .post(
      '/notifications/rules/:rule/restore',
      post((context, deps) => all.postRestoreRule(deps, ruleOf(context), now(deps))),
      { ...admin, ...acts('notify-rule.restore'), ...raw },
    )
    .get(
      '/notifications/deliveries/:delivery',
      page((context, deps) => showDelivery(deps, deliveryOf(context), shown(context, deps))),
      { ...admin },
    )
    .post(
      '/notifications/deliveries/:delivery/redeliver',
      post((context, deps) => postRedeliver(deps, deliveryOf(context))),
      { ...admin, ...acts('delivery.repeat'), ...raw },
    )

    .get(
      '/scripts/:id/notifications',
      page((context, deps) => own.showScriptNotifications(deps, context.params.id!, shown(context, deps))),
      { ...editor },
    )
    .post(
      '/scripts/:id/notifications/mute',
      post(async ({ params, request }, deps) => own.postMute(deps, params.id!, await readForm(request))),
      { ...editor, ...acts('notify-rule.mute'), ...raw },
    )
    .post(
      '/scripts/:id/notifications/rules',
      post(async ({ params, request }, deps) =>
        own.postScriptRule(deps, { idOrSlug: params.id!, form: await readForm(request), now: now(deps) }),
      ),
      { ...editor, ...acts('notify-rule.create'), ...raw },
    )
    .post(
      '/scripts/:id/notifications/rules/:rule',
      post(async ({ params, request }, deps) => {
        const form = await readForm(request)
        return own.postScriptRule(deps, { idOrSlug: params.id!, rule: params.rule!, form, now: now(deps) })
      }),
      { ...editor, ...acts('notify-rule.change'), ...raw },
    )
    .post(
      '/scripts/:id/notifications/rules/:rule/enabled',
      post(async ({ params, request }, deps) =>
        own.postScriptRuleEnabled(deps, params.id!, params.rule!, await readForm(request)),
      ),
      { ...editor, ...acts('notify-rule.change'), ...raw },
    )
    .post(
      '/scripts/:id/notifications/rules/:rule/delete',
      post(({ params }, deps) => own.postScriptRuleDelete(deps, params.id!, params.rule!)),
      { ...editor, ...acts('notify-rule.remove'), ...raw },
    )
    .post(
      '/scripts/:id/notifications/rules/:rule/restore',
      post(({ params }, deps) => own.postScriptRuleRestore(deps, params.id!, params.rule!)),
      { ...editor, ...acts('notify-rule.restore'), ...raw },
    )
    .get(
      '/scripts/:id/notifications/deliveries/:delivery',
      page((context, deps) => {
        const { script } = findScript(deps, context.params.id!)
        return showDelivery(deps, deliveryOf(context), { script, ...shown(context, deps) })
      }),
      { ...editor },
    )
    .post(
      '/scripts/:id/notifications/deliveries/:delivery/redeliver',
      post((context, deps) => postRedeliver(deps, deliveryOf(context), findScript(deps, context.params.id!).script)),
      { ...editor, ...acts('delivery.repeat'), ...raw },
    )
}

/** 303 to the page; what is refused comes back as it was typed. */
function globalRule(deps: PageDeps, id: number | null, form: URLSearchParams, now: number): Response {
  const rule = saveRule(deps, form, { scriptId: null, id })
  return rule
    ? all.showNotifications(deps, { search: new URLSearchParams(), now }, { rule, status: rule.status })
    : seeOther(`${notificationsPath}?done=saved#rules`)
}
