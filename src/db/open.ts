/** Opens the database: refuses one that is not ours or newer than this program, sets the pragmas, migrates. */
import { Database } from 'bun:sqlite'
import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { type BunSQLiteDatabase, drizzle } from 'drizzle-orm/bun-sqlite'
import { migrations as allMigrations } from './migrations.ts'

export type Db = BunSQLiteDatabase & { $client: Database }

/** "SGw1": marks a file as ours (https://sqlite.org/pragma.html#pragma_application_id). */
const applicationId = 0x53477731

/** How long a write waits for another program's lock: nobody is served meanwhile. Longer is for the caller to try again. */
const lockedWaitMs = 50

interface OpenOptions {
  migrations?: readonly string[]
  /** Told in sentences what keeps the caller waiting: nothing is, where there is nothing to bring up to date. */
  say?(words: string): void
}

/**
 * Opens `file` (made with its folder when missing) and brings it to the newest version, each migration in a transaction.
 * Throws an Error that says what to do, with the file untouched, when the database is newer, foreign or damaged.
 */
export function openDatabase(file: string, { migrations = allMigrations, say = () => {} }: OpenOptions = {}): Db {
  if (existsSync(file)) refuseStranger(file, migrations.length)
  else mkdirSync(dirname(file), { recursive: true })
  const client = new Database(file, { create: true, strict: true })
  try {
    setPragmas(client)
    if (pragma(client, 'user_version') === 0) migrate(client, migrations, () => {})
    else upgrade(client, file, { migrations, say })
    client.run(`PRAGMA busy_timeout = ${lockedWaitMs}`)
  } catch (error) {
    client.close()
    throw error
  }
  return drizzle({ client }) as Db
}

/** Checked on a read-only connection, before any pragma could write. */
function refuseStranger(file: string, newest: number) {
  const client = new Database(file, { readonly: true })
  try {
    client.run('PRAGMA busy_timeout = 5000') // whoever closes it just now, such as the gateway that this one follows, has it alone
    const id = pragma(client, 'application_id')
    const version = pragma(client, 'user_version')
    const isEmpty = client.query('SELECT count(*) AS n FROM sqlite_schema').get() as { n: number }
    if (id !== applicationId && isEmpty.n > 0)
      throw new Error(`${file} is not a database of ScriptGateway. Move it away, or set DATA_DIR to another folder.`)
    if (version > newest)
      throw new Error(
        `${file} has version ${version}; this program knows versions up to ${newest}. ` +
          'It was left untouched: start the newer ScriptGateway again, or restore a backup made with this one.',
      )
  } finally {
    client.close()
  }
}

function setPragmas(client: Database) {
  client.run('PRAGMA busy_timeout = 5000') // nobody is served yet
  client.run('PRAGMA journal_mode = WAL')
  client.run('PRAGMA synchronous = NORMAL') // with WAL: safe over a crash of the process; the system's may cost the last commits
  client.run('PRAGMA foreign_keys = ON')
  client.run('PRAGMA journal_size_limit = 67108864')
}

/** Of a database that has something in it: a million runs take a while, in which nothing else is heard of the start. */
function upgrade(client: Database, file: string, { migrations, say }: Required<OpenOptions>) {
  const before = pragma(client, 'user_version')
  const steps = migrations.length - before
  if (steps === 0) return
  const startedAt = performance.now()
  migrate(client, migrations, (version) =>
    say(`Migrating the database (${file}): step ${version - before} of ${steps}; this may take a minute.`),
  )
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  say(`The database is migrated, from version ${before} to ${migrations.length}: it took ${seconds} s.`)
}

function migrate(client: Database, migrations: readonly string[], onStep: (version: number) => void) {
  for (let version = pragma(client, 'user_version') + 1; version <= migrations.length; version++) {
    onStep(version)
    client
      .transaction(() => {
        client.run(migrations[version - 1]!)
        client.run(`PRAGMA application_id = ${applicationId}`)
        client.run(`PRAGMA user_version = ${version}`)
      })
      .immediate()
  }
}

const pragma = (client: Database, name: string) =>
  Object.values(client.query(`PRAGMA ${name}`).get() as object)[0] as number
