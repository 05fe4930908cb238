import { describe, expect, test } from 'bun:test'
import { cookieName, endedCookie, hostCookieName, sessionCookie, sessionSecretOf } from '../../src/access/cookies.ts'
import {
  hashOf,
  hintOf,
  isSame,
  isSecret,
  isToken,
  newSecret,
  newToken,
  plainCode,
  randomPassword,
  readableCode,
} from '../../src/access/secrets.ts'

test('secrets are 32 bytes, and no two alike', () => {
  const made = Array.from({ length: 1000 }, newSecret)
  expect(made.filter((one) => !isSecret(one))).toEqual([])
  expect(Buffer.from(made[0]!, 'base64url')).toHaveLength(32)
  expect(new Set(made).size).toBe(1000)
  expect(hashOf('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})

describe('API tokens', () => {
  test('have a prefix, a secret and a checksum', () => {
    const tokens = Array.from({ length: 1000 }, newToken)
    expect(tokens.filter((one) => !/^sgw_[\w-]{43}[0-9a-f]{8}$/.test(one) || !isToken(one))).toEqual([])
    expect(hintOf(tokens[0]!)).toBe(tokens[0]!.slice(0, 10))
  })

  const token = newToken()
  const other = token.at(10) === 'A' ? 'B' : 'A'
  test.each([
    ['nothing', ''],
    ['a session’s secret', newSecret()],
    ['one that was cut', token.slice(0, -1)],
    ['one with more behind it', `${token}0`],
    ['one with a line break', `${token}\n`],
    ['one with another letter', `${token.slice(0, 10)}${other}${token.slice(11)}`],
    ['one with another prefix', token.replace('sgw_', 'ghp_')],
    ['very much', 'x'.repeat(100_000)],
  ])('%s is none', (_, text) => expect(isToken(text)).toBe(false))
})

test.each([
  ['', '', true],
  ['a', 'a', true],
  ['a', 'b', false],
  ['a', 'aa', false],
  ['ä', 'a', false],
])('%p and %p are the same: %p', (a, b, expected) => expect(isSame(a, b)).toBe(expected))

test('codes that people type are understood as they were meant', () => {
  const code = readableCode(5, 6)
  expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{6}-){4}[0-9A-HJKMNP-TV-Z]{6}$/)
  for (const typed of [code, code.toLowerCase(), code.replaceAll('-', ' '), ` ${code.replaceAll('-', '')}\n`])
    expect(plainCode(typed)).toBe(plainCode(code))
  expect(plainCode('oO-iIlL')).toBe('001111')
  expect(randomPassword()).toHaveLength(19)
})

describe('the cookie', () => {
  test('cannot be read by scripts, nor sent by forms of other sites, nor without TLS where there is some', () => {
    expect(sessionCookie('s3cret', { secure: false, path: '/', maxAgeSec: 60.5 })).toBe(
      'sg_session=s3cret; Path=/; Max-Age=60; HttpOnly; SameSite=Lax',
    )
    expect(sessionCookie('s3cret', { secure: true, path: '/tools/', maxAgeSec: 60 })).toBe(
      'sg_session=s3cret; Path=/tools/; Max-Age=60; HttpOnly; SameSite=Lax; Secure',
    )
    expect(sessionCookie('s3cret', { secure: true, path: '/', maxAgeSec: 60 })).toBe(
      '__Host-sg_session=s3cret; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure',
    )
    expect(endedCookie({ secure: false, path: '/' })).toBe('sg_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax')
  })

  test.each<[string, string | null, string | null]>([
    ['none', null, null],
    ['others', 'a=b; my_sg_session=x', null],
    ['among others', `a=b; ${cookieName}=abc; c=d`, 'abc'],
    ['without spaces', `a=b;${cookieName}=abc`, 'abc'],
    ['two: the first', `${cookieName}=first; ${cookieName}=second`, 'first'],
    ['one that a sister domain can have put there', `${cookieName}=theirs; ${hostCookieName}=own`, 'own'],
    ['an empty one', `${cookieName}=`, ''],
    ['a name alone', cookieName, ''],
  ])('is found in a header with %s', (_, cookie, expected) => {
    const request = new Request('http://localhost/', { headers: cookie === null ? {} : { cookie } })
    expect(sessionSecretOf(request)).toBe(expected)
  })
})
