/** `audit verify`: also while a gateway serves, and on a copy. */
import { Database } from 'bun:sqlite'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../clock.ts'
import { options } from '../config.ts'
import type { Db } from '../db/open.ts'
import { silentLog } from '../log.ts'
import { createAudit } from './audit.ts'
import { verifyChain } from './verify.ts'

export const auditUsage = 'audit verify'

/** `dataDir`: absolute. Answers the exit code: 0 when the log is whole, 1 when not. Throws an Error where there is none. */
export async function auditCommand(args: string[], dataDir: string, say: (line: string) => void): Promise<number> {
  if (args.join(' ') !== 'verify') throw new Error(`Say: ${auditUsage}`)
  const file = join(dataDir, 'gateway.db')
  if (!existsSync(file)) throw new Error(`There is no ${file}: set DATA_DIR to the folder of the gateway.`)
  const client = new Database(file, { readonly: true })
  try {
    if (!hasLog(client)) throw new Error(`${file} has no audit log yet: start the gateway once with this version.`)
    const { ok, entries, first_wrong, anchor, head } = await verifyChain(client)
    if (anchor) say(`Entries up to ${anchor.removed_to} were removed for their age, the last time at ${anchor.at}.`)
    if (!ok) say(`Entry ${first_wrong} is not as it was written, or is missing: the audit log was changed.`)
    else say(`The audit log is whole: ${entries} entries, each follows the one before.`)
    say(`The newest is ${head.id}, hash ${head.hash}: compare it with one that you noted elsewhere.`)
    return ok ? 0 : 1
  } finally {
    client.close()
  }
}

const hasLog = (client: Database) =>
  client.query("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'audit'").get() !== null

/** For a command that changes something beside a running gateway: whoever writes second reads the chain's end anew. */
export const auditBeside = (db: Db) =>
  createAudit({ db, clock: systemClock, setting: (name) => options[name].default as never, log: silentLog() })
