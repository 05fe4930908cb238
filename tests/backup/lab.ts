/** Folders of a gateway without one: as the commands see them. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { backupCommand, restoreCommand } from '../../src/backup/commands.ts'
import { openDatabase } from '../../src/db/open.ts'
import { lockDataDir } from '../../src/system/lock.ts'
import { readKey } from '../../src/variables/key.ts'
import { createVariables } from '../../src/variables/variables.ts'
import { createVault } from '../../src/variables/vault.ts'

export const passphrase = 'five random words will do'

export interface Gateway {
  dataDir: string
  scriptsDir: string
}

export function emptyGateway(folder: string): Gateway {
  const dir = mkdtempSync(join(folder, 'gateway-'))
  return { dataDir: join(dir, 'data'), scriptsDir: join(dir, 'scripts_repo') }
}

export function write(path: string, content: string | Uint8Array, mode = 0o644) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content, { mode })
}

/** With a database, a key, a secret, scripts, a link out, a log and a result. */
export function fullGateway(folder: string): Gateway {
  const gateway = emptyGateway(folder)
  const { dataDir, scriptsDir } = gateway
  mkdirSync(dataDir, { recursive: true })
  const db = openDatabase(join(dataDir, 'gateway.db'))
  db.$client.run("INSERT INTO users (name, source, created_at) VALUES ('anna', 'password', 1)")
  db.$client.run(
    "INSERT INTO sessions (token_hash, user_id, created_at, last_seen_at, source, expires_at) VALUES ('h', 1, 1, 1, 'password', 9)",
  )
  const key = readKey({ text: undefined, dataDir })
  variablesOf(gateway, db, key).set(0, 'TOKEN', { value: 'the-secret', secret: true })
  db.$client.close()
  write(join(scriptsDir, 'python/group/report.py'), 'print("ä")\n')
  write(join(scriptsDir, 'python/group/.report.policy.json'), '{}\n')
  write(join(scriptsDir, 'python/group/tool.sh'), '#!/bin/sh\n', 0o755)
  write(join(scriptsDir, 'python/group/__pycache__/x.pyc'), 'x')
  write(join(scriptsDir, 'js/empty.js'), '')
  write(
    join(dataDir, 'static/report/resources/1/out.bin'),
    Uint8Array.from({ length: 100_000 }, (_, n) => n % 251),
  )
  write(join(dataDir, 'logs/script/0/1.log'), 'line\n')
  write(join(dataDir, '.deps_cache/python/x'), 'cache')
  symlinkSync('report.py', join(scriptsDir, 'python/group/same.py'))
  symlinkSync('/etc/hostname', join(scriptsDir, 'python/group/out.py'))
  symlinkSync(dataDir, join(scriptsDir, 'python/data'))
  return gateway
}

export const variablesOf = (
  { dataDir }: Gateway,
  db = openDatabase(join(dataDir, 'gateway.db')),
  key = readKey({ text: undefined, dataDir }),
) => createVariables({ db, key, vault: createVault({ key: key.bytes }), clock: { now: () => 1 } })

/** Runs a command; answers what it said, with `\n`, and throws what it threw. */
export async function backup(gateway: Gateway, ...args: string[]): Promise<string> {
  const said: string[] = []
  await backupCommand(args, { ...gateway, say: (line) => said.push(line) })
  return said.join('\n')
}

export async function restore(gateway: Gateway, ...args: string[]): Promise<string> {
  const said: string[] = []
  const lock = (dir: string) => {
    mkdirSync(dir, { recursive: true })
    return lockDataDir(dir)
  }
  await restoreCommand(args, { ...gateway, say: (line) => said.push(line), lock })
  return said.join('\n')
}

/** Path → content, or `folder`; the database apart. */
export function treeOf(dir: string): Record<string, string> {
  if (!existsSync(dir)) return {}
  const paths = (readdirSync(dir, { recursive: true }) as string[]).filter((path) => !/gateway\.db/.test(path)).sort()
  return Object.fromEntries(
    paths.map((path) => {
      const stats = statSync(join(dir, path))
      return [path, stats.isDirectory() ? 'folder' : readFileSync(join(dir, path)).toString('latin1')]
    }),
  )
}
