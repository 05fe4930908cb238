/** Databases in memory, each as new: the migrations run once in a process, since most tests want one and many want four. */
import { Database } from 'bun:sqlite'
import { drizzle } from 'drizzle-orm/bun-sqlite'
import { type Db, openDatabase } from '../../src/db/open.ts'

let empty: Buffer | undefined

export function memoryDatabase(): Db {
  empty ??= openDatabase(':memory:').$client.serialize()
  const client = Database.deserialize(empty, { strict: true })
  client.run('PRAGMA foreign_keys = ON')
  return drizzle({ client }) as Db
}
