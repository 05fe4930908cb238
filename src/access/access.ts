/** Access control as the server uses it: who there is, who calls, and whether anybody is there to sign in. */
import { type AccountsDeps, createAccounts } from './accounts.ts'
import type { GuardDeps } from './guard.ts'
import { createIdentify, type KnownUser } from './identify.ts'

interface AccessDeps extends AccountsDeps {
  takeToken: GuardDeps['takeToken']
  /** The user that a trusted proxy names; null where none does. Throws `auth` for one that may not come in. */
  proxyUser?(request: Request): KnownUser | null
}

export type Access = ReturnType<typeof createAccess>

/** Throws an Error when ADMIN_TOKEN is too short to be a secret. */
export function createAccess({ takeToken, proxyUser = () => null, ...deps }: AccessDeps) {
  const { setting, adminToken, record } = deps
  if (adminToken !== undefined && adminToken.length < adminTokenLengthMin)
    throw new Error(
      `Wrong environment: ADMIN_TOKEN must have at least ${adminTokenLengthMin} characters; make one with: openssl rand -hex 32`,
    )
  const accounts = createAccounts(deps)
  const isOff = setting('auth') === 'off'
  const { restrictions } = accounts
  const identify = createIdentify({
    auth: isOff ? 'off' : 'on',
    isAdminToken: accounts.isAdminToken,
    session(secret) {
      const known = accounts.sessions.check(secret)
      return known && { user: known.user, sessionId: known.session.id }
    },
    token: accounts.tokens.check,
    proxyUser,
    restricted: { isEmpty: () => !restrictions.isAny(), has: restrictions.isRestricted },
  })
  return {
    accounts,
    identify,
    record,
    takeToken,
    isOff,
    /** Whether there is an administrator, be it ADMIN_TOKEN. */
    isSetUp: () => isOff || adminToken !== undefined || accounts.hasAdministrator(),
    /** Whether there is anybody who can sign in. */
    hasUsers: () => isOff || accounts.hasAdministrator(),
    /** Whether a tag says who may what. */
    isAccessTag: (tag: string) => restrictions.has({ tag }) || accounts.users.grantsOn({ tag }).length > 0,
  }
}

const adminTokenLengthMin = 16
