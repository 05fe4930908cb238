/** The rows that are a script's own, taken out of the database as they are and put back as they were. */
import type { SQLQueryBindings } from 'bun:sqlite'
import type { Db } from '../db/open.ts'

/** By `script_id`. Secrets in them are sealed, and stay so. */
export const keptTables = ['variables', 'schedules', 'notify_rules', 'notify_mutes', 'script_versions'] as const
/** What is said of runs, and of the times at which schedules were due, goes for good; rights are kept in their own way. */
export const goneTables = ['runs', 'kept_bytes', 'run_counts', 'run_durations', 'occurrences', 'access_restrictions']

type Row = Record<string, SQLQueryBindings>

export interface SavedRows {
  script: Row
  contents: Row[]
  tables: Record<(typeof keptTables)[number], Row[]>
}

export function createDeletedRows({ $client: client }: Pick<Db, '$client'>) {
  const rows = (sql: string, id: number) => client.query(sql).all(id) as Row[]

  function insert(table: string, row: Row, how = 'INSERT') {
    const names = Object.keys(row)
    const places = names.map(() => '?').join(', ')
    client.query(`${how} INTO ${table} (${names.join(', ')}) VALUES (${places})`).run(...Object.values(row))
  }

  const hasChannel = ({ channel_id }: Row) =>
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
        insert('scripts', { ...script, missing_since: script.missing_since ?? now })
        for (const row of contents) insert('script_contents', row, 'INSERT OR IGNORE')
        for (const table of keptTables)
          for (const row of tables[table]) if (table !== 'notify_rules' || hasChannel(row)) insert(table, row)
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

/** As text, bytes included. */
export const rowsToText = (value: unknown): string =>
  JSON.stringify(value, (_, member) =>
    member instanceof Uint8Array ? { base64: Buffer.from(member).toString('base64') } : member,
  )

export const rowsFromText = <T>(text: string): T =>
  JSON.parse(text, (_, member) => (typeof member?.base64 === 'string' ? Buffer.from(member.base64, 'base64') : member))
