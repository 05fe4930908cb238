import { Database } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { getTableColumns, getTableName } from 'drizzle-orm'
import { migrations } from '../../src/db/migrations.ts'
import { openDatabase } from '../../src/db/open.ts'
import { channels, deliveries, notifyMutes, notifyRules } from '../../src/notify/table.ts'
import { runs } from '../../src/runs/table.ts'
import { occurrences, scheduler, schedules } from '../../src/schedules/table.ts'
import { scripts } from '../../src/scripts/table.ts'
import { settings } from '../../src/settings/table.ts'
import { tempFolder } from '../harness/folder.ts'

const folder = tempFolder()
const file = (name: string) => join(folder, name, 'gateway.db')

test('a new database is made with its folder, in WAL mode, at the newest version', () => {
  const db = openDatabase(file('new'))
  expect(db.$client.query('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
  expect(db.$client.query('PRAGMA foreign_keys').get()).toEqual({ foreign_keys: 1 })
  expect(db.$client.query('PRAGMA user_version').get()).toEqual({ user_version: migrations.length })
  db.$client.close()
})

test('a database from a newer version is refused with a sentence and stays as it is, byte for byte', () => {
  const path = file('newer')
  openDatabase(path).$client.close()
  const client = new Database(path)
  client.run('PRAGMA journal_mode = DELETE')
  client.run(`PRAGMA user_version = ${migrations.length + 1}`)
  client.close()
  const before = readFileSync(path)
  expect(() => openDatabase(path)).toThrow(
    /has version \d+; this program knows versions up to \d+\. It was left untouched/,
  )
  expect(readFileSync(path)).toEqual(before)
})

test('a database that another process is about to let go is waited for', async () => {
  const path = file('held')
  openDatabase(path).$client.close()
  const held = `const { Database } = require('bun:sqlite')
const client = new Database(${JSON.stringify(path)})
client.run('PRAGMA locking_mode = EXCLUSIVE')
client.run('PRAGMA user_version = ${migrations.length}')
console.log('held')
setTimeout(() => client.close(), 200) // the fault itself: nobody can tell it when the other one looks`
  const other = Bun.spawn([process.execPath, '-e', held], { stdout: 'pipe' })
  await other.stdout.getReader().read()
  openDatabase(path).$client.close() // throws where it does not wait
  expect(await other.exited).toBe(0)
})

test("another program's database is refused and stays as it is", () => {
  const path = join(folder, 'foreign.db')
  const client = new Database(path)
  client.run('CREATE TABLE cookies (id)')
  client.close()
  const before = readFileSync(path)
  expect(() => openDatabase(path)).toThrow('is not a database of ScriptGateway')
  expect(readFileSync(path)).toEqual(before)
})

test('a file that is no database is refused', () => {
  const path = join(folder, 'text.db')
  writeFileSync(path, 'hello '.repeat(100))
  expect(() => openDatabase(path)).toThrow('not a database')
})

test('each migration is a transaction: one that fails leaves the version before it', () => {
  const path = file('half')
  const good = 'CREATE TABLE one (id INTEGER)'
  const bad = 'CREATE TABLE two (id INTEGER); INSERT INTO missing VALUES (1)'
  expect(() => openDatabase(path, { migrations: [good, bad] })).toThrow('missing')
  const db = openDatabase(path, { migrations: [good] })
  expect(db.$client.query('PRAGMA user_version').get()).toEqual({ user_version: 1 })
  expect(db.$client.query("SELECT name FROM sqlite_schema WHERE name = 'two'").get()).toBeNull()
  db.$client.close()
})

test('migrations that were added later are applied to an old database, and its rows stay', () => {
  const [path, one] = [file('grown'), 'CREATE TABLE one (id INTEGER)']
  const first = openDatabase(path, { migrations: [one] })
  first.$client.run('INSERT INTO one VALUES (7)')
  first.$client.close()
  const second = openDatabase(path, { migrations: [one, 'ALTER TABLE one ADD COLUMN more TEXT'] })
  expect(second.$client.query('SELECT * FROM one').all()).toEqual([{ id: 7, more: null }])
  second.$client.close()
})

test('whoever waits for an old database is told of each step, and how long it took; of a new one, or none to take, nothing', () => {
  const [path, said] = [file('told'), [] as string[]]
  const steps = ['one', 'two', 'three'].map((name) => `CREATE TABLE ${name} (id INTEGER)`)
  const open = (count: number) =>
    openDatabase(path, { migrations: steps.slice(0, count), say: (words) => void said.push(words) }).$client.close()
  open(1)
  expect(said).toEqual([])
  open(3)
  expect(said.splice(0)).toEqual([
    `Migrating the database (${path}): step 1 of 2; this may take a minute.`,
    `Migrating the database (${path}): step 2 of 2; this may take a minute.`,
    expect.stringMatching(/^The database is migrated, from version 1 to 3: it took \d+\.\d s\.$/),
  ])
  open(3)
  expect(said).toEqual([])
})

const tables = [
  scripts,
  runs,
  settings,
  schedules,
  occurrences,
  scheduler,
  channels,
  notifyRules,
  notifyMutes,
  deliveries,
]

test.each(tables)('the migrated tables are what Drizzle is told of them', (table) => {
  const db = openDatabase(file(`table-${getTableName(table)}`))
  const actual = db.$client.query(`PRAGMA table_info(${getTableName(table)})`).all() as {
    name: string
    notnull: number
    pk: number
    type: string
  }[]
  const declared = Object.values(getTableColumns(table)).map((column) => ({
    name: column.name,
    type: column.getSQLType().toUpperCase(),
    notnull: column.notNull && !column.primary,
  }))
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1)
  expect(declared.sort(byName)).toEqual(
    actual.map(({ name, type, notnull, pk }) => ({ name, type, notnull: notnull === 1 && pk === 0 })).sort(byName),
  )
  db.$client.close()
})
