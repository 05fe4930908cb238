import { beforeEach, describe, expect, test } from 'bun:test'
import { newToken } from '../../src/access/secrets.ts'
import type { TokenInput } from '../../src/access/tokens.ts'
import type { Role } from '../../src/http/caller.ts'
import { dayMs, type Lab, minuteMs, openLab, refusalOf } from './lab.ts'

let lab: Lab
const create = (name: string, input: Partial<TokenInput> = {}) =>
  lab.accounts.tokens.create(lab.accounts.users.named(name)!, { name: 'n8n', role: 'viewer', ...input })
const check = (secret: string, address: string | null = '192.0.2.7') => lab.accounts.tokens.check(secret, address)

beforeEach(() => {
  lab = openLab()
  lab.user('anna', 'admin')
  lab.user('olga', 'operator')
  lab.user('gina', null, { grants: [{ script_id: 7, right: 'run' }] })
})

test('a token is shown once; what is kept says whose it is and what it may', () => {
  const { secret, token } = create('olga', { role: 'operator', script_ids: [7, 8, 7], rate_per_min: 60 })
  expect(check(secret)).toMatchObject({
    ...{ user: { name: 'olga' }, token: { id: token.id, role: 'operator', scriptIds: [7, 8], ratePerMin: 60 } },
  })
  expect(token).toMatchObject({ user: 'olga', name: 'n8n', expires_at: null, last_used_at: null })
  expect(secret.startsWith(token.hint)).toBe(true)
  expect(Buffer.from(lab.db.$client.serialize()).includes(secret)).toBe(false)
  expect(JSON.stringify(lab.accounts.tokens.list(null))).not.toContain(secret)
})

test('nothing else is a token', () => {
  const { secret } = create('olga')
  const others = ['', 'sgw_', newToken(), secret.slice(0, -1), `${secret} `, secret.toLowerCase(), "' OR 1=1 --"]
  expect(others.map((one) => check(one))).toEqual(others.map(() => null))
})

describe('it is no good any more', () => {
  test('after its time', () => {
    const expiresAt = new Date(lab.now() + dayMs).toISOString()
    const { secret } = create('olga', { expires_at: expiresAt })
    lab.pass(dayMs - 1)
    expect(check(secret)).not.toBeNull()
    lab.pass(1)
    expect(check(secret)).toBeNull()
    expect(lab.accounts.tokens.list(null)).toMatchObject([{ expires_at: expiresAt }])
  })

  test('when it was revoked', () => {
    const { secret, token } = create('olga')
    expect(lab.accounts.tokens.revoke(token.id)).toBe(true)
    expect(check(secret)).toBeNull()
    expect(lab.accounts.tokens.revoke(token.id)).toBe(false)
  })

  test('while its owner is disabled, and for ever when the owner is gone', async () => {
    const { secret } = create('olga')
    const { id } = lab.accounts.users.named('olga')!
    await lab.accounts.users.update(id, { disabled: true })
    expect(check(secret)).toBeNull()
    await lab.accounts.users.update(id, { disabled: false })
    expect(check(secret)).not.toBeNull()
    lab.accounts.users.remove(id)
    expect(check(secret)).toBeNull()
    expect(lab.accounts.tokens.list(null)).toEqual([])
  })
})

test.each<[string, Role, boolean]>([
  ['anna', 'admin', true],
  ['olga', 'operator', true],
  ['olga', 'viewer', true],
  ['olga', 'editor', false],
  ['olga', 'admin', false],
  ['gina', 'operator', true],
  ['gina', 'editor', false],
])('%s makes one with the role %s: %p', async (name, role, isTaken) => {
  expect((await refusalOf(() => create(name, { role })))?.type ?? 'taken').toBe(isTaken ? 'taken' : 'validation')
})

test.each<[string, Partial<TokenInput>, string]>([
  ['no name', { name: '  ' }, 'name must have'],
  ['a line break in the name', { name: 'a\nb' }, 'name must have'],
  ['a name without end', { name: 'x'.repeat(101) }, 'name must have'],
  ['no time', { expires_at: 'tomorrow' }, 'expires_at must be a time'],
  ['a time that is over', { expires_at: '2020-01-01T00:00:00Z' }, 'expires_at must lie in the future'],
  ['very many scripts', { script_ids: Array.from({ length: 1001 }, (_, i) => i + 1) }, 'script_ids must have at most'],
])('refused: %s', async (_, input, message) => {
  expect((await refusalOf(() => create('anna', input)))?.message).toContain(message)
  expect(lab.accounts.tokens.list(null)).toEqual([])
})

test.each<[string, string, number[], string | null]>([
  ['scripts that are there', 'olga', [7, 8], null],
  ['some that are not there', 'anna', [7, 998, 999], 'script_ids has 998, 999: anna sees no script of that number'],
  ['one that the owner was granted', 'gina', [7], null],
  ['one that the owner was not granted, told as one that is not there', 'gina', [7, 8], 'has 8: gina sees no script'],
  ['a restricted one', 'olga', [9], 'has 9: olga sees no script'],
  ['a restricted one, of an administrator', 'anna', [9], null],
])('only for %s', async (_, name, scriptIds, message) => {
  lab.accounts.restrictions.set({ script_id: 9 }, true)
  const refusal = await refusalOf(() => create(name, { script_ids: scriptIds }))
  if (message === null) expect(refusal).toBeNull()
  else expect(refusal?.message).toContain(message)
  expect(lab.accounts.tokens.list(null)).toHaveLength(message === null ? 1 : 0)
})

test('a user has a hundred at most', () => {
  for (let i = 0; i < 100; i++) create('olga')
  expect(() => create('olga')).toThrow('revoke one')
  expect(create('anna').token.user).toBe('anna')
})

test('last use is written once a minute at most, with the address', () => {
  const { secret } = create('olga')
  const last = () => {
    const { last_used_at: at, last_used_address: address } = lab.accounts.tokens.list(null)[0]!
    return [at && Date.parse(at) - start, address]
  }
  const start = lab.now()
  check(secret, '192.0.2.1')
  expect(last()).toEqual([0, '192.0.2.1'])
  lab.pass(minuteMs - 1)
  check(secret, '192.0.2.2')
  expect(last()).toEqual([0, '192.0.2.1'])
  lab.pass(1)
  check(secret, '192.0.2.2')
  expect(last()).toEqual([minuteMs, '192.0.2.2'])
})

test('a token for a script that is deleted is left for none, not for all', () => {
  const { secret } = create('anna', { script_ids: [7] })
  const both = create('anna', { script_ids: [7, 8] })
  const all = create('anna')
  lab.accounts.scriptRights.forget(7)
  expect([secret, both.secret, all.secret].map((one) => check(one)?.token.scriptIds)).toEqual([[], [8], null])
})
