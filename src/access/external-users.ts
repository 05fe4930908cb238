/** Users whom somebody else has signed in: an OpenID provider, or a proxy. Found by what that one calls them, made at the first time. */
import { and, eq, sql } from 'drizzle-orm'
import type { RecordAudit } from '../audit/model.ts'
import type { Clock } from '../clock.ts'
import type { Db } from '../db/open.ts'
import { GatewayError } from '../errors.ts'
import type { Role } from '../http/caller.ts'
import type { Refusals } from './refusals.ts'
import { type UserRow, users } from './table.ts'
import { createUserStore } from './user-store.ts'

/** What `*_role` settings say of who comes for the first time. */
export type RoleSetting = Role | 'none' | 'refuse'

export interface ExternalUser {
  source: 'oidc' | 'proxy'
  /** Who says so, and what that one calls the user: these two alone are the identity. Names and e-mail addresses are claims. */
  issuer: string
  subject: string
  /** What it would like to be called. */
  name: string
  email: string | null
  /** Of somebody new. */
  firstRole: RoleSetting
  /** The role from now on; left out, it stays as it is. */
  role?: RoleSetting
  address: string | null
}

export type FindOrCreateExternal = (external: ExternalUser) => UserRow

const usersMax = 10_000
const seenEveryMs = 60_000
const nameLengthMax = 64

interface Deps {
  db: Db
  clock: Pick<Clock, 'now'>
  record: RecordAudit
  refusals: Pick<Refusals, 'add'>
}

/** Answers the user; throws `auth` for one that is disabled, or new where nobody new is let in. */
export function createExternalUsers({ db, clock, record, refusals }: Deps): FindOrCreateExternal {
  const store = createUserStore(db)
  const bySubject = db
    .select()
    .from(users)
    .where(and(eq(users.oidcIssuer, sql.placeholder('issuer')), eq(users.oidcSubject, sql.placeholder('subject'))))
    .prepare()

  function findOrCreate(external: ExternalUser): UserRow {
    const { issuer, subject } = external
    const known = bySubject.get({ issuer, subject })
    if (known === undefined) return create(external)
    if (known.disabledAt !== null) throw refusal(external, known)
    const role = roleFor(known, external)
    const changes = {
      ...(role === known.role ? {} : { role }),
      ...(clock.now() - (known.lastSeenAt ?? 0) < seenEveryMs ? {} : { lastSeenAt: clock.now() }),
    }
    if (Object.keys(changes).length > 0) store.update(known.id, changes)
    if (role !== known.role) note('user.update', known, external, { before: { role: known.role }, after: { role } })
    return { ...known, ...changes }
  }

  /** The last administrator stays one: whoever took the group away may not have meant to close the gateway for good. */
  function roleFor(known: UserRow, external: ExternalUser): Role | null {
    if (external.role === undefined) return known.role
    if (external.role === 'refuse') throw refusal(external, known)
    const role = toRole(external.role)
    const isLast = known.role === 'admin' && role !== 'admin' && store.countAdministrators(known.id) === 0
    return isLast ? 'admin' : role
  }

  function create(external: ExternalUser): UserRow {
    const { source, issuer, subject, email } = external
    const role = external.role ?? external.firstRole
    if (role === 'refuse') throw refusal(external)
    const user = db.transaction(
      () => {
        if (store.count() >= usersMax) throw new GatewayError('conflict', `There are ${usersMax} users already.`)
        const now = clock.now()
        return store.insert({
          ...{ name: freeName(external.name), email, role: toRole(role), source, oidcIssuer: issuer },
          ...{ oidcSubject: subject, createdAt: now, lastSeenAt: now },
        })
      },
      { behavior: 'immediate' },
    )
    note('user.create', user, external, { after: { name: user.name, role: user.role, source } })
    return user
  }

  /** A name that somebody has is that one's, whoever else claims it. */
  function freeName(wanted: string): string {
    const name = toName(wanted)
    for (let n = 1; ; n++) {
      const tail = n === 1 ? '' : `-${n}`
      const free = name.slice(0, nameLengthMax - tail.length) + tail
      if (!store.byName(free)) return free
    }
  }

  /** Each request of a browser that a proxy names somebody to comes here: they are counted. */
  function refusal({ name, source, address }: ExternalUser, known: UserRow | null = null): GatewayError {
    refusals.add({ user: known, named: `${toName(name)} (${source})`, address, status: 401 })
    return new GatewayError('auth', 'You are known, but not let in here: ask an administrator of this gateway.')
  }

  function note(
    action: string,
    user: UserRow,
    { address }: ExternalUser,
    change: { before?: unknown; after?: unknown },
  ) {
    const caller = { kind: 'user' as const, name: user.name, userId: user.id, tokenId: null, address }
    record({ action, caller, object: { type: 'user', id: user.id, name: user.name }, ...change })
  }

  return findOrCreate
}

const toRole = (role: Role | 'none') => (role === 'none' ? null : role)

/** In the letters that names have here. */
const toName = (wanted: string) =>
  wanted
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9._@-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, nameLengthMax) || 'user'
