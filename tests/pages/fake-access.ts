/** Real accounts and a real audit log on a database in memory, with some people in them. */
import { createAccess } from '../../src/access/access.ts'
import { createAudit } from '../../src/audit/audit.ts'
import type { Clock } from '../../src/clock.ts'
import type { Caller, Role } from '../../src/http/caller.ts'
import { silentLog } from '../../src/log.ts'
import { createSettings } from '../../src/settings/settings.ts'
import { createVault } from '../../src/variables/vault.ts'
import { memoryDatabase } from '../harness/database.ts'

export const goodPassword = 'correct horse battery'

export function fakeAccess(clock: Clock) {
  const db = memoryDatabase()
  const setting = createSettings({ db, environment: {}, clock }).get
  const audit = createAudit({ db, clock, setting, log: silentLog() })
  const { accounts, identify } = createAccess({
    ...{
      db,
      clock,
      setting,
      record: audit.record,
      takeToken: () => null,
      baseUrl: () => 'https://gateway.example',
      log: silentLog(),
    },
    ...{ baseUrl: () => 'http://localhost', log: silentLog() },
    vault: createVault({ key: new Uint8Array(32) }),
    findScript: (id) => ({ id, tags: [] }),
  })
  return { accounts, audit, identify }
}

export type FakeAccess = ReturnType<typeof fakeAccess>

const order: Role[] = ['viewer', 'operator', 'editor', 'admin']
const needed = { see: 'viewer', run: 'operator', edit: 'editor' } as const

/** Somebody who may what this role says, over every script. */
export function callerWith(role: Role | null, rest: Partial<Caller> = {}): Caller {
  const is = (least: Role) => role !== null && order.indexOf(role) >= order.indexOf(least)
  return {
    ...{ kind: 'user', name: role ?? 'guest', userId: 1, sessionId: 1, tokenId: null, role, isLimited: false },
    ...{ address: '127.0.0.1', seesAll: role === 'admin', is, may: (right) => is(needed[right]) },
    ...rest,
  }
}
