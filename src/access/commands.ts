/** `password` and `users` on the command line: for whoever has the machine and lost the way in. Also while a gateway serves. */
import { Database } from 'bun:sqlite'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { drizzle } from 'drizzle-orm/bun-sqlite'
import type { RecordAudit } from '../audit/model.ts'
import { isoTime } from '../clock.ts'
import type { Db } from '../db/open.ts'
import { checkPassword, createPasswords } from './passwords.ts'
import { randomPassword } from './secrets.ts'
import { type AccessStore, createAccessStore } from './store.ts'
import type { UserRow } from './table.ts'
import { withoutSecondFactor } from './totp.ts'

export const passwordUsage = 'password NAME [--second-factor-off]'

/** The gateway beside may be writing. */
const lockedWaitMs = 10_000

export interface CommandDeps {
  /** Absolute. */
  dataDir: string
  /** What came on stdin; null when that is a terminal. */
  input(): Promise<string | null>
  say(line: string): void
  /** The audit log of this database; closed when the command has done its work. */
  openAudit(db: Db): { record: RecordAudit; close(): void }
}

/**
 * A new password for a user: the first line of stdin, or a random one that is printed. The user's sessions end. Answers the
 * exit code; throws an Error that says what is wrong.
 */
export async function passwordCommand(
  args: string[],
  { dataDir, input, say, openAudit }: CommandDeps,
): Promise<number> {
  const isFactorOff = args.includes('--second-factor-off')
  const [name, ...rest] = args.filter((arg) => arg !== '--second-factor-off')
  if (name === undefined || rest.length > 0 || name.startsWith('-'))
    throw new Error(`Say: ${passwordUsage}; the password comes on stdin, or a random one is printed.`)
  return withStore(dataDir, async ({ users, sessions, transaction }, db) => {
    const user = users.byName(name)
    if (!user) throw new Error(`There is no user "${name}"; ${namesOf(users.all())}.`)
    const given = (await input())?.split(/\r?\n/, 1)[0]
    const password = given || randomPassword()
    checkPassword(password, user.name)
    const passwordHash = await createPasswords().hash(password)
    transaction(() => {
      users.update(user.id, { passwordHash, ...(isFactorOff ? withoutSecondFactor : {}) })
      sessions.removeOf(user.id, null)
    })
    const audit = openAudit(db)
    audit.record({
      action: 'user.update',
      caller: null,
      object: { type: 'user', id: user.id, name: user.name },
      after: { password: 'set anew on the command line', ...(isFactorOff ? { has_second_factor: false } : {}) },
    })
    audit.close()
    say(given ? `The password of ${user.name} was changed.` : `The new password of ${user.name}: ${password}`)
    say('All sessions of this user have ended; API tokens go on.')
    if (isFactorOff) say('The second factor is off.')
    else if (user.totpEnabledAt !== null) say('The second factor is still asked for; --second-factor-off turns it off.')
    if (user.disabledAt !== null) say(`${user.name} is disabled: an administrator has to enable this user first.`)
    return 0
  })
}

/** Who there is. Answers the exit code. */
export const usersCommand = ({ dataDir, say }: Pick<CommandDeps, 'dataDir' | 'say'>): Promise<number> =>
  withStore(dataDir, async ({ users }) => {
    const all = users.all()
    if (all.length === 0) say('There is nobody yet: start the gateway and open the setup link that it prints.')
    for (const user of all) say(lineOf(user))
    return 0
  })

function lineOf({ name, role, source, totpEnabledAt, disabledAt, lastSeenAt }: UserRow): string {
  const facts = [
    role ?? 'no role',
    `signs in by ${source}`,
    totpEnabledAt === null ? '' : 'with a second factor',
    disabledAt === null ? '' : 'disabled',
    `last seen ${isoTime(lastSeenAt) ?? 'never'}`,
  ]
  return `${name}: ${facts.filter(Boolean).join(', ')}`
}

const namesOf = (all: UserRow[]) =>
  all.length === 0
    ? 'there is nobody yet'
    : `there are: ${all
        .slice(0, 20)
        .map(({ name }) => name)
        .join(', ')}`

/** Without migrating: a gateway of another version may be using the database. */
async function withStore<T>(dataDir: string, act: (store: AccessStore, db: Db) => Promise<T>): Promise<T> {
  const file = join(dataDir, 'gateway.db')
  if (!existsSync(file)) throw new Error(`There is no ${file}: set DATA_DIR to the folder of the gateway.`)
  const client = new Database(file, { readwrite: true, create: false, strict: true })
  try {
    client.run(`PRAGMA busy_timeout = ${lockedWaitMs}`)
    client.run('PRAGMA foreign_keys = ON')
    if (!client.query("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'users'").get())
      throw new Error(`${file} knows no users yet: start the gateway once with this version.`)
    const db = drizzle({ client }) as Db
    return await act(createAccessStore(db), db)
  } finally {
    client.close()
  }
}
