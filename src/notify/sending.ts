/** From the row of a delivery to its receiver. */
import type { AnyChannel } from '../channels/channels.ts'
import type { ChannelKind, Means, Message, Sent } from '../channels/model.ts'
import { isoTime } from '../clock.ts'
import { GatewayError, messageOf, storageFault } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Setting } from '../settings/settings.ts'
import type { Vault } from '../variables/vault.ts'
import type { NotifyStore } from './store.ts'
import type { DeliveryRow } from './table.ts'

export type Kinds = Record<ChannelKind, AnyChannel>

interface SendingDeps {
  store: Pick<NotifyStore, 'channel'>
  kinds: Kinds
  vault: Pick<Vault, 'open'>
  setting: Setting
  log: Log
  /** What channels send with, as the settings are now. */
  means(): Means
}

/** What a sealed text is bound to. */
export const sealedIn = {
  channel: (id: number) => `channel ${id}`,
  heartbeat: (scheduleId: number | null) => `heartbeat of schedule ${scheduleId ?? 'none'}`,
}

/** What is sent, and to where. */
export type Sendable = Pick<
  DeliveryRow,
  'id' | 'channelId' | 'kind' | 'event' | 'title' | 'body' | 'facts' | 'target' | 'scheduleId' | 'createdAt'
>

export type Sending = ReturnType<typeof createSending>

export function createSending({ store, kinds, vault, setting, log, means }: SendingDeps) {
  /** Where it goes now, or why it goes nowhere: the address may have changed since the row was written. */
  function configOf(row: Sendable): Record<string, unknown> | string {
    if (row.kind === 'heartbeat') return row.target ? withSignal(openHeartbeat(row), row.event) : 'It has no address.'
    if (row.channelId === null) return setting('notify_url') ? { url: setting('notify_url') } : notifyUrlGone
    const channel = store.channel(row.channelId)
    if (!channel) return 'Its channel was deleted.'
    if (!channel.enabled && row.event !== 'test') return `The channel "${channel.name}" is disabled.`
    return JSON.parse(vault.open(channel.config, sealedIn.channel(channel.id)))
  }

  const openHeartbeat = ({ target, scheduleId }: Sendable) => vault.open(target!, sealedIn.heartbeat(scheduleId))

  /** Never rejects: what cannot be sent is a final failure that says why. */
  async function send(row: Sendable): Promise<Sent> {
    try {
      const channel = kinds[row.kind]
      const given = configOf(row)
      if (typeof given === 'string') return failure(given)
      const read = channel.parse(given)
      if (!read.ok)
        return failure(
          `Its settings are not right: ${read.problems.map((one) => `${one.path} ${one.message}`).join('; ')}.`,
        )
      return await channel.send(read.config, asMessage(row), means())
    } catch (error) {
      if (error instanceof GatewayError) return failure(unreadable)
      if (storageFault(error)) return { ...failure('The database did not answer.'), isFinal: false }
      log.error({ delivery: row.id, error: messageOf(error) }, 'a notification could not be sent')
      return failure("It could not be sent: the gateway's log says why.")
    }
  }

  const asMessage = ({ id, event, title, body, facts, createdAt }: Sendable): Message => ({
    // Numbers alone come again when an old database is put back.
    id: `msg_${createdAt.toString(36)}_${id}`,
    ...{ event, title, body, facts, url: facts.url ?? '', at: isoTime(createdAt)! },
  })

  return send
}

/** Healthchecks: the address for a good end, `/start` and `/fail` below it for the others; a query stays behind it. */
function withSignal(address: string, event: string): { url: string } {
  const url = new URL(address)
  const suffix = heartbeatSuffix[event as HeartbeatEvent] ?? ''
  if (suffix !== '') url.pathname = `${url.pathname.replace(/\/+$/, '')}${suffix}`
  return { url: url.href }
}

const heartbeatSuffix = { heartbeat_start: '/start', heartbeat_success: '', heartbeat_fail: '/fail' }
export type HeartbeatEvent = keyof typeof heartbeatSuffix

const notifyUrlGone = 'NOTIFY_URL is not set any more.'
const unreadable =
  'Its address and secrets cannot be read: they were sealed with another key, or changed since. Set them again.'

const failure = (problem: string): Extract<Sent, { ok: false }> => ({
  ...{ ok: false, status: null, answer: '', durationMs: 0, isFinal: true, retryAfterMs: null },
  problem,
})
