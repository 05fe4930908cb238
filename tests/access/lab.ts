/** Accounts on a database in memory, with a clock that is moved by hand and an audit log that is a list. */
import { randomBytes } from 'node:crypto'
import { type Accounts, createAccounts } from '../../src/access/accounts.ts'
import { isAtLeast, mayUser } from '../../src/access/rights.ts'
import type { UserRow } from '../../src/access/table.ts'
import type { AuditEvent } from '../../src/audit/model.ts'
import { type Config, options } from '../../src/config.ts'
import type { Db } from '../../src/db/open.ts'
import type { Caller } from '../../src/http/caller.ts'
import { createVault } from '../../src/variables/vault.ts'
import { memoryDatabase } from '../harness/database.ts'

export const minuteMs = 60_000
export const hourMs = 60 * minuteMs
export const dayMs = 24 * hourMs
export const password = 'violet otter lamp'
/** Of `password`, once for all tests: each hash takes 40 ms. */
export const passwordHash = await Bun.password.hash(password, {
  algorithm: 'argon2id',
  memoryCost: 19_456,
  timeCost: 2,
})

export interface Lab {
  db: Db
  accounts: Accounts
  events: AuditEvent[]
  /** Moves the clock. */
  pass(ms: number): void
  now(): number
  settings: Partial<Config>
  /** Another gateway on the same database. */
  restart(key?: Uint8Array): Accounts
  /** A user with `password`. */
  user(name: string, role?: Caller['role'], more?: Partial<UserRow>): UserRow
  /** The user at the browser of a session. */
  callerOf(user: UserRow, sessionId?: number | null): Caller
}

export function openLab({ adminToken }: { adminToken?: string } = {}): Lab {
  let now = Date.UTC(2026, 10, 21, 12)
  const db = memoryDatabase()
  const events: AuditEvent[] = []
  const settings: Partial<Config> = {}
  const keyOfVault = randomBytes(32)
  const start = (key: Uint8Array = keyOfVault) =>
    createAccounts({
      ...{ db, clock: { now: () => now }, vault: createVault({ key }), adminToken },
      setting: (name) => (settings[name] ?? options[name].default) as never,
      record: (event) => void events.push(event),
      findScript: (id) => (id < 100 ? { id, tags: [] } : undefined),
    })
  const accounts = start()

  return {
    ...{ db, accounts, events, settings },
    restart: start,
    now: () => now,
    pass(ms) {
      now += ms
    },
    user(name, role = null, more = {}) {
      const values = { passwordHash, source: 'password', role, grants: [], ...more }
      const { id } = db.$client
        .query<{ id: number }, (string | number | null)[]>(
          'INSERT INTO users (name, role, grants, source, password_hash, disabled_at, created_at) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id',
        )
        .get(
          ...[name, values.role, JSON.stringify(values.grants), values.source, values.passwordHash],
          ...[values.disabledAt ?? null, now],
        )!
      return accounts.users.row(id)
    },
    callerOf: (user, sessionId = null) => ({
      ...{ kind: 'user', name: user.name, userId: user.id, sessionId, tokenId: null, role: user.role },
      ...{ isLimited: false, address: '192.0.2.1', seesAll: user.role !== null },
      may: (right, script) => mayUser(user, right, script, accounts.restrictions.isRestricted(script)),
      is: (role) => isAtLeast(user.role, role),
    }),
  }
}

export const client = { address: '192.0.2.1', userAgent: 'Browser/1.0' }

/** The sentence and the type of what `act` throws; null for nothing. */
export async function refusalOf(act: () => unknown): Promise<{ type: string; message: string } | null> {
  try {
    await act()
    return null
  } catch (error) {
    const { type = 'Error', message } = error as { type?: string; message: string }
    return { type, message }
  }
}
