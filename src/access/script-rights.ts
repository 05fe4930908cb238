/** Who may do what with one script: read before it is deleted, forgotten with it, and given back where it comes back. */
import type { Right } from '../http/caller.ts'
import type { Restrictions } from './restrictions.ts'
import type { Tokens } from './tokens.ts'
import type { Users } from './users.ts'

interface RightsOn {
  isRestricted: boolean
  grants: { user_id: number; right: Right }[]
  /** Tokens that are for some scripts only. */
  tokens: number[]
}

interface ScriptRightsDeps {
  users: Users
  tokens: Tokens
  restrictions: Restrictions
}

export function createScriptRights({ users, tokens, restrictions }: ScriptRightsDeps) {
  return {
    of: (id: number): RightsOn => ({
      isRestricted: restrictions.has({ script_id: id }),
      grants: users.grantsOn({ script_id: id }).map(({ user, right }) => ({ user_id: user.id, right })),
      tokens: tokens.forScript(id),
    }),
    /** `given`: as `of` answered it. Users and tokens that are gone by now get nothing. */
    giveBack(id: number, given: unknown): void {
      const { isRestricted, grants, tokens: ids } = given as RightsOn
      restrictions.set({ script_id: id }, isRestricted)
      users.setGrantsOn(
        { script_id: id },
        grants.filter(({ user_id }) => users.find(user_id)),
      )
      tokens.giveScript(id, ids)
    },
    forget(id: number): void {
      users.forgetScript(id)
      tokens.forgetScript(id)
      restrictions.set({ script_id: id }, false)
    },
  }
}
