/** A copy of the database as it is at one moment, made in small steps while others read and write. */
import { Database, type SQLQueryBindings } from 'bun:sqlite'
import { setImmediate as nextTurn } from 'node:timers/promises'

/** A step should take about this long: nobody else is served meanwhile. */
const stepMs = 5
const stepRowsMax = 5000

/**
 * `from`, `to`: absolute; `to` must not exist. Every table but the rows of `leaveOut`, all as they were when it began: a
 * reader of SQLite's write-ahead log sees one moment, however long it reads. VACUUM INTO would do the same in one
 * step, in which nobody is served. Answers the schema's version. Throws what SQLite says.
 */
export async function copyDatabase(from: string, to: string, leaveOut: readonly string[] = []): Promise<number> {
  const client = new Database(to, { create: true, strict: true })
  try {
    client.run('PRAGMA journal_mode = OFF') // a copy that is not finished is thrown away
    client.run('PRAGMA synchronous = OFF')
    client.run('PRAGMA foreign_keys = OFF')
    client.run('PRAGMA busy_timeout = 5000')
    client.run('ATTACH ? AS source', [from])
    client.run('BEGIN')
    const version = numberOf(client, 'PRAGMA source.user_version')
    const schema = client
      .query("SELECT type, name, sql FROM source.sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'")
      .all() as { type: string; name: string; sql: string }[]
    const of = (...types: string[]) => schema.filter(({ type }) => types.includes(type))
    for (const { sql } of of('table')) client.run(sql)
    for (const { sql } of of('index')) client.run(sql) // before the rows: made afterwards, each would be one long step
    for (const { name } of of('table')) if (!leaveOut.includes(name)) await copyTable(client, name)
    if (client.query("SELECT 1 FROM main.sqlite_schema WHERE name = 'sqlite_sequence'").get()) {
      client.run('DELETE FROM main.sqlite_sequence')
      client.run('INSERT INTO main.sqlite_sequence SELECT * FROM source.sqlite_sequence')
    }
    for (const { sql } of of('view', 'trigger')) client.run(sql)
    client.run(`PRAGMA main.application_id = ${numberOf(client, 'PRAGMA source.application_id')}`)
    client.run(`PRAGMA main.user_version = ${version}`)
    client.run('COMMIT')
    return version
  } finally {
    client.close()
  }
}

/** Row by row in the order of its key: the rowid, or the primary key of a table that has none. */
async function copyTable(client: Database, name: string): Promise<void> {
  const table = quoted(name)
  const columns = client.query(`SELECT name, pk FROM pragma_table_info(?, 'source') WHERE pk > 0 ORDER BY pk`).all(name)
  const isWithoutRowid = client.query(`SELECT wr FROM pragma_table_list WHERE schema = 'source' AND name = ?`).get(name)
  if (!(isWithoutRowid as { wr: number }).wr) return copyByRowid(client, table)
  return copyByKey(client, table, (columns as { name: string }[]).map(({ name }) => quoted(name)).join(', '))
}

async function copyByRowid(client: Database, table: string): Promise<void> {
  const end = client.query(
    `SELECT max(id) AS id FROM (SELECT rowid AS id FROM source.${table} WHERE rowid > ? ORDER BY rowid LIMIT ?)`,
  )
  const copy = client.query(
    `INSERT INTO main.${table} SELECT * FROM source.${table} WHERE rowid > ? AND rowid <= ? ORDER BY rowid`,
  )
  let after: number | null = Number.MIN_SAFE_INTEGER
  await inSteps((rows) => {
    const { id } = end.get(after, rows) as { id: number | null }
    if (id !== null) copy.run(after, id)
    after = id
    return id !== null
  })
}

/** The last key is bound as values: compared with a subquery, SQLite would walk to it from the beginning in each step. */
async function copyByKey(client: Database, table: string, key: string): Promise<void> {
  const first = client.query(`INSERT INTO main.${table} SELECT * FROM source.${table} ORDER BY ${key} LIMIT ?`)
  const lastKey = client.query(`SELECT ${key} FROM main.${table} ORDER BY ${descending(key)} LIMIT 1`)
  const places = key.replaceAll(/[^,]+/g, '?')
  const further = client.query(
    `INSERT INTO main.${table} SELECT * FROM source.${table} WHERE (${key}) > (${places}) ORDER BY ${key} LIMIT ?`,
  )
  await inSteps((rows) => {
    const [last] = lastKey.values() as SQLQueryBindings[][]
    return (last ? further.run(...last, rows) : first.run(rows)).changes > 0
  })
}

const descending = (key: string) => key.replaceAll(/,|$/g, (end) => ` DESC${end}`)

/** Calls it with how many rows to take until it answers that there are none, and lets others have their turn in between. */
async function inSteps(step: (rows: number) => boolean): Promise<void> {
  let rows = 50
  for (;;) {
    const startedAt = performance.now()
    if (!step(rows)) return
    const tookMs = performance.now() - startedAt
    rows = Math.max(1, Math.min(stepRowsMax, Math.round((rows * stepMs) / Math.max(tookMs, stepMs / 2))))
    await nextTurn()
  }
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`

const numberOf = (client: Database, sql: string) => Object.values(client.query(sql).get() as object)[0] as number
