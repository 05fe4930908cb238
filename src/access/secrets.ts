/** Random secrets, how they are kept, and how API tokens look. */
import { createHash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto'

const secretBytes = 32

/** 256 random bits in 43 characters that are safe in cookies, headers and addresses. */
export const newSecret = (): string => randomBytes(secretBytes).toString('base64url')

export const isSecret = (text: string): boolean => /^[\w-]{43}$/.test(text)

/** What is kept of a secret: SHA-256, hexadecimal. Enough for 256 random bits; a password needs more (passwords.ts). */
export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex')

/** Takes the same time wherever two texts begin to differ, and whatever their lengths are. */
export function isSame(a: string, b: string): boolean {
  const [left, right] = [a, b].map((text) => createHash('sha256').update(text).digest())
  return timingSafeEqual(left!, right!)
}

const tokenPrefix = 'sgw_'
const tokenPattern = /^sgw_([\w-]{43})([0-9a-f]{8})$/

/**
 * An API token: `sgw_`, 43 random characters, and the CRC-32 of those in 8 hexadecimal digits. Whoever looks through code
 * or logs for leaked tokens finds it by its form, and is wrong once in four billion times.
 */
export function newToken(): string {
  const secret = newSecret()
  return `${tokenPrefix}${secret}${checksum(secret)}`
}

/** Whether a text has the form of a token, checksum included: what has not needs no look into the database. */
export function isToken(text: string): boolean {
  const [, secret = '', sum] = tokenPattern.exec(text) ?? []
  return sum !== undefined && checksum(secret) === sum
}

/** The beginning of a token, to tell it from others. */
export const hintOf = (token: string): string => token.slice(0, tokenPrefix.length + 6)

const checksum = (secret: string) => Bun.hash.crc32(secret).toString(16).padStart(8, '0')

/** Crockford's Base32: no I, L, O or U, so that nothing is mistaken when it is typed (https://www.crockford.com/base32.html). */
const readable = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** `groups` of `length` readable characters, 5 random bits each, with hyphens between: `7K3QX-…`. */
export const readableCode = (groups: number, length: number): string =>
  Array.from({ length: groups }, () =>
    Array.from({ length }, () => readable[randomInt(readable.length)]).join(''),
  ).join('-')

/** What was meant by a readable code that somebody typed: case, spaces and hyphens do not count, nor O for 0, nor I or L for 1. */
export const plainCode = (typed: string): string =>
  typed.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1')

/** For a person who gets one from an administrator and changes it: 80 random bits. */
export const randomPassword = (): string => readableCode(4, 4).toLowerCase()
