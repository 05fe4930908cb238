/** The data folder: made when it is missing, and closed to everybody but the gateway. */
import { chmodSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'

/** Scripts with a user of their own pass through these, and cannot list them. */
const passages = ['', 'static', 'tmp']
/** Nobody else's business: what scripts printed, what they were given, how they are confined. */
const closed = ['logs', 'logs/script', 'logs/gateway']

/**
 * `dataDir`: an operator's own folder keeps the rights it has; what the gateway made is closed, also where an earlier
 * version left it open. Throws what the file system says.
 */
export function prepareDataDir(dataDir: string): void {
  const isNew = !existsSync(dataDir)
  for (const name of passages) mkdirSync(join(dataDir, name), { recursive: true })
  for (const name of closed) mkdirSync(join(dataDir, name), { recursive: true })
  for (const name of passages) if (name !== '' || isNew) chmodSync(join(dataDir, name), 0o711)
  for (const name of closed) chmodSync(join(dataDir, name), 0o700)
}

/** The database, which holds parameters and the ends of logs; its companions take its rights over. */
export function closeDatabase(file: string): void {
  for (const name of ['', '-wal', '-shm']) if (existsSync(file + name)) chmodSync(file + name, 0o600)
}
