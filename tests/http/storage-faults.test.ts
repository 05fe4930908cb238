/** What the file system and SQLite say of a disk or a database, as clients are told it. Real errors where they can be made. */
import { Database } from 'bun:sqlite'
import { describe, expect, test } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { GatewayError, isDiskFull, storageFault } from '../../src/errors.ts'
import { errorResponse } from '../../src/http/errors.ts'
import { silentLog } from '../../src/log.ts'
import { tempFolder } from '../harness/folder.ts'

const folder = tempFolder()

const coded = (code: string) => Object.assign(new Error(`some words (${code})`), { code })

describe('an error with a code', () => {
  test.each<[code: string, type: string, status: number, words: string]>([
    ['ENOSPC', 'resource', 507, 'disk is full'],
    ['EDQUOT', 'resource', 507, 'disk is full'],
    ['SQLITE_FULL', 'resource', 507, 'disk is full'],
    ['SQLITE_IOERR_WRITE', 'resource', 507, 'cannot write to its disk'],
    ['SQLITE_IOERR_FSYNC', 'resource', 507, 'cannot write to its disk'],
    ['SQLITE_IOERR_SHMSIZE', 'resource', 507, 'cannot write to its disk'],
    ['SQLITE_BUSY', 'unavailable', 503, 'Another program holds'],
    ['SQLITE_BUSY_SNAPSHOT', 'unavailable', 503, 'Another program holds'],
    ['SQLITE_LOCKED', 'unavailable', 503, 'Another program holds'],
    ['SQLITE_READONLY', 'unavailable', 503, 'read-only'],
    ['SQLITE_READONLY_DBMOVED', 'unavailable', 503, 'read-only'],
    ['EROFS', 'unavailable', 503, 'read-only'],
    ['EACCES', 'unavailable', 503, 'not allowed'],
    ['EPERM', 'unavailable', 503, 'not allowed'],
    ['SQLITE_IOERR_READ', 'unavailable', 503, 'cannot read'],
    ['SQLITE_IOERR', 'unavailable', 503, 'cannot read'],
    ['SQLITE_CANTOPEN', 'unavailable', 503, 'cannot read'],
    ['EIO', 'unavailable', 503, 'cannot read'],
    ['SQLITE_CORRUPT', 'system', 500, 'damaged'],
    ['SQLITE_CORRUPT_INDEX', 'system', 500, 'damaged'],
    ['SQLITE_NOTADB', 'system', 500, 'damaged'],
  ])('%s is %s (%i): %s', async (code, type, status, words) => {
    for (const error of [coded(code), new Error('outer', { cause: coded(code) })]) {
      const response = errorResponse(error, silentLog())
      const body = (await response.json()) as { error: { type: string; message: string } }
      expect([response.status, body.error.type]).toEqual([status, type])
      expect(body.error.message).toContain(words)
      expect(body.error.message).not.toContain('some words')
      expect(response.headers.has('retry-after')).toBe(status === 503)
      expect(isDiskFull(error)).toBe(words === 'disk is full')
    }
  })

  test.each(['ENOENT', 'SQLITE_CONSTRAINT', 'SQLITE_BUS', 'ENOSPCX', ''])('%p is none of them', (code) => {
    expect(storageFault(coded(code))).toBeNull()
  })

  test.each([[null], [undefined], ['ENOSPC'], [{ code: 28 }], [new Error('ENOSPC')]])('%p is none', (thrown) => {
    expect(storageFault(thrown)).toBeNull()
  })

  test('one that is told already stays as it is', async () => {
    const told = new GatewayError('not_found', 'There is no such file.', { cause: coded('EACCES') })
    expect(errorResponse(told, silentLog()).status).toBe(404)
  })
})

test('a read-only database, a locked one, and a file that is none', () => {
  const file = join(folder, 'a.db')
  const db = new Database(file, { create: true })
  db.run('PRAGMA journal_mode = WAL')
  db.run('CREATE TABLE t (x)')
  const faultOf = (act: () => unknown) => {
    try {
      act()
    } catch (error) {
      return storageFault(error)?.message
    }
  }
  const write = (database: Database) => () => database.run('INSERT INTO t VALUES (1)')
  const readonly = new Database(file, { readonly: true })
  expect(faultOf(write(readonly))).toContain('read-only')
  const other = new Database(file)
  other.run('BEGIN EXCLUSIVE')
  expect(faultOf(write(db))).toContain('Another program holds')
  other.run('ROLLBACK')
  expect(faultOf(write(db))).toBeUndefined()
  writeFileSync(join(folder, 'b.db'), 'x'.repeat(5000))
  expect(faultOf(write(new Database(join(folder, 'b.db'))))).toContain('damaged')
  for (const one of [db, readonly, other]) one.close()
})
