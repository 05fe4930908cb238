/**
 * Finds a page of the history whatever is asked of it, in bounded time: it walks along the index that fits best, and where runs
 * that match are rare it stops and says how far it looked. A page is as quick in the middle of a long history as at its ends.
 */
import type { Db } from '../db/open.ts'
import { type Condition, conditionOf, idsBetween, lanesOf, type RunQuery } from './search-lanes.ts'

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

/** Rows with text to read are dearer. */
const strideOf = ({ text }: RunQuery, lanes: number) => (text ? (lanes > 8 ? 40 : 300) : lanes > 8 ? 100 : 1500)

export type RunSearch = ReturnType<typeof createRunSearch>

export function createRunSearch({ db: { $client: client } }: { db: Db }, options: SearchOptions = {}) {
  const { budgetMs = 5, now = () => performance.now() } = options

  function step(
    walk: Walk,
    query: RunQuery,
    { isBack, stride, count }: { isBack: boolean; stride: number; count: number },
  ) {
    const { columns, order, beyond, upTo } = orderOf(query, isBack)
    const from = walk.at ? [beyond('at')] : []
    const values = { ...walk.where.values, ...placed('at', walk.at) }
    const along = `FROM runs ${walk.index} WHERE ${[...walk.where.lane, ...from].join(' AND ') || 'true'}`
    const edge = client
      .query(`SELECT ${columns} ${along} ORDER BY ${order} LIMIT 1 OFFSET ${stride - 1}`)
      .get(values as never) as Place | null
    const within = [...walk.where.rest, ...(edge ? [upTo('edge')] : [])].map((one) => ` AND ${one}`).join('')
    const found = client
      .query(`SELECT ${columns} ${along}${within} ORDER BY ${order} LIMIT ${count}`)
      .all({ ...values, ...walk.where.restValues, ...placed('edge', edge) } as never) as Place[]
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

const placed = (name: 'at' | 'edge', place: Place | null | undefined) =>
  place ? { [name]: place.id, ...(place.ms !== undefined && { [`${name}Ms`]: place.ms }) } : {}

/** How places compare, in SQL and here, in the direction that is walked. */
function orderOf({ order }: RunQuery, isBack: boolean) {
  const isDown = (order !== 'oldest') !== isBack
  const [than, back, way] = isDown ? ['<', '>', 'DESC'] : ['>', '<', 'ASC']
  const key = order === 'longest' ? '(duration_ms, id)' : 'id'
  const value = (name: string) => (order === 'longest' ? `($${name}Ms, $${name})` : `$${name}`)
  const compare = (a: Place, b: Place) => (a.ms ?? 0) - (b.ms ?? 0) || a.id - b.id
  return {
    columns: order === 'longest' ? 'id, duration_ms AS ms' : 'id',
    order: order === 'longest' ? `duration_ms ${way}, id ${way}` : `id ${way}`,
    beyond: (name: string) => `${key} ${than} ${value(name)}`,
    /** Of two rows of values as bounds SQLite takes but one for its walk: the length alone ends it. */
    upTo: (name: string) =>
      order === 'longest'
        ? `duration_ms ${back}= $${name}Ms AND ${key} ${back}= ${value(name)}`
        : `id ${back}= ${value(name)}`,
    isAfter: (a: Place, b: Place) => (isDown ? compare(a, b) < 0 : compare(a, b) > 0),
  }
}
