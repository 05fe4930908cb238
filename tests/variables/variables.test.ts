import { beforeEach, describe, expect, test } from 'bun:test'
import { randomBytes } from 'node:crypto'
import type { Db } from '../../src/db/open.ts'
import { createVariables, type Variables } from '../../src/variables/variables.ts'
import { createVault } from '../../src/variables/vault.ts'
import { memoryDatabase } from '../harness/database.ts'

const keyKept = { isKept: true, warnings: [] }
const everybody = 0
let now = 0
let db: Db
let key: Buffer
let variables: Variables
const open = (bytes: Uint8Array = key, about: { isKept: boolean; warnings: string[] } = keyKept) =>
  createVariables({ db, vault: createVault({ key: bytes }), key: about, clock: { now: () => now } })
const setAll = (scope: number, all: Record<string, string>, secret = false) => {
  for (const [name, value] of Object.entries(all)) variables.set(scope, name, { value, secret })
}
const bytesOf = (name: string) =>
  Buffer.from(
    db.$client.query<{ value: Uint8Array }, string>('SELECT value FROM variables WHERE name = ?').get(name)!.value,
  )

beforeEach(() => {
  now = Date.UTC(2026, 10, 21)
  db = memoryDatabase()
  key = randomBytes(32)
  variables = open()
})

describe('what a run of script 7 gets', () => {
  beforeEach(() => {
    setAll(everybody, { PLAIN: 'global', BOTH: 'global', OTHER: 'global', MIXED: 'plain of everybody' })
    setAll(everybody, { TOKEN: 'global token', BOTH_SECRET: 'global secret', OTHER_TOKEN: 'another' }, true)
    setAll(7, { BOTH: 'own', OWN: 'own' })
    setAll(7, { BOTH_SECRET: 'own secret', OWN_TOKEN: 'own token', MIXED: 'secret of its own' }, true)
    setAll(8, { BOTH: 'of 8', ONLY_8: 'of 8' })
    setAll(8, { TOKEN_8: 'token of 8' }, true)
  })

  const own = { BOTH: 'own', OWN: 'own', BOTH_SECRET: 'own secret', OWN_TOKEN: 'own token', MIXED: 'secret of its own' }
  const ownSecrets = ['own secret', 'own token', 'secret of its own']
  test.each<[string, true | string[], Record<string, string>, string[]]>([
    ['allowed everything: all but secrets', true, { PLAIN: 'global', OTHER: 'global' }, []],
    ['allowed nothing: its own', [], {}, []],
    ['a name', ['PLAIN'], { PLAIN: 'global' }, []],
    ['a secret that is named', ['TOKEN'], { TOKEN: 'global token' }, ['global token']],
    ['names of both', ['PLAIN', 'TOKEN'], { PLAIN: 'global', TOKEN: 'global token' }, ['global token']],
    ['a name that its own has too', ['BOTH', 'BOTH_SECRET', 'MIXED'], {}, []],
    ['a name of another script', ['ONLY_8', 'TOKEN_8'], {}, []],
    ['a name that is nobody’s', ['NOTHING'], {}, []],
    ['in other letters', ['plain'], {}, []],
  ])('%s', (_, permission, env, secrets) => {
    const given = variables.given(7, permission)
    expect(given.env).toEqual({ ...own, ...env })
    expect(given.secrets.toSorted()).toEqual([...ownSecrets, ...secrets].toSorted())
  })

  test('a script without its own gets everybody’s', () => {
    expect(variables.given(9, true)).toEqual({
      env: { PLAIN: 'global', BOTH: 'global', OTHER: 'global', MIXED: 'plain of everybody' },
      secrets: [],
    })
  })

  test('a change counts at once, also after another start', () => {
    variables.set(everybody, 'PLAIN', { value: 'changed' })
    variables.set(everybody, 'TOKEN', { value: 'new token' })
    for (const one of [variables, open()])
      expect(one.given(9, ['PLAIN', 'TOKEN'])).toEqual({
        env: { PLAIN: 'changed', TOKEN: 'new token' },
        secrets: ['new token'],
      })
    variables.remove(everybody, 'TOKEN')
    expect(variables.given(9, ['TOKEN'])).toEqual({ env: {}, secrets: [] })
  })

  test('a script that is deleted takes its own along, and no other’s', () => {
    variables.forget(7)
    expect(variables.list(7)).toEqual([])
    expect([variables.list(8).length, variables.list(everybody).length]).toEqual([3, 7])
  })
})

describe('a secret', () => {
  test('is not shown, and not in the database as it is', () => {
    variables.set(everybody, 'TOKEN', { value: 'hunter2-secret', secret: true })
    const at = new Date(now).toISOString()
    expect(variables.list(everybody)).toEqual([
      { name: 'TOKEN', secret: true, value: null, error: null, created_at: at, updated_at: at },
    ])
    expect(bytesOf('TOKEN').includes('hunter2-secret')).toBe(false)
    expect(Buffer.from(db.$client.serialize()).includes('hunter2-secret')).toBe(false)
  })

  test('becomes plain with a new value only, and a plain one becomes secret as it is', () => {
    variables.set(everybody, 'A', { value: 'hunter2' })
    expect(variables.set(everybody, 'A', { secret: true }).variable).toMatchObject({ secret: true, value: null })
    expect(variables.given(1, ['A'])).toEqual({ env: { A: 'hunter2' }, secrets: ['hunter2'] })
    expect(() => variables.set(everybody, 'A', { secret: false })).toThrow('becomes plain with a new value only')
    expect(variables.set(everybody, 'A', { value: 'other' }).variable).toMatchObject({ secret: true })
    expect(variables.set(everybody, 'A', { secret: false, value: 'x' }).variable).toMatchObject({
      ...{ secret: false, value: 'x' },
    })
  })

  test('that was changed in the database, moved, or called plain, is not given', () => {
    setAll(everybody, { A: 'secret of a', B: 'secret of b' }, true)
    setAll(7, { A: 'secret of 7' }, true)
    const damage = (sql: string) => db.$client.run(sql)
    damage(
      "UPDATE variables SET value = (SELECT value FROM variables WHERE name = 'A' AND script_id = 0) WHERE name = 'B'",
    )
    damage(
      "UPDATE variables SET value = (SELECT value FROM variables WHERE name = 'A' AND script_id = 0) WHERE script_id = 7",
    )
    expect(() => variables.given(8, ['B'])).toThrow('The secret "B" cannot be read')
    expect(() => variables.given(7, [])).toThrow('The secret "A" cannot be read')
    expect(variables.given(8, ['A']).env).toEqual({ A: 'secret of a' })
    expect(variables.list(everybody).map(({ error }) => error)).toEqual([null, expect.stringContaining('set it again')])
    damage("UPDATE variables SET is_secret = 0 WHERE name = 'A' AND script_id = 0")
    expect(variables.given(8, true).env.A).not.toContain('secret')
  })

  test('of another key is told at the start; whoever does not need it runs, and setting it again mends it', () => {
    setAll(everybody, { PLAIN: 'plain' })
    setAll(everybody, { A: 'secret of a', B: 'secret of b' }, true)
    expect(variables.problems()).toEqual([])
    const other = open(randomBytes(32))
    expect(other.problems()).toEqual([expect.stringContaining('2 secrets cannot be read: sealed with another key')])
    expect(other.given(1, true)).toEqual({ env: { PLAIN: 'plain' }, secrets: [] })
    expect(() => other.given(1, ['A'])).toThrow('cannot be read')
    expect(() => other.set(everybody, 'A', { secret: true })).toThrow('cannot be read')
    expect(open().given(1, ['A']).env).toEqual({ A: 'secret of a' })
    other.set(everybody, 'A', { value: 'set again' })
    expect(other.given(1, ['A']).env).toEqual({ A: 'set again' })
    expect(other.problems()[0]).toContain('1 secret cannot be read')
    other.remove(everybody, 'B')
    expect(other.problems()).toEqual([])
  })

  test('is refused while there is no key to keep, with the reason; plain ones are stored', () => {
    const keyless = open(randomBytes(32), { isKept: false, warnings: ['The key file is broken.'] })
    expect(() => keyless.set(everybody, 'A', { value: 'hunter2', secret: true })).toThrow('The key file is broken.')
    expect(keyless.list(everybody)).toEqual([])
    keyless.set(everybody, 'A', { value: 'plain' })
    expect(keyless.given(1, true).env).toEqual({ A: 'plain' })
    expect(keyless.problems()).toEqual(['The key file is broken.'])
  })
})

describe('names', () => {
  test.each(['A', '_', 'api_key', 'X1', 'PYTHONPATH', 'TZ', 'PATHS', 'MY_LD_PATH', 'x'.repeat(128)])('%s', (name) => {
    expect(variables.set(everybody, name, { value: '' }).isNew).toBe(true)
  })

  test.each(['', '1A', 'A-B', 'A B', 'A=B', 'É', 'A\0', 'A\n', 'x'.repeat(129)])('%j is none', (name) => {
    expect(() => variables.set(everybody, name, { value: 'x' })).toThrow('must be letters, digits and _')
  })

  test.each(['PATH', 'HOME', 'TMPDIR', 'OUTPUT_DIR', 'RUN_ID', 'SCRIPT_ID', 'SCRIPT_NEW', 'BASE_URL', 'LANG'])(
    '%s is the gateway’s',
    (name) => expect(() => variables.set(7, name, { value: 'x' })).toThrow('the gateway sets that one for every run'),
  )

  test.each(['LD_PRELOAD', 'LD_LIBRARY_PATH', 'BUN_OPTIONS', 'BUN_BE_BUN'])('%s would act on the sandbox', (name) => {
    expect(() => variables.set(everybody, name, { value: 'x' })).toThrow('act on what confines a script')
  })
})

describe('values', () => {
  test.each(['', ' ', 'a\nb\r\nc', '🔑 “ö”', '-x', '$(rm -rf) \'"', 'x'.repeat(65_536)])('%#', (value) => {
    expect(variables.set(everybody, 'A', { value }).variable.value).toBe(value)
    expect(variables.given(1, true).env).toEqual({ A: value })
  })

  test.each<[string, string, boolean, string]>([
    ['a NUL', 'a\0b', false, 'must not contain a NUL'],
    ['half of a surrogate pair', 'a\ud800', false, 'half of a surrogate pair'],
    ['one byte too many', `${'x'.repeat(65_534)}öx`, false, 'must have at most 65536 bytes; got 65537'],
    ['no secret at all', '', true, 'must have at least 3 characters as a secret'],
    ['a secret too short to be masked', 'ab', true, 'must have at least 3 characters as a secret'],
    ['a secret of spaces', ' a     ', true, 'must have at least 3 characters as a secret'],
  ])('%s is refused', (_, value, secret, message) => {
    expect(() => variables.set(everybody, 'A', { value, secret })).toThrow(message)
    expect(variables.list(everybody)).toEqual([])
  })

  test('a plain one that is too short cannot become secret', () => {
    variables.set(everybody, 'A', { value: 'ab' })
    expect(() => variables.set(everybody, 'A', { secret: true })).toThrow('at least 3 characters')
  })

  test('a new one needs a value', () => {
    expect(() => variables.set(everybody, 'A', {})).toThrow('value is required for a new variable')
  })
})

test('a hundred in each scope, and those there can be changed', () => {
  for (let i = 0; i < 100; i++) variables.set(everybody, `V${i}`, { value: 'x' })
  expect(() => variables.set(everybody, 'MORE', { value: 'x' })).toThrow('There are 100 variables here already')
  expect(variables.set(everybody, 'V5', { value: 'y' }).isNew).toBe(false)
  expect(variables.set(7, 'MORE', { value: 'x' }).isNew).toBe(true)
})

test('a change keeps when it was made', () => {
  variables.set(everybody, 'A', { value: 'x' })
  now += 1000
  const { variable, isNew } = variables.set(everybody, 'A', { value: 'y' })
  expect(isNew).toBe(false)
  expect(Date.parse(variable.updated_at) - Date.parse(variable.created_at)).toBe(1000)
})

test('what is not there cannot be removed', () => {
  variables.set(7, 'A', { value: 'x' })
  expect(() => variables.remove(everybody, 'A')).toThrow('There is no such variable')
  variables.remove(7, 'A')
  expect(() => variables.remove(7, 'A')).toThrow('There is no such variable')
})
