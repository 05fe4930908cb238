/** API tokens: shown once, kept as a hash, never stronger than who owns them. */
import { type Clock, isoTime } from '../clock.ts'
import { GatewayError, invalid } from '../errors.ts'
import type { Guarded, Role } from '../http/caller.ts'
import type { ApiToken } from './model.ts'
import type { Restrictions } from './restrictions.ts'
import { isAtLeast, mayUser, tokenRoleMax } from './rights.ts'
import { hashOf, hintOf, isToken, newToken } from './secrets.ts'
import { writeWhenPossible } from './sessions.ts'
import type { AccessStore } from './store.ts'
import type { ApiTokenRow, UserRow } from './table.ts'

const usedEveryMs = 60_000
/** Of one user. */
const tokensMax = 100
const scriptIdsMax = 1000

export interface TokenInput {
  name: string
  role: Role
  script_ids?: number[] | null
  /** ISO 8601; null: never. */
  expires_at?: string | null
  rate_per_min?: number | null
}

export type Tokens = ReturnType<typeof createTokens>

export interface TokensDeps {
  store: AccessStore
  clock: Pick<Clock, 'now'>
  restrictions: Pick<Restrictions, 'isRestricted'>
  findScript(id: number): Guarded | undefined
}

export function createTokens({ store: { tokens, users }, clock, restrictions, findScript }: TokensDeps) {
  /** `secret` is shown once and kept nowhere. Throws `validation`, and `conflict` when the owner has too many. */
  function create(owner: UserRow, input: TokenInput): { token: ApiToken; secret: string } {
    const { name, role, script_ids: scriptIds = null, rate_per_min: ratePerMin = null } = input
    const roleMax = tokenRoleMax(owner)
    if (!isAtLeast(roleMax, role))
      throw invalid('/role', `must be at most ${roleMax}: a token cannot do more than its owner, ${owner.name}`)
    if (!/^[^\p{Cc}\p{Cs}]{1,100}$/u.test(name.trim()))
      throw invalid('/name', 'must have 1 to 100 characters, without line breaks')
    if (scriptIds && scriptIds.length > scriptIdsMax)
      throw invalid('/script_ids', `must have at most ${scriptIdsMax} numbers`)
    const unseen = (scriptIds ?? []).filter((id) => !sees(owner, id))
    if (unseen.length > 0)
      throw invalid('/script_ids', `has ${unseen.join(', ')}: ${owner.name} sees no script of that number`)
    if (tokens.count(owner.id) >= tokensMax)
      throw new GatewayError('conflict', `${owner.name} has ${tokensMax} tokens: revoke one that is not used any more.`)
    const secret = newToken()
    const row = tokens.insert({
      ...{ name: name.trim(), role, ratePerMin, userId: owner.id },
      ...{ tokenHash: hashOf(secret), hint: hintOf(secret), createdAt: clock.now() },
      scriptIds: scriptIds && [...new Set(scriptIds)],
      expiresAt: expiryOf(input.expires_at ?? null),
    })
    return { token: toToken(row, owner.name), secret }
  }

  /** What is not there and what must not be seen are told alike. */
  function sees(owner: UserRow, id: number): boolean {
    const script = findScript(id)
    return script !== undefined && mayUser(owner, 'see', script, restrictions.isRestricted(script))
  }

  function expiryOf(text: string | null): number | null {
    if (text === null) return null
    const at = Date.parse(text)
    if (!Number.isFinite(at)) throw invalid('/expires_at', 'must be a time such as 2027-01-31T00:00:00Z')
    if (at <= clock.now()) throw invalid('/expires_at', 'must lie in the future')
    return at
  }

  /** Whose token it is; null when there is none, it has expired, or its owner is disabled. */
  function check(secret: string, address: string | null): { user: UserRow; token: ApiTokenRow } | null {
    if (!isToken(secret)) return null
    const found = tokens.byHash(hashOf(secret))
    if (!found || found.user.disabledAt !== null) return null
    const now = clock.now()
    const { expiresAt, lastUsedAt, id } = found.token
    if (expiresAt !== null && now >= expiresAt) return null
    if (now - (lastUsedAt ?? 0) >= usedEveryMs)
      writeWhenPossible(() => {
        tokens.touch(id, now, address)
        users.touch(found.user.id, now)
      })
    return found
  }

  return {
    create,
    check,
    /** The newest first, expired ones too; `userId` null: everybody's. */
    list: (userId: number | null): ApiToken[] => tokens.list(userId).map(({ token, user }) => toToken(token, user)),
    get: (id: number): ApiTokenRow | undefined => tokens.get(id),
    /** Whether there was one. */
    revoke: (id: number): boolean => tokens.remove(id),
    /** Those that are for it, among few. */
    forScript: (id: number): number[] =>
      tokens.limited().flatMap((token) => (token.scriptIds?.includes(id) ? token.id : [])),
    /** A script that is there again: those of them that are left are for it, too. */
    giveScript(id: number, tokenIds: number[]): void {
      for (const { id: tokenId, scriptIds } of tokens.limited())
        if (tokenIds.includes(tokenId) && scriptIds && !scriptIds.includes(id))
          tokens.setScripts(tokenId, [...scriptIds, id])
    },
    /** A script that is gone; a token for it alone is left for none, not for all. */
    forgetScript(id: number): void {
      for (const { id: tokenId, scriptIds } of tokens.limited())
        if (scriptIds?.includes(id))
          tokens.setScripts(
            tokenId,
            scriptIds.filter((one) => one !== id),
          )
    },
  }
}

export const toToken = (row: ApiTokenRow, user: string): ApiToken => ({
  id: row.id,
  name: row.name,
  user_id: row.userId,
  user,
  hint: row.hint,
  role: row.role,
  script_ids: row.scriptIds,
  rate_per_min: row.ratePerMin,
  created_at: isoTime(row.createdAt)!,
  expires_at: isoTime(row.expiresAt),
  last_used_at: isoTime(row.lastUsedAt),
  last_used_address: row.lastUsedAddress,
})
