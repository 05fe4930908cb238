import { afterAll, expect, test } from 'bun:test'
import { join } from 'node:path'
import { openDatabase } from '../../src/db/open.ts'
import { type RunStatus, runStatuses, type Trigger, triggers } from '../../src/runs/model.ts'
import { createRunSearch, type Place, type RunQuery } from '../../src/runs/search.ts'
import { conditionOf, idsBetween, lanesOf } from '../../src/runs/search-lanes.ts'
import { tempFolder } from '../harness/folder.ts'

const db = openDatabase(join(tempFolder(), 'gateway.db'))
const client = db.$client
afterAll(() => client.close())

let seed = 7
const random = (below: number) => {
  seed = (seed * 48_271) % 2_147_483_647
  return seed % below
}
const pick = <T>(list: readonly T[]): T => list[random(list.length)]!

const hour = 3_600_000
const begin = Date.UTC(2026, 9, 1)
const texts = ['disk', 'it\'s "full"', '100%', 'x_y', 'ünï']

interface Row {
  id: number
  script_id: number
  status: RunStatus
  trigger: Trigger
  queued_at: number
  duration_ms: number | null
  asked_by: string | null
  reason: string | null
  next_attempt_id: number | null
}

const scripts = 30
const count = 600
const rows: Row[] = Array.from({ length: count }, (_, i) => {
  const isOpen = i > count - 8 && i % 2 === 0
  const status = isOpen ? pick(['queued', 'running'] as const) : pick(runStatuses.slice(2))
  return {
    id: i + 1,
    script_id: 1 + (random(3) ? random(4) : random(scripts)),
    status,
    trigger: pick(triggers),
    // A clock that is set back now and then, and many at the same moment.
    queued_at: begin + Math.floor(i / 3) * 900_000 - (i % 97 === 0 ? 30 * hour : 0),
    duration_ms: isOpen || random(9) === 0 ? null : random(40) * 100,
    asked_by: pick(['anna', 'token "n8n" of anna', null, null]),
    reason: random(6) === 0 ? `no ${pick(texts)} left` : null,
    next_attempt_id: random(12) === 0 ? 1_000_000 + i : null,
  }
})
client.transaction(() => {
  for (let id = 1; id <= scripts; id++)
    client.run(
      `INSERT INTO scripts (id, slug, runtime, filename, created_at, updated_at) VALUES (${id}, 's${id}', 'python', 's${id}.py', 0, 0)`,
    )
  const insert = client.query(
    `INSERT INTO runs (id, script_id, status, trigger, params, content_hash, queued_at, duration_ms, asked_by, reason, next_attempt_id)
    VALUES ($id, $script_id, $status, $trigger, '{}', '', $queued_at, $duration_ms, $asked_by, $reason, $next_attempt_id)`,
  )
  for (const row of rows) insert.run(row as never)
})()

function matches(row: Row, query: RunQuery): boolean {
  const { order, scriptId, scriptIds, statuses, trigger, askedBy, from, to, text, isLastAttempt } = query
  return (
    (order !== 'longest' || row.duration_ms !== null) &&
    (scriptId === undefined || row.script_id === scriptId) &&
    (!scriptIds || scriptIds.includes(row.script_id)) &&
    (!statuses?.length || statuses.includes(row.status)) &&
    (trigger === undefined || row.trigger === trigger) &&
    (askedBy === undefined || row.asked_by === askedBy) &&
    (from === undefined || row.queued_at >= from) &&
    (to === undefined || row.queued_at <= to) &&
    (!isLastAttempt || row.next_attempt_id === null) &&
    (!text || row.reason?.includes(text.q) === true || text.scriptIds.includes(row.script_id))
  )
}

function expected(query: RunQuery): number[] {
  const found = rows.filter((row) => matches(row, query))
  if (query.order === 'oldest') return found.map(({ id }) => id)
  if (query.order === 'newest') return found.map(({ id }) => id).reverse()
  return found.sort((a, b) => b.duration_ms! - a.duration_ms! || b.id - a.id).map(({ id }) => id)
}

const some = <T>(value: () => T): T | undefined => (random(3) === 0 ? value() : undefined)

const queries = Array.from({ length: 150 }, (): RunQuery => {
  const from = some(() => begin + random(60) * hour - random(hour))
  return {
    order: pick(['newest', 'newest', 'oldest', 'longest'] as const),
    scriptId: some(() => 1 + random(5)),
    scriptIds: some(() => pick([[1, 3], [], [2], Array.from({ length: 28 }, (_, i) => i + 2)])),
    statuses: some(() => pick([['failed'], ['failed', 'queued'], ['killed', 'timeout', 'success']] as const).slice()),
    trigger: some(() => pick(triggers)),
    askedBy: some(() => pick(['anna', 'token "n8n" of anna', 'nobody'])),
    ...{ from, to: some(() => (from ?? begin) + random(30) * hour) },
    text: some(() => ({ q: pick(texts), scriptIds: pick([[], [2]]) })),
    isLastAttempt: random(2) === 0,
  }
})

/** Page by page from one end to the other; answers what the pages held, and how often one was not full for want of time. */
function walk(search: ReturnType<typeof createRunSearch>, query: RunQuery, isBack: boolean) {
  const pages: number[][] = []
  let partial = 0
  let from: Place | null = null
  do {
    const found = search.find(query, { from, isBack, count: 20 })
    if (!found.isPartial && found.next) expect(found.ids).toHaveLength(20)
    partial += Number(found.isPartial)
    pages.push(found.ids.map(({ id }) => id))
    from = found.next
    expect(pages.length).toBeLessThan(500)
  } while (from)
  return { ids: (isBack ? pages.reverse() : pages).flat(), partial }
}

test.each([
  ['in time', { budgetMs: 60_000 }],
  ['out of time after each step', { budgetMs: -1, stride: 7 }],
])('page after page, and back: every run that fits once, in its order (%s)', (_, options) => {
  const search = createRunSearch({ db }, options)
  let partial = 0
  for (const query of queries) {
    const there = walk(search, query, false)
    expect({ query, ids: there.ids }).toEqual({ query, ids: expected(query) })
    expect({ query, ids: walk(search, query, true).ids }).toEqual({ query, ids: expected(query) })
    partial += there.partial
  }
  expect(partial > 0).toBe('stride' in options)
})

test('what is walked are entries of an index, and a time is found by the numbers in it, also where a clock was set back', () => {
  const query: RunQuery = { order: 'newest', from: begin + 20 * hour, to: begin + 22 * hour, statuses: ['failed'] }
  const range = idsBetween(client, query)!
  const inTime = rows.filter((row) => matches(row, { ...query, statuses: [] }))
  expect(inTime.every(({ id }) => id >= range.first && id <= range.last)).toBe(true)
  for (const asked of queries) {
    const ids = idsBetween(client, asked)
    for (const { index, lane } of lanesOf(client, asked, ids)) {
      const { lane: along, values } = conditionOf(asked, ids, lane)
      const plan = client
        .query(
          `EXPLAIN QUERY PLAN SELECT id FROM runs ${index} WHERE ${[...along, 'id > 0'].join(' AND ')} ORDER BY id DESC`,
        )
        .all(values as never) as { detail: string }[]
      expect(plan.filter(({ detail }) => asked.order !== 'longest' && /TEMP B-TREE/.test(detail))).toEqual([])
    }
  }
})

test('who asked, and the newest number', () => {
  const search = createRunSearch({ db })
  expect(search.askers(10)).toEqual(['anna', 'token "n8n" of anna'])
  expect(search.askers(1)).toEqual(['anna'])
  expect(search.newestId()).toBe(count)
})
