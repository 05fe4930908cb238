/** Notifications of one script: what the page shows, and what becomes of its forms. */
import {
  ScriptNotifications,
  type ScriptNotificationsProps,
  scriptNotificationsPath,
} from '../../views/notifications-script.tsx'
import { ScriptPage } from '../../views/script.tsx'
import { isAtLeast } from '../../views/viewer.ts'
import { rulesAbout } from '../notify/rules.ts'
import type { Script } from '../scripts/model.ts'
import type { PageDeps } from './deps.ts'
import { html, seeOther } from './html.tsx'
import { notifyUrlOf, numberOf, type Shown } from './notifications.tsx'
import { deliveriesProps } from './notifications-deliveries.tsx'
import { deleteRule, doneIn, type RefusedRule, ruleFormProps, saveRule, setRuleEnabled } from './notifications-rules.ts'
import { findScript, pageProps } from './script.tsx'

export async function showScriptNotifications(
  deps: PageDeps,
  idOrSlug: string,
  { search, now, refused = null }: Shown & { refused?: RefusedRule | null },
): Promise<Response> {
  const { script, params } = findScript(deps, idOrSlug)
  const props = scriptProps(deps, script, { search, now, refused })
  const page = (
    <ScriptPage
      {...(await pageProps(deps, script, params, now))}
      {...{ tab: 'notifications', call: 'curl' }}
      content={<ScriptNotifications {...props} />}
    />
  )
  return html(page, { status: refused?.status ?? 200 })
}

function scriptProps(
  deps: PageDeps,
  script: Script,
  { search, now, refused }: Shown & { refused: RefusedRule | null },
): ScriptNotificationsProps {
  const { notifications, viewer } = deps
  const path = scriptNotificationsPath(script.id)
  const channels = notifications.channels().map(({ id, name, enabled }) => ({ id, name, enabled }))
  return {
    scriptId: script.id,
    channels,
    rules: notifications.rules(script.id),
    globalRules: rulesAbout(notifications.rules(null), script.tags).filter(({ enabled }) => enabled),
    notifyUrlEvents: notifyUrlOf(deps)?.events ?? null,
    isMuted: notifications.isMuted(script.id),
    ruleForm: ruleFormProps(deps, { scriptId: script.id, path, channels, search, refused }),
    deliveries: deliveriesProps(deps, { filter: { scriptId: script.id }, path, search, without: 'script', now }),
    isAdmin: isAtLeast(viewer, 'admin'),
    done: refused ? null : doneIn(search, path),
    refused: null,
  }
}

/** 303 to the page; what is refused comes back as it was typed. */
export async function postScriptRule(
  deps: PageDeps,
  { idOrSlug, rule, form, now }: { idOrSlug: string; rule?: string; form: URLSearchParams; now: number },
): Promise<Response> {
  const { script } = findScript(deps, idOrSlug)
  const id = rule === undefined ? null : numberOf(rule, 'rule')
  const refused = saveRule(deps, form, { scriptId: script.id, id })
  return refused
    ? showScriptNotifications(deps, idOrSlug, { search: new URLSearchParams(), now, refused })
    : seeOther(`${scriptNotificationsPath(script.id)}?done=saved#rules`)
}

export function postScriptRuleEnabled(deps: PageDeps, idOrSlug: string, rule: string, form: URLSearchParams): Response {
  const { script } = findScript(deps, idOrSlug)
  setRuleEnabled(deps, script.id, numberOf(rule, 'rule'), form)
  return seeOther(`${scriptNotificationsPath(script.id)}?done=saved#rules`)
}

export function postScriptRuleDelete(deps: PageDeps, idOrSlug: string, rule: string): Response {
  const { script } = findScript(deps, idOrSlug)
  const id = numberOf(rule, 'rule')
  deleteRule(deps, script.id, id)
  return seeOther(`${scriptNotificationsPath(script.id)}?done=rule-deleted&of=${id}#rules`)
}

export function postScriptRuleRestore(deps: PageDeps, idOrSlug: string, rule: string): Response {
  const { script } = findScript(deps, idOrSlug)
  deps.notifications.restoreRule(script.id, numberOf(rule, 'rule'))
  return seeOther(`${scriptNotificationsPath(script.id)}?done=rule-restored#rules`)
}

export function postMute(deps: PageDeps, idOrSlug: string, form: URLSearchParams): Response {
  const { script } = findScript(deps, idOrSlug)
  const isMuted = form.get('muted') === 'yes'
  deps.notifications.setMuted(script.id, isMuted)
  return seeOther(`${scriptNotificationsPath(script.id)}?done=${isMuted ? 'muted' : 'unmuted'}`)
}
