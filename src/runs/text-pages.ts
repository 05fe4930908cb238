/**
 * Pages of the runs that have a text in them, with how many there are: every run of the history is read for it, so it is done a
 * piece at a time, and others get their turn in between.
 */
import type { Db } from '../db/open.ts'
import type { RunFilter } from './store.ts'
import { conditions } from './store.ts'
import { runs } from './table.ts'

/** Numbers that are looked through at once. */
const pieceLength = 1000

export type TextPages = ReturnType<typeof createTextPages>

export function createTextPages({ db }: { db: Db }) {
  const ends = db.$client.query('SELECT min(id) AS first, max(id) AS last FROM runs')
  /** One search after the other: many at once would keep the processor from everybody else. */
  let last: Promise<unknown> = Promise.resolve()

  /** Newest first. Stops when `signal` says that nobody waits any more. */
  async function search(filter: RunFilter, { limit, offset }: { limit: number; offset: number }, signal: AbortSignal) {
    const { first, last: newest } = ends.get() as { first: number | null; last: number | null }
    const ids: number[] = []
    let total = 0
    if (first === null || newest === null) return { ids, total }
    for (let top = newest; top >= first && !signal.aborted; top -= pieceLength) {
      const piece = { ...filter, beforeId: top + 1, afterId: Math.max(0, top - pieceLength) }
      const found = db.select({ id: runs.id }).from(runs).where(conditions(piece)).all()
      for (const { id } of found.sort((a, b) => b.id - a.id)) {
        if (total >= offset && ids.length < limit) ids.push(id)
        total++
      }
      await Bun.sleep(0)
    }
    return { ids, total }
  }

  return (filter: RunFilter, page: { limit: number; offset: number }, signal: AbortSignal) => {
    const found = last.then(() => search(filter, page, signal))
    last = found.catch(() => {})
    return found
  }
}
