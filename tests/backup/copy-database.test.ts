/** The copy is of one moment, whatever is written meanwhile. */
import { Database } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { copyDatabase } from '../../src/backup/copy-database.ts'
import { openDatabase } from '../../src/db/open.ts'
import { failureOf } from '../harness/failure.ts'
import { tempFolder } from '../harness/folder.ts'

const folder = tempFolder()

const dump = (client: Database, tables: string[]) =>
  Object.fromEntries(tables.map((table) => [table, client.query(`SELECT * FROM "${table}"`).all()]))

const tablesOf = (client: Database) =>
  client
    .query("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
    .values()
    .flat() as string[]

test('every table, index, trigger, counter and version, as they were when it began, without the rows that are left out', async () => {
  const from = join(folder, 'gateway.db')
  const db = openDatabase(from)
  const { $client: client } = db
  client.run("INSERT INTO users (name, source, created_at) VALUES ('anna', 'password', 1)")
  client.run(
    "INSERT INTO sessions (token_hash, user_id, created_at, last_seen_at, source, expires_at) VALUES ('h', 1, 1, 1, 'password', 9)",
  )
  client.run('CREATE TABLE many (a TEXT, b BLOB, c REAL)') // no number of its own
  client.run(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
    INSERT INTO many SELECT 'row ' || i, randomblob(200), i / 3.0 FROM n`)
  client.run('DELETE FROM many WHERE rowid BETWEEN 500 AND 900')
  client.run('CREATE TABLE keyed (a INT, b TEXT, c BLOB, PRIMARY KEY (b, a)) WITHOUT ROWID')
  client.run('INSERT INTO keyed SELECT rowid % 7, a, b FROM many LIMIT 2000')
  client.run("INSERT INTO variables (script_id, name, value, created_at, updated_at) VALUES (0, 'A', x'00ff', 1, 1)")
  client.run('DELETE FROM variables') // its counter stays
  const tables = tablesOf(client)
  const before = dump(client, tables)
  const schema = client.query('SELECT type, name, sql FROM sqlite_schema ORDER BY type, name').all()

  const to = join(folder, 'copy.db')
  const copying = copyDatabase(from, to, ['sessions'])
  let turns = 0
  let isDone = false
  void copying.finally(() => {
    isDone = true
  })
  while (!isDone) {
    client.run(`INSERT INTO many VALUES ('late ${turns}', NULL, 0)`)
    client.run(`UPDATE many SET a = 'changed' WHERE rowid = ${20000 - turns}`)
    turns++
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(await copying).toBe((client.query('PRAGMA user_version').get() as { user_version: number }).user_version)
  expect(turns).toBeGreaterThan(3)

  const copy = new Database(to, { readonly: true })
  expect(dump(copy, tables)).toEqual({ ...before, sessions: [] })
  expect(copy.query('SELECT type, name, sql FROM sqlite_schema ORDER BY type, name').all()).toEqual(schema)
  expect(copy.query("SELECT seq FROM sqlite_sequence WHERE name = 'variables'").values()).toEqual([[1]])
  expect(copy.query('PRAGMA integrity_check').values()).toEqual([['ok']])
  copy.close()
  openDatabase(to).$client.close() // ours
  client.close()
})

test('what cannot be read is an error, and what was there is left alone', async () => {
  await failureOf(copyDatabase(join(folder, 'no', 'gateway.db'), join(folder, 'x.db')))
})

test('a long table without a rowid is copied from where it was, and not from its beginning in each step', async () => {
  const from = join(folder, 'long.db')
  const client = new Database(from, { create: true })
  client.run('CREATE TABLE keyed (a INT, b INT, PRIMARY KEY (a, b)) WITHOUT ROWID')
  client.run(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000)
    INSERT INTO keyed SELECT i % 3, i FROM n`)
  client.close()
  const to = join(folder, 'long-copy.db')
  let turns = 0
  const isDone = copyDatabase(from, to).then(() => true)
  // Each walk from the beginning leaves time for fewer rows: in the end for one, and there would be 200,000 steps.
  while (turns < 5000 && !(await Promise.race([isDone, new Promise((resolve) => setImmediate(resolve))]))) turns++
  expect(turns).toBeLessThan(5000)
  const copy = new Database(to, { readonly: true })
  expect(copy.query('SELECT count(*), sum(b) FROM keyed').values()).toEqual([[200_000, 20_000_100_000]])
})
