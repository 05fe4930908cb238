/**
 * How runs ended and how long they took, over time. The numbers are kept as runs end (migration 0013), so a million runs cost no more
 * than a hundred. Every attempt counts, in the hour in which it was accepted; what retention or a person removed stays counted.
 */
import type { Db } from '../db/open.ts'
import { type Bucket, percentileOf } from './percentiles.ts'

export const outcomes = ['success', 'failed', 'timeout', 'cancelled', 'killed', 'interrupted'] as const
export type Counts = Record<(typeof outcomes)[number], number>

export interface StatsQuery {
  /** Milliseconds since 1970. */
  from: number
  to: number
  scriptId?: number
  /** Of these scripts only. */
  scriptIds?: number[]
  now: number
}

/** Whole hours, or days in UTC: `from` and `to` are where the first one begins and the last one ends. */
export interface RunStats {
  from: number
  to: number
  stepMs: number
  total: Counts
  /** Every step, also one in which nothing ran. */
  steps: ({ at: number } & Counts)[]
  /** Of one script: how long its runs took in each step; null for one of several scripts. Empty where the query names none. */
  durations: ({ at: number } & Durations)[]
  /** That took most time, most first. */
  scripts: ({ scriptId: number; totalMs: number } & Durations)[]
}

export interface Durations {
  runs: number
  /** Wrong by less than 5 %; null for none. */
  p50: number | null
  p95: number | null
}

export const hourMs = 3_600_000
export const dayMs = 24 * hourMs
/** By the hour they are kept for a month and a few days, by the day for more than a year. */
const hoursKeptMs = 35 * dayMs
const daysKeptMs = 400 * dayMs
const stepHours = [1, 6, 24, 7 * 24, 28 * 24]
const stepsMax = 93
/** Of more scripts than this, hours are too many to add up while somebody waits. */
const scriptsByHourMax = 100
const scriptsShown = 6
const rankedMs = 10_000
const rankedMax = 50

export type RunStatistics = ReturnType<typeof createRunStats>

export function createRunStats({ db: { $client: client } }: { db: Db }) {
  const all = <Row>(text: string, values: Record<string, number | string>) =>
    client.query(text).all(values as never) as Row[]
  let tidiedAt = 0
  const ranked = new Map<string, { ids: number[]; at: number }>()

  function stats(query: StatsQuery): RunStats {
    const span = spanOf(query)
    const total = none()
    const steps = Array.from({ length: span.count }, (_, i) => ({ at: span.from + i * span.stepMs, ...none() }))
    for (const row of all<{ step: number } & Counts>(...countsSql(query, span)))
      for (const name of outcomes) {
        steps[row.step]![name] += row[name]
        total[name] += row[name]
      }
    const durations = query.scriptId === undefined || !isSeen(query) ? [] : durationsOf(query.scriptId, span)
    return {
      from: span.from,
      to: span.to,
      stepMs: span.stepMs,
      total,
      steps,
      durations,
      scripts: topScripts(query, span),
    }
  }

  function durationsOf(scriptId: number, { hours, from, to, stepMs, count }: Span) {
    const rows = all<Bucket & { step: number }>(
      `SELECT (at - $from) / $stepMs AS step, from_ms AS fromMs, sum(runs) AS runs FROM run_durations
      WHERE hours = $hours AND script_id = $scriptId AND at >= $from AND at < $to GROUP BY 1, 2 ORDER BY 1, 2`,
      { hours, scriptId, from, to, stepMs },
    )
    const byStep = Map.groupBy(rows, ({ step }) => step)
    return Array.from({ length: count }, (_, i) => ({ at: from + i * stepMs, ...summary(byStep.get(i) ?? []) }))
  }

  /** Which of them those are is looked up now and then: it is the dear part, and seldom changes. Their numbers are those of now. */
  function topScripts(query: StatsQuery, span: Span): RunStats['scripts'] {
    if (!isSeen(query)) return []
    const { hours, from, to } = span
    return (query.scriptId === undefined ? topIds(query, span) : [query.scriptId])
      .map((scriptId) => ({
        scriptId,
        totalMs: all<{ ms: number }>(
          `SELECT ifnull(sum(total_ms), 0) AS ms FROM run_counts
          WHERE hours = $hours AND script_id = $scriptId AND at >= $from AND at < $to`,
          { hours, scriptId, from, to },
        )[0]!.ms,
        ...summary(
          all<Bucket>(
            `SELECT from_ms AS fromMs, sum(runs) AS runs FROM run_durations
            WHERE hours = $hours AND script_id = $scriptId AND at >= $from AND at < $to GROUP BY 1 ORDER BY 1`,
            { hours, scriptId, from, to },
          ),
        ),
      }))
      .filter(({ totalMs }) => totalMs > 0)
      .sort((a, b) => b.totalMs - a.totalMs || a.scriptId - b.scriptId)
  }

  function topIds({ scriptIds }: StatsQuery, { hours, from, to }: Span): number[] {
    const ids = scriptIds && JSON.stringify(scriptIds)
    const key = `${hours} ${from} ${to} ${ids ?? ''}`
    const known = ranked.get(key)
    if (known && performance.now() - known.at < rankedMs) return known.ids
    const found = all<{ id: number; totalMs: number | null }>(
      `SELECT id, (
        SELECT sum(total_ms) FROM run_counts WHERE hours = $hours AND script_id = s.id AND at >= $from AND at < $to
      ) AS totalMs FROM (${ids ? 'SELECT value AS id FROM json_each($ids)' : 'SELECT id FROM scripts'}) s
      WHERE totalMs > 0 ORDER BY totalMs DESC, id LIMIT ${scriptsShown}`,
      { hours, from, to, ...(ids && { ids }) },
    ).map(({ id }) => id)
    ranked.delete(key)
    ranked.set(key, { ids: found, at: performance.now() })
    if (ranked.size > rankedMax) ranked.delete(ranked.keys().next().value!)
    return found
  }

  /** Forgets what is older than it is kept. Cheap: for once an hour. */
  function tidy(now: number) {
    if (now - tidiedAt < hourMs && now >= tidiedAt) return
    tidiedAt = now
    for (const [hours, before] of [
      [1, now - hoursKeptMs],
      [24, now - daysKeptMs],
    ] as const)
      for (const table of ['run_counts', 'run_durations'])
        client
          .query(
            `DELETE FROM ${table} WHERE hours = $hours AND at < $before
            AND script_id IN (SELECT id FROM scripts UNION ALL SELECT 0)`,
          )
          .run({ hours, before } as never)
  }

  return { stats, tidy }
}

interface Span {
  /** Which of the two kinds of rows is added up. */
  hours: 1 | 24
  from: number
  to: number
  stepMs: number
  count: number
}

/** Steps as fine as there are rows for, and as fit into a picture. */
function spanOf({ from, to, scriptId, scriptIds, now }: StatsQuery): Span {
  const isCoarse =
    from < now - hoursKeptMs + dayMs || (scriptId === undefined && (scriptIds?.length ?? 0) > scriptsByHourMax)
  const least = isCoarse && to - from > 2 * dayMs ? 24 : from < now - hoursKeptMs + dayMs ? 24 : 1
  const step =
    stepHours.find((hours) => hours >= least && (to - from) / (hours * hourMs) <= stepsMax) ?? stepHours.at(-1)!
  const hours = step < 24 ? 1 : 24
  const stepMs = step * hourMs
  const first = Math.floor(from / (Math.min(step, 24) * hourMs)) * Math.min(step, 24) * hourMs
  const count = Math.min(stepsTop, Math.max(1, Math.ceil((to - first) / stepMs)))
  return { hours, from: first, to: first + count * stepMs, stepMs, count }
}

/** Whatever is asked for, an answer has an end. */
const stepsTop = 1000

const isSeen = ({ scriptId, scriptIds }: StatsQuery) =>
  scriptId === undefined || scriptIds === undefined || scriptIds.includes(scriptId)

function countsSql(query: StatsQuery, { hours, from, to, stepMs }: Span): [string, Record<string, number | string>] {
  const { scriptId, scriptIds } = query
  const ids = scriptId === undefined ? scriptIds : isSeen(query) ? [scriptId] : []
  const sums = outcomes.map((name) => `sum(${name}) AS ${name}`).join(', ')
  return [
    `SELECT (at - $from) / $stepMs AS step, ${sums} FROM run_counts
    WHERE hours = $hours AND script_id ${ids ? 'IN (SELECT value FROM json_each($ids))' : '= 0'} AND at >= $from AND at < $to
    GROUP BY 1`,
    { hours, from, to, stepMs, ...(ids && { ids: JSON.stringify(ids) }) },
  ]
}

const none = (): Counts => ({ success: 0, failed: 0, timeout: 0, cancelled: 0, killed: 0, interrupted: 0 })

function summary(buckets: Bucket[]): Durations {
  const runs = buckets.reduce((sum, bucket) => sum + bucket.runs, 0)
  return { runs, p50: percentileOf(buckets, 0.5), p95: percentileOf(buckets, 0.95) }
}
