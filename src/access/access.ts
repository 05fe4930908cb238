/** Access control as the server uses it: who there is, who calls, and whether anybody is there to sign in. */
import type { RecordAudit } from '../audit/model.ts'
import { basePathOf } from '../http/base-path.ts'
import { arrivalOf } from '../http/edge.ts'
import type { Log } from '../log.ts'
import { type AccountsDeps, createAccounts } from './accounts.ts'
import type { CookieScope } from './cookies.ts'
import { createExternalUsers } from './external-users.ts'
import type { GuardDeps } from './guard.ts'
import { createIdentify } from './identify.ts'
import { createOidc } from './oidc.ts'
import { createProxySignOn } from './proxy-sign-on.ts'

interface AccessDeps extends AccountsDeps {
  takeToken: GuardDeps['takeToken']
  /** OIDC_CLIENT_SECRET. */
  oidcClientSecret?: string
  /** AUTH_HEADER_SECRET. */
  authHeaderSecret?: string
  baseUrl(): string
  log: Log
}

export type Access = ReturnType<typeof createAccess>

/** Throws an Error that says what is wrong with ADMIN_TOKEN, or with the settings of sign-on by others. */
export function createAccess({ takeToken, oidcClientSecret, authHeaderSecret, baseUrl, ...given }: AccessDeps) {
  const { db, clock, setting, vault, adminToken, log } = given
  const watchers: (() => void)[] = []
  const changed = () => {
    for (const tell of watchers) tell()
  }
  /** Whatever changes who may what is recorded, so this is the one place that all of it passes. */
  const record: RecordAudit = (event) => {
    given.record(event)
    if (!addsOnly.has(event.action)) changed()
  }
  const deps = { ...given, record }
  if (adminToken !== undefined && (adminToken.length < adminTokenLengthMin || !/^[\x21-\x7e]+$/.test(adminToken)))
    throw new Error(
      `Wrong environment: ADMIN_TOKEN must have at least ${adminTokenLengthMin} characters, none of them a space; make one with: openssl rand -hex 32`,
    )
  const accounts = createAccounts(deps)
  const isOff = setting('auth') === 'off'
  const { restrictions, sessions } = accounts
  const findOrCreate = createExternalUsers({ db, clock, record, refusals: accounts.refusals })
  /** Of the session's cookie, for a browser that came like this. */
  const cookie = (request: Request): CookieScope => ({
    secure: arrivalOf(request).scheme === 'https',
    path: basePathOf(baseUrl()) || '/',
  })
  const oidc = createOidc({
    ...{ setting, clientSecret: oidcClientSecret, baseUrl, vault, findOrCreate, sessions, record, clock, log },
  })
  const identify = createIdentify({
    auth: isOff ? 'off' : 'on',
    isAdminToken: accounts.isAdminToken,
    session(secret) {
      const known = accounts.sessions.check(secret)
      return known && { user: known.user, sessionId: known.session.id }
    },
    token: accounts.tokens.check,
    proxyUser: createProxySignOn({ setting, secret: authHeaderSecret, findOrCreate }),
    restricted: { isEmpty: () => !restrictions.isAny(), has: restrictions.isRestricted },
  })
  return {
    accounts,
    identify,
    /** To be called when scripts have got other tags: those say who may what, too. */
    changed,
    /** Calls `tell` after somebody's rights may have become others. */
    onChange: (tell: () => void) => void watchers.push(tell),
    record,
    takeToken,
    isOff,
    cookie,
    /** Null where no provider is set. */
    oidc,
    /** Whether there is an administrator, be it ADMIN_TOKEN. */
    isSetUp: () => isOff || adminToken !== undefined || accounts.hasAdministrator(),
    /** Whether there is anybody who can sign in. */
    hasUsers: () => isOff || accounts.hasAdministrator() || (adminToken !== undefined && oidc !== null),
    /** Whether a tag says who may what. */
    isAccessTag: (tag: string) => restrictions.has({ tag }) || accounts.users.grantsOn({ tag }).length > 0,
  }
}

/** What leaves everybody the rights that they have. */
const addsOnly = new Set(['session.begin', 'session.refuse'])

const adminTokenLengthMin = 16
