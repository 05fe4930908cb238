import { describe, expect, test } from 'bun:test'
import { client, openLab, password, refusalOf } from './lab.ts'

test('the code is readable, another one at each start, and gone when there is an administrator', async () => {
  const lab = openLab()
  const { setup } = lab.accounts
  const code = setup.code()!
  expect(code).toMatch(/^([0-9A-Z]{6}-){4}[0-9A-Z]{6}$/)
  expect(lab.restart().setup.code()).not.toBe(code)
  expect(Buffer.from(lab.db.$client.serialize()).includes(code)).toBe(false)
  expect(setup.isOpen()).toBe(true)

  const { user, secret } = await setup.finish({ code: code.toLowerCase(), name: 'anna', password }, client)
  expect(user).toMatchObject({ name: 'anna', role: 'admin' })
  expect(lab.accounts.sessions.check(secret)?.user.id).toBe(user.id)
  expect([setup.isOpen(), setup.code(), lab.restart().setup.isOpen()]).toEqual([false, null, false])
  expect((await refusalOf(() => setup.finish({ code, name: 'bert', password }, client)))?.type).toBe('conflict')
  expect(lab.events.map(({ action }) => action)).toEqual(['user.setup', 'session.begin'])
  expect(JSON.stringify(lab.events)).not.toMatch(/otter/)
})

describe('ADMIN_TOKEN', () => {
  const adminToken = 'a-token-from-the-environment'
  test('is good as the code', async () => {
    const lab = openLab({ adminToken })
    const { user } = await lab.accounts.setup.finish({ code: `${adminToken}\n`, name: 'anna', password }, client)
    expect(user.role).toBe('admin')
    expect(lab.accounts.isAdminToken(adminToken)).toBe(true)
  })

  test.each([
    [undefined, ''],
    [undefined, 'undefined'],
    ['', ''],
    [adminToken, adminToken.toUpperCase()],
    [adminToken, adminToken.slice(1)],
  ])('%p: %p is not', async (adminToken, code) => {
    const lab = openLab({ adminToken: adminToken || undefined })
    expect((await refusalOf(() => lab.accounts.setup.finish({ code, name: 'anna', password }, client)))?.type).toBe(
      'auth',
    )
    expect(lab.accounts.isAdminToken(code)).toBe(false)
    expect(lab.accounts.hasAdministrator()).toBe(false)
  })
})

test('guessing the code is slowed down for who guesses, and for nobody else', async () => {
  const { setup } = openLab().accounts
  const guess = (address: string) =>
    refusalOf(() => setup.finish({ code: 'AAAAAA', name: 'mallory', password }, { ...client, address }))
  const types: (string | undefined)[] = []
  for (let i = 0; i < 20; i++) types.push((await guess('198.51.100.1'))?.type)
  expect(types).toEqual([...Array(10).fill('auth'), ...Array(10).fill('busy')])
  const { user } = await setup.finish({ code: setup.code()!, name: 'anna', password }, client)
  expect(user.name).toBe('anna')
})

test('a password that is none leaves the set-up open, however often', async () => {
  const { setup } = openLab().accounts
  for (let i = 0; i < 20; i++)
    expect(
      (await refusalOf(() => setup.finish({ code: setup.code()!, name: 'anna', password: 'short' }, client)))?.type,
    ).toBe('validation')
  expect(setup.isOpen()).toBe(true)
})
