/** An audit log on a database of its own, with a clock that the test sets. */
import { Database } from 'bun:sqlite'
import { afterAll } from 'bun:test'
import { join } from 'node:path'
import { createAudit } from '../../src/audit/audit.ts'
import type { AuditEvent } from '../../src/audit/model.ts'
import { openDatabase } from '../../src/db/open.ts'
import { silentLog } from '../../src/log.ts'
import type { Setting } from '../../src/settings/settings.ts'
import { tempFolder } from '../harness/folder.ts'

export const startMs = Date.parse('2026-11-21T10:00:00Z')
export const dayMs = 24 * 60 * 60_000

/** Call it at the top of a file. */
export function auditLab({ days = 730 } = {}) {
  const folder = tempFolder()
  const file = join(folder, 'gateway.db')
  const db = openDatabase(file)
  const clock = { nowMs: startMs, now: () => clock.nowMs }
  const logged: unknown[][] = []
  const log = Object.assign(silentLog(), {
    info: (...args: unknown[]) => void logged.push(['info', ...args]),
    warn: (...args: unknown[]) => void logged.push(['warn', ...args]),
  })
  const settings = { audit_days: days }
  const setting = ((name: 'audit_days') => settings[name]) as Setting
  const open = () => createAudit({ db, clock, setting, log, retryMs: 5, everyMs: 5 })
  const audit = open()
  afterAll(() => {
    audit.close()
    db.$client.close()
  })
  return {
    ...{ folder, file, db, clock, logged, settings, audit, open },
    raw: (sql: string) => db.$client.run(sql),
    /** Whose triggers are gone: what somebody can do who has the file. */
    tamper(sql: string) {
      const client = new Database(file)
      const triggers = client.query("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").all() as {
        name: string
        sql: string
      }[]
      for (const { name } of triggers) client.run(`DROP TRIGGER ${name}`)
      client.run(sql)
      for (const { sql } of triggers) client.run(sql)
      client.close()
    },
  }
}

export const anna = { kind: 'user', name: 'anna', userId: 7, tokenId: null, address: '10.0.0.9' } as const

export const edit = (id: number, rest: Partial<AuditEvent> = {}): AuditEvent => ({
  ...{ action: 'script.edit', caller: anna, object: { type: 'script', id, name: `s${id}.py` }, status: 200 },
  ...{ before: { tags: [] }, after: { tags: ['x'], n: id } },
  ...rest,
})
