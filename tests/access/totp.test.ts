import { beforeEach, describe, expect, test } from 'bun:test'
import { randomBytes } from 'node:crypto'
import { generateSync } from 'otplib'
import { createAccessStore } from '../../src/access/store.ts'
import { type Lab, minuteMs, openLab } from './lab.ts'

let lab: Lab
const user = () => lab.accounts.users.named('anna')!
const factor = () => lab.accounts.secondFactor
const codeAt = (secret: string, offsetSec = 0) =>
  generateSync({ secret, epoch: Math.floor(lab.now() / 1000) + offsetSec })
/** Answers the secret and the recovery codes; the step of now is used up. */
function enrol() {
  const { secret } = factor().begin(user())
  const recoveryCodes = factor().confirm(user(), codeAt(secret))
  lab.pass(5 * minuteMs)
  return { secret, recoveryCodes }
}

beforeEach(() => {
  lab = openLab()
  lab.user('anna', 'admin')
})

describe('enrolment', () => {
  test('gives an app what it needs, seals the secret, and counts only after the first code', () => {
    const { secret, uri, svg } = factor().begin(user())
    expect(uri).toBe(`otpauth://totp/ScriptGateway:anna?secret=${secret}&issuer=ScriptGateway`)
    expect(svg).toMatch(/^<svg [^>]*>[^&]*<\/svg>$/)
    expect(Buffer.from(lab.db.$client.serialize()).includes(secret)).toBe(false)
    expect(factor().isOn(user())).toBe(false)
    expect(factor().verify(user(), codeAt(secret))).toBe(false)
    expect(() => factor().confirm(user(), '000000')).toThrow('That is not the code')
    expect(factor().confirm(user(), codeAt(secret))).toHaveLength(10)
    expect(factor().isOn(user())).toBe(true)
    expect(() => factor().begin(user())).toThrow('already')
    expect(() => factor().confirm(user(), codeAt(secret, 30))).toThrow('begin anew')
  })

  test('begun twice, the second secret counts', () => {
    const [first, second] = [factor().begin(user()), factor().begin(user())]
    expect(() => factor().confirm(user(), codeAt(first.secret))).toThrow('That is not the code')
    expect(factor().confirm(user(), codeAt(second.secret))).toHaveLength(10)
  })

  test('a row that got the secret of another user opens nothing', () => {
    const { secret } = enrol()
    lab.user('bert', 'viewer')
    lab.db.$client.run(
      "UPDATE users SET totp_secret = (SELECT totp_secret FROM users WHERE name = 'anna'), totp_enabled_at = 1 WHERE name = 'bert'",
    )
    expect(() => factor().verify(lab.accounts.users.named('bert')!, codeAt(secret))).toThrow('cannot be read')
  })
})

describe('a code', () => {
  test.each<[number, boolean]>([
    [-90, false],
    [-60, false],
    [-30, true],
    [0, true],
    [30, true],
    [60, false],
    [90, false],
  ])('of %i seconds from now is right: %p', (offsetSec, isRight) => {
    const { secret } = enrol()
    expect(factor().verify(user(), codeAt(secret, offsetSec))).toBe(isRight)
  })

  test('is right once, and so is none before it', () => {
    const { secret } = enrol()
    expect(factor().verify(user(), codeAt(secret))).toBe(true)
    expect(factor().verify(user(), codeAt(secret))).toBe(false)
    expect(factor().verify(user(), codeAt(secret, -30))).toBe(false)
    expect(factor().verify(user(), codeAt(secret, 30))).toBe(true)
  })

  test('is right once also for two who have both read the row before', () => {
    const { secret } = enrol()
    const [mine, theirs] = [user(), user()]
    expect([mine, theirs].map((row) => factor().verify(row, codeAt(secret)))).toEqual([true, false])
  })

  test('may be typed with a space, and nothing else is one', () => {
    const { secret } = enrol()
    for (const typed of ['', '12345', '1234567', 'abcdef', '１２３４５６', 'x'.repeat(100_000), "' OR 1=1"])
      expect(factor().verify(user(), typed)).toBe(false)
    const code = codeAt(secret)
    expect(factor().verify(user(), `${code.slice(0, 3)} ${code.slice(3)}`)).toBe(true)
  })

  test('is asked of nobody after it was turned off', () => {
    const { secret, recoveryCodes } = enrol()
    factor().end(user().id)
    expect(factor().isOn(user())).toBe(false)
    expect([codeAt(secret), recoveryCodes[0]!].map((code) => factor().verify(user(), code))).toEqual([false, false])
  })
})

describe('recovery codes', () => {
  test('work once each, in whatever spelling, and are kept as hashes', () => {
    const { recoveryCodes } = enrol()
    const stored = Buffer.from(lab.db.$client.serialize())
    expect(recoveryCodes.filter((code) => stored.includes(code) || stored.includes(code.replaceAll('-', '')))).toEqual(
      [],
    )
    const [first, second, third] = recoveryCodes
    expect(factor().verify(user(), first!)).toBe(true)
    expect(factor().verify(user(), first!)).toBe(false)
    expect(factor().verify(user(), second!.toUpperCase().replaceAll('-', ' '))).toBe(true)
    const stale = user()
    expect([stale, stale].map((row) => factor().verify(row, third!))).toEqual([true, false])
    expect(user().recoveryCodes).toHaveLength(7)
  })

  test('are not taken from what somebody else changed meanwhile', () => {
    enrol()
    const store = createAccessStore(lab.db).users
    const before = user().recoveryCodes
    expect(store.replaceRecoveryCodes(user().id, before, before.slice(1))).toBe(true)
    expect(store.replaceRecoveryCodes(user().id, before, before.slice(2))).toBe(false)
    expect(user().recoveryCodes).toEqual(before.slice(1))
  })

  test('work when the key is lost, and the other way says what to do', () => {
    const { secret, recoveryCodes } = enrol()
    const other = lab.restart(randomBytes(32)).secondFactor
    expect(() => other.verify(user(), codeAt(secret))).toThrow('scriptgateway password anna --second-factor-off')
    expect(other.verify(user(), recoveryCodes[0]!)).toBe(true)
  })
})
