/** Proves that the audit log is what was written: reads it from its beginning and makes every hash again. */
import type { Database } from 'bun:sqlite'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { genesis, hashAfter } from './chain.ts'
import { type Anchor, chainQueries, type Head } from './store.ts'
import type { AuditRow } from './table.ts'

export interface Verdict {
  /** How many there are. */
  entries: number
  ok: boolean
  /** Number of the first entry that is not as it was written, or is not there; null: all of them are. */
  first_wrong: number | null
  /** What is known of entries that were removed for their age; null: none were. */
  anchor: Anchor | null
  /** The newest one: to be compared with one that was written down elsewhere. */
  head: Head
}

const batchRows = 500

/** `client` may be a connection that only reads. Waits for the next turn of the loop between batches. */
export async function verifyChain(client: Database): Promise<Verdict> {
  const chain = chainQueries(client)
  const upTo = chain.highestId()
  let entries = 0
  let at: Head = startOf(chain.readAnchor())
  const verdict = (firstWrong: number | null): Verdict => ({
    ...{ entries, ok: firstWrong === null, first_wrong: firstWrong, anchor: chain.readAnchor(), head: chain.newest() },
  })
  for (;;) {
    const anchor = chain.readAnchor()
    if (anchor && anchor.removed_to > at.id) at = startOf(anchor) // removed for their age meanwhile
    const rows = chain.rowsAfter(at.id, batchRows)
    for (const row of rows) {
      if (!follows(row, at)) return verdict(at.id + 1)
      at = { id: row.id, hash: row.hash }
      entries++
    }
    if (rows.length < batchRows) break
    await nextTurn()
  }
  return verdict(at.id < upTo ? at.id + 1 : null)
}

const startOf = (anchor: Anchor | null): Head =>
  anchor ? { id: anchor.removed_to, hash: anchor.hash } : { id: 0, hash: genesis }

function follows(row: AuditRow, { id, hash }: Head): boolean {
  if (row.id !== id + 1 || row.previousHash !== hash) return false
  try {
    // Else two rows could share one text: part of a value would pass for the members that follow it.
    for (const text of [row.before, row.after]) if (text !== null) JSON.parse(text)
    return row.hash === hashAfter(hash, row, row.id)
  } catch {
    return false // no JSON, or no time: nothing that was ever written
  }
}
