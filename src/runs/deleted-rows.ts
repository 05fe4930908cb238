/** The row of a run, taken out of the database as it is and put back as it was; its attempts know each other again. */
import type { Db } from '../db/open.ts'
import { insertRow, type RawRow, rowsFromText, rowsToText } from '../db/rows.ts'

export interface SavedRun {
  id: number
  scriptId: number
  queuedAt: number
  row: RawRow
}

export function createDeletedRunRows({ $client: client }: Pick<Db, '$client'>) {
  const find = (id: number) => client.query('SELECT * FROM runs WHERE id = ?').get(id) as RawRow | null

  /** It was counted when it ended, and what was deleted stays counted. */
  function uncounted({ scriptId, queuedAt }: SavedRun, insert: () => void) {
    const its = 'hours IN (1, 24) AND script_id IN (?1, 0) AND at = ?2 / (hours * 3600000) * (hours * 3600000)'
    const before = ['run_counts', 'run_durations'].map(
      (table) => [table, client.query(`SELECT * FROM ${table} WHERE ${its}`).all(scriptId, queuedAt)] as const,
    )
    insert()
    for (const [table, rows] of before) {
      client.query(`DELETE FROM ${table} WHERE ${its}`).run(scriptId, queuedAt)
      for (const row of rows) insertRow(client, table, row as RawRow)
    }
  }

  /** Lists show of a run that was tried again the attempt that none follows: each names the next that there is. */
  function link(firstId: number) {
    const ids = client
      .query('SELECT id FROM runs WHERE id = ?1 OR first_attempt_id = ?1 ORDER BY id')
      .all(firstId)
      .map((row) => (row as { id: number }).id)
    for (const [i, id] of ids.entries())
      client.query('UPDATE runs SET next_attempt_id = ? WHERE id = ?').run(ids[i + 1] ?? null, id)
  }

  const isTaken = ({ script_id, idempotency_key }: RawRow) =>
    client
      .query('SELECT 1 FROM runs WHERE script_id = ? AND idempotency_key = ?')
      .get(script_id ?? null, idempotency_key ?? null) !== null

  return {
    /** Secrets in it are sealed, and stay so. */
    save: (id: number): string => rowsToText(find(id)),

    parse(text: string): SavedRun {
      const row = rowsFromText<RawRow>(text)
      return { id: Number(row.id), scriptId: Number(row.script_id), queuedAt: Number(row.queued_at), row }
    },

    /** Retention measures its files anew; a key that a later run has is that one's. */
    putBack(saved: SavedRun): void {
      const { row } = saved
      client.transaction(() => {
        const changed = {
          log_kept_bytes: null,
          output_kept_bytes: null,
          ...(isTaken(row) && { idempotency_key: null }),
        }
        uncounted(saved, () => insertRow(client, 'runs', { ...row, ...changed }))
        link(Number(row.first_attempt_id ?? row.id))
      })()
    },
  }
}
