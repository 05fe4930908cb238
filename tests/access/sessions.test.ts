import { beforeEach, describe, expect, test } from 'bun:test'
import { newSecret } from '../../src/access/secrets.ts'
import { client, dayMs, hourMs, type Lab, minuteMs, openLab } from './lab.ts'

let lab: Lab
const begin = (name: string, from: Partial<typeof client> = {}) =>
  lab.accounts.sessions.begin(lab.accounts.users.named(name)!, { ...client, ...from, source: 'password' })
const check = (secret: string) => lab.accounts.sessions.check(secret)
const countOf = (table: string) =>
  lab.db.$client.query<{ n: number }, []>(`SELECT count(*) AS n FROM ${table}`).get()!.n

beforeEach(() => {
  lab = openLab()
  lab.user('anna', 'admin')
  lab.user('bert', 'viewer')
})

test('a session is found by its secret, which is not in the database', () => {
  const { secret, session } = begin('anna')
  expect(check(secret)).toMatchObject({ user: { name: 'anna' }, session: { id: session.id } })
  const stored = Buffer.from(lab.db.$client.serialize())
  expect(stored.includes(secret)).toBe(false)
  expect(stored.includes('Browser/1.0')).toBe(true)
})

test('of a second one, the first is not the secret, and nothing else is either', () => {
  const first = begin('anna')
  const second = begin('bert')
  expect(first.secret).not.toBe(second.secret)
  expect(check(second.secret)?.user.name).toBe('bert')
  const others = [newSecret(), '', first.secret.slice(1), `${first.secret}x`, first.session.tokenHash, "' OR 1=1 --"]
  expect(others.map(check)).toEqual(others.map(() => null))
})

describe('it ends', () => {
  test.each<[string, Partial<Lab['settings']>, number, boolean]>([
    ['not before the idle time', {}, 168 * hourMs - 1, true],
    ['after the idle time', {}, 168 * hourMs, false],
    ['after the idle time that the setting says', { session_idle_hours: 1 }, hourMs, false],
    ['not before that one', { session_idle_hours: 1 }, hourMs - 1, true],
    ['after the days that the setting says, though idle for less', { session_days: 2 }, 2 * dayMs, false],
    ['not before them', { session_days: 2 }, 2 * dayMs - 1, true],
  ])('%s', (_, settings, ms, isThere) => {
    Object.assign(lab.settings, settings)
    const { secret } = begin('anna')
    lab.pass(ms)
    expect(check(secret) !== null).toBe(isThere)
    expect(lab.accounts.sessions.list(null)).toHaveLength(isThere ? 1 : 0)
  })

  test('with use it goes on, until its days are over', () => {
    const { secret } = begin('anna')
    for (let day = 1; day < 30; day++) {
      lab.pass(dayMs)
      expect(check(secret)?.user.name).toBe('anna')
    }
    lab.pass(dayMs)
    expect(check(secret)).toBeNull()
  })

  test('also when the setting was lowered after it began', () => {
    const { secret } = begin('anna')
    lab.pass(3 * dayMs)
    lab.settings.session_days = 2
    expect(check(secret)).toBeNull()
  })

  test('with its user: disabled, or removed', () => {
    const { secret } = begin('bert')
    const bert = lab.accounts.users.named('bert')!
    lab.db.$client.run('UPDATE users SET disabled_at = 1 WHERE id = ?', [bert.id])
    expect(check(secret)).toBeNull()
    lab.db.$client.run('UPDATE users SET disabled_at = NULL WHERE id = ?', [bert.id])
    expect(check(secret)).not.toBeNull()
    lab.accounts.users.remove(bert.id)
    expect(check(secret)).toBeNull()
    expect(countOf('sessions')).toBe(0)
  })

  test('by hand: one of one’s own, all but this one, none of another', () => {
    const [one, two, other] = [begin('anna'), begin('anna'), begin('bert')]
    const { end, endAllOf } = lab.accounts.sessions
    expect(end(other.session.id, one.session.userId)).toBe(false)
    expect(check(other.secret)).not.toBeNull()
    expect(end(one.session.id, one.session.userId)).toBe(true)
    expect([check(one.secret), check(two.secret)?.user.name]).toEqual([null, 'anna'])
    begin('anna')
    expect(endAllOf(two.session.userId, two.session.id)).toBe(1)
    expect([check(two.secret)?.user.name, check(other.secret)?.user.name]).toEqual(['anna', 'bert'])
  })

  test('what has ended goes from the database in small batches', () => {
    for (let i = 0; i < 12; i++) for (let j = 0; j < 100; j++) begin(j % 2 ? 'anna' : 'bert')
    expect(countOf('sessions')).toBe(200) // a hundred of each user: the ones unused for longest went
    expect(lab.accounts.sessions.removeEnded()).toBe(0)
    lab.pass(30 * dayMs)
    const { secret } = begin('anna')
    expect([lab.accounts.sessions.removeEnded(), lab.accounts.sessions.removeEnded()]).toEqual([199, 0])
    expect(check(secret)?.user.name).toBe('anna')
  })
})

test('when it was seen last is written once a minute at most', () => {
  const { secret, session } = begin('anna')
  const seen = () => lab.accounts.sessions.list(null)[0]!.last_seen_at
  const first = seen()
  lab.pass(minuteMs - 1)
  check(secret)
  expect(seen()).toBe(first)
  lab.pass(1)
  check(secret)
  expect(Date.parse(seen()) - Date.parse(first)).toBe(minuteMs)
  expect(lab.accounts.users.get(session.userId).last_seen_at).toBe(seen())
})

test('a database that nobody can write to keeps nobody out', () => {
  const { secret } = begin('anna')
  lab.pass(2 * minuteMs)
  lab.db.$client.run('PRAGMA query_only = ON')
  expect(check(secret)?.user.name).toBe('anna')
  lab.db.$client.run('PRAGMA query_only = OFF')
})

test('the list says what there is, the last used first, and which one asks', () => {
  const old = begin('anna', { userAgent: 'x'.repeat(10_000) })
  lab.pass(hourMs)
  const current = begin('anna', { address: '2001:db8::1' })
  begin('bert')
  const mine = lab.accounts.sessions.list(current.session.userId, current.session.id)
  expect(mine.map(({ id, is_current, user }) => [id, is_current, user])).toEqual([
    [current.session.id, true, 'anna'],
    [old.session.id, false, 'anna'],
  ])
  expect(mine[0]).toMatchObject({ address: '2001:db8::1', source: 'password', user_agent: 'Browser/1.0' })
  expect(mine[1]!.user_agent).toHaveLength(500)
  expect(JSON.stringify(mine)).not.toContain(current.session.tokenHash)
  expect(lab.accounts.sessions.list(null)).toHaveLength(3)
})
