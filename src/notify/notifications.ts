/** What the routes and the pages ask of notifications. */
import type { Clock } from '../clock.ts'
import { GatewayError } from '../errors.ts'
import type { Setting } from '../settings/settings.ts'
import type { createChannelService } from './channel-service.ts'
import type { DeliveryStore, NewDelivery } from './delivery-store.ts'
import { plainFacts } from './facts.ts'
import { laneOf } from './lanes.ts'
import { localWarnings } from './local-address.ts'
import type { Delivery, RuleInput } from './model.ts'
import type { Outbox } from './outbox.ts'
import type { RuleBook } from './rule-book.ts'
import { readRule } from './rule-input.ts'
import type { Sending } from './sending.ts'
import { toDelivery, toLast, toRule } from './shown.ts'
import type { NotifyStore } from './store.ts'
import type { DeliveryRow, RuleRow } from './table.ts'
import { rulesMax, type Undo } from './undo.ts'
import type { Notifications } from './view-model.ts'
import { resultOf, type Worker } from './worker.ts'

interface NotificationsDeps {
  store: NotifyStore
  undo: Undo
  deliveries: DeliveryStore
  channels: ReturnType<typeof createChannelService>
  book: RuleBook
  outbox: Outbox
  worker: Pick<Worker, 'wake'>
  send: Sending
  setting: Setting
  clock: Pick<Clock, 'now'>
  baseUrl(): string
}

export function createNotifications(deps: NotificationsDeps): Notifications {
  const { store, undo, deliveries, channels, book, outbox, worker, send, setting, clock, baseUrl } = deps
  const { rowOf: channelOf, ...channelQuestions } = channels

  function ruleOf(id: number): RuleRow {
    const row = store.rule(id)
    if (!row) throw new GatewayError('not_found', `There is no rule ${id}.`)
    return row
  }
  const hasChannel = (id: number) => store.channel(id) !== undefined

  function createRule(scriptId: number | null, input: RuleInput) {
    const values = readRule(input, { before: undefined, hasChannel })
    if (store.rules(scriptId).length >= rulesMax)
      throw new GatewayError('conflict', `There are ${rulesMax} rules here already: delete one first.`)
    const now = clock.now()
    const id = store.insertRule({ ...values, scriptId, createdAt: now, updatedAt: now })
    book.forget()
    return toRule(ruleOf(id))
  }

  function updateRule(id: number, input: RuleInput) {
    const before = ruleOf(id)
    const { id: _, scriptId: __, createdAt: ___, updatedAt: ____, ...values } = before
    const after = readRule(input, { before: values, hasChannel })
    if (after.channelId !== before.channelId) tellHeld(before)
    store.updateRule(id, { ...after, updatedAt: clock.now() })
    book.forget()
    reconsiderHeld(before)
    return toRule(ruleOf(id))
  }

  /** What waits for the end of the quiet hours goes to where it was meant to go. */
  function tellHeld({ id, channelId }: RuleRow) {
    outbox.release(id, { isForced: true })
    worker.wake(laneOf.channel(channelId))
  }

  /** The rule may say another time now, or none. */
  function reconsiderHeld({ id, channelId }: RuleRow) {
    if (deliveries.holdOn(id, clock.now()) > 0) worker.wake(laneOf.channel(channelId))
  }

  function rowOf(id: number): DeliveryRow {
    const row = deliveries.get(id)
    if (!row) throw new GatewayError('not_found', `There is no delivery ${id}.`)
    return row
  }

  /** One at a time: it is a button, and no way to flood somebody. */
  const testing = new Set<string>()

  /** One try, now. Until it has ended it counts as failed: nobody takes it up after a crash. */
  async function test(to: Pick<NewDelivery, 'channelId' | 'kind' | 'lane'>, name: string): Promise<Delivery> {
    if (testing.has(to.lane)) throw new GatewayError('conflict', `A test of "${name}" is under way: wait for its end.`)
    const id = deliveries.insert({
      ...{ ...to, ruleId: null, event: 'test', scriptId: null, runId: null, scheduleId: null, target: null },
      title: 'ScriptGateway: a test',
      body: `This is a test of "${name}". Notifications of scripts arrive here.`,
      facts: plainFacts('test', baseUrl()),
      ...{ state: 'failed', nextAt: null, queuedAt: null, createdAt: clock.now(), redeliveryOf: null },
    })
    testing.add(to.lane)
    const sent = await send(rowOf(id)).finally(() => testing.delete(to.lane))
    const state = sent.ok ? 'sent' : 'failed'
    deliveries.settle(id, { ...resultOf(sent, 1), state, nextAt: null, finishedAt: clock.now() })
    return toDelivery(rowOf(id))
  }

  function needsNotifyUrl() {
    if (setting('notify_url') === '')
      throw new GatewayError('conflict', 'NOTIFY_URL is not set: set notify_url in the settings first.')
  }

  function redeliver(id: number): Delivery {
    const row = rowOf(id)
    if (row.state === 'pending' || row.state === 'held')
      throw new GatewayError('conflict', `Delivery ${id} has not been sent yet: it goes out by itself.`)
    if (row.kind === 'heartbeat')
      throw new GatewayError('conflict', 'A heartbeat is not sent again: it would not be true any more.')
    if (row.channelId === null) needsNotifyUrl()
    else if (!channelOf(row.channelId).enabled)
      throw new GatewayError('conflict', 'Its channel is disabled: enable it first.')
    if (deliveries.isWaitingAgain(row.lane, id))
      throw new GatewayError('conflict', `Delivery ${id} is being sent again already.`)
    if (!outbox.hasRoom(row)) throw new GatewayError('conflict', 'Too many wait for this receiver already.')
    const now = clock.now()
    const again = deliveries.insert({
      ...{ ...row, state: 'pending', nextAt: now, queuedAt: null, createdAt: now, redeliveryOf: id },
    })
    worker.wake(row.lane, { isMended: true })
    return toDelivery(rowOf(again))
  }

  return {
    ...channelQuestions,
    testChannel: async (id) => {
      const { kind, name } = channelOf(id)
      return test({ channelId: id, kind, lane: laneOf.channel(id) }, name)
    },
    testNotifyUrl: async () => {
      needsNotifyUrl()
      return test({ channelId: null, kind: 'notify_url', lane: laneOf.notifyUrl }, 'NOTIFY_URL')
    },
    ofNotifyUrl: () => ({
      last: toLast(deliveries.newestOfNotifyUrl()),
      waiting: deliveries.waitingIn(laneOf.notifyUrl),
      warnings: localWarnings({ url: setting('notify_url') }, setting('notify_local_addresses')),
    }),
    rules: (scriptId) => store.rules(scriptId).map(toRule),
    rule: (id) => toRule(ruleOf(id)),
    createRule,
    updateRule,
    removeRule(id) {
      const row = ruleOf(id)
      tellHeld(row)
      undo.removeRule(row)
      book.forget()
    },
    restoreRule(scriptId, id) {
      undo.restoreRule(scriptId, id)
      book.forget()
      return toRule(ruleOf(id))
    },
    isMuted: (scriptId) => store.muted().includes(scriptId),
    setMuted(scriptId, isMuted) {
      if (isMuted) store.mute(scriptId)
      else store.unmute(scriptId)
      book.forget()
    },
    deliveries(filter, page) {
      const { items, total } = deliveries.list(filter, page)
      return { items: items.map(toDelivery), total }
    },
    delivery: (id) => toDelivery(rowOf(id)),
    redeliver,
  }
}
