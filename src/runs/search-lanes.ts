/** What is asked of the history as SQL: along which indexes to walk, and what each row on the way has to be. */
import type { Database } from 'bun:sqlite'
import type { RunStatus, Trigger } from './model.ts'

export type RunOrder = 'newest' | 'oldest' | 'longest'

export interface RunQuery {
  order: RunOrder
  scriptId?: number
  /** Of these scripts only: those that the caller sees. */
  scriptIds?: number[]
  /** Any of them. */
  statuses?: RunStatus[]
  trigger?: Trigger
  /** Who asked for it, by name. */
  askedBy?: string
  /** Accepted at or after, at or before; milliseconds since 1970. */
  from?: number
  to?: number
  /** In the parameters, the reason or the last of stderr; or a run of one of these scripts, whose names have it. */
  text?: { q: string; scriptIds: number[] }
  /** Of the attempts of a run the last one only. */
  isLastAttempt?: boolean
}

type Values = Record<string, string | number>

/** A walk along an index: what it begins with. */
export interface Lane {
  index: string
  lane: { column: 'script_id' | 'status' | 'trigger' | 'asked_by'; value: string | number } | null
}

export interface Condition {
  /** Held by the index alone. */
  lane: string[]
  rest: string[]
  values: Values
  restValues: Values
}

export interface IdRange {
  first: number
  last: number
}

/** With more scripts than this one walk with a look at each row is quicker than a walk for each. */
const lanesMax = 24
/** Up to here it is counted which index leads to the fewest rows. */
const probeMax = 3000

/**
 * Between which numbers the runs of a time are: all of those that have ended are counted by the hour or the day, with their first and
 * last number, also where a clock was set back; the few others are asked themselves. Null: any.
 */
export function idsBetween(client: Database, { from, to }: Pick<RunQuery, 'from' | 'to'>): IdRange | null {
  if (from === undefined && to === undefined) return null
  const oldest = (hours: number) =>
    (
      client
        .query('SELECT min(at) AS at FROM run_counts WHERE hours = $hours AND script_id = 0')
        .get({ hours } as never) as {
        at: number | null
      }
    ).at ?? Number.POSITIVE_INFINITY
  const hours = from !== undefined && from >= oldest(1) + hourMs ? 1 : 24
  // What was counted longer ago is forgotten, and the runs may be there.
  const isKnown = from !== undefined && from >= oldest(hours) + hourMs * hours
  const ended = client
    .query(
      `SELECT min(first_id) AS first, max(last_id) AS last FROM run_counts
      WHERE hours = $hours AND script_id = 0 AND at > $from AND at <= $to`,
    )
    .get({ hours, from: isKnown ? from - hours * hourMs : 0, to: to ?? Number.MAX_SAFE_INTEGER } as never) as Ends
  const open = client
    .query("SELECT min(id) AS first, max(id) AS last FROM runs WHERE status IN ('queued', 'running')")
    .get() as Ends
  return {
    first: isKnown ? Math.min(ended.first ?? Number.MAX_SAFE_INTEGER, open.first ?? Number.MAX_SAFE_INTEGER) : 0,
    last: Math.max(ended.last ?? 0, open.last ?? 0),
  }
}

interface Ends {
  first: number | null
  last: number | null
}

const hourMs = 3_600_000

/** Along which indexes to walk: together they hold every run that fits, and the fewest others. */
export function lanesOf(client: Database, query: RunQuery, range: IdRange | null): Lane[] {
  const { order, scriptId, scriptIds, statuses, trigger, askedBy } = query
  const few = scriptIds && scriptIds.length <= lanesMax ? scriptIds : undefined
  const scripts = scriptId === undefined ? few : [scriptId]
  if (order === 'longest') {
    if (!scripts) return [{ index: 'INDEXED BY runs_by_duration', lane: null }]
    return scripts.map((value) => ({
      ...{ index: 'INDEXED BY runs_by_script_duration', lane: { column: 'script_id' as const, value } },
    }))
  }
  const candidates: Lane[][] = []
  const add = (index: string, column: NonNullable<Lane['lane']>['column'], values: (string | number)[] | undefined) =>
    values && candidates.push(values.map((value) => ({ index: `INDEXED BY ${index}`, lane: { column, value } })))
  add('runs_by_script', 'script_id', scripts)
  add('runs_by_asker', 'asked_by', askedBy === undefined ? undefined : [askedBy])
  add('runs_by_status', 'status', statuses?.length ? statuses : undefined)
  add('runs_by_trigger', 'trigger', trigger === undefined ? undefined : [trigger])
  if (candidates.length === 0) return [{ index: 'NOT INDEXED', lane: null }]
  if (candidates.length === 1) return candidates[0]!
  return candidates
    .map((lanes) => ({ lanes, rows: rowsAlong(client, lanes, range) }))
    .reduce((best, one) => (one.rows < best.rows ? one : best)).lanes
}

function rowsAlong(client: Database, lanes: Lane[], range: IdRange | null): number {
  let rows = 0
  for (const { index, lane } of lanes) {
    if (rows >= probeMax) break
    const { n } = client
      .query(
        `SELECT count(*) AS n FROM (
          SELECT 1 FROM runs ${index} WHERE ${lane!.column} = $value AND id BETWEEN $first AND $last LIMIT ${probeMax}
        )`,
      )
      .get({ value: lane!.value, first: range?.first ?? 0, last: range?.last ?? Number.MAX_SAFE_INTEGER } as never) as {
      n: number
    }
    rows += n
  }
  return rows
}

/** What a run has to be, beside what the lane has seen to. */
export function conditionOf(query: RunQuery, range: IdRange | null, lane: Lane['lane']): Condition {
  const { order, scriptId, scriptIds, statuses, trigger, askedBy, from, to, text, isLastAttempt } = query
  const condition: Condition = { lane: [], rest: [], values: {}, restValues: {} }
  const alongIndex = (sql: string, values: Values) => {
    condition.lane.push(sql)
    Object.assign(condition.values, values)
  }
  const ofRow = (sql: string, values: Values = {}) => {
    condition.rest.push(sql)
    Object.assign(condition.restValues, values)
  }
  if (lane) alongIndex(`${lane.column} = $lane`, { lane: lane.value })
  if (order === 'longest') {
    condition.lane.push('duration_ms IS NOT NULL')
    if (range) ofRow('id BETWEEN $first AND $last', { ...range })
  }
  if (scriptId !== undefined && lane?.column !== 'script_id') ofRow('script_id = $scriptId', { scriptId })
  if (scriptIds && (lane?.column !== 'script_id' || !scriptIds.includes(Number(lane.value))))
    ofRow('script_id IN (SELECT value FROM json_each($scriptIds))', { scriptIds: JSON.stringify(scriptIds) })
  if (statuses?.length && lane?.column !== 'status')
    ofRow('status IN (SELECT value FROM json_each($statuses))', { statuses: JSON.stringify(statuses) })
  if (trigger !== undefined && lane?.column !== 'trigger') ofRow('trigger = $trigger', { trigger })
  if (askedBy !== undefined && lane?.column !== 'asked_by') ofRow('asked_by = $askedBy', { askedBy })
  if (from !== undefined) ofRow('queued_at >= $from', { from })
  if (to !== undefined) ofRow('queued_at <= $to', { to })
  if (isLastAttempt) ofRow('next_attempt_id IS NULL')
  if (text) ofRow(...contains(text))
  return condition
}

function contains({ q, scriptIds }: NonNullable<RunQuery['text']>): [string, Values] {
  const pattern = (part: string) => `%${part.replace(/[\\%_]/g, '\\$&')}%`
  const clean = q.replaceAll('\0', '') // a pattern ends at its NUL
  const like = (column: string, name: string) => `${column} LIKE $${name} ESCAPE '\\'`
  const named = scriptIds.length > 0 ? [' OR script_id IN (SELECT value FROM json_each($named))'] : []
  return [
    `(${like('reason', 'text')} OR ${like('params', 'json')} OR ${like('stderr_tail', 'text')}${named.join('')})`,
    // A quote in a parameter is stored with a backslash before it.
    {
      ...{ text: pattern(clean), json: pattern(JSON.stringify(clean).slice(1, -1)) },
      ...(scriptIds.length > 0 && { named: JSON.stringify(scriptIds) }),
    },
  ]
}
