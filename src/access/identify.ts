/** From a request's credential to who calls: a bearer token, a session's cookie, or the name that a trusted proxy adds. */
import { GatewayError } from '../errors.ts'
import type { Caller, Guarded, Role } from '../http/caller.ts'
import { sessionSecretOf } from './cookies.ts'
import type { Identity } from './guard.ts'
import type { Grant } from './model.ts'
import { type Holder, isAtLeast, lesserRole, mayUser, throughToken } from './rights.ts'

/** What identifying needs to know of a user. */
export interface KnownUser {
  id: number
  name: string
  role: Role | null
  grants: Grant[]
}

export interface KnownToken {
  id: number
  name: string
  role: Role
  scriptIds: number[] | null
  ratePerMin: number | null
}

interface KnownByToken {
  user: KnownUser
  token: KnownToken
}

/** Over which scripts a role says nothing. */
export interface Restricted {
  isEmpty(): boolean
  has(script: Guarded): boolean
}

export interface IdentifyDeps {
  /** AUTH: `off` makes everybody an administrator. */
  auth: 'on' | 'off'
  /** Whether it is ADMIN_TOKEN; in constant time. */
  isAdminToken(secret: string): boolean
  session(secret: string): { user: KnownUser; sessionId: number } | null
  token(secret: string, address: string | null): KnownByToken | null
  /** The user that a trusted proxy names; null where none does. Throws `auth` for one that may not come in. */
  proxyUser(request: Request): KnownUser | null
  restricted: Restricted
}

export function createIdentify(deps: IdentifyDeps) {
  /** Null without a credential. Throws `auth` for one that is no good. */
  return function identify(request: Request, address: string | null): Identity | null {
    if (deps.auth === 'off') return everybody(address)
    const authorization = request.headers.get('authorization')
    // Of another scheme it is not for us: a proxy that asks for a password hands that on.
    if (authorization && /^bearer\b/i.test(authorization)) return bearer(authorization, address)
    const cookie = sessionSecretOf(request)
    const found = (cookie && session(cookie, address)) || proxied(request, address)
    if (cookie && !found) throw new GatewayError('auth', 'Your session has ended: sign in again.')
    return found
  }

  /** What came explicitly counts alone: a wrong token is never made good by a cookie. */
  function bearer(authorization: string, address: string | null): Identity {
    const secret = /^Bearer +([^\s]+)$/i.exec(authorization.trim())?.[1]
    if (secret === undefined) throw refusal('The Authorization header must be "Bearer" and a token.', 'invalid_request')
    if (deps.isAdminToken(secret)) return administrator(address)
    const again = () => {
      const known = deps.token(secret, address)
      return known && tokenCaller(known, address, deps.restricted)
    }
    const known = deps.token(secret, address)
    if (!known) throw refusal('This token is not known, or has expired or been revoked.', 'invalid_token')
    const caller = tokenCaller(known, address, deps.restricted)
    return { caller, again, isAmbient: false, ratePerMin: known.token.ratePerMin }
  }

  function session(secret: string, address: string | null): Identity | null {
    const again = () => {
      const known = deps.session(secret)
      return known && userCaller(known.user, known.sessionId, address, deps.restricted)
    }
    const caller = again()
    return caller && { caller, again, isAmbient: true }
  }

  function proxied(request: Request, address: string | null): Identity | null {
    const again = () => {
      const user = deps.proxyUser(request)
      return user && userCaller(user, null, address, deps.restricted)
    }
    const caller = again()
    return caller && { caller, again, isAmbient: true }
  }
}

const refusal = (message: string, error: string) =>
  new GatewayError('auth', message, {
    headers: { 'www-authenticate': `Bearer realm="ScriptGateway", error="${error}"` },
  })

const all = { role: 'admin', isLimited: false, seesAll: true, may: () => true, is: () => true } as const
const none = { userId: null, sessionId: null, tokenId: null }

function everybody(address: string | null): Identity {
  const caller: Caller = { kind: 'off', name: address ?? 'somebody', ...none, ...all, address }
  return { caller, again: () => caller, isAmbient: false }
}

function administrator(address: string | null): Identity {
  const caller: Caller = { kind: 'admin-token', name: 'ADMIN_TOKEN', ...none, ...all, address }
  return { caller, again: () => caller, isAmbient: false }
}

function userCaller(user: KnownUser, sessionId: number | null, address: string | null, restricted: Restricted): Caller {
  return {
    ...{ kind: 'user', name: user.name, userId: user.id, sessionId, tokenId: null, isLimited: false, address },
    ...rightsOf(user, restricted),
  }
}

function tokenCaller({ user, token }: KnownByToken, address: string | null, restricted: Restricted): Caller {
  const name = `token "${token.name}" of ${user.name}`
  const isLimited = token.scriptIds !== null
  return {
    ...{ kind: 'token', name, userId: user.id, sessionId: null, tokenId: token.id, isLimited, address },
    ...rightsOf(throughToken(user, token), restricted, lesserRole(user.role, token.role)),
  }
}

/** `role`: over what is not a script's; that is closed to whoever is for some scripts only. */
function rightsOf(
  holder: Holder,
  restricted: Restricted,
  role = holder.role,
): Pick<Caller, 'role' | 'seesAll' | 'may' | 'is'> {
  const isLimited = (holder.scriptIds ?? null) !== null
  return {
    role,
    seesAll: !isLimited && (holder.role === 'admin' || (holder.role !== null && restricted.isEmpty())),
    may: (right, script) => mayUser(holder, right, script, restricted.has(script)),
    is: (least) => !isLimited && isAtLeast(role, least),
  }
}
