/** The first administrator: made by whoever has the code that the terminal showed. */
import type { RecordAudit } from '../audit/model.ts'
import type { Clock } from '../clock.ts'
import { GatewayError } from '../errors.ts'
import type { Refusals } from './refusals.ts'
import { isSame, plainCode, readableCode } from './secrets.ts'
import type { Client, Sessions } from './sessions.ts'
import type { UserRow } from './table.ts'
import { addressKey, createWaits } from './throttle.ts'
import type { Users } from './users.ts'

const freeTries = 10

export interface SetupInput {
  code: string
  name: string
  password: string
}

export type Setup = ReturnType<typeof createSetup>

export interface SetupDeps {
  users: Users
  sessions: Sessions
  clock: Pick<Clock, 'now'>
  /** ADMIN_TOKEN, which is good as the code, too. */
  adminToken: string | undefined
  refusals: Refusals
  record: RecordAudit
}

export function createSetup({ users, sessions, clock, adminToken, refusals, record }: SetupDeps) {
  /** 150 bits, in memory only: another start has another one. */
  const code = readableCode(5, 6)
  /** By address alone: somebody from elsewhere must not be able to shut the owner out. */
  const waits = createWaits({ clock, freeTries })

  const isOpen = () => !users.hasAdministrator()

  /** Throws `auth` for a wrong code, `busy` after many, `validation`, and `conflict` when somebody was first. */
  async function finish(
    { code: given, name, password }: SetupInput,
    client: Client,
  ): Promise<{ user: UserRow; secret: string }> {
    if (!isOpen()) throw new GatewayError('conflict', 'There is an administrator already: sign in.')
    const attempt = waits.take(addressKey(client.address))
    if (!isRight(given)) {
      refusals.add({ user: null, address: client.address, status: 401 })
      throw new GatewayError('auth', 'That is not the setup code: it is in the terminal, or the log, of the gateway.')
    }
    attempt.takeBack()
    const user = await users.firstAdministrator({ name, password })
    const { secret, session } = sessions.begin(user, { ...client, source: 'password' })
    const caller = { kind: 'user', name, userId: user.id, tokenId: null, address: client.address } as const
    record({ action: 'user.setup', caller, object: { type: 'user', id: user.id, name }, after: { role: user.role } })
    record({ action: 'session.begin', caller, object: { type: 'session', id: session.id, name } })
    return { user, secret }
  }

  function isRight(given: string): boolean {
    const isCode = isSame(plainCode(given.slice(0, 1000)), plainCode(code))
    const isToken = adminToken !== undefined && isSame(given.trim(), adminToken)
    return isCode || isToken
  }

  return {
    isOpen,
    finish,
    /** For the terminal; null when there is an administrator. */
    code: (): string | null => (isOpen() ? code : null),
  }
}
