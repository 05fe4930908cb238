/** What administrators do with users, and with who may what. Each verb tells the audit log what it was before and after. */
import type { RecordAudit } from '../audit/model.ts'
import { GatewayError } from '../errors.ts'
import type { Caller, Guarded, Right, Role } from '../http/caller.ts'
import type { Session, User } from './model.ts'
import { objectOf } from './own.ts'
import type { Restrictions } from './restrictions.ts'
import { effectiveRight, isOver } from './rights.ts'
import type { Sessions } from './sessions.ts'
import type { Target } from './store.ts'
import type { UserRow } from './table.ts'
import type { SecondFactor } from './totp.ts'
import type { NewUserInput, UserInput, Users } from './users.ts'

export interface ManageDeps {
  users: Users
  sessions: Sessions
  secondFactor: SecondFactor
  restrictions: Restrictions
  record: RecordAudit
}

/** Who may do what with a script or tag, and why. */
export interface WhoMay {
  user_id: number
  user: string
  role: Role | null
  right: Right
  through: 'admin' | 'role' | 'grant' | 'tag'
}

export interface TargetAccess {
  restricted: boolean
  grants: { user_id: number; user: string; right: Right }[]
  who: WhoMay[]
}

/** A script with its tags, or a tag. `name` is for the audit log. */
export type AccessTarget = { script: Guarded & { name: string } } | { tag: string }

export interface AccessInput {
  restricted: boolean
  grants: { user_id: number; right: Right }[]
}

export type Manage = ReturnType<typeof createManage>

export function createManage({ users, sessions, secondFactor, restrictions, record }: ManageDeps) {
  async function createUser(caller: Caller, input: NewUserInput): Promise<User> {
    const user = await users.create(input)
    record({ action: 'user.create', caller, object: objectOf(user), after: recorded(user) })
    return user
  }

  /** A new password, or being disabled, ends the user's sessions. */
  async function updateUser(caller: Caller, id: number, input: UserInput): Promise<User> {
    const before = users.get(id)
    const after = await users.update(id, input)
    const changed = differing(recorded(before), recorded(after))
    record({
      ...{ action: 'user.update', caller, object: objectOf(after), before: changed.before },
      after: input.password === undefined ? changed.after : { ...changed.after, password: 'set anew' },
    })
    return after
  }

  /** Sessions and tokens go along. */
  function removeUser(caller: Caller, id: number): void {
    const before = users.remove(id)
    record({ action: 'user.remove', caller, object: objectOf(before), before: recorded(before) })
  }

  const sessionsOf = (id: number, caller?: Caller): Session[] => sessions.list(users.row(id).id, caller?.sessionId)

  /** How many there were. */
  function endSessionsOf(caller: Caller, id: number): number {
    const user = users.row(id)
    const ended = sessions.endAllOf(id)
    record({ action: 'session.revoke', caller, object: objectOf(user), after: { ended } })
    return ended
  }

  /** For somebody who lost the telephone and the recovery codes. */
  function endSecondFactorOf(caller: Caller, id: number): void {
    const user = users.row(id)
    secondFactor.end(id)
    record({ action: 'user.second-factor-off', caller, object: objectOf(user) })
  }

  function accessOf(target: AccessTarget): TargetAccess {
    const key = keyOf(target)
    const grants = users.grantsOn(key).map(({ user, right }) => ({ user_id: user.id, user: user.name, right }))
    return { restricted: restrictions.has(key), grants, who: whoMay(target) }
  }

  /** Replaces it all. Throws `validation`. */
  function setAccess(caller: Caller, target: AccessTarget, { restricted, grants }: AccessInput): TargetAccess {
    const key = keyOf(target)
    const stateOf = ({ restricted, grants }: TargetAccess) => ({ restricted, grants })
    const before = stateOf(accessOf(target))
    restrictions.set(key, restricted, () => users.setGrantsOn(key, grants))
    const after = accessOf(target)
    const object =
      'tag' in target
        ? { type: 'tag', id: target.tag, name: target.tag }
        : { type: 'script', id: target.script.id, name: target.script.name }
    record({ action: `${object.type}.access`, caller, object, ...differing(before, stateOf(after)) })
    return after
  }

  /** By name; who is disabled may nothing. */
  function whoMay(target: AccessTarget): WhoMay[] {
    const script: Guarded = 'tag' in target ? { id: 0, tags: [target.tag] } : target.script
    const isRestricted = restrictions.isRestricted(script)
    return users.rows().flatMap((user) => {
      const right = user.disabledAt === null ? effectiveRight(user, script, isRestricted) : null
      if (!right) return []
      const through = reason(user, right, script, isRestricted)
      return [{ user_id: user.id, user: user.name, role: user.role, right, through }]
    })
  }

  return {
    ...{ createUser, updateUser, removeUser, sessionsOf, endSessionsOf, endSecondFactorOf, accessOf, setAccess },
    listUsers: users.list,
    /** Throws `not_found`. */
    getUser: users.get,
    /** One session of a user. Throws `not_found`. */
    endSessionOf(caller: Caller, userId: number, id: number): void {
      const user = users.row(userId)
      if (!sessions.end(id, userId)) throw new GatewayError('not_found', `${user.name} has no such session.`)
      record({ action: 'session.revoke', caller, object: { type: 'session', id, name: user.name } })
    },
  }
}

const keyOf = (target: AccessTarget): Target => ('tag' in target ? target : { script_id: target.script.id })

/** The first that suffices: what would be left if the others went. */
function reason({ role, grants }: UserRow, right: Right, script: Guarded, isRestricted: boolean): WhoMay['through'] {
  if (role === 'admin') return 'admin'
  if (effectiveRight({ role, grants: [] }, script, isRestricted) === right) return 'role'
  return grants.some((grant) => 'script_id' in grant && grant.right === right && isOver(grant, script))
    ? 'grant'
    : 'tag'
}

const recorded = ({ name, email, role, grants, disabled }: User) => ({ name, email, role, grants, disabled })

/** What is not the same in both. */
function differing<T extends object>(before: T, after: T): { before: Partial<T>; after: Partial<T> } {
  const keys = (Object.keys(after) as (keyof T)[]).filter((key) => !Bun.deepEquals(before[key], after[key]))
  const pick = (from: T) => Object.fromEntries(keys.map((key) => [key, from[key]])) as Partial<T>
  return { before: pick(before), after: pick(after) }
}
