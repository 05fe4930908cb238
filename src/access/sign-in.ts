/** From a name and a password, and a code where one is asked for, to a session. */
import type { RecordAudit } from '../audit/model.ts'
import { type Clock, isoTime } from '../clock.ts'
import { GatewayError } from '../errors.ts'
import type { Passwords } from './passwords.ts'
import type { Refusals } from './refusals.ts'
import { newSecret } from './secrets.ts'
import type { Client, Sessions } from './sessions.ts'
import type { SessionRow, UserRow } from './table.ts'
import type { Attempt, Throttle } from './throttle.ts'
import type { SecondFactor } from './totp.ts'
import type { Users } from './users.ts'

const ticketLifeMs = 5 * 60_000
const ticketsMax = 1000
const wrongCodesMax = 5

/** Either somebody is in, or the code of the second factor is still needed: `ticket` stands for the password then. */
export type SignedIn =
  | { state: 'signed-in'; secret: string; session: SessionRow; user: UserRow }
  | { state: 'code-needed'; ticket: string; expiresAt: string }

interface Ticket {
  userId: number
  passwordHash: string | null
  expiresAt: number
  wrongCodes: number
}

export interface SignInDeps {
  users: Users
  sessions: Sessions
  passwords: Passwords
  secondFactor: SecondFactor
  throttle: Throttle
  refusals: Refusals
  record: RecordAudit
  clock: Pick<Clock, 'now'>
}

export function createSignIn(deps: SignInDeps) {
  const { users, sessions, passwords, secondFactor, throttle, refusals, record, clock } = deps
  /** The oldest first. In memory only: whoever is in between at a restart types the password again. */
  const tickets = new Map<string, Ticket>()

  /** Throws `auth`, with the same words and after the same time whatever is wrong; `busy` when it was tried too often. */
  async function withPassword(
    { name, password, code }: { name: string; password: string; code?: string },
    client: Client,
  ): Promise<SignedIn> {
    const user = users.named(name.slice(0, 100))
    const attempt = begin(user, name, client)
    const isRight = await passwords.verify(password, user?.passwordHash)
    // Looked at again: hashing takes its time, and somebody may have been disabled meanwhile.
    const now = user && users.named(user.name)
    if (!isRight || !now || now.disabledAt !== null || now.passwordHash !== user.passwordHash)
      throw refuse(user, client)
    if (!secondFactor.isOn(now)) return enter(now, attempt, client)
    if (code === undefined) {
      attempt.passed()
      return { state: 'code-needed', ...makeTicket(now) }
    }
    if (!secondFactor.verify(now, code)) throw refuse(now, client)
    return enter(now, attempt, client)
  }

  /** Throws `auth` for a wrong code, and for a ticket that has expired, was used, or saw too many wrong codes. */
  function withCode({ ticket, code }: { ticket: string; code: string }, client: Client): SignedIn {
    const known = tickets.get(ticket)
    const user = known && known.expiresAt > clock.now() ? users.find(known.userId) : undefined
    if (!known || !user || user.disabledAt !== null || user.passwordHash !== known.passwordHash) {
      tickets.delete(ticket)
      throw new GatewayError('auth', 'That took too long, or was used before: begin with name and password again.')
    }
    const attempt = begin(user, user.name, client)
    if (!secondFactor.verify(user, code)) {
      if (++known.wrongCodes >= wrongCodesMax) tickets.delete(ticket)
      throw refuse(user, client)
    }
    tickets.delete(ticket)
    return enter(user, attempt, client)
  }

  function begin(user: UserRow | undefined, name: string, { address }: Client): Attempt {
    try {
      return throttle.take(name.slice(0, 100), address)
    } catch (error) {
      refusals.add({ user: user ?? null, address, status: 429 })
      throw error
    }
  }

  function refuse(user: UserRow | undefined, { address }: Client): GatewayError {
    refusals.add({ user: user ?? null, address, status: 401 })
    return new GatewayError('auth', 'The name, the password or the code is not right.')
  }

  function enter(user: UserRow, attempt: Attempt, client: Client): SignedIn {
    const { secret, session } = sessions.begin(user, { ...client, source: 'password' })
    attempt.succeeded()
    record({
      action: 'session.begin',
      caller: { kind: 'user', name: user.name, userId: user.id, tokenId: null, address: client.address },
      object: { type: 'session', id: session.id, name: user.name },
      after: { source: session.source, user_agent: session.userAgent },
    })
    return { state: 'signed-in', secret, session, user }
  }

  function makeTicket({ id: userId, passwordHash }: UserRow): { ticket: string; expiresAt: string } {
    for (const [ticket, { expiresAt }] of tickets)
      if (expiresAt <= clock.now() || tickets.size >= ticketsMax) tickets.delete(ticket)
      else break
    const ticket = newSecret()
    const expiresAt = clock.now() + ticketLifeMs
    tickets.set(ticket, { userId, passwordHash, expiresAt, wrongCodes: 0 })
    return { ticket, expiresAt: isoTime(expiresAt)! }
  }

  return { withPassword, withCode }
}
