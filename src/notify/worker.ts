/** Sends what waits: a few at a time, one of a lane at a time and in its order, again when it did not arrive. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Sent } from '../channels/model.ts'
import type { Clock } from '../clock.ts'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Setting } from '../settings/settings.ts'
import { heartbeatAgeMaxMs, pauseMs, retryDelayMs } from './backoff.ts'
import type { DeliveryStore, Outcome } from './delivery-store.ts'
import { laneOf } from './lanes.ts'
import type { DeliveryRow } from './table.ts'

interface WorkerDeps {
  store: DeliveryStore
  clock: Clock
  log: Log
  setting: Setting
  /** Never rejects. */
  send(row: DeliveryRow): Promise<Sent>
  /** What is held of a rule is due. */
  release(ruleId: number): void
  /** 0 to 1. */
  random?: () => number
}

interface Lane {
  /** When its next delivery may be tried; null: nobody has looked. */
  dueAt: number | null
  isBusy: boolean
  /** Tries in a row that did not arrive. */
  failures: number
  pausedAt: number
  pausedUntil: number
}

export type Worker = ReturnType<typeof createWorker>

const activeMax = 8
/** Of those, the ones of lanes that failed the last time: however many receivers are dead, others are told. */
const doubtfulMax = 4
/** And of heartbeats: whoever may run a script says where they go, and that may be somewhere slow. */
const heartbeatsMax = 4
/** All that a short run says of itself is told, though it is said at once. */
const freshMs = 2000
/** The machine may have slept, or its clock have been set. */
const lookEveryMs = 60_000
const storageRetryMs = 1000
const closeWaitMs = 3000
const answerCharsMax = 1000
const problemCharsMax = 500

export function createWorker({ store, clock, log, setting, send, release, random = Math.random }: WorkerDeps) {
  const lanes = new Map<string, Lane>()
  const active = new Set<Promise<void>>()
  const stopping = new AbortController()
  const stopped = new Promise<void>((resolve) => stopping.signal.addEventListener('abort', () => resolve()))
  let doubtful = 0
  let heartbeats = 0
  let bell = Promise.withResolvers<void>()
  let looping: Promise<void> | null = null

  function wake(name: string, { isMended = false } = {}) {
    const lane = lanes.get(name) ?? { dueAt: null, isBusy: false, failures: 0, pausedAt: 0, pausedUntil: 0 }
    lane.dueAt = null
    if (isMended) Object.assign(lane, { failures: 0, pausedUntil: 0 })
    lanes.set(name, lane)
    bell.resolve()
  }

  async function loop() {
    while (!stopping.signal.aborted) {
      bell = Promise.withResolvers<void>()
      let waitMs = storageRetryMs
      try {
        waitMs = startDue()
      } catch (error) {
        log.warn({ error: messageOf(error) }, 'deliveries wait: the database does not answer')
      }
      await rest(waitMs)
      await nextTurn() // whoever rang has first things to do
    }
  }

  async function rest(ms: number) {
    const awake = new AbortController()
    await Promise.race([clock.sleep(ms, awake.signal), bell.promise, stopped])
    awake.abort()
  }

  /** Milliseconds until the next one is due. */
  function startDue(): number {
    let next = clock.now() + lookEveryMs
    for (const [name, lane] of [...lanes]) {
      if (lane.isBusy) continue
      const dueAt = lane.dueAt ?? look(name, lane)
      if (dueAt === null) {
        lanes.delete(name)
        continue
      }
      if (dueAt > clock.now()) next = Math.min(next, dueAt)
      else if (active.size < activeMax && hasPlace(name, lane)) start(name, lane)
    }
    return Math.max(0, next - clock.now())
  }

  const hasPlace = (name: string, { failures }: Lane) =>
    (failures === 0 || doubtful < doubtfulMax) && (!laneOf.isHeartbeat(name) || heartbeats < heartbeatsMax)

  function look(name: string, lane: Lane): number | null {
    const first = laneOf.isHeartbeat(name) ? store.firstOf(name) : undefined
    if (first && unsentAt(first, clock.now())) return clock.now() // a pause is no reason to keep it: room is limited
    const next = store.dueAt(name)
    if (clock.now() < lane.pausedAt) lane.pausedUntil = 0 // the clock was set back
    lane.dueAt = next === null ? null : Math.max(next, lane.pausedUntil)
    // What failed is remembered for as long as something waits, or the pause lasts.
    return lane.dueAt ?? (lane.pausedUntil > clock.now() ? lane.pausedUntil : null)
  }

  function start(name: string, lane: Lane) {
    // A failure that is told after the success that followed it would raise a false alarm: whichever heartbeat is due, their first is sent.
    const row = laneOf.isHeartbeat(name) ? store.firstOf(name) : store.nextOf(name, clock.now())
    lane.dueAt = null
    if (!row) return bell.resolve()
    if (row.state === 'held') {
      release(row.ruleId!)
      return bell.resolve()
    }
    const unsent = row.kind === 'heartbeat' ? unsentAt(row, clock.now()) : null
    const isDoubtful = lane.failures > 0
    lane.isBusy = true
    if (isDoubtful) doubtful++
    if (row.kind === 'heartbeat') heartbeats++
    lanes.delete(name)
    lanes.set(name, lane) // last in line for the next turn
    const done = deliver(row, lane, unsent).finally(() => {
      if (isDoubtful) doubtful--
      if (row.kind === 'heartbeat') heartbeats--
      lane.isBusy = false
      lane.dueAt = null
      active.delete(done)
      bell.resolve()
    })
    active.add(done)
  }

  async function deliver(row: DeliveryRow, lane: Lane, unsent: Sent | null) {
    const sent = unsent ?? (await send(row))
    if (!unsent) learn(lane, sent)
    while (!stopping.signal.aborted)
      try {
        return settle(row, outcomeOf(row, sent, row.attempts + (unsent ? 0 : 1)))
      } catch (error) {
        // It is not sent again for that: the lane waits until the database takes what became of it.
        log.warn({ delivery: row.id, error: messageOf(error) }, 'the outcome of a delivery cannot be stored yet')
        await Promise.race([clock.sleep(storageRetryMs), stopped])
      }
  }

  /** What is not true any more, or is said by another one that waits: the receiver is not asked for that. */
  function unsentAt(row: DeliveryRow, now: number): Sent | null {
    // One of the future is of a clock that was set back.
    if (Math.abs(now - row.createdAt) > heartbeatAgeMaxMs)
      return unsentFor('Not sent: it was too old to be true any more.')
    return now - row.createdAt > freshMs && store.isOvertaken(row)
      ? unsentFor('Given up: a newer one says more.')
      : null
  }

  function learn(lane: Lane, sent: Sent) {
    const isDead = !sent.ok && !sent.isFinal
    lane.failures = isDead ? lane.failures + 1 : 0
    const wanted = sent.ok ? 0 : (sent.retryAfterMs ?? 0)
    lane.pausedAt = clock.now()
    lane.pausedUntil = isDead ? lane.pausedAt + Math.max(pauseMs(lane.failures), wanted) : 0
  }

  function settle(row: DeliveryRow, outcome: Outcome) {
    store.settle(row.id, outcome)
    const about = { delivery: row.id, kind: row.kind, channel: row.channelId, problem: outcome.problem }
    if (outcome.state === 'failed') log.warn(about, 'a notification was given up')
    else if (outcome.state === 'pending') log.debug(about, 'a notification is tried again later')
  }

  function outcomeOf(row: DeliveryRow, sent: Sent, attempts: number): Outcome {
    const now = clock.now()
    const shared = resultOf(sent, attempts)
    if (sent.ok) return { ...shared, state: 'sent', nextAt: null, finishedAt: now }
    const nextAt = now + retryDelayMs(row.kind, { attempts, retryAfterMs: sent.retryAfterMs, random: random() })
    const why = sent.isFinal ? '' : givenUp(row, attempts, nextAt)
    if (why === null) return { ...shared, state: 'pending', nextAt, finishedAt: null }
    return { ...shared, state: 'failed', nextAt: null, finishedAt: now, problem: `${shared.problem} ${why}`.trim() }
  }

  /** Why it is not tried again; null where it is. */
  function givenUp(row: DeliveryRow, attempts: number, nextAt: number): string | null {
    if (row.kind !== 'heartbeat')
      return attempts >= setting('notify_attempts_max') ? `Given up after ${attempts} tries.` : null
    if (nextAt - row.createdAt > heartbeatAgeMaxMs) return 'Given up: later it would not be true any more.'
    return store.isOvertaken(row) ? 'Given up: a newer one says more.' : null
  }

  return {
    wake,
    /** Takes up what waited when the gateway stopped. */
    start() {
      for (const lane of store.lanes()) wake(lane)
      looping = loop()
    },
    /** What is under way has a moment to end; what does not is sent again after the next start. */
    async close() {
      stopping.abort()
      await looping
      await Promise.race([Promise.all(active), Bun.sleep(active.size > 0 ? closeWaitMs : 0)])
    },
  }
}

/** What is known of a try, in the columns of its row. */
export const resultOf = (sent: Sent, attempts: number) => ({
  attempts,
  status: sent.status,
  problem: sent.ok ? null : sent.problem.slice(0, problemCharsMax),
  answer: sent.answer === '' ? null : sent.answer.slice(0, answerCharsMax),
  durationMs: Math.round(sent.durationMs),
})

const unsentFor = (problem: string): Sent => ({
  ...{ ok: false, status: null, answer: '', durationMs: 0, isFinal: true, retryAfterMs: null },
  problem,
})
