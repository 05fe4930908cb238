/** Notifications, put together: who is told what, the outbox, and what sends it. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { channels as kinds } from '../channels/channels.ts'
import { createSender } from '../channels/sender.ts'
import type { Clock } from '../clock.ts'
import type { Db } from '../db/open.ts'
import { messageOf } from '../errors.ts'
import type { Feed } from '../http/feed.ts'
import type { Log } from '../log.ts'
import type { Catalog } from '../scripts/catalog.ts'
import type { Setting } from '../settings/settings.ts'
import type { Vault } from '../variables/vault.ts'
import { createChannelService } from './channel-service.ts'
import { createDeliveryStore, type DeliveryStore } from './delivery-store.ts'
import type { LocalText } from './facts.ts'
import { createHistoryStore } from './history-store.ts'
import { laneOf } from './lanes.ts'
import type { Notify } from './model.ts'
import { createNotifications } from './notifications.ts'
import { createOutbox } from './outbox.ts'
import { createRuleBook } from './rule-book.ts'
import { createSending } from './sending.ts'
import { createNotifyStore } from './store.ts'
import { createTell } from './tell.ts'
import { createUndo } from './undo.ts'
import type { Notifications } from './view-model.ts'
import { createWorker } from './worker.ts'

export interface NotifyDeps {
  db: Db
  setting: Setting
  clock: Clock
  log: Log
  /** Seals addresses and tokens of channels. */
  vault: Pick<Vault, 'seal' | 'open'>
  /** Whether the vault's key is there after the next start as well. */
  isKeyKept: boolean
  /** Names and tags of scripts. */
  catalog: Pick<Catalog, 'get'>
  /** Where the pages of runs are, without a slash at the end. */
  baseUrl(): string
  /** Moments on the clock of a zone, for texts: `Sun 14 Mar 2027 03:00 EDT`. */
  localText: LocalText
  /** The letters of a zone at a moment: `EDT`. */
  zoneText(at: number, timezone: string): string
  /** For the pages: something was sent, or is to be. */
  feed?: Pick<Feed, 'publish'>
  /** For tests. */
  random?: () => number
  waitingMax?: number
  retryMs?: number
}

export interface NotifyParts {
  /** For runs and schedules. Called inside of a transaction, what is told is stored with it or not at all. */
  notify: Notify
  /** For routes and pages. */
  notifications: Notifications
  /** Rules came back with their script. */
  rulesChanged(): void
  /** Begins to send, with what waited when the gateway stopped. */
  start(): void
  /** Ends what is under way, or leaves it to the next start; the database can be closed then. */
  close(): Promise<void>
}

const hourMs = 60 * 60_000
const dayMs = 24 * hourMs
const tidyRows = 200

export function createNotify(deps: NotifyDeps): NotifyParts {
  const { db, setting, clock, log, vault, catalog, baseUrl, random, waitingMax, retryMs } = deps
  const store = createNotifyStore({ db })
  const deliveries = telling(createDeliveryStore({ db }), () => deps.feed?.publish({ event: 'deliveries', data: {} }))
  const book = createRuleBook({ store })
  const means = () =>
    createSender({ timeoutMs: setting('notify_timeout_sec') * 1000, allowLocal: setting('notify_local_addresses') })
  const send = createSending({ store, kinds, vault, setting, log, means })
  const outbox = createOutbox({
    ...{ store: deliveries, clock, log, ruleOf: book.get, baseUrl, waitingMax, retryMs, zoneText: deps.zoneText },
    wake: (lane) => worker.wake(lane),
  })
  const worker = createWorker({ store: deliveries, clock, log, setting, send, release: outbox.release, random })
  const undo = createUndo({ store, clock, hasScript: (id) => Boolean(catalog.get(id)) })
  const channels = createChannelService({
    ...{ store, undo, deliveries, kinds, vault, isKeyKept: deps.isKeyKept, setting, clock },
    changed(id) {
      book.forget()
      worker.wake(laneOf.channel(id), { isMended: true })
    },
  })
  const history = createHistoryStore({ db })
  const scriptOf = (id: number) => {
    const row = catalog.get(id)?.row
    return row && { name: row.alias || row.filename, tags: row.tags }
  }
  const notify = createTell({ outbox, history, book, setting, vault, scriptOf, baseUrl, localText: deps.localText })
  const notifications = createNotifications({
    ...{ store, undo, deliveries, channels, book, outbox, worker, send, setting, clock, baseUrl },
  })

  let isClosed = false
  let tidying: Promise<void> = Promise.resolve()
  let hourly: ReturnType<typeof setInterval> | undefined

  async function tidy() {
    const days = setting('delivery_retention_days')
    if (days === 0) return
    const before = clock.now() - days * dayMs
    while (!isClosed && deliveries.removeOld(before, tidyRows) === tidyRows) await nextTurn()
  }

  return {
    notify,
    notifications,
    rulesChanged: book.forget,
    start() {
      worker.start()
      hourly = setInterval(() => {
        tidying = tidy().catch((error) => log.warn({ error: messageOf(error) }, 'old deliveries could not be removed'))
      }, hourMs)
      hourly.unref()
    },
    async close() {
      isClosed = true
      clearInterval(hourly)
      await tidying
      await worker.close()
      outbox.close()
    },
  }
}

/** What it is about is not said: who hears of it looks at what he may see. */
const telling = (store: DeliveryStore, tell: () => void): DeliveryStore => ({
  ...store,
  insert(row) {
    const id = store.insert(row)
    tell()
    return id
  },
  settle(id, outcome) {
    const isSettled = store.settle(id, outcome)
    tell()
    return isSettled
  },
})
