import { beforeEach, describe, expect, test } from 'bun:test'
import { generateSync } from 'otplib'
import { client, type Lab, minuteMs, openLab, password, refusalOf } from './lab.ts'

let lab: Lab
const signIn = (name: string, given = password, code?: string, from = client) =>
  lab.accounts.signIn.withPassword({ name, password: given, code }, from)
const withCode = (ticket: string, code: string) => lab.accounts.signIn.withCode({ ticket, code }, client)
const wrong = { type: 'auth', message: 'The name, the password or the code is not right.' }

beforeEach(() => {
  lab = openLab()
  lab.user('anna', 'admin')
  lab.user('dana', 'viewer', { disabledAt: 1 })
  lab.user('olaf', 'viewer', { passwordHash: null, source: 'oidc' })
})

test('name and password lead to a session, and the audit log tells it', async () => {
  const answer = await signIn('Anna')
  if (answer.state !== 'signed-in') throw new Error(answer.state)
  expect(lab.accounts.sessions.check(answer.secret)?.user.name).toBe('anna')
  expect(lab.accounts.sessions.list(null)).toMatchObject([{ address: '192.0.2.1', user_agent: 'Browser/1.0' }])
  expect(lab.events).toMatchObject([{ action: 'session.begin', caller: { name: 'anna', address: '192.0.2.1' } }])
  expect(JSON.stringify(lab.events)).not.toContain(answer.secret)
})

test.each([
  ['a wrong password', 'anna', 'violet otter lump'],
  ['no password', 'anna', ''],
  ['nobody’s name', 'nobody', password],
  ['no name', '', password],
  ['a name with everything in it', "' OR 1=1 --", password],
  ['a very long one', 'x'.repeat(100_000), 'x'.repeat(100_000)],
  ['somebody disabled', 'dana', password],
  ['somebody without a password', 'olaf', ''],
])('%s: refused in the same words', async (_, name, given) => {
  expect(await refusalOf(() => signIn(name, given))).toEqual(wrong)
  expect(lab.accounts.sessions.list(null)).toEqual([])
})

describe('with a second factor', () => {
  let secret: string
  let recoveryCodes: string[]
  const codeNow = () => generateSync({ secret, epoch: Math.floor(lab.now() / 1000) })
  const ticketOf = async () => {
    const answer = await signIn('anna')
    if (answer.state !== 'code-needed') throw new Error(answer.state)
    return answer.ticket
  }
  beforeEach(() => {
    const { secondFactor, users } = lab.accounts
    secret = secondFactor.begin(users.named('anna')!).secret
    recoveryCodes = secondFactor.confirm(users.named('anna')!, codeNow())
    lab.pass(5 * minuteMs)
  })

  test('a code is needed, and the password need not come again', async () => {
    const ticket = await ticketOf()
    expect(lab.accounts.sessions.list(null)).toEqual([])
    expect(withCode(ticket, codeNow())).toMatchObject({ state: 'signed-in', user: { name: 'anna' } })
  })

  test('both at once, or a recovery code', async () => {
    expect(await signIn('anna', password, codeNow())).toMatchObject({ state: 'signed-in' })
    expect(await signIn('anna', password, recoveryCodes[0])).toMatchObject({ state: 'signed-in' })
    expect(await refusalOf(() => signIn('anna', password, recoveryCodes[0]))).toEqual(wrong)
    expect(await refusalOf(() => signIn('anna', 'wrong otter lamp', codeNow()))).toEqual(wrong)
  })

  test('a ticket is good once', async () => {
    const ticket = await ticketOf()
    withCode(ticket, codeNow())
    lab.pass(minuteMs)
    expect((await refusalOf(() => withCode(ticket, codeNow())))?.type).toBe('auth')
  })

  test.each<[string, (id: number) => unknown]>([
    ['after five minutes', () => lab.pass(5 * minuteMs)],
    ['after five wrong codes', (_id) => {}],
    ['when the password is another one', (id) => lab.accounts.users.setPassword(id, 'another otter lamp')],
    ['when the user is disabled', (id) => lab.db.$client.run('UPDATE users SET disabled_at = 1 WHERE id = ?', [id])],
  ])('it is no good %s', async (what, act) => {
    const ticket = await ticketOf()
    await act(lab.accounts.users.named('anna')!.id)
    if (what.includes('wrong codes'))
      for (let i = 0; i < 5; i++) {
        lab.pass(10_000)
        expect(await refusalOf(() => withCode(ticket, '000000'))).toEqual(wrong)
      }
    lab.pass(1000)
    expect(await refusalOf(() => withCode(ticket, codeNow()))).toMatchObject({
      ...{ type: 'auth', message: expect.stringContaining('begin with name and password again') },
    })
    expect(lab.accounts.sessions.list(null)).toEqual([])
  })

  test('codes cannot be guessed in a row, not even with the right password each time', async () => {
    let tried = 0
    for (let i = 0; i < 30; i++) {
      const answer = await signIn('anna').catch(() => null)
      if (answer?.state !== 'code-needed') continue
      if ((await refusalOf(() => withCode(answer.ticket, '000000')))?.type === 'auth') tried++
    }
    expect(tried).toBe(5)
  })

  test('tickets do not fill the memory', async () => {
    const first = await ticketOf()
    // Hashes cost 40 ms each, so that a thousand come from the answer to one.
    const { verify } = lab.accounts.passwords
    lab.accounts.passwords.verify = async () => true
    for (let i = 0; i < 1000; i++) await ticketOf()
    lab.accounts.passwords.verify = verify
    expect((await refusalOf(() => withCode(first, codeNow())))?.type).toBe('auth')
  })
})

describe('guessing', () => {
  test('is slowed down, and the right password is not tried either; elsewhere it is', async () => {
    for (let i = 0; i < 5; i++) expect(await refusalOf(() => signIn('anna', 'wrong otter lamp'))).toEqual(wrong)
    expect((await refusalOf(() => signIn('anna')))?.type).toBe('busy')
    lab.pass(1000)
    expect(await signIn('anna')).toMatchObject({ state: 'signed-in' })
  })

  test('where a session began before a restart, its owner gets in while others guess', async () => {
    await signIn('anna')
    const other = lab.restart()
    const attacker = { ...client, address: '198.51.100.1' }
    for (let i = 0; i < 5; i++)
      await refusalOf(() => other.signIn.withPassword({ name: 'anna', password: 'wrong otter lamp' }, attacker))
    expect((await refusalOf(() => other.signIn.withPassword({ name: 'anna', password }, attacker)))?.type).toBe('busy')
    expect(await other.signIn.withPassword({ name: 'anna', password }, client)).toMatchObject({ state: 'signed-in' })
  })

  test('is told by the audit log once a minute for each account and address, with a count', async () => {
    for (let i = 0; i < 5; i++) await refusalOf(() => signIn('anna', 'wrong otter lamp'))
    for (let i = 0; i < 50; i++) await refusalOf(() => signIn('anna'))
    const told = () =>
      lab.events.map(({ action, status, object, after }) => [
        ...[action, status, object?.name, (after as { attempts: number }).attempts],
      ])
    expect(told()).toEqual([['session.refuse', 401, 'anna', 1]])
    lab.pass(minuteMs)
    lab.accounts.tidy()
    lab.accounts.tidy()
    expect(told().slice(1)).toEqual([['session.refuse', 429, 'anna', 54]])
    await refusalOf(() => signIn('my secret password', 'oops'))
    expect(told().at(-1)).toEqual(['session.refuse', 401, undefined, 1])
    expect(JSON.stringify(lab.events)).not.toMatch(/secret password|otter/)
  })

  test('from thousands of addresses fills neither the memory nor the audit log', async () => {
    const { verify } = lab.accounts.passwords
    lab.accounts.passwords.verify = async () => false
    for (let i = 0; i < 3000; i++)
      await refusalOf(() => signIn('nobody', 'x', undefined, { ...client, address: `10.1.${i >> 8}.${i & 255}` }))
    lab.accounts.passwords.verify = verify
    expect(lab.events.length).toBeLessThanOrEqual(1001)
    lab.accounts.close()
    expect(lab.events.reduce((sum, { after }) => sum + (after as { attempts: number }).attempts, 0)).toBe(3000)
  })
})
