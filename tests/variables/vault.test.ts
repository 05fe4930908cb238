import { describe, expect, test } from 'bun:test'
import { randomBytes } from 'node:crypto'
import { GatewayError } from '../../src/errors.ts'
import { createVault } from '../../src/variables/vault.ts'

const key = randomBytes(32)
const vault = createVault({ key })
const text = 'hunter2, “quoted”, 🔑\nsecond line'
const sealed = vault.seal(text, 'variable 0 TOKEN')

describe('what was sealed opens', () => {
  test.each([
    ['', 'x'],
    ['a', ''],
    [text, 'variable 7 TOKEN'],
    ['x'.repeat(100_000), 'ö'],
  ])('%#', (one, context) => {
    expect(vault.open(vault.seal(one, context), context)).toBe(one)
  })

  test('with the same key after another start, and from any Uint8Array', () => {
    const bytes = new Uint8Array([0, 0, ...sealed]).subarray(2)
    expect(createVault({ key: new Uint8Array(key) }).open(bytes, 'variable 0 TOKEN')).toBe(text)
  })
})

describe('nothing else does', () => {
  const flipped = (at: number) => sealed.with(at < 0 ? sealed.length + at : at, sealed.at(at)! ^ 1)
  test.each<[string, () => unknown]>([
    ['with another key', () => createVault({ key: randomBytes(32) }).open(sealed, 'variable 0 TOKEN')],
    ['in another place', () => vault.open(sealed, 'variable 1 TOKEN')],
    ['under another name', () => vault.open(sealed, 'variable 0 TOKEN2')],
    ['with another format', () => vault.open(flipped(0), 'variable 0 TOKEN')],
    ['with another nonce', () => vault.open(flipped(1), 'variable 0 TOKEN')],
    ['with a changed text', () => vault.open(flipped(13), 'variable 0 TOKEN')],
    ['with a changed tag', () => vault.open(flipped(-1), 'variable 0 TOKEN')],
    ['without its end', () => vault.open(sealed.subarray(0, -1), 'variable 0 TOKEN')],
    ['shorter than anything sealed', () => vault.open(sealed.subarray(0, 28), 'variable 0 TOKEN')],
    ['empty', () => vault.open(new Uint8Array(), 'variable 0 TOKEN')],
    ['plain text', () => vault.open(new TextEncoder().encode(text), 'variable 0 TOKEN')],
  ])('%s', (_, open) => {
    expect(open).toThrow(GatewayError)
    expect(open).toThrow('sealed with another key, or changed')
  })
})

test('the same text is sealed differently each time, and its characters are not in it', () => {
  const all = Array.from({ length: 1000 }, () => Buffer.from(vault.seal('hunter2', '')).toString('latin1'))
  expect(new Set(all.map((one) => one.slice(1, 13))).size).toBe(1000)
  expect(all.some((one) => one.includes('hunter2'))).toBe(false)
})

test('a MAC is the same for the same text and key, and other otherwise', () => {
  expect(vault.mac('a')).toMatch(/^[0-9a-f]{64}$/)
  expect(createVault({ key }).mac('a')).toBe(vault.mac('a'))
  expect(vault.mac('b')).not.toBe(vault.mac('a'))
  expect(createVault({ key: randomBytes(32) }).mac('a')).not.toBe(vault.mac('a'))
})
