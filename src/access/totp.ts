/** The second factor: codes of an authenticator app (RFC 6238), and recovery codes for when it is lost. */
import { generateSecret, generateURI, verifySync } from 'otplib'
import { renderSVG } from 'uqr'
import type { Clock } from '../clock.ts'
import { GatewayError } from '../errors.ts'
import type { Vault } from '../variables/vault.ts'
import { hashOf, plainCode, readableCode } from './secrets.ts'
import type { AccessStore } from './store.ts'
import type { UserRow } from './table.ts'

const periodSec = 30
const issuer = 'ScriptGateway'
const recoveryCodesCount = 10

export type SecondFactor = ReturnType<typeof createSecondFactor>

export interface SecondFactorDeps {
  store: AccessStore
  vault: Pick<Vault, 'seal' | 'open'>
  clock: Pick<Clock, 'now'>
  /** Whether the vault's key is there after the next start. */
  isKeyKept?: boolean
}

/** What an authenticator app is told. */
export interface Enrolment {
  secret: string
  /** otpauth://… */
  uri: string
  /** The same as a picture, which is ours and holds nothing of a user but the code. */
  svg: string
}

export function createSecondFactor({ store: { users }, vault, clock, isKeyKept = true }: SecondFactorDeps) {
  /** Counts only when its first code has come. Throws `conflict` when there is one already. */
  function begin({ id, name, totpEnabledAt }: UserRow): Enrolment {
    if (totpEnabledAt !== null)
      throw new GatewayError('conflict', 'There is a second factor already: turn it off first.')
    if (!isKeyKept)
      throw new GatewayError(
        'conflict',
        'The key that the second factor would be sealed with would not outlive this process; see the gateway’s log.',
      )
    const secret = generateSecret()
    const totpSecret = Buffer.from(vault.seal(secret, contextOf(id)))
    users.update(id, { totpSecret, totpEnabledAt: null, totpLastStep: 0, recoveryCodes: [] })
    return enrolment(name, secret)
  }

  /** What an app is told, as long as the first code has not come; null before and after. */
  const waiting = ({ id, name, totpSecret, totpEnabledAt }: UserRow): Enrolment | null =>
    totpSecret === null || totpEnabledAt !== null ? null : enrolment(name, open(id, name, totpSecret))

  /** From now on a code is asked for. Answers the recovery codes, which are shown once. Throws `validation` for a wrong code. */
  function confirm(user: UserRow, code: string): string[] {
    if (user.totpSecret === null || user.totpEnabledAt !== null)
      throw new GatewayError('conflict', 'There is no second factor that waits for its first code: begin anew.')
    const step = stepOf(user, code)
    if (step === null || !users.takeStep(user.id, step))
      throw new GatewayError('validation', 'That is not the code: see whether the clock of the telephone is right.', {
        details: [{ path: '/code', message: 'is not the one that the app shows now' }],
      })
    const codes = Array.from({ length: recoveryCodesCount }, () => readableCode(4, 4).toLowerCase())
    users.update(user.id, {
      ...{ totpEnabledAt: clock.now(), recoveryCodes: codes.map((one) => hashOf(plainCode(one))) },
    })
    return codes
  }

  /** Whether a code of the app, or a recovery code, is right; each is right once. Throws `conflict` when the secret cannot be read. */
  function verify(user: UserRow, typed: string): boolean {
    if (user.totpEnabledAt === null) return false
    if (!/^[\s\d]+$/.test(typed)) return useRecoveryCode(user.id, typed)
    const step = stepOf(user, typed)
    return step !== null && users.takeStep(user.id, step)
  }

  /** The time step that the code is of: the one of now, the one before or the one after; null for a wrong code. */
  function stepOf({ id, name, totpSecret }: UserRow, typed: string): number | null {
    const token = typed.replace(/\s/g, '')
    if (!/^\d{6}$/.test(token) || totpSecret === null) return null
    const result = verifySync({
      ...{ secret: open(id, name, totpSecret), token, period: periodSec },
      ...{ epoch: Math.floor(clock.now() / 1000), epochTolerance: periodSec },
    })
    return result.valid && 'timeStep' in result ? result.timeStep : null
  }

  function open(id: number, name: string, sealed: Uint8Array): string {
    try {
      return vault.open(sealed, contextOf(id))
    } catch (cause) {
      if (!(cause instanceof GatewayError)) throw cause
      throw new GatewayError(
        'conflict',
        `The second factor of ${name} cannot be read: it was sealed with another key. Use a recovery code, start the gateway with the key of that time, or run: scriptgateway password ${name} --second-factor-off`,
        { cause },
      )
    }
  }

  function useRecoveryCode(id: number, typed: string): boolean {
    const hash = hashOf(plainCode(typed.slice(0, 100)))
    const codes = users.get(id)?.recoveryCodes ?? []
    const left = codes.filter((one) => one !== hash)
    return left.length < codes.length && users.replaceRecoveryCodes(id, codes, left)
  }

  return {
    begin,
    waiting,
    confirm,
    verify,
    isOn: ({ totpEnabledAt }: UserRow): boolean => totpEnabledAt !== null,
    /** Also for one that waits for its first code. */
    end: (id: number): void => users.update(id, withoutSecondFactor),
  }
}

function enrolment(name: string, secret: string): Enrolment {
  const uri = generateURI({ issuer, label: name, secret })
  return { secret, uri, svg: renderSVG(uri) }
}

export const withoutSecondFactor = { totpSecret: null, totpEnabledAt: null, totpLastStep: 0, recoveryCodes: [] }

/** Binds the sealed secret to its user: copied into another row, it does not open. */
const contextOf = (userId: number) => `second factor of user ${userId}`
