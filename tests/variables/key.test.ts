import { describe, expect, test } from 'bun:test'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inheritedEnvironment, secretsKeyText } from '../../src/config.ts'
import { readKey } from '../../src/variables/key.ts'
import { tempFolder } from '../harness/folder.ts'

const folder = tempFolder()
let made = 0
function dataDir(): string {
  const dir = join(folder, String(made++))
  mkdirSync(dir)
  return dir
}
const hex = '0123456789abcdef'.repeat(4)
const bytes = Buffer.from(hex, 'hex')
const modeOf = (file: string) => statSync(file).mode & 0o777

describe('SECRETS_KEY', () => {
  test.each([
    ['64 hexadecimal digits', hex],
    ['in capitals', hex.toUpperCase()],
    ['44 characters of base64', bytes.toString('base64')],
    ['base64 without its =', bytes.toString('base64').slice(0, -1)],
    ['base64 that is safe in addresses', bytes.toString('base64url')],
    ['with a newline, as from a file', `${hex}\n`],
  ])('%s: it is the key, and no file is made', (_, text) => {
    const dir = dataDir()
    expect(readKey({ text, dataDir: dir })).toEqual({ bytes: expect.anything(), isKept: true, warnings: [] })
    expect(Buffer.from(readKey({ text, dataDir: dir }).bytes)).toEqual(bytes)
    expect(readdirSync(dir)).toEqual([])
  })

  test.each([
    'x',
    'correct horse battery staple',
    hex.slice(1),
    `${hex}0`,
    bytes.subarray(1).toString('base64'),
    '!'.repeat(64),
  ])('%p is none, and the start says what belongs there without repeating it', (text) => {
    const read = () => readKey({ text, dataDir: folder })
    expect(read).toThrow('SECRETS_KEY must be 32 random bytes as 64 hexadecimal digits or 44 characters of base64')
    try {
      read()
    } catch (error) {
      if (text.length > 1) expect((error as Error).message).not.toContain(text)
    }
  })
})

test('SECRETS_KEY is no script’s, even where script_env_names lists it', () => {
  const before = process.env.SECRETS_KEY
  process.env.SECRETS_KEY = hex
  expect(secretsKeyText()).toBe(hex)
  expect(inheritedEnvironment(['SECRETS_KEY'])).not.toHaveProperty('SECRETS_KEY')
  if (before === undefined) delete process.env.SECRETS_KEY
  else process.env.SECRETS_KEY = before
})

describe('the key file', () => {
  test('is made at the first start, for its owner alone, and read at the next', () => {
    const dir = dataDir()
    const umask = process.umask(0)
    const first = readKey({ text: undefined, dataDir: dir })
    process.umask(umask)
    expect(first).toMatchObject({ isKept: true, warnings: [] })
    expect(first.bytes).toHaveLength(32)
    expect(readdirSync(dir)).toEqual(['secrets.key'])
    expect(modeOf(join(dir, 'secrets.key'))).toBe(0o600)
    expect(Buffer.from(readKey({ text: undefined, dataDir: dir }).bytes)).toEqual(Buffer.from(first.bytes))
    expect(Buffer.from(readKey({ text: undefined, dataDir: dataDir() }).bytes)).not.toEqual(Buffer.from(first.bytes))
  })

  test('its content as SECRETS_KEY is the same key', () => {
    const dir = dataDir()
    const { bytes } = readKey({ text: undefined, dataDir: dir })
    const text = readFileSync(join(dir, 'secrets.key'), 'utf8')
    expect(Buffer.from(readKey({ text, dataDir: dataDir() }).bytes)).toEqual(Buffer.from(bytes))
  })

  test.each(['', 'abc', `${hex}\n`])(
    'a draft with %p, left by a gateway that was killed, is not taken for it',
    (left) => {
      const dir = dataDir()
      writeFileSync(join(dir, '.secrets.key.draft'), left, { mode: 0o644 })
      const { bytes: fresh, isKept } = readKey({ text: undefined, dataDir: dir })
      expect(isKept).toBe(true)
      expect(Buffer.from(fresh)).not.toEqual(bytes)
      expect(readdirSync(dir)).toEqual(['secrets.key'])
      expect(modeOf(join(dir, 'secrets.key'))).toBe(0o600)
    },
  )

  test.each([0o644, 0o640, 0o604, 0o660])('with mode %o it is closed to others, with a warning', (mode) => {
    const dir = dataDir()
    readKey({ text: undefined, dataDir: dir })
    const file = join(dir, 'secrets.key')
    chmodSync(file, mode)
    const { isKept, warnings } = readKey({ text: undefined, dataDir: dir })
    expect(isKept).toBe(true)
    expect(warnings).toEqual([expect.stringContaining(`could be read by others (mode ${mode.toString(8)})`)])
    expect(modeOf(file)).toBe(0o600)
    expect(readKey({ text: undefined, dataDir: dir }).warnings).toEqual([])
  })

  test.each<[string, (file: string) => void, RegExp]>([
    ['is empty', (file) => writeFileSync(file, ''), /does not hold a key/],
    ['holds something else', (file) => writeFileSync(file, 'my secrets'), /does not hold a key/],
    ['is a folder', (file) => mkdirSync(file), /cannot be read/],
  ])('that %s is left as it is: a key for this process only', (_, spoil, warning) => {
    const dir = dataDir()
    const file = join(dir, 'secrets.key')
    spoil(file)
    const before = statSync(file).isFile() ? readFileSync(file, 'utf8') : null
    const { bytes, isKept, warnings } = readKey({ text: undefined, dataDir: dir })
    expect({ length: bytes.length, isKept }).toEqual({ length: 32, isKept: false })
    expect(warnings[0]).toMatch(warning)
    expect(statSync(file).isFile() ? readFileSync(file, 'utf8') : null).toBe(before)
  })

  test('that cannot be made is told, and nothing is left behind', () => {
    const dir = join(dataDir(), 'not-there')
    const { isKept, warnings } = readKey({ text: undefined, dataDir: dir })
    expect(isKept).toBe(false)
    expect(warnings[0]).toContain('cannot be made')
    expect(existsSync(dir)).toBe(false)
  })
})
