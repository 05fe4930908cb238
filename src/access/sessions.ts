/** Sessions of browsers: begun at a sign-in, found by the hash of what the cookie holds, ended by time or by hand. */
import { type Clock, isoTime } from '../clock.ts'
import { storageFault } from '../errors.ts'
import type { Setting } from '../settings/settings.ts'
import type { Session, UserSource } from './model.ts'
import { hashOf, isSecret, newSecret } from './secrets.ts'
import type { AccessStore } from './store.ts'
import type { SessionRow, UserRow } from './table.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** What is written of a session that is in use. */
const seenEveryMs = minuteMs
/** Of one user; the ones unused for longest end first. */
const sessionsMax = 100
const userAgentLengthMax = 500
const removedAtOnceMax = 500

/** Where a sign-in comes from. */
export interface Client {
  address: string | null
  userAgent: string
}

export type Sessions = ReturnType<typeof createSessions>

export interface SessionsDeps {
  store: AccessStore
  clock: Pick<Clock, 'now'>
  setting: Setting
}

export function createSessions({ store: { sessions, users }, clock, setting }: SessionsDeps) {
  const lifeMs = () => setting('session_days') * dayMs
  const idleMs = () => setting('session_idle_hours') * hourMs
  /** A setting that was lowered counts for sessions that are there, too. */
  const endOf = (session: SessionRow) => Math.min(session.expiresAt, session.createdAt + lifeMs())

  /** `secret` is for the cookie, and kept nowhere. */
  function begin(
    { id: userId }: Pick<UserRow, 'id'>,
    { source, address, userAgent }: Client & { source: UserSource },
  ): { secret: string; session: SessionRow } {
    const secret = newSecret()
    const now = clock.now()
    const session = sessions.insert({
      ...{ tokenHash: hashOf(secret), userId, source, address, userAgent: userAgent.slice(0, userAgentLengthMax) },
      ...{ createdAt: now, lastSeenAt: now, expiresAt: now + lifeMs() },
    })
    users.touch(userId, now)
    sessions.removeOldest(userId, sessionsMax)
    return { secret, session }
  }

  /** Whose session it is; null when there is none, it has ended, or its user is disabled. */
  function check(secret: string): { user: UserRow; session: SessionRow } | null {
    if (!isSecret(secret)) return null
    const found = sessions.byHash(hashOf(secret))
    if (!found || found.user.disabledAt !== null) return null
    const now = clock.now()
    const { session, user } = found
    if (now >= endOf(session) || now - session.lastSeenAt >= idleMs()) return null
    if (now - session.lastSeenAt >= seenEveryMs)
      writeWhenPossible(() => {
        sessions.touch(session.id, now)
        users.touch(user.id, now)
      })
    return found
  }

  /** The ones that have not ended, the last used first; `userId` null: everybody's. */
  const list = (userId: number | null, currentId: number | null = null): Session[] =>
    sessions
      .list(userId)
      .filter(({ session }) => clock.now() < endOf(session) && clock.now() - session.lastSeenAt < idleMs())
      .map(({ session, user }) => ({
        id: session.id,
        user_id: session.userId,
        user,
        source: session.source,
        address: session.address,
        user_agent: session.userAgent,
        created_at: isoTime(session.createdAt)!,
        last_seen_at: isoTime(session.lastSeenAt)!,
        expires_at: isoTime(Math.min(endOf(session), session.lastSeenAt + idleMs()))!,
        is_current: session.id === currentId,
      }))

  return {
    begin,
    check,
    list,
    /** Whether there was one; with `userId` only where it is that user's. */
    end: (id: number, userId: number | null): boolean => sessions.remove(id, userId),
    /** All of a user, but one if it is named. How many there were. */
    endAllOf: (userId: number, exceptId: number | null = null): number => sessions.removeOf(userId, exceptId),
    /** Some of those that have ended: to be called again while it answers more than 0. */
    removeEnded: (): number =>
      sessions.removeEnded({ now: clock.now(), seenMin: clock.now() - idleMs(), count: removedAtOnceMax }),
    /** Seconds that the cookie of a new one lives. */
    cookieSec: (): number => lifeMs() / 1000,
  }
}

/** When it was used last is not worth refusing a request: a database that is locked or full is told by what has to write. */
export function writeWhenPossible(write: () => void): void {
  try {
    write()
  } catch (error) {
    if (!storageFault(error)) throw error
  }
}
