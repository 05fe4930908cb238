/** Rows as the database has them, taken out to be put back as they were. */
import type { Database, SQLQueryBindings } from 'bun:sqlite'

export type RawRow = Record<string, SQLQueryBindings>

/** `table` and the names of the columns are ours. Throws what SQLite throws. */
export function insertRow(client: Database, table: string, row: RawRow, how = 'INSERT'): void {
  const names = Object.keys(row)
  const places = names.map(() => '?').join(', ')
  client.query(`${how} INTO ${table} (${names.join(', ')}) VALUES (${places})`).run(...Object.values(row))
}

/** As text, bytes included. */
export const rowsToText = (value: unknown): string =>
  JSON.stringify(value, (_, member) =>
    member instanceof Uint8Array ? { base64: Buffer.from(member).toString('base64') } : member,
  )

export const rowsFromText = <T>(text: string): T =>
  JSON.parse(text, (_, member) => (typeof member?.base64 === 'string' ? Buffer.from(member.base64, 'base64') : member))
