import { describe, expect, test } from 'bun:test'
import { checkPassword, createPasswords } from '../../src/access/passwords.ts'

const good = 'violet otter lamp'

describe('a password', () => {
  test.each<[string, string, string?]>([
    ['of words', good],
    ['of ten characters', 'k4$zPq8!xw'],
    ['in another script', 'фиолетовая выдра'],
    ['with emoji', '🦦🔦🌂🍋🎻🚲🧦🪁🥝🪴'],
    ['with spaces around it', '  violet otter  '],
    ['of 1024 characters', 'violet otter lamp'.padEnd(1024, 'xyz')],
    ['that has the name in it', 'violet anna otter lamp', 'anna'],
    ['with the letter that is the name', 'aardvark banana', 'a'],
  ])('%s is taken', (_, password, name = 'somebody') => {
    expect(() => checkPassword(password, name)).not.toThrow()
  })

  test.each<[string, string, string, string?]>([
    ['nothing', '', 'at least 10 characters'],
    ['nine characters', 'k4$zPq8!x', 'at least 10 characters'],
    ['five emoji, though they are ten units', '🦦🔦🌂🍋🎻', 'at least 10 characters'],
    ['more than 1024 characters', 'x'.repeat(1025), 'at most 1024 characters'],
    ['very much', 'x'.repeat(10_000_000), 'at most 1024 characters'],
    ['half of a pair', `violet otter \ud800`, 'surrogate'],
    ['what everybody uses', 'password123', 'one of the first'],
    ['the same in capitals', 'PASSWORD123', 'one of the first'],
    ['the same in wide letters', 'ｐａｓｓｗｏｒｄ１２３', 'one of the first'],
    ['one letter often', 'aaaaaaaaaaaaaaaa', 'one of the first'],
    ['two letters often', 'abababababab', 'one of the first'],
    ['the name twice', 'annabellaannabella', 'hardly more than the name', 'annabella'],
    ['the name and a year', 'Annabella2026', 'hardly more than the name', 'annabella'],
  ])('%s is refused', (_, password, message, name = 'somebody') => {
    expect(() => checkPassword(password, name)).toThrow(message)
  })

  test('the refusal does not repeat it', () => {
    try {
      checkPassword('password123', 'anna')
      throw new Error('it was taken')
    } catch (error) {
      expect((error as Error).message).not.toContain('password123')
    }
  })
})

describe('hashing', () => {
  const passwords = createPasswords()

  test('is argon2id with the parameters of OWASP, a salt of its own, and right for the same text only', async () => {
    const [hash, again] = await Promise.all([passwords.hash(good), passwords.hash(good)])
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    expect(hash).not.toBe(again)
    expect(await passwords.verify(good, hash)).toBe(true)
    expect(await passwords.verify(`${good} `, hash)).toBe(false)
    expect(await passwords.verify('', hash)).toBe(false)
    expect(await passwords.verify('x'.repeat(2000), hash)).toBe(false)
  })

  test('does not care how a keyboard composes a letter', async () => {
    const hash = await passwords.hash('\u00e9clair \u00e9clair')
    expect(await passwords.verify('e\u0301clair e\u0301clair', hash)).toBe(true)
  })

  test.each([null, undefined])('nothing is right where the hash is %p, and it takes as long', async (hash) => {
    const kept = await passwords.hash(good)
    // Work and not time: others may have the processor meanwhile.
    const workOf = async (one: typeof hash | string) => {
      const before = process.cpuUsage()
      for (let i = 0; i < 5; i++) await passwords.verify('A'.repeat(10), one)
      const { user, system } = process.cpuUsage(before)
      return user + system
    }
    expect(await passwords.verify(good, hash)).toBe(false)
    const [nobody, somebody] = [await workOf(hash), await workOf(kept)]
    expect(nobody / somebody).toBeGreaterThan(0.3)
    expect(nobody / somebody).toBeLessThan(3)
  })

  test('of many at once, two are hashed, twenty wait, the rest are told to come again; then there is room again', async () => {
    const results = await Promise.allSettled(Array.from({ length: 30 }, () => passwords.verify(good, null)))
    const refused = results.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
    expect(refused.map(({ type, headers }) => [type, headers['retry-after']])).toEqual(
      Array.from({ length: 8 }, () => ['busy', '1']),
    )
    expect(await passwords.verify(good, null)).toBe(false)
  })
})
