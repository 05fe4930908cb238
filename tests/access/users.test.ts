import { beforeEach, describe, expect, test } from 'bun:test'
import type { Grant } from '../../src/access/model.ts'
import type { UserInput } from '../../src/access/users.ts'
import { client, type Lab, openLab, password, refusalOf } from './lab.ts'

let lab: Lab
const users = () => lab.accounts.users
const idOf = (name: string) => users().named(name)!.id
const typeOf = async (act: () => unknown) => (await refusalOf(act))?.type ?? 'done'

beforeEach(() => {
  lab = openLab()
})

describe('names', () => {
  test.each(['a', 'Anna', 'anna.b', 'anna@example.com', '_x-1', 'x'.repeat(64)])('%s is one', async (name) => {
    expect((await users().create({ name })).name).toBe(name)
  })

  test.each(['', ' ', 'x'.repeat(65), 'anna b', 'ännä', 'anna\n', '<b>', 'a/b', "a'b", 'а'])(
    '%j is none',
    async (name) => {
      expect(await typeOf(() => users().create({ name }))).toBe('validation')
    },
  )

  test('are there once, whatever the case', async () => {
    await users().create({ name: 'Anna' })
    const bert = await users().create({ name: 'bert' })
    expect(await typeOf(() => users().create({ name: 'aNNA' }))).toBe('conflict')
    expect(await typeOf(() => users().update(bert.id, { name: 'ANNA' }))).toBe('conflict')
    expect((await users().update(bert.id, { name: 'BERT' })).name).toBe('BERT')
    expect(users().named('bErT')?.id).toBe(bert.id)
  })
})

test('a user has what was asked for, and shows no hash', async () => {
  const grants: Grant[] = [
    { script_id: 7, right: 'see' },
    { tag: 'billing', right: 'run' },
    { script_id: 7, right: 'edit' },
  ]
  const user = await users().create({ name: 'anna', password, role: 'editor', email: 'a@example.com', grants })
  expect(user).toMatchObject({
    ...{ role: 'editor', email: 'a@example.com', source: 'password', disabled: false, has_password: true },
    grants: [
      { script_id: 7, right: 'edit' },
      { tag: 'billing', right: 'run' },
    ],
  })
  expect(JSON.stringify(users().list())).not.toContain('argon2')
  const changed = await users().update(user.id, { role: null, email: null, grants: [] })
  expect(changed).toMatchObject({ role: null, email: null, grants: [], name: 'anna', has_password: true })
  expect(await typeOf(() => users().create({ name: 'bert', password: 'short' }))).toBe('validation')
  expect(await typeOf(() => users().get(999))).toBe('not_found')
})

describe('the last administrator that can sign in stays', () => {
  const acts: [string, (id: number) => unknown][] = [
    ['demoted', (id) => users().update(id, { role: 'editor' })],
    ['left without a role', (id) => users().update(id, { role: null })],
    ['disabled', (id) => users().update(id, { disabled: true })],
    ['removed', (id) => users().remove(id)],
  ]
  const others: [string, (lab: Lab) => unknown, boolean][] = [
    ['nobody else is there', () => {}, false],
    ['the other one is an editor', (lab) => lab.user('bert', 'editor'), false],
    ['the other one is disabled', (lab) => lab.user('bert', 'admin', { disabledAt: 1 }), false],
    ['the other one has no password', (lab) => lab.user('bert', 'admin', { passwordHash: null }), false],
    ['there is another one', (lab) => lab.user('bert', 'admin'), true],
    [
      'another one signs in elsewhere',
      (lab) => lab.user('bert', 'admin', { passwordHash: null, source: 'oidc' }),
      true,
    ],
  ]
  for (const [what, act] of acts)
    test.each(others)(`not ${what}: %s`, async (_, makeOther, isAllowed) => {
      const { id } = lab.user('anna', 'admin')
      makeOther(lab)
      const refusal = await refusalOf(() => act(id))
      expect(refusal?.type ?? 'done').toBe(isAllowed ? 'done' : 'conflict')
      if (!isAllowed) {
        expect(refusal?.message).toContain('anna is the last administrator')
        expect(users().get(id)).toMatchObject({ role: 'admin', disabled: false })
      }
    })

  test('also when two demote each other at once', async () => {
    const [anna, bert] = [lab.user('anna', 'admin'), lab.user('bert', 'admin')]
    const results = await Promise.allSettled([
      users().update(anna.id, { role: 'viewer' }),
      users().update(bert.id, { role: 'viewer' }),
    ])
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(users().hasAdministrator()).toBe(true)
  })

  test('what was disabled already, and no administrator, may go', async () => {
    lab.user('anna', 'admin')
    const old = lab.user('old', 'admin', { disabledAt: 1 })
    const viewer = lab.user('viewer', 'viewer')
    expect(await typeOf(() => users().remove(old.id))).toBe('done')
    expect(await typeOf(() => users().update(viewer.id, { disabled: true }))).toBe('done')
  })
})

describe('sessions', () => {
  test.each<[string, UserInput, boolean]>([
    ['a new password ends them', { password: 'another otter lamp' }, false],
    ['being disabled ends them', { disabled: true }, false],
    ['another role leaves them', { role: 'viewer' }, true],
  ])('%s', async (_, change, isThere) => {
    lab.user('anna', 'admin')
    const bert = lab.user('bert', 'editor')
    const { secret } = lab.accounts.sessions.begin(bert, { ...client, source: 'password' })
    await users().update(bert.id, change)
    await users().update(bert.id, { disabled: false })
    expect(lab.accounts.sessions.check(secret) !== null).toBe(isThere)
  })
})

describe('the first administrator', () => {
  test('is one of many that come at once', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, (_, i) => users().firstAdministrator({ name: `admin${i}`, password })),
    )
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const reasons = results.flatMap((one) => (one.status === 'rejected' ? [one.reason.type] : []))
    expect(new Set(reasons)).toEqual(new Set(['conflict']))
    expect(users().list()).toHaveLength(1)
  })

  test('is not made by two gateways either, when both have looked', async () => {
    const other = lab.restart()
    expect([users().hasAdministrator(), other.hasAdministrator()]).toEqual([false, false])
    const results = await Promise.allSettled([
      users().firstAdministrator({ name: 'anna', password }),
      other.users.firstAdministrator({ name: 'mallory', password }),
    ])
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect([users().hasAdministrator(), other.hasAdministrator()]).toEqual([true, true])
  })

  test('is known without the database from then on', () => {
    expect(users().hasAdministrator()).toBe(false)
    lab.user('anna', 'admin')
    expect(users().hasAdministrator()).toBe(true)
    lab.db.$client.run('DROP TABLE users')
    expect(users().hasAdministrator()).toBe(true)
  })
})

describe('who may what with a script or a tag', () => {
  const script = { script: { id: 7, tags: ['billing'], name: 'billing/report.py' } }
  const caller = () => lab.callerOf(users().named('anna')!)
  const manage = () => lab.accounts.manage

  beforeEach(() => {
    lab.user('anna', 'admin')
    lab.user('bert', 'viewer')
    lab.user('cora', 'operator', { grants: [{ tag: 'billing', right: 'edit' }] })
    lab.user('dana', null, { disabledAt: 1, grants: [{ script_id: 7, right: 'run' }] })
  })

  const who = () =>
    manage()
      .accessOf(script)
      .who.map(({ user, right, through }) => `${user} ${right} ${through}`)

  test('is told with the reason, before and after a restriction', () => {
    expect(who()).toEqual(['anna edit admin', 'bert see role', 'cora edit tag'])
    manage().setAccess(caller(), script, { restricted: true, grants: [{ user_id: idOf('bert'), right: 'run' }] })
    expect(who()).toEqual(['anna edit admin', 'bert run grant', 'cora edit tag'])
    expect(manage().accessOf(script)).toMatchObject({
      ...{ restricted: true, grants: [{ user_id: idOf('bert'), user: 'bert', right: 'run' }] },
    })
    expect(users().get(idOf('dana')).grants).toEqual([])
    expect(lab.events.at(-1)).toMatchObject({
      ...{ action: 'script.access', object: { type: 'script', id: 7, name: 'billing/report.py' } },
      ...{ before: { restricted: false }, after: { restricted: true } },
    })
  })

  test('a restricted tag restricts its scripts, also after a restart', () => {
    const { restrictions } = lab.accounts
    manage().setAccess(caller(), { tag: 'billing' }, { restricted: true, grants: [] })
    for (const one of [restrictions, lab.restart().restrictions]) {
      expect(one.isRestricted({ id: 7, tags: ['billing'] })).toBe(true)
      expect(one.isRestricted({ id: 7, tags: ['Billing'] })).toBe(false)
      expect([one.has({ tag: 'billing' }), one.has({ script_id: 7 }), one.isAny()]).toEqual([true, false, true])
    }
    expect(who()).toEqual(['anna edit admin'])
    manage().setAccess(caller(), { tag: 'billing' }, { restricted: false, grants: [] })
    expect(restrictions.isRestricted({ id: 7, tags: ['billing'] })).toBe(false)
    expect(restrictions.isAny()).toBe(false)
  })

  test.each<[string, { user_id: number; right: 'run' }[]]>([
    ['a user who is not there', [{ user_id: 999, right: 'run' }]],
    ['a user twice', [1, 1].map((user_id) => ({ user_id, right: 'run' }))],
  ])('%s is refused, and nothing changes', async (_, grants) => {
    const before = manage().accessOf(script)
    expect(await typeOf(() => manage().setAccess(caller(), script, { restricted: true, grants }))).toBe('validation')
    expect(manage().accessOf(script)).toEqual(before)
  })

  test('a script that is deleted takes its grants and its restriction along', () => {
    manage().setAccess(caller(), script, { restricted: true, grants: [{ user_id: idOf('bert'), right: 'run' }] })
    lab.accounts.scriptRights.forget(7)
    expect(
      users()
        .list()
        .map(({ grants }) => grants),
    ).toEqual([[], [], [{ tag: 'billing', right: 'edit' }], []])
    for (const one of [lab.accounts, lab.restart()])
      expect(one.restrictions.isRestricted({ id: 7, tags: [] })).toBe(false)
  })
})

test('what administrators do is told with before and after, and never with a secret', async () => {
  const anna = lab.user('anna', 'admin')
  const { manage } = lab.accounts
  const caller = lab.callerOf(anna)
  const bert = await manage.createUser(caller, { name: 'bert', password, role: 'viewer' })
  await manage.updateUser(caller, bert.id, { role: 'editor', password: 'another otter lamp' })
  manage.endSessionsOf(caller, bert.id)
  manage.endSecondFactorOf(caller, bert.id)
  manage.removeUser(caller, bert.id)
  expect(lab.events.map(({ action, before, after }) => [action, before, after])).toEqual([
    ['user.create', undefined, { name: 'bert', email: null, role: 'viewer', grants: [], disabled: false }],
    ['user.update', { role: 'viewer' }, { role: 'editor', password: 'set anew' }],
    ['session.revoke', undefined, { ended: 0 }],
    ['user.second-factor-off', undefined, undefined],
    ['user.remove', { name: 'bert', email: null, role: 'editor', grants: [], disabled: false }, undefined],
  ])
  expect(JSON.stringify(lab.events)).not.toMatch(/otter|argon2/)
})

test('who may what with a script is changed with whether it is restricted, or not at all', () => {
  const lab = openLab()
  const anna = lab.user('anna', 'admin')
  const script = { script: { id: 7, tags: [], name: 'a.py' } }
  const set = (restricted: boolean) =>
    lab.accounts.manage.setAccess(lab.callerOf(anna), script, {
      restricted,
      grants: [{ user_id: anna.id, right: 'edit' }],
    })
  lab.db.$client.run(
    `CREATE TRIGGER full BEFORE INSERT ON access_restrictions BEGIN SELECT RAISE(ABORT, 'disk is full'); END`,
  )
  expect(() => set(true)).toThrow()
  expect(lab.accounts.manage.accessOf(script)).toMatchObject({ restricted: false, grants: [] })
  lab.db.$client.run('DROP TRIGGER full')
  expect(set(true)).toMatchObject({ restricted: true, grants: [{ user_id: anna.id }] })
})
