/**
 * Finds a page of the history whatever is asked of it, in bounded time: it walks along the index that fits best, and where runs
 * that match are rare it stops and says how far it looked. A page is as quick in the middle of a long history as at its ends.
 */
import type { Db } from '../db/open.ts'
import { type Condition, conditionOf, type IdRange, idsBetween, lanesOf, type RunQuery } from './search-lanes.ts'

export type { RunOrder, RunQuery } from './search-lanes.ts'

/** A place in the order: a run's number, and where runs are in the order of their length that, too. */
export interface Place {
  id: number
  ms?: number
}

export interface FoundRuns {
  /** In the order that was asked for. */
  ids: Place[]
  /** Where the next page goes on; null: there is nothing further. */
  next: Place | null
  /** The page is not full because the time was up: up to `next` it was looked through. */
  isPartial: boolean
}

/** Where a walk is. */
interface Walk {
  index: string
  where: Condition
  range: IdRange
  /** Undefined: at the beginning. Null: at its end. */
  at: Place | null | undefined
  hasBegun: boolean
  found: Place[]
}

export interface SearchOptions {
  /** How long it may take before it says how far it looked. */
  budgetMs?: number
  now?(): number
  /** Entries of an index that are looked at before the clock is. */
  stride?: number
}

/** Rows with text to read are dearer, and so are rows in the order of their lengths, which lie here and there. */
function strideOf({ text, order }: RunQuery, lanes: number): number {
  if (text) return lanes > 8 ? 40 : 300
  return lanes > 8 ? 100 : order === 'longest' ? 400 : 1500
}

export type RunSearch = ReturnType<typeof createRunSearch>

export function createRunSearch({ db: { $client: client } }: { db: Db }, options: SearchOptions = {}) {
  const { budgetMs = 5, now = () => performance.now() } = options

  function step(
    walk: Walk,
    query: RunQuery,
    { isBack, stride, count }: { isBack: boolean; stride: number; count: number },
  ) {
    const { columns, order, between } = orderOf(query, isBack)
    const { lane, values, rest, restValues } = walk.where
    const ask = (edge: Place | null, more: string[], end: string) => {
      const part = between(walk.at ?? null, edge, walk.range)
      return {
        text: `SELECT ${columns} FROM runs ${walk.index} WHERE ${[...lane, ...part.sql, ...more].join(' AND ')} ORDER BY ${order} ${end}`,
        values: { ...values, ...part.values },
      }
    }
    const toEdge = ask(null, [], `LIMIT 1 OFFSET ${stride - 1}`)
    const edge = client.query(toEdge.text).get(toEdge.values as never) as Place | null
    const within = ask(edge, rest, `LIMIT ${count}`)
    const found = client.query(within.text).all({ ...within.values, ...restValues } as never) as Place[]
    walk.hasBegun = true
    walk.found.push(...found)
    walk.at = found.length === count ? found.at(-1)! : edge
  }

  /** `from`: what comes after this place, or before it where `isBack`; both in the order that was asked for. */
  function find(query: RunQuery, { from = null, isBack = false, count }: FindOptions): FoundRuns {
    const { isAfter } = orderOf(query, isBack)
    const range = idsBetween(client, query)
    const lanes = lanesOf(client, query, range)
    const walks: Walk[] = lanes.map(({ index, lane }) => ({
      index,
      where: conditionOf(query, range, lane),
      range: range ?? { first: 0, last: Number.MAX_SAFE_INTEGER },
      at: from ?? undefined,
      hasBegun: false,
      found: [],
    }))
    const stride = options.stride ?? strideOf(query, walks.length)
    const deadline = now() + budgetMs
    const open = () => walks.filter(({ at }) => at !== null)
    /** Nothing up to this place is missing; null: not every walk has begun. */
    function horizon(): Place | null {
      const places = open().map(({ at, hasBegun }) => (hasBegun ? at : null))
      if (places.includes(null)) return null
      return (places as Place[]).reduce((first, at) => (isAfter(first, at) ? at : first))
    }
    function foundUpToHorizon(): Place[] {
      const all = walks.flatMap(({ found }) => found).sort((a, b) => (isAfter(a, b) ? 1 : -1))
      if (open().length === 0) return all
      const edge = horizon()
      return edge === null ? [] : all.filter((one) => !isAfter(one, edge))
    }
    let found: Place[] = []
    for (let left = open(); left.length > 0 && found.length <= count; left = open()) {
      const fresh = left.find(({ hasBegun }) => !hasBegun)
      if (!fresh && now() > deadline) break
      const behind = fresh ?? left.reduce((first, one) => (isAfter(first.at!, one.at!) ? one : first))
      step(behind, query, { isBack, stride, count: count + 1 })
      found = foundUpToHorizon()
    }
    const page = found.slice(0, count)
    const isPartial = page.length < count && open().length > 0
    const next = found.length > count ? page.at(-1)! : isPartial ? horizon() : null
    return { ids: isBack ? page.reverse() : page, next, isPartial }
  }

  return {
    find,

    /** The names of those who asked for runs; at most `count`, in the order of the alphabet. */
    askers: (count: number): string[] =>
      (
        client
          .query(
            `WITH RECURSIVE names (name) AS (
              SELECT min(asked_by) FROM runs WHERE asked_by IS NOT NULL
              UNION ALL SELECT (SELECT min(asked_by) FROM runs WHERE asked_by > name) FROM names WHERE name IS NOT NULL
            ) SELECT name FROM names WHERE name IS NOT NULL LIMIT $count`,
          )
          .all({ count } as never) as { name: string }[]
      ).map(({ name }) => name),

    /** The highest number there is; 0 for none. */
    newestId: (): number => (client.query('SELECT max(id) AS id FROM runs').get() as { id: number | null }).id ?? 0,
  }
}

interface FindOptions {
  from?: Place | null
  isBack?: boolean
  count: number
}

/** How places compare, in SQL and here, in the direction that is walked. */
function orderOf({ order }: RunQuery, isBack: boolean) {
  const isDown = (order !== 'oldest') !== isBack
  const way = isDown ? 'DESC' : 'ASC'
  const compare = (a: Place, b: Place) => (a.ms ?? 0) - (b.ms ?? 0) || a.id - b.id
  return {
    columns: order === 'longest' ? 'id, duration_ms AS ms' : 'id',
    order: order === 'longest' ? `duration_ms ${way}, id ${way}` : `id ${way}`,
    /** After `at`, up to `edge`. */
    between: order === 'longest' ? betweenLengths(isDown) : betweenIds(isDown),
    isAfter: (a: Place, b: Place) => (isDown ? compare(a, b) < 0 : compare(a, b) > 0),
  }
}

type Between = (
  at: Place | null,
  edge: Place | null,
  range: IdRange,
) => { sql: string[]; values: Record<string, number> }

/** One bound on each side: of two SQLite would take either for its walk. */
const betweenIds =
  (isDown: boolean): Between =>
  (at, edge, { first, last }) => {
    const [low, high] = isDown ? [edge?.id, at && at.id - 1] : [at && at.id + 1, edge?.id]
    return {
      sql: ['id BETWEEN $low AND $high'],
      values: { low: Math.max(first, low ?? first), high: Math.min(last, high ?? last) },
    }
  }

/** The length alone ends the walk: bounds of two values each are but looked at. */
const betweenLengths =
  (isDown: boolean): Between =>
  (at, edge) => {
    const [than, back] = isDown ? ['<', '>'] : ['>', '<']
    return {
      sql: [
        ...(at ? [`(duration_ms, id) ${than} ($atMs, $at)`] : []),
        ...(edge ? [`duration_ms ${back}= $edgeMs AND (duration_ms, id) ${back}= ($edgeMs, $edge)`] : []),
      ],
      values: { ...(at && { at: at.id, atMs: at.ms ?? 0 }), ...(edge && { edge: edge.id, edgeMs: edge.ms ?? 0 }) },
    }
  }
