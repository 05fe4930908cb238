/** Everything about who there is: users, their sessions, tokens and second factors, tied together. */
import type { RecordAudit } from '../audit/model.ts'
import type { Clock } from '../clock.ts'
import type { Db } from '../db/open.ts'
import type { Guarded } from '../http/caller.ts'
import type { Setting } from '../settings/settings.ts'
import type { Vault } from '../variables/vault.ts'
import { createManage } from './manage.ts'
import { createOwn } from './own.ts'
import { createPasswords } from './passwords.ts'
import { createRefusals } from './refusals.ts'
import { createRestrictions } from './restrictions.ts'
import { createScriptRights } from './script-rights.ts'
import { isSame } from './secrets.ts'
import { createSessions } from './sessions.ts'
import { createSetup } from './setup.ts'
import { createSignIn } from './sign-in.ts'
import { createAccessStore } from './store.ts'
import { addressKey, createThrottle } from './throttle.ts'
import { createTokens } from './tokens.ts'
import { createSecondFactor } from './totp.ts'
import { createUsers } from './users.ts'

export interface AccountsDeps {
  db: Db
  clock: Pick<Clock, 'now'>
  setting: Setting
  vault: Pick<Vault, 'seal' | 'open'>
  /** Whether the vault's key is there after the next start; without it no second factor begins. */
  isKeyKept?: boolean
  /** ADMIN_TOKEN. */
  adminToken?: string
  /** undefined where there is none of that number. */
  findScript(id: number): Guarded | undefined
  record: RecordAudit
}

export type Accounts = ReturnType<typeof createAccounts>

export function createAccounts(deps: AccountsDeps) {
  const { db, clock, setting, vault, isKeyKept, adminToken, findScript, record } = deps
  const store = createAccessStore(db)
  const passwords = createPasswords()
  const sessions = createSessions({ store, clock, setting })
  const restrictions = createRestrictions({ store })
  const tokens = createTokens({ store, clock, restrictions, findScript })
  const users = createUsers({ store, sessions, passwords, clock })
  const secondFactor = createSecondFactor({ store, vault, clock, isKeyKept })
  const refusals = createRefusals({ record, clock })
  const throttle = createThrottle({ clock, hasSignedIn })
  const signIn = createSignIn({ users, sessions, passwords, secondFactor, throttle, refusals, record, clock })
  const own = createOwn({ users, sessions, tokens, passwords, secondFactor, throttle, record })
  const manage = createManage({ users, sessions, secondFactor, restrictions, record })
  const setup = createSetup({ users, sessions, clock, adminToken, refusals, record })

  /** A session that is still kept tells it, also after a restart. */
  function hasSignedIn(account: string, key: string): boolean {
    const user = users.named(account)
    return user !== undefined && store.sessions.addresses(user.id).some((address) => addressKey(address) === key)
  }

  return {
    ...{ users, sessions, tokens, secondFactor, restrictions, passwords, signIn, own, manage, setup, refusals },
    hasAdministrator: users.hasAdministrator,
    /** Whether it is ADMIN_TOKEN; never without one. */
    isAdminToken: (secret: string): boolean => adminToken !== undefined && isSame(secret, adminToken),
    /** What names a script: forgotten when it is deleted, and given back with it. */
    scriptRights: createScriptRights({ users, tokens, restrictions }),
    /** To be called about once a minute: takes some ended sessions away, and tells the audit log of refusals that it counted. */
    tidy(): void {
      sessions.removeEnded()
      refusals.tellOld()
    },
    close: refusals.tellAll,
  }
}
