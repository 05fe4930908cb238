/** Where notifications wait: rows before anything is sent, held where their rule says so. */
import type { Clock } from '../clock.ts'
import { messageOf, storageFault } from '../errors.ts'
import type { Log } from '../log.ts'
import type { DeliveryStore, NewDelivery } from './delivery-store.ts'
import { plainFacts } from './facts.ts'
import type { NotifyRule } from './model.ts'
import { quietUntil, timeOfDay } from './quiet.ts'
import { summaryText, totalOf } from './summary.ts'
import type { DeliveryRow } from './table.ts'

/** What of a rule says when it is told. */
export type Patience = Pick<NotifyRule, 'id' | 'quiet_hours' | 'timezone' | 'max_per_hour'>

export type Draft = Omit<NewDelivery, 'state' | 'nextAt' | 'queuedAt' | 'createdAt' | 'redeliveryOf' | 'ruleId'> & {
  /** Null: nothing holds it. */
  rule: Patience | null
}

interface OutboxDeps {
  store: DeliveryStore
  clock: Pick<Clock, 'now'>
  log: Log
  /** A rule as it is now; undefined when it is gone. */
  ruleOf(id: number): Patience | undefined
  baseUrl(): string
  /** The letters of a zone at a moment. */
  zoneText(at: number, timezone: string): string
  /** Something waits in this lane. */
  wake(lane: string): void
  waitingMax?: number
  retryMs?: number
}

export type Outbox = ReturnType<typeof createOutbox>

const hourMs = 60 * 60_000
/** Of what is told together, those whose titles are told. */
const linesMax = 20
/** Ends of runs that are kept in memory while the database cannot be written. */
const unwrittenMax = 1000
const countEveryMs = 1000
/** One lane may have this part of what may wait. */
const laneShare = 4
const lanesMax = 200

export function createOutbox({
  store,
  clock,
  log,
  ruleOf,
  baseUrl,
  zoneText,
  wake,
  waitingMax = 10_000,
  retryMs = 1000,
}: OutboxDeps) {
  const forAll = createRoom({ max: waitingMax, waiting: store.waiting, clock })
  /** By lane. What channels do not take must not leave the others without room. */
  const forOne = new Map<string, Room>()
  let dropped = 0
  const dropping = new Set<string>()
  let unwritten: (() => void)[] = []
  let timer: ReturnType<typeof setTimeout> | undefined

  /**
   * Does what ends in `put`, now, or once the database can be written again; throws nothing. Called inside of the
   * transaction of what is told, the two are stored together or not at all.
   */
  function safely(act: () => void): void {
    try {
      if (unwritten.length === 0) act()
      else keep(act)
    } catch (error) {
      if (storageFault(error)) {
        log.warn({ error: messageOf(error) }, 'notifications wait in memory: the database cannot be written')
        keep(act)
      } else log.error({ error: messageOf(error), stack: (error as Error).stack }, 'a notification was lost')
    }
  }

  function keep(act: () => void) {
    if (unwritten.length >= unwrittenMax) return void drop('in memory')
    unwritten.push(act)
    timer ??= setTimeout(writeAgain, retryMs)
  }

  /** Whether nothing waits any more. */
  function writeAgain(): boolean {
    clearTimeout(timer)
    timer = undefined
    const acts = unwritten
    unwritten = []
    for (const [index, act] of acts.entries())
      try {
        act()
      } catch (error) {
        if (storageFault(error)) {
          unwritten = [...acts.slice(index), ...unwritten]
          timer = setTimeout(writeAgain, retryMs)
          return false
        }
        log.error({ error: messageOf(error) }, 'a notification was lost')
      }
    return true
  }

  /** Throws what the database throws; then none of them is stored. */
  function put(drafts: readonly Draft[]): void {
    if (drafts.length === 0) return
    const now = clock.now()
    const lanes = store.transaction(() =>
      drafts.flatMap(({ rule, ...draft }) => {
        if (!hasRoom(draft)) return []
        const until = rule && (store.heldUntil(rule.id) ?? waitOf(rule, now))
        const timing =
          until === null
            ? { state: 'pending' as const, nextAt: now, queuedAt: now }
            : { state: 'held' as const, nextAt: until, queuedAt: null }
        store.insert({ ...draft, ruleId: rule?.id ?? null, ...timing, createdAt: now, redeliveryOf: null })
        return [draft.lane]
      }),
    )
    for (const lane of lanes) wake(lane)
  }

  /** Whether one more may wait, which it does then; else it is counted as dropped. Heartbeats are given up soon, and wait in many lanes. */
  function hasRoom({ lane, kind }: Pick<Draft, 'lane' | 'kind'>): boolean {
    if (kind !== 'heartbeat' && !roomIn(lane).take()) return drop(lane)
    if (!forAll.take()) return drop('all')
    for (const place of [lane, 'all', 'in memory']) dropping.delete(place)
    return true
  }

  function roomIn(lane: string): Room {
    const known = forOne.get(lane)
    if (known) return known
    if (forOne.size > lanesMax) forOne.clear() // channels that are gone would be kept for ever
    const made = createRoom({ max: Math.ceil(waitingMax / laneShare), waiting: () => store.waitingIn(lane), clock })
    forOne.set(lane, made)
    return made
  }

  /** Told once of each place, until there is room again. */
  function drop(waitingIn: string): false {
    dropped++
    if (!dropping.has(waitingIn))
      log.error(
        { waitingIn },
        'notifications are dropped: too many wait. See which channel does not take them, and put it right or disable it',
      )
    dropping.add(waitingIn)
    return false
  }

  /** What was held of a rule goes out: one as it is, several as one. `isForced`: whatever the rule says now. */
  function release(ruleId: number, { isForced = false } = {}): void {
    const now = clock.now()
    const rule = ruleOf(ruleId)
    const until = rule && !isForced ? waitOf(rule, now) : null
    store.transaction(() => {
      if (until !== null) return void store.holdOn(ruleId, until)
      const { rows, outcomes, firstAt, lastAt } = store.held(ruleId, linesMax)
      const [first] = rows
      if (!first) return
      const total = totalOf(outcomes)
      if (total === 1) return void store.release(ruleId, now)
      const zone = rule?.timezone ?? 'UTC'
      const clockOf = (at: number) => timeOfDay(zone, at)
      const zoneOf = (at: number) => zoneText(at, zone)
      store.insert({
        ...{ channelId: first.channelId, ruleId, kind: first.kind, lane: first.lane, target: null },
        ...{ event: 'summary', scriptId: commonScript(rows, total), runId: null, scheduleId: null },
        ...summaryText({ rows, outcomes, from: firstAt, to: Math.max(lastAt, now), clockOf, zoneOf }),
        facts: plainFacts('summary', `${baseUrl()}/executions`),
        ...{ state: 'pending', nextAt: now, queuedAt: now, createdAt: now, redeliveryOf: null },
      })
      store.join(ruleId, now)
    })
  }

  /** Until when the rule keeps silent; null when it does not. At its end it is asked again: an hour may end in the quiet ones. */
  function waitOf({ id, quiet_hours, timezone, max_per_hour }: Patience, now: number): number | null {
    const quiet = quiet_hours && quietUntil(quiet_hours, timezone, now)
    const oldest = max_per_hour > 0 ? store.nthNewest(id, max_per_hour, now - hourMs) : undefined
    const limited = oldest === undefined ? null : oldest + hourMs
    return quiet === null ? limited : Math.max(quiet, limited ?? 0)
  }

  return {
    safely,
    put,
    release,
    hasRoom,
    /** Not told because too many waited. */
    dropped: () => dropped,
    /** What is in memory only. */
    unwritten: () => unwritten.length,
    /** A last try, before the database is closed. */
    close() {
      if (!writeAgain()) log.error({ notifications: unwritten.length }, 'notifications were lost: no database')
      clearTimeout(timer)
    },
  }
}

interface Room {
  /** False when there is none. */
  take(): boolean
}

/** How many more may wait, at least; counted anew when it is used up, and not for each. */
function createRoom({ max, waiting, clock }: { max: number; waiting(): number; clock: Pick<Clock, 'now'> }): Room {
  let left = 0
  let countedAt = Number.NEGATIVE_INFINITY
  return {
    take() {
      if (left <= 0 && Math.abs(clock.now() - countedAt) >= countEveryMs) {
        left = max - waiting()
        countedAt = clock.now()
      }
      return left > 0 && left-- > 0
    },
  }
}

/** The script that all of them are about, where that is known of all. */
function commonScript(rows: readonly DeliveryRow[], total: number): number | null {
  const value = rows[0]?.scriptId ?? null
  return total === rows.length && rows.every(({ scriptId }) => scriptId === value) ? value : null
}
