/** What a role, grants and a token's limits come to over one script. Pure: every question of it is answered here. */
import { type Guarded, type Right, type Role, rightOfRole, rights, roles } from '../http/caller.ts'
import type { Grant } from './model.ts'

/** Whoever may something: a user, or a user through one of its tokens. */
export interface Holder {
  /** Over everything but restricted scripts; null: only what `grants` say. */
  role: Role | null
  grants: readonly Grant[]
  /** Nothing counts for more than this: a token's role. */
  rightMax?: Right
  /** Only these scripts. */
  scriptIds?: readonly number[] | null
}

/** The highest right that a holder has over a script; null: none, it does not even see it. */
export function effectiveRight(holder: Holder, script: Guarded, isRestricted: boolean): Right | null {
  if (holder.scriptIds && !holder.scriptIds.includes(script.id)) return null
  const granted = holder.grants.filter((grant) => isOver(grant, script)).map(({ right }) => right)
  const base = holder.role && (!isRestricted || holder.role === 'admin') ? [rightOfRole[holder.role]] : []
  const highest = Math.max(...[...granted, ...base].map((right) => rights.indexOf(right)))
  return rights[Math.min(highest, rights.indexOf(holder.rightMax ?? 'edit'))] ?? null // none: the highest of nothing
}

/** Whether a holder may do this with a script. */
export function mayUser(holder: Holder, right: Right, script: Guarded, isRestricted: boolean): boolean {
  const highest = effectiveRight(holder, script, isRestricted)
  return highest !== null && rights.indexOf(highest) >= rights.indexOf(right)
}

/** Whether a role is at least another one; null is less than all. */
export const isAtLeast = (role: Role | null, least: Role): boolean =>
  role !== null && roles.indexOf(role) >= roles.indexOf(least)

/** The lesser one; null is less than all. */
export const lesserRole = (a: Role | null, b: Role | null): Role | null =>
  a === null || b === null ? null : isAtLeast(a, b) ? b : a

/**
 * What a user may with scripts through a token: what the user may, but no more than the token's role. So a token says the
 * most that is done with it, and grows with nothing but its owner.
 */
export const throughToken = (
  owner: { role: Role | null; grants: readonly Grant[] },
  token: { role: Role; scriptIds: readonly number[] | null },
): Holder => ({
  role: owner.role,
  grants: owner.grants,
  rightMax: rightOfRole[token.role],
  scriptIds: token.scriptIds,
})

/** The highest role that a token of this user may have: its own, or the one whose right is its highest grant; at least viewer. */
export function tokenRoleMax({ role, grants }: { role: Role | null; grants: readonly Grant[] }): Role {
  const granted = grants.map(({ right }) => rights.indexOf(right))
  const index = Math.max(role === null ? 0 : roles.indexOf(role), ...granted) // viewer sees, operator runs, editor edits
  return roles[index]!
}

export const isOver = (grant: Grant, script: Guarded): boolean =>
  'tag' in grant ? script.tags.includes(grant.tag) : grant.script_id === script.id
