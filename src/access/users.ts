/** Users: made, changed and removed, and never without an administrator once there is one. */
import { type Clock, isoTime } from '../clock.ts'
import { GatewayError, invalid } from '../errors.ts'
import { type Right, type Role, rights } from '../http/caller.ts'
import type { Grant, User } from './model.ts'
import { checkPassword, type Passwords } from './passwords.ts'
import type { Sessions } from './sessions.ts'
import type { AccessStore, Target } from './store.ts'
import type { UserRow } from './table.ts'
import type { UserChanges } from './user-store.ts'

const usersMax = 10_000
const grantsMax = 500
const namePattern = /^[A-Za-z0-9._@-]{1,64}$/

export interface NewUserInput {
  name: string
  password?: string
  email?: string | null
  role?: Role | null
  grants?: Grant[]
}

export interface UserInput extends Partial<NewUserInput> {
  disabled?: boolean
}

export type Users = ReturnType<typeof createUsers>

export interface UsersDeps {
  store: AccessStore
  sessions: Sessions
  passwords: Passwords
  clock: Pick<Clock, 'now'>
}

export function createUsers({ store, sessions, passwords, clock }: UsersDeps) {
  const { users } = store
  let isThereAnAdministrator = false

  /** Asked for every request before the set-up: what is true once stays true, since the last one cannot go. */
  function hasAdministrator(): boolean {
    isThereAnAdministrator ||= users.countAdministrators() > 0
    return isThereAnAdministrator
  }

  /** Throws `not_found`. */
  function row(id: number): UserRow {
    const found = users.get(id)
    if (!found) throw new GatewayError('not_found', `There is no user ${id}.`)
    return found
  }

  /** Throws `validation`, `conflict` for a name that is taken. */
  async function create(input: NewUserInput): Promise<User> {
    const { name, password, email = null, role = null, grants = [] } = input
    checkName(name)
    if (password !== undefined) checkPassword(password, name)
    const passwordHash = password === undefined ? null : await passwords.hash(password)
    return store.transaction(() => {
      assertFree(name)
      if (users.count() >= usersMax) throw new GatewayError('conflict', `There are ${usersMax} users already.`)
      const values = { name, email, role, grants: mergeGrants(grants), passwordHash }
      return toUser(users.insert({ ...values, source: 'password', createdAt: clock.now() }))
    })
  }

  /**
   * Of many that come at once, one wins; the others, and all who come later, get a `conflict`. Throws `validation` for the
   * name or the password.
   */
  async function firstAdministrator({ name, password }: { name: string; password: string }): Promise<UserRow> {
    checkName(name)
    checkPassword(password, name)
    if (hasAdministrator()) throw alreadySetUp()
    const passwordHash = await passwords.hash(password)
    const row = store.transaction(() => {
      if (users.countAdministrators() > 0) throw alreadySetUp()
      assertFree(name)
      return users.insert({ name, role: 'admin', passwordHash, source: 'password', createdAt: clock.now() })
    })
    isThereAnAdministrator = true
    return row
  }

  /** What is left out stays. A new password, or being disabled, ends the sessions. Throws `not_found`, `validation`, `conflict`. */
  async function update(id: number, input: UserInput): Promise<User> {
    const { name } = row(id)
    if (input.name !== undefined) checkName(input.name)
    const { password } = input
    if (password !== undefined) checkPassword(password, input.name ?? name)
    const passwordHash = password === undefined ? undefined : await passwords.hash(password)
    return store.transaction(() => {
      const before = row(id)
      if (input.name !== undefined) assertFree(input.name, id)
      const isDemoted = input.role !== undefined && input.role !== 'admin'
      if (isDemoted || input.disabled) assertNotLast(before, input.disabled ? 'disabled' : 'given another role')
      users.update(id, { ...changesOf(input, before), ...(passwordHash === undefined ? {} : { passwordHash }) })
      if (input.disabled || passwordHash !== undefined) sessions.endAllOf(id)
      return toUser(row(id))
    })
  }

  function changesOf({ name, email, role, grants, disabled }: UserInput, { disabledAt }: UserRow): UserChanges {
    return {
      ...(name === undefined ? {} : { name }),
      ...(email === undefined ? {} : { email }),
      ...(role === undefined ? {} : { role }),
      ...(grants === undefined ? {} : { grants: mergeGrants(grants) }),
      ...(disabled === undefined ? {} : { disabledAt: disabled ? (disabledAt ?? clock.now()) : null }),
    }
  }

  /** By whoever knew the old one, in this session. Its other sessions end. Throws `validation`. */
  async function setPassword(
    id: number,
    password: string,
    { keepSession = null as number | null, path = '/password' } = {},
  ) {
    checkPassword(password, row(id).name, path)
    const passwordHash = await passwords.hash(password)
    store.transaction(() => {
      users.update(row(id).id, { passwordHash })
      sessions.endAllOf(id, keepSession)
    })
  }

  /** Its sessions and tokens go with it. Throws `not_found`, `conflict`. */
  const remove = (id: number): User =>
    store.transaction(() => {
      const before = row(id)
      assertNotLast(before, 'removed')
      users.remove(id)
      return toUser(before)
    })

  function assertFree(name: string, exceptId = 0) {
    const other = users.byName(name)
    if (other && other.id !== exceptId)
      throw new GatewayError('conflict', `There is a user "${other.name}" already; case does not count.`)
  }

  /** ADMIN_TOKEN does not count: it may be gone at the next start. */
  function assertNotLast({ id, name, role, disabledAt }: UserRow, what: string) {
    if (role !== 'admin' || disabledAt !== null || users.countAdministrators(id) > 0) return
    throw new GatewayError(
      'conflict',
      `${name} is the last administrator that can sign in and cannot be ${what}: make another one first.`,
    )
  }

  /** Everybody's grants over one script or tag. */
  const grantsOn = (target: Target): { user: UserRow; right: Right }[] =>
    users.withGrants().flatMap((user) => {
      const grant = user.grants.find((one) => isOn(one, target))
      return grant ? [{ user, right: grant.right }] : []
    })

  /** Replaces everybody's grants over one script or tag. Throws `validation` for a user who is not there or comes twice. */
  function setGrantsOn(target: Target, wanted: { user_id: number; right: Right }[]): void {
    store.transaction(() => {
      const byUser = new Map(wanted.map(({ user_id, right }) => [user_id, right]))
      if (byUser.size < wanted.length) throw invalid('/grants', 'must name each user once')
      for (const id of byUser.keys())
        if (!users.get(id)) throw invalid('/grants', `names the user ${id}, who is not there`)
      const ids = new Set([...byUser.keys(), ...users.withGrants().map(({ id }) => id)])
      for (const id of ids) {
        const { grants } = row(id)
        const right = byUser.get(id)
        const after = grants.filter((grant) => !isOn(grant, target))
        if (right) after.push({ ...target, right })
        if (right || after.length < grants.length) users.update(id, { grants: mergeGrants(after) })
      }
    })
  }

  return {
    ...{ hasAdministrator, row, create, firstAdministrator, update, setPassword, remove, grantsOn, setGrantsOn },
    /** By name. */
    list: (): User[] => users.all().map(toUser),
    rows: (): UserRow[] => users.all(),
    /** Throws `not_found`. */
    get: (id: number): User => toUser(row(id)),
    find: (id: number): UserRow | undefined => users.get(id),
    /** Whatever the case. */
    named: (name: string): UserRow | undefined => users.byName(name),
    /** A script that is gone: its number is never given again, so this is tidiness. */
    forgetScript: (id: number): void => setGrantsOn({ script_id: id }, []),
  }
}

const alreadySetUp = () => new GatewayError('conflict', 'There is an administrator already: sign in.')

function checkName(name: string): void {
  if (!namePattern.test(name)) throw invalid('/name', 'must be 1 to 64 letters from a to z, digits or any of . _ - @')
}

const isOn = (grant: Grant, target: Target) =>
  'tag' in target
    ? 'tag' in grant && grant.tag === target.tag
    : 'script_id' in grant && grant.script_id === target.script_id

/** One for each script or tag: the highest right. Throws `validation` for too many. */
function mergeGrants(grants: readonly Grant[]): Grant[] {
  const merged = new Map<string, Grant>()
  for (const grant of grants) {
    const key = 'tag' in grant ? `tag ${grant.tag}` : `script ${grant.script_id}`
    const other = merged.get(key)
    if (!other || rights.indexOf(other.right) < rights.indexOf(grant.right)) merged.set(key, grant)
  }
  if (merged.size > grantsMax)
    throw invalid('/grants', `must have at most ${grantsMax} entries; use tags for many scripts`)
  return [...merged.values()]
}

export const toUser = (row: UserRow): User => ({
  id: row.id,
  name: row.name,
  email: row.email,
  role: row.role,
  grants: row.grants,
  source: row.source,
  disabled: row.disabledAt !== null,
  has_password: row.passwordHash !== null,
  has_second_factor: row.totpEnabledAt !== null,
  created_at: isoTime(row.createdAt)!,
  last_seen_at: isoTime(row.lastSeenAt),
})
