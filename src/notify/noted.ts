/** Channels and rules changed on behalf of a request: the audit log is told what they were and are, secrets aside. */
import { note } from '../http/caller.ts'
import type { NotifyRule, RuleInput } from './model.ts'
import type { ChannelInput, ChannelView, Notifications } from './view-model.ts'

export function notedNotifications(notifications: Notifications, request: Request): Notifications {
  const toldChannel = ({ id, name }: ChannelView, change: { before?: unknown; after?: unknown } = {}) =>
    note(request, { object: { type: 'channel', id, name }, ...change })
  const toldRule = ({ id, script_id }: NotifyRule, change: { before?: unknown; after?: unknown }) =>
    note(request, {
      object: { type: 'notify-rule', id, name: script_id === null ? 'of all scripts' : `of script ${script_id}` },
      ...change,
    })

  return {
    ...notifications,
    createChannel(input) {
      const made = notifications.createChannel(input)
      toldChannel(made, { after: channelFacts(made) })
      return made
    },
    updateChannel(id, input) {
      const before = notifications.channel(id)
      const after = notifications.updateChannel(id, input)
      toldChannel(after, {
        before: channelFacts(before),
        after: { ...channelFacts(after), ...replacedIn(before, input) },
      })
      return after
    },
    removeChannel(id) {
      const before = notifications.channel(id)
      notifications.removeChannel(id)
      toldChannel(before, { before: channelFacts(before) })
    },
    restoreChannel(id) {
      const back = notifications.restoreChannel(id)
      toldChannel(back, { before: null, after: channelFacts(back) })
      return back
    },
    async testChannel(id) {
      const channel = notifications.channel(id)
      toldChannel(channel)
      const delivery = await notifications.testChannel(id)
      toldChannel(channel, { after: { state: delivery.state } })
      return delivery
    },
    async testNotifyUrl() {
      note(request, { object: { type: 'channel', name: 'NOTIFY_URL' } })
      const delivery = await notifications.testNotifyUrl()
      note(request, { after: { state: delivery.state } })
      return delivery
    },
    createRule(scriptId, input) {
      const made = notifications.createRule(scriptId, input)
      toldRule(made, { after: made })
      return made
    },
    updateRule(id, input: RuleInput) {
      const before = notifications.rule(id)
      const after = notifications.updateRule(id, input)
      toldRule(after, { before, after })
      return after
    },
    removeRule(id) {
      const before = notifications.rule(id)
      notifications.removeRule(id)
      toldRule(before, { before })
    },
    restoreRule(scriptId, id) {
      const back = notifications.restoreRule(scriptId, id)
      toldRule(back, { before: null, after: back })
      return back
    },
    setMuted(scriptId, isMuted) {
      const before = notifications.isMuted(scriptId)
      notifications.setMuted(scriptId, isMuted)
      note(request, { before: { muted: before }, after: { muted: isMuted } })
    },
    redeliver(id) {
      const made = notifications.redeliver(id)
      note(request, { object: { type: 'delivery', id }, after: { delivery: made.id } })
      return made
    },
  }
}

const channelFacts = ({ name, kind, config, enabled }: ChannelView) => ({ name, kind, config, enabled })

/** Which members of the configuration were written anew: of a secret nothing else shows it. */
function replacedIn({ config }: ChannelView, input: ChannelInput) {
  const names = Object.entries(input.config ?? {})
    .filter(([name, value]) => !Bun.deepEquals(config[name], value))
    .map(([name]) => name)
  return names.length > 0 ? { replaced: names } : {}
}
