/** Every query on deliveries, one function a question. */
import type { Db } from '../db/open.ts'
import type { DeliveryState } from './model.ts'
import type { DeliveryRow } from './table.ts'
import type { DeliveryFilter } from './view-model.ts'

/** What a delivery begins with. */
export type NewDelivery = Pick<
  DeliveryRow,
  | 'channelId'
  | 'ruleId'
  | 'kind'
  | 'event'
  | 'scriptId'
  | 'runId'
  | 'scheduleId'
  | 'title'
  | 'body'
  | 'facts'
  | 'target'
  | 'state'
  | 'lane'
  | 'nextAt'
  | 'queuedAt'
  | 'createdAt'
  | 'redeliveryOf'
>

/** How a try ended; without `state` another one follows at `nextAt`. */
export interface Outcome {
  state: Extract<DeliveryState, 'pending' | 'sent' | 'failed'>
  attempts: number
  nextAt: number | null
  status: number | null
  problem: string | null
  answer: string | null
  durationMs: number | null
  finishedAt: number | null
}

/** How many runs, or occurrences, came to what: by the status of the run, or what is said where there was none. */
export type Outcomes = ReadonlyMap<string, number>

export type DeliveryStore = ReturnType<typeof createDeliveryStore>

type Values = Record<string, string | number | Uint8Array | null>

export function createDeliveryStore({ db: { $client: client } }: { db: Db }) {
  const all = <Row>(text: string, values: Values = {}) => client.query(text).all(values as never) as Row[]
  const one = <Row>(text: string, values: Values = {}) => client.query(text).get(values as never) as Row | null
  const write = (text: string, values: Values) => client.query(text).run(values as never).changes
  const rows = (text: string, values: Values) => all<RawRow>(text, values).map(toRow)

  return {
    transaction: <T>(act: () => T): T => client.transaction(act)(),

    insert: ({ facts, ...row }: NewDelivery): number =>
      one<{ id: number }>(insertion, { ...row, facts: JSON.stringify(facts) })!.id,

    get: (id: number): DeliveryRow | undefined => rows(`SELECT ${columns} FROM deliveries WHERE id = $id`, { id })[0],

    /** The first of those in a lane that are due. */
    nextOf: (lane: string, now: number): DeliveryRow | undefined =>
      rows(
        `SELECT ${columns} FROM deliveries WHERE id = (SELECT id FROM deliveries INDEXED BY deliveries_in_order
        WHERE lane = $lane AND next_at IS NOT NULL AND next_at <= $now ORDER BY id LIMIT 1)`,
        { lane, now },
      )[0],

    /** The first of those that wait in a lane, due or not. */
    firstOf: (lane: string): DeliveryRow | undefined =>
      rows(
        `SELECT ${columns} FROM deliveries WHERE id = (SELECT id FROM deliveries INDEXED BY deliveries_in_order
        WHERE lane = $lane AND next_at IS NOT NULL ORDER BY id LIMIT 1)`,
        { lane },
      )[0],

    /** When the next one of a lane is due; null where nothing waits. */
    dueAt: (lane: string): number | null =>
      one<{ at: number | null }>(
        `SELECT min(next_at) AS at FROM deliveries INDEXED BY deliveries_by_lane
        WHERE lane = $lane AND next_at IS NOT NULL`,
        { lane },
      )!.at,

    /** Lanes in which something waits. */
    lanes: (): string[] =>
      all<{ lane: string }>('SELECT DISTINCT lane FROM deliveries WHERE next_at IS NOT NULL').map(({ lane }) => lane),

    waiting: (): number => one<{ n: number }>('SELECT count(*) AS n FROM deliveries WHERE next_at IS NOT NULL')!.n,

    waitingIn: (lane: string): number =>
      one<{ n: number }>('SELECT count(*) AS n FROM deliveries WHERE lane = $lane AND next_at IS NOT NULL', { lane })!
        .n,

    /** Whether a newer one waits in the lane of a heartbeat that says the same, or how what has begun has ended. */
    isOvertaken: ({ lane, id, event }: Pick<DeliveryRow, 'lane' | 'id' | 'event'>): boolean =>
      one(
        `SELECT 1 AS yes FROM deliveries WHERE lane = $lane AND next_at IS NOT NULL AND id > $id
        AND (event = $event OR $event = 'heartbeat_start') LIMIT 1`,
        { lane, id, event },
      ) !== null,

    /** Whether one waits that sends this one again. */
    isWaitingAgain: (lane: string, id: number): boolean =>
      one(
        'SELECT 1 AS yes FROM deliveries WHERE lane = $lane AND next_at IS NOT NULL AND redelivery_of = $id LIMIT 1',
        {
          lane,
          id,
        },
      ) !== null,

    /** Only of one that is not over: what was given up or taken away meanwhile stays as it is. */
    settle: (id: number, outcome: Outcome): boolean =>
      write(
        `UPDATE deliveries SET state = $state, attempts = $attempts, next_at = $nextAt, status = $status, problem = $problem,
        answer = $answer, duration_ms = $durationMs, finished_at = $finishedAt WHERE id = $id AND state <> 'joined'`,
        { id, ...outcome },
      ) > 0,

    /** Since when the `max`th newest delivery of a rule may be sent, of those after `since`; undefined where there are fewer. */
    nthNewest: (ruleId: number, max: number, since: number): number | undefined =>
      one<{ queuedAt: number }>(
        `SELECT queued_at AS queuedAt FROM deliveries INDEXED BY deliveries_by_rule
        WHERE rule_id = $ruleId AND queued_at > $since ORDER BY queued_at DESC LIMIT 1 OFFSET $skipped`,
        { ruleId, since, skipped: max - 1 },
      )?.queuedAt,

    /** When the first of what is held of a rule is told; undefined where nothing is. */
    heldUntil: (ruleId: number): number | undefined =>
      one<{ nextAt: number }>(
        `SELECT next_at AS nextAt FROM deliveries INDEXED BY deliveries_held WHERE rule_id = $ruleId AND state = 'held'
        ORDER BY id LIMIT 1`,
        { ruleId },
      )?.nextAt,

    /** What tells of bad things first, then the oldest; at most `count` of them. And how many of each outcome there are. */
    held(ruleId: number, count: number): { rows: DeliveryRow[]; outcomes: Outcomes; firstAt: number; lastAt: number } {
      const where = `FROM deliveries INDEXED BY deliveries_held WHERE rule_id = $ruleId AND state = 'held'`
      const outcome = "json_extract(facts, '$.status')"
      const counted = all<{ outcome: string; n: number; firstAt: number; lastAt: number }>(
        `SELECT ${outcome} AS outcome, count(*) AS n, min(created_at) AS firstAt, max(created_at) AS lastAt ${where} GROUP BY 1`,
        { ruleId },
      )
      return {
        rows: rows(`SELECT ${columns} ${where} ORDER BY ${outcome} IN ('success', 'cancelled', ''), id LIMIT $count`, {
          ruleId,
          count,
        }),
        outcomes: new Map(counted.map(({ outcome, n }) => [outcome, n])),
        firstAt: Math.min(...counted.map(({ firstAt }) => firstAt)),
        lastAt: Math.max(...counted.map(({ lastAt }) => lastAt)),
      }
    },

    /** All that is held of a rule: later, or to be sent now. */
    holdOn: (ruleId: number, nextAt: number) =>
      write("UPDATE deliveries SET next_at = $nextAt WHERE rule_id = $ruleId AND state = 'held'", { ruleId, nextAt }),
    release: (ruleId: number, now: number) =>
      write(
        "UPDATE deliveries SET state = 'pending', next_at = $now, queued_at = $now WHERE rule_id = $ruleId AND state = 'held'",
        { ruleId, now },
      ),
    /** They are told as part of another one. */
    join: (ruleId: number, now: number) =>
      write(
        `UPDATE deliveries SET state = 'joined', next_at = NULL, finished_at = $now
        WHERE rule_id = $ruleId AND state = 'held'`,
        { ruleId, now },
      ),

    /** Newest first. */
    list(filter: DeliveryFilter, { limit, offset }: { limit: number; offset: number }) {
      const { where, values } = conditions(filter)
      return {
        items: rows(`SELECT ${columns} FROM deliveries ${where} ORDER BY id DESC LIMIT $limit OFFSET $offset`, {
          ...values,
          limit,
          offset,
        }),
        total: one<{ n: number }>(`SELECT count(*) AS n FROM deliveries ${where}`, values)!.n,
      }
    },

    newestOf: (channelId: number): DeliveryRow | undefined =>
      rows(`SELECT ${columns} FROM deliveries WHERE channel_id = $channelId ORDER BY id DESC LIMIT 1`, {
        channelId,
      })[0],

    newestOfNotifyUrl: (): DeliveryRow | undefined =>
      rows(
        `SELECT ${columns} FROM deliveries INDEXED BY deliveries_of_notify_url WHERE kind = 'notify_url'
        ORDER BY id DESC LIMIT 1`,
        {},
      )[0],

    /** Removes the oldest of those that are over; answers how many. */
    removeOld: (before: number, count: number): number =>
      write(
        `DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries INDEXED BY deliveries_by_time
        WHERE created_at < $before AND next_at IS NULL ORDER BY created_at LIMIT $count)`,
        { before, count },
      ),
  }
}

const columns = `id, channel_id AS channelId, rule_id AS ruleId, kind, event, script_id AS scriptId, run_id AS runId,
  schedule_id AS scheduleId, title, body, facts, target, state, lane, attempts, next_at AS nextAt, queued_at AS queuedAt,
  status, problem, answer, duration_ms AS durationMs, created_at AS createdAt, finished_at AS finishedAt,
  redelivery_of AS redeliveryOf`

const insertion = `INSERT INTO deliveries (channel_id, rule_id, kind, event, script_id, run_id, schedule_id, title, body, facts,
  target, state, lane, next_at, queued_at, created_at, redelivery_of)
  VALUES ($channelId, $ruleId, $kind, $event, $scriptId, $runId, $scheduleId, $title, $body, $facts,
  $target, $state, $lane, $nextAt, $queuedAt, $createdAt, $redeliveryOf) RETURNING id`

type RawRow = Omit<DeliveryRow, 'facts'> & { facts: string }
const toRow = (row: RawRow): DeliveryRow => ({ ...row, facts: JSON.parse(row.facts) })

function conditions({ channelId, ruleId, runId, scriptId, scriptIds, state }: DeliveryFilter) {
  const wanted = { channel_id: channelId, rule_id: ruleId, run_id: runId, script_id: scriptId, state }
  const values: Values = {}
  const parts: string[] = []
  for (const [name, value] of Object.entries(wanted)) {
    if (value === undefined) continue
    parts.push(`${name} = $${name}`)
    values[name] = value
  }
  if (scriptIds) {
    parts.push('script_id IN (SELECT value FROM json_each($scriptIds))')
    values.scriptIds = JSON.stringify(scriptIds)
  }
  return { where: parts.length > 0 ? `WHERE ${parts.join(' AND ')}` : '', values }
}
