/** What somebody does with their own account: password, second factor, sessions, tokens. Each verb tells the audit log. */
import type { RecordAudit } from '../audit/model.ts'
import { GatewayError } from '../errors.ts'
import type { Caller } from '../http/caller.ts'
import type { ApiToken, Session, User } from './model.ts'
import type { Passwords } from './passwords.ts'
import type { Sessions } from './sessions.ts'
import type { UserRow } from './table.ts'
import type { Throttle } from './throttle.ts'
import type { TokenInput, Tokens } from './tokens.ts'
import type { Enrolment, SecondFactor } from './totp.ts'
import type { Users } from './users.ts'

export interface OwnDeps {
  users: Users
  sessions: Sessions
  tokens: Tokens
  passwords: Passwords
  secondFactor: SecondFactor
  throttle: Throttle
  record: RecordAudit
}

/** Of the password or the second factor, whichever there is. */
export interface Proof {
  password?: string
  code?: string
}

export interface Me {
  kind: Caller['kind']
  name: string
  role: Caller['role']
  is_limited: boolean
  user: User | null
}

export type Own = ReturnType<typeof createOwn>

export function createOwn({ users, sessions, tokens, passwords, secondFactor, throttle, record }: OwnDeps) {
  const me = ({ kind, name, role, isLimited, userId }: Caller): Me => ({
    ...{ kind, name, role, is_limited: isLimited },
    user: userId === null ? null : users.get(userId),
  })

  /** Ends the other sessions. Throws `forbidden` for a wrong password, `busy` after many, `validation` for the new one. */
  async function changePassword(caller: Caller, { current, next }: { current: string; next: string }): Promise<void> {
    const user = person(caller)
    if (user.passwordHash === null)
      throw new GatewayError('conflict', 'This account has no password: an administrator can set one.')
    await prove(caller, user, { password: current }, '/current')
    await users.setPassword(user.id, next, { keepSession: caller.sessionId, path: '/new' })
    record({ action: 'user.password', caller, object: objectOf(user) })
  }

  function beginSecondFactor(caller: Caller): Enrolment {
    const user = person(caller)
    if (user.passwordHash === null)
      throw new GatewayError('conflict', 'This account signs in elsewhere: its second factor belongs there.')
    const enrolment = secondFactor.begin(user)
    record({ action: 'user.second-factor-begin', caller, object: objectOf(user) })
    return enrolment
  }

  /** What `beginSecondFactor` answered, until the first code was right; null where nothing waits. */
  const waitingSecondFactor = (caller: Caller): Enrolment | null => secondFactor.waiting(person(caller))

  /** Answers the recovery codes, which nobody sees again. */
  function confirmSecondFactor(caller: Caller, code: string): string[] {
    const user = person(caller)
    const attempt = throttle.take(user.name, caller.address)
    const codes = secondFactor.confirm(user, code)
    attempt.passed()
    record({ action: 'user.second-factor-on', caller, object: objectOf(user) })
    return codes
  }

  /** Throws `forbidden` for a wrong password or code. */
  async function endSecondFactor(caller: Caller, proof: Proof): Promise<void> {
    const user = person(caller)
    await prove(caller, user, proof, proof.password === undefined ? '/code' : '/password')
    secondFactor.end(user.id)
    record({ action: 'user.second-factor-off', caller, object: objectOf(user) })
  }

  /** Whoever found a browser that was left open does not have these. A wrong guess counts as one at the sign-in does. */
  async function prove(caller: Caller, user: UserRow, { password, code }: Proof, path: string): Promise<void> {
    const attempt = throttle.take(user.name, caller.address)
    const isRight =
      password !== undefined
        ? await passwords.verify(password, user.passwordHash)
        : code !== undefined && secondFactor.verify(user, code)
    if (!isRight)
      throw new GatewayError('forbidden', 'The password or the code is not right.', {
        details: [{ path, message: 'is not right' }],
      })
    attempt.passed()
  }

  const listSessions = (caller: Caller): Session[] => sessions.list(person(caller).id, caller.sessionId)

  /** One of the caller's own. Throws `not_found`. */
  function endSession(caller: Caller, id: number): void {
    if (!sessions.end(id, person(caller).id)) throw new GatewayError('not_found', 'You have no such session.')
    record({ action: 'session.revoke', caller, object: { type: 'session', id, name: caller.name } })
  }

  /** How many there were. */
  function endOtherSessions(caller: Caller): number {
    const user = person(caller)
    const ended = sessions.endAllOf(user.id, caller.sessionId)
    record({ action: 'session.revoke', caller, object: objectOf(user), after: { ended } })
    return ended
  }

  /** Of somebody without a session nothing ends. */
  function signOut(caller: Caller): void {
    if (caller.sessionId === null || !sessions.end(caller.sessionId, caller.userId)) return
    record({ action: 'session.end', caller, object: { type: 'session', id: caller.sessionId, name: caller.name } })
  }

  /** The caller's own, or of whom an administrator names. `secret` is shown once. */
  function createToken(
    caller: Caller,
    { user_id: userId, ...input }: TokenInput & { user_id?: number },
  ): { token: ApiToken; secret: string } {
    refuseWeakToken(caller)
    if (userId !== undefined && userId !== caller.userId && !caller.is('admin'))
      throw new GatewayError('forbidden', 'Only an administrator makes tokens for others.')
    const id = userId ?? caller.userId
    if (id === null)
      throw new GatewayError('conflict', `${caller.name} is no user: say in "user_id" whose token it is to be.`)
    const created = tokens.create(users.row(id), input)
    const { hint: _hint, ...after } = created.token
    record({ action: 'token.create', caller, object: tokenObject(created.token), after })
    return created
  }

  /** The caller's own; everybody's for an administrator who asks for them. */
  function listTokens(caller: Caller, isAll = false): ApiToken[] {
    refuseWeakToken(caller)
    if (isAll && !caller.is('admin'))
      throw new GatewayError('forbidden', 'Only an administrator sees the tokens of all.')
    if (isAll) return tokens.list(null)
    return caller.userId === null ? [] : tokens.list(caller.userId)
  }

  /** The caller's own, or anybody's by an administrator. Another's is `not_found`. */
  function revokeToken(caller: Caller, id: number): void {
    refuseWeakToken(caller)
    const row = tokens.get(id)
    if (!row || (row.userId !== caller.userId && !caller.is('admin')))
      throw new GatewayError('not_found', 'There is no such token.')
    tokens.revoke(id)
    record({
      ...{ action: 'token.revoke', caller, object: tokenObject(row) },
      before: { role: row.role, user_id: row.userId, script_ids: row.scriptIds },
    })
  }

  /** Throws `forbidden` for whoever is no person: a token has no password, and must not make itself stronger. */
  function person({ kind, userId, name }: Caller): UserRow {
    if (kind !== 'user' || userId === null)
      throw new GatewayError('forbidden', `${name} has no password and no sessions: sign in as a user for this.`)
    return users.row(userId)
  }

  return {
    ...{ me, changePassword, beginSecondFactor, waitingSecondFactor, confirmSecondFactor, endSecondFactor },
    ...{ listSessions, endSession, endOtherSessions, signOut, createToken, listTokens, revokeToken },
  }
}

/** A token that may do everything loses nothing by making another one; any other would outlive its own end, or its limits. */
function refuseWeakToken({ kind, name, isLimited, is }: Caller) {
  if (kind === 'token' && (isLimited || !is('admin')))
    throw new GatewayError('forbidden', `${name} does not manage tokens: sign in, or use one with the role admin.`)
}

export const objectOf = ({ id, name }: Pick<UserRow, 'id' | 'name'>) => ({ type: 'user', id, name })
const tokenObject = ({ id, name }: { id: number; name: string }) => ({ type: 'token', id, name })
