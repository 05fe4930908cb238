import { describe, expect, test } from 'bun:test'
import type { Grant } from '../../src/access/model.ts'
import {
  effectiveRight,
  type Holder,
  lesserRole,
  mayUser,
  throughToken,
  tokenRoleMax,
} from '../../src/access/rights.ts'
import { type Guarded, type Right, type Role, rights, roles } from '../../src/http/caller.ts'

const script: Guarded = { id: 7, tags: ['billing'] }
const noGrants: Grant[] = []

describe('the right over a script', () => {
  const over7 = (right: Right): Grant => ({ script_id: 7, right })
  const over8 = (right: Right): Grant => ({ script_id: 8, right })
  const billing = (right: Right): Grant => ({ tag: 'billing', right })
  const other = (right: Right): Grant => ({ tag: 'Billing', right })

  test.each<[string, Role | null, Grant[], open: Right | null, restricted: Right | null]>([
    ['nobody in particular', null, [], null, null],
    ['a viewer', 'viewer', [], 'see', null],
    ['an operator', 'operator', [], 'run', null],
    ['an editor', 'editor', [], 'edit', null],
    ['an administrator', 'admin', [], 'edit', 'edit'],
    ['nobody with a grant to see', null, [over7('see')], 'see', 'see'],
    ['nobody with a grant to run', null, [over7('run')], 'run', 'run'],
    ['nobody with a grant to edit', null, [over7('edit')], 'edit', 'edit'],
    ['nobody with a grant over its tag', null, [billing('run')], 'run', 'run'],
    ['nobody with a grant over another script', null, [over8('edit')], null, null],
    ['nobody with a grant over a tag in other letters', null, [other('edit')], null, null],
    ['a viewer with a grant to run', 'viewer', [over7('run')], 'run', 'run'],
    ['an operator with a grant to see', 'operator', [over7('see')], 'run', 'see'],
    ['an editor with a grant over its tag to see', 'editor', [billing('see')], 'edit', 'see'],
    ['grants over both: the higher one', null, [over7('see'), billing('edit')], 'edit', 'edit'],
    ['the same the other way round', null, [billing('edit'), over7('see')], 'edit', 'edit'],
    ['an editor with grants over others', 'editor', [over8('edit'), other('edit')], 'edit', null],
    ['an administrator with a grant to see', 'admin', [over7('see')], 'edit', 'edit'],
  ])('%s', (_, role, grants, open, restricted) => {
    expect(effectiveRight({ role, grants }, script, false)).toBe(open)
    expect(effectiveRight({ role, grants }, script, true)).toBe(restricted)
  })
})

describe('through a token', () => {
  test.each<[string, Role | null, Grant[], Role, number[] | null, open: Right | null, restricted: Right | null]>([
    ['of the same role', 'editor', [], 'editor', null, 'edit', null],
    ['of a lesser role', 'editor', [], 'viewer', null, 'see', null],
    ['of a higher role than its owner has by now', 'viewer', [], 'admin', null, 'see', null],
    ['of an owner without a role', null, [], 'editor', null, null, null],
    ['a grant of the owner counts', null, [{ script_id: 7, right: 'run' }], 'editor', null, 'run', 'run'],
    ['and up to what the token may', null, [{ script_id: 7, right: 'edit' }], 'operator', null, 'run', 'run'],
    ['an administrator’s, as operator', 'admin', [], 'operator', null, 'run', 'run'],
    ['an administrator’s, as operator, limited to this script', 'admin', [], 'operator', [7], 'run', 'run'],
    ['an administrator’s, as admin', 'admin', [], 'admin', null, 'edit', 'edit'],
    ['limited to this script', 'admin', [], 'admin', [7], 'edit', 'edit'],
    ['limited to another one', 'admin', [], 'admin', [8], null, null],
    ['limited to none', 'admin', [], 'admin', [], null, null],
    ['limited to another one, with a grant', null, [{ script_id: 7, right: 'run' }], 'editor', [8], null, null],
  ])('%s', (_, role, grants, tokenRole, scriptIds, open, restricted) => {
    const holder = throughToken({ role, grants }, { role: tokenRole, scriptIds })
    expect(effectiveRight(holder, script, false)).toBe(open)
    expect(effectiveRight(holder, script, true)).toBe(restricted)
  })

  test.each<[Role | null, Grant[], Role]>([
    [null, [], 'viewer'],
    ['viewer', [], 'viewer'],
    ['admin', [], 'admin'],
    [null, [{ tag: 'x', right: 'run' }], 'operator'],
    ['viewer', [{ tag: 'x', right: 'edit' }], 'editor'],
    ['operator', [{ tag: 'x', right: 'see' }], 'operator'],
  ])('an owner with the role %p and %j makes tokens up to %p', (role, grants, expected) => {
    expect(tokenRoleMax({ role, grants })).toBe(expected)
  })
})

test('against a model that counts in numbers, over all combinations and many drawn ones', () => {
  const levels: Record<string, number> = { none: 0, see: 1, run: 2, edit: 3 }
  const levelOfRole: Record<string, number> = { none: 0, viewer: 1, operator: 2, editor: 3, admin: 3 }
  /** Written the other way round than the real one: what forbids, forbids. */
  function modelLevel(holder: Holder, { id, tags }: Guarded, isRestricted: boolean): number {
    if (holder.scriptIds && !holder.scriptIds.some((one) => one === id)) return 0
    const isAdmin = holder.role === 'admin'
    let level = isAdmin || !isRestricted ? levelOfRole[holder.role ?? 'none']! : 0
    for (const grant of holder.grants) {
      const isHere = 'tag' in grant ? tags.some((tag) => tag === grant.tag) : grant.script_id === id
      if (isHere) level = Math.max(level, levels[grant.right]!)
    }
    return Math.min(level, levels[holder.rightMax ?? 'edit']!)
  }

  const random = seeded(20261121)
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!
  const someRole = () => pick([null, ...roles])
  const someGrant = (): Grant =>
    random() < 0.5
      ? { script_id: pick([1, 2, 3]), right: pick(rights) }
      : { tag: pick(['a', 'b', 'c']), right: pick(rights) }
  const wrong: unknown[] = []
  for (let i = 0; i < 20_000; i++) {
    const owner = { role: someRole(), grants: Array.from({ length: pick([0, 1, 2, 5]) }, someGrant) }
    const token = { role: pick(roles), scriptIds: pick([null, [], [1], [1, 2]]) }
    const holder: Holder = random() < 0.5 ? owner : throughToken(owner, token)
    const asked = { id: pick([1, 2, 3]), tags: pick([[], ['a'], ['a', 'b']]) }
    const isRestricted = random() < 0.5
    const level = modelLevel(holder, asked, isRestricted)
    for (const right of rights)
      if (mayUser(holder, right, asked, isRestricted) !== level >= levels[right]!)
        wrong.push({ holder, asked, isRestricted, right, level })
    // Whatever the token says, its owner may do it too.
    const own = modelLevel(owner, asked, isRestricted)
    if (modelLevel(throughToken(owner, token), asked, isRestricted) > own) wrong.push({ owner, token, asked })
  }
  expect(wrong).toEqual([])
})

test('the lesser of two roles', () => {
  expect(lesserRole('admin', 'viewer')).toBe('viewer')
  expect(lesserRole('viewer', 'admin')).toBe('viewer')
  expect(lesserRole('editor', 'editor')).toBe('editor')
  expect(lesserRole(null, 'admin')).toBeNull()
  expect(lesserRole('admin', null)).toBeNull()
  expect(effectiveRight({ role: null, grants: noGrants }, script, false)).toBeNull()
})

/** mulberry32 */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
