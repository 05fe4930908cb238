/** The audit log: who did what to what. Entries are appended in the order of the calls, chained, and removed for their age only. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../clock.ts'
import type { Db } from '../db/open.ts'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Setting } from '../settings/settings.ts'
import { type Draft, draftOf, hashAfter, toEntry } from './chain.ts'
import type { AuditEntry, AuditEvent, RecordAudit } from './model.ts'
import { type AuditFilter, createAuditStore, type Head } from './store.ts'
import { type Verdict, verifyChain } from './verify.ts'

export interface Audit {
  /** Never throws. While the database refuses, entries wait in memory and are in the gateway's log. */
  record: RecordAudit
  /** Newest first. */
  list(filter: AuditFilter, page: { limit: number; offset: number }): { items: AuditEntry[]; total: number }
  /** Oldest first, a batch at a time, up to the newest one when it was asked. */
  batches(filter: AuditFilter): AsyncGenerator<AuditEntry[]>
  /** Number and hash of the newest entry. */
  head(): Head
  /** Reads all of it, and serves others in between. */
  verify(): Promise<Verdict>
  /** Removes what is older than `audit_days`; answers how many. */
  prune(): Promise<number>
  /** Begins to prune, and to write the newest hash to the gateway's log, once an hour. */
  start(): void
  /** Writes what still waits, if it can be. */
  close(): void
}

interface AuditDeps {
  db: Db
  clock: Pick<Clock, 'now'>
  setting: Setting
  log: Log
  retryMs?: number
  everyMs?: number
}

const waitingMax = 10_000
const batchRows = 500
const hourMs = 60 * 60_000
const dayMs = 24 * hourMs

export function createAudit({ db, clock, setting, log, retryMs = 1000, everyMs = hourMs }: AuditDeps): Audit {
  const store = createAuditStore(db)
  /** null: to be read from the database. */
  let head: Head | null = null
  let waiting: Draft[] = []
  let dropped = 0
  let retry: ReturnType<typeof setTimeout> | null = null
  let hourly: ReturnType<typeof setInterval> | null = null
  let loggedHash = ''

  function record(event: AuditEvent): void {
    const draft = draftOf(event, clock.now())
    const mustWait = waiting.length > 0 || dropped > 0 || db.$client.inTransaction
    if (!mustWait && append(draft)) return
    if (dropped > 0 || waiting.length >= waitingMax) dropped++
    else waiting.push(draft)
    // What is inside of somebody's transaction would be taken back with it.
    retry ??= setTimeout(writeWaiting, db.$client.inTransaction ? 0 : retryMs)
    if (!db.$client.inTransaction) log.info({ audit: draft }, 'an audit entry waits for the database')
  }

  /** Whether it was written. */
  function append(draft: Draft): boolean {
    try {
      head ??= store.head()
      const id = head.id + 1
      const hash = hashAfter(head.hash, draft, id)
      store.append({ ...draft, id, previousHash: head.hash, hash })
      head = { id, hash }
      return true
    } catch (error) {
      head = null
      if (waiting.length === 0) log.warn({ error: messageOf(error) }, 'the audit log cannot be written: entries wait')
      return false
    }
  }

  function writeWaiting(): void {
    retry = null
    if (!db.$client.inTransaction && writeAll()) return
    retry = setTimeout(writeWaiting, retryMs)
  }

  /** Whether nothing waits any more. */
  function writeAll(): boolean {
    let written = 0
    while (written < waiting.length && append(waiting[written]!)) written++
    waiting = waiting.slice(written)
    if (waiting.length > 0) return false
    if (dropped > 0 && !append(draftOf(droppedEvent(dropped), clock.now()))) return false
    dropped = 0
    return true
  }

  async function* batches(filter: AuditFilter) {
    const newest = store.head().id
    for (let id = 0; ; ) {
      const rows = store.after(filter, id, batchRows).filter((row) => row.id <= newest)
      if (rows.length === 0) return
      id = rows.at(-1)!.id
      yield rows.map(toEntry)
      await nextTurn()
    }
  }

  async function prune(): Promise<number> {
    const days = setting('audit_days')
    if (days === 0) return 0
    const before = clock.now() - days * dayMs
    let removed = 0
    for (let n = batchRows; n === batchRows; removed += n) {
      n = store.removeOldest(before, batchRows, clock.now())
      await nextTurn()
    }
    if (removed > 0) record({ action: 'audit.remove', caller: null, after: { entries: removed, ...store.anchor() } })
    return removed
  }

  /** Outside of the database, so that a log whose end was cut off can be told. */
  function logHead(): void {
    const { id, hash } = store.head()
    if (hash === loggedHash) return
    loggedHash = hash
    log.info({ id, hash }, 'the newest entry of the audit log')
  }

  async function everyHour(): Promise<void> {
    try {
      await prune()
      logHead()
    } catch (error) {
      log.warn({ error: messageOf(error) }, 'the audit log could not be pruned')
    }
  }

  return {
    ...{ record, batches, prune },
    head: store.head,
    list: (filter, { limit, offset }) => ({
      items: store.page(filter, limit, offset).map(toEntry),
      total: store.count(filter),
    }),
    verify: () => verifyChain(db.$client),
    start() {
      hourly ??= setInterval(everyHour, everyMs)
    },
    close() {
      clearInterval(hourly ?? undefined)
      clearTimeout(retry ?? undefined)
      retry = null
      if (!writeAll()) log.error({ entries: waiting.length + dropped }, 'audit entries were not written')
    },
  }
}

const droppedEvent = (count: number): AuditEvent => ({
  action: 'audit.drop',
  caller: null,
  after: { dropped: `${count} entries`, why: 'the database could not be written for too long' },
})
