/** The rows that are a script's own, taken out of the database as they are and put back as they were. */
import type { Db } from '../db/open.ts'
import { insertRow, type RawRow } from '../db/rows.ts'

/** By `script_id`. Secrets in them are sealed, and stay so. */
export const keptTables = ['variables', 'schedules', 'notify_rules', 'notify_mutes', 'script_versions'] as const
/** What is said of runs, and of the times at which schedules were due, goes for good; rights are kept in their own way. */
export const goneTables = ['runs', 'kept_bytes', 'run_counts', 'run_durations', 'occurrences', 'access_restrictions']

export interface SavedRows {
  script: RawRow
  contents: RawRow[]
  tables: Record<(typeof keptTables)[number], RawRow[]>
}

export function createDeletedRows({ $client: client }: Pick<Db, '$client'>) {
  const rows = (sql: string, id: number) => client.query(sql).all(id) as RawRow[]

  const hasChannel = ({ channel_id }: RawRow) =>
    client.query('SELECT 1 FROM channels WHERE id = ?').get(channel_id ?? null) !== null

  return {
    /** null: there is no such script. */
    read(id: number): SavedRows | null {
      const [script] = rows('SELECT * FROM scripts WHERE id = ?', id)
      if (!script) return null
      const tables = keptTables.map((table) => [table, rows(`SELECT * FROM ${table} WHERE script_id = ?`, id)])
      const contents = rows(
        'SELECT * FROM script_contents WHERE hash IN (SELECT hash FROM script_versions WHERE script_id = ?)',
        id,
      )
      return { script, contents, tables: Object.fromEntries(tables) }
    },
    /** All of them or none; those of channels that are gone aside. Until its file is there again, the script is missing. */
    putBack({ script, contents, tables }: SavedRows, now: number): void {
      client.transaction(() => {
        insertRow(client, 'scripts', { ...script, missing_since: script.missing_since ?? now })
        for (const row of contents) insertRow(client, 'script_contents', row, 'INSERT OR IGNORE')
        for (const table of keptTables)
          for (const row of tables[table])
            if (table !== 'notify_rules' || hasChannel(row)) insertRow(client, table, row)
      })()
    },
    remove(id: number): void {
      client.transaction(() => {
        client.query('DELETE FROM scripts WHERE id = ?').run(id) // most of the others with it
        client.query('DELETE FROM variables WHERE script_id = ?').run(id)
      })()
    },
  }
}
