import { Database } from 'bun:sqlite'
import { beforeEach, describe, expect, test } from 'bun:test'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { passwordCommand, usersCommand } from '../../src/access/commands.ts'
import { auditBeside } from '../../src/audit/commands.ts'
import { openDatabase } from '../../src/db/open.ts'
import { failureOf } from '../harness/failure.ts'
import { tempFolder } from '../harness/folder.ts'
import { passwordHash } from './lab.ts'

const folder = tempFolder()
let made = 0
let dataDir = ''
let said: string[] = []
const say = (line: string) => void said.push(line)
const passwordOf = (args: string[], input: string | null = null) =>
  passwordCommand(args, { dataDir, say, input: async () => input, openAudit: auditBeside })

interface Stored {
  password_hash: string
  totp_enabled_at: number | null
  totp_secret: unknown
}
const ask = <T>(sql: string) => {
  const client = new Database(join(dataDir, 'gateway.db'), { readonly: true })
  try {
    return client.query<T, []>(sql).all()
  } finally {
    client.close()
  }
}
const anna = () => ask<Stored>("SELECT * FROM users WHERE name = 'anna'")[0]!

beforeEach(() => {
  said = []
  dataDir = join(folder, String(made++))
  const db = openDatabase(join(dataDir, 'gateway.db'))
  db.$client.run(
    `INSERT INTO users (name, role, source, password_hash, totp_secret, totp_enabled_at, created_at)
     VALUES ('anna', 'admin', 'password', ?, x'00', 1, 1)`,
    [passwordHash],
  )
  db.$client.run(
    `INSERT INTO users (name, source, disabled_at, created_at, last_seen_at) VALUES ('bert', 'oidc', 1, 1, 86400000)`,
  )
  db.$client.run(
    `INSERT INTO sessions (token_hash, user_id, source, created_at, last_seen_at, expires_at)
     VALUES ('x', 1, 'password', 1, 1, 1)`,
  )
  db.$client.close()
})

describe('password', () => {
  test('from stdin: its first line, the sessions end, and it is not printed', async () => {
    expect(await passwordOf(['Anna'], 'another otter lamp\nand more\n')).toBe(0)
    expect(await Bun.password.verify('another otter lamp', anna().password_hash)).toBe(true)
    expect(ask('SELECT * FROM sessions')).toEqual([])
    expect(said[0]).toBe('The password of anna was changed.')
    expect(said.join('\n')).not.toContain('otter')
    expect(said.at(-1)).toContain('--second-factor-off')
    expect(anna().totp_enabled_at).toBe(1)
  })

  test('at a terminal: a random one is printed', async () => {
    await passwordOf(['anna', '--second-factor-off'])
    const [, printed = ''] = /^The new password of anna: ([0-9a-z-]{19})$/.exec(said[0]!)!
    expect(await Bun.password.verify(printed, anna().password_hash)).toBe(true)
    expect(anna()).toMatchObject({ totp_enabled_at: null, totp_secret: null })
  })

  test('while a gateway has the database open', async () => {
    const gateway = openDatabase(join(dataDir, 'gateway.db'))
    await passwordOf(['anna'], 'another otter lamp')
    const [row] = gateway.$client.query<Stored, []>("SELECT * FROM users WHERE name = 'anna'").all()
    expect(await Bun.password.verify('another otter lamp', row!.password_hash)).toBe(true)
    gateway.$client.close()
  })

  test('of somebody disabled: said', async () => {
    await passwordOf(['bert'])
    expect(said.at(-1)).toContain('bert is disabled')
  })

  test.each<[string, string[], string | null, string]>([
    ['no name', [], null, 'Say: password NAME'],
    ['two names', ['anna', 'bert'], null, 'Say: password NAME'],
    ['an unknown option', ['--force'], null, 'Say: password NAME'],
    ['nobody', ['cora'], null, 'There is no user "cora"; there are: anna, bert.'],
    ['a short password', ['anna'], 'short\n', 'must have at least 10 characters'],
  ])('%s: refused, and nothing changes', async (_, args, input, message) => {
    expect(await failureOf(passwordOf(args, input))).toContain(message)
    expect(anna().password_hash).toBe(passwordHash)
    expect(ask('SELECT * FROM sessions')).toHaveLength(1)
  })
})

test('users: who there is', async () => {
  expect(await usersCommand({ dataDir, say })).toBe(0)
  expect(said).toEqual([
    'anna: admin, signs in by password, with a second factor, last seen never',
    'bert: no role, signs in by oidc, disabled, last seen 1970-01-02T00:00:00.000Z',
  ])
})

test('a folder that is no gateway’s is left as it is', async () => {
  dataDir = join(folder, 'empty')
  mkdirSync(dataDir)
  expect(await failureOf(usersCommand({ dataDir, say }))).toContain('set DATA_DIR')
  new Database(join(dataDir, 'gateway.db')).close()
  expect(await failureOf(passwordOf(['anna']))).toMatch(/start the gateway once|set DATA_DIR/)
})

test('the audit log tells it, not the password', async () => {
  await passwordOf(['anna', '--second-factor-off'], 'a new password for anna')
  const entries = ask<Record<string, unknown>>('SELECT actor, action, object_type, object_name, after FROM audit')
  expect(entries).toEqual([
    {
      ...{ actor: 'gateway', action: 'user.update', object_type: 'user', object_name: 'anna' },
      after: JSON.stringify({ has_second_factor: false, password: 'set anew on the command line' }),
    },
  ])
})
