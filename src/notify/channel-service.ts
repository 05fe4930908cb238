/** Channels as the API and the pages know them: made, changed and shown without their secrets. */
import type { ChannelKind } from '../channels/model.ts'
import { channelKinds } from '../channels/model.ts'
import type { Clock } from '../clock.ts'
import { GatewayError, type Problem } from '../errors.ts'
import type { Setting } from '../settings/settings.ts'
import type { Vault } from '../variables/vault.ts'
import type { DeliveryStore } from './delivery-store.ts'
import { laneOf } from './lanes.ts'
import { localWarnings } from './local-address.ts'
import { refusal } from './rule-input.ts'
import { type Kinds, sealedIn } from './sending.ts'
import { toChannel } from './shown.ts'
import type { NotifyStore } from './store.ts'
import type { ChannelRow } from './table.ts'
import { channelsMax, type Undo } from './undo.ts'
import type { ChannelInput, ChannelView, KindView } from './view-model.ts'

interface ChannelServiceDeps {
  store: NotifyStore
  undo: Undo
  deliveries: DeliveryStore
  kinds: Kinds
  vault: Pick<Vault, 'seal' | 'open'>
  /** Whether the key for secrets is there after the next start as well. */
  isKeyKept: boolean
  setting: Setting
  clock: Pick<Clock, 'now'>
  /** A channel was made, changed or removed. */
  changed(id: number): void
}

const nameCharsMax = 100
/** A schedule has its own address for heartbeats. */
const offered: readonly ChannelKind[] = channelKinds.filter((kind) => kind !== 'heartbeat')

type Config = Record<string, unknown>

export function createChannelService(deps: ChannelServiceDeps) {
  const { store, undo, deliveries, kinds, vault, isKeyKept, setting, clock, changed } = deps

  const toView = (row: ChannelRow): ChannelView =>
    toChannel(row, {
      last: deliveries.newestOf(row.id),
      waiting: deliveries.waitingIn(laneOf.channel(row.id)),
      warnings: localWarnings(row.shown, setting('notify_local_addresses')),
    })

  function rowOf(id: number): ChannelRow {
    const row = store.channel(id)
    if (!row) throw new GatewayError('not_found', `There is no channel ${id}.`)
    return row
  }

  const seal = (id: number, config: unknown) => Buffer.from(vault.seal(JSON.stringify(config), sealedIn.channel(id)))

  function create(input: ChannelInput): ChannelView {
    const { name, kind, config } = read(input, undefined)
    if (store.channels().length >= channelsMax)
      throw new GatewayError('conflict', `There are ${channelsMax} channels already: delete one first.`)
    const now = clock.now()
    const row = { name, kind, shown: kinds[kind].shown(config) as Config, enabled: input.enabled ?? true }
    const id = store.insertChannel({ ...row, createdAt: now, updatedAt: now }, (of) => seal(of, config))
    changed(id)
    return toView(rowOf(id))
  }

  function update(id: number, input: ChannelInput): ChannelView {
    const before = rowOf(id)
    const { name, kind, config } = read(input, before)
    const isConfigured = input.config !== undefined || kind !== before.kind
    store.updateChannel(id, {
      ...{ name, kind, enabled: input.enabled ?? before.enabled, updatedAt: clock.now() },
      ...(isConfigured && { config: seal(id, config), shown: kinds[kind].shown(config) as Config }),
    })
    changed(id)
    return toView(rowOf(id))
  }

  /** Throws `validation` with all that is wrong, `conflict`. */
  function read(input: ChannelInput, before: ChannelRow | undefined) {
    const problems: Problem[] = []
    const name = (input.name ?? before?.name ?? '').trim()
    if (name === '' || name.length > nameCharsMax || /\p{Cc}/u.test(name))
      problems.push({ path: '/name', message: `must have 1 to ${nameCharsMax} characters, in one line` })
    const kind = input.kind ?? before?.kind
    if (kind === undefined || !offered.includes(kind)) {
      problems.push({ path: '/kind', message: `must be one of ${offered.join(', ')}` })
      throw refusal(problems)
    }
    const config = configOf(kind, input.config, before, problems)
    if (problems.length > 0) throw refusal(problems)
    const same = store.channelNamed(name)
    if (same && same.id !== before?.id) throw new GatewayError('conflict', `There is a channel "${name}" already.`)
    if (config !== undefined && !isKeyKept)
      throw new GatewayError(
        'conflict',
        'The channel was not stored: the key for secrets would be gone with this process. See the warnings at the start.',
      )
    return { name, kind, config }
  }

  /** As it is kept; undefined where it stays. What is sent as it is shown stays as it was: a secret is not. */
  function configOf(kind: ChannelKind, sent: Config | undefined, before: ChannelRow | undefined, problems: Problem[]) {
    const kept = before?.kind === kind ? before : undefined
    if (sent === undefined && kept) return undefined
    const shown = kept?.shown ?? {}
    const news = Object.entries(sent ?? {}).filter(
      ([member, value]) => !(Object.hasOwn(shown, member) && Bun.deepEquals(shown[member], value)),
    )
    const parsed = kinds[kind].parse({ ...(kept && openOf(kept, news)), ...Object.fromEntries(news) })
    if (parsed.ok) return parsed.config
    for (const { path, message } of parsed.problems)
      problems.push({ path: `/config/${path.replace(/^\//, '')}`, message })
  }

  /** Lost with its key, it can still be written anew. */
  function openOf(row: ChannelRow, news: [string, unknown][]): Config {
    try {
      return JSON.parse(vault.open(row.config, sealedIn.channel(row.id)))
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error
      if (news.length === 0)
        throw new GatewayError(
          'conflict',
          `The secrets of "${row.name}" cannot be read (${error.message}) Set them again.`,
        )
      return {}
    }
  }

  return {
    kinds: (): KindView[] => offered.map((kind) => ({ kind, label: kinds[kind].label, fields: kinds[kind].fields })),
    channels: (): ChannelView[] => store.channels().map(toView),
    channel: (id: number): ChannelView => toView(rowOf(id)),
    createChannel: create,
    updateChannel: update,
    removeChannel(id: number): void {
      undo.removeChannel(rowOf(id))
      changed(id)
    },
    restoreChannel(id: number): ChannelView {
      undo.restoreChannel(id)
      changed(id)
      return toView(rowOf(id))
    },
    rowOf,
  }
}
