/** The key that secrets are sealed with: from the environment, else from a file that the first start makes. */
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  fchmodSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { messageOf } from '../errors.ts'

export interface Key {
  /** 32. */
  bytes: Uint8Array
  /** Whether it is there after the next start as well; if not, nothing may be stored that is sealed with it. */
  isKept: boolean
  /** What is wrong with where it comes from, in sentences. */
  warnings: string[]
}

const keyBytes = 32
export const keyFileName = 'secrets.key'

/**
 * `text`: SECRETS_KEY, if there is one; throws an Error that says what belongs there when it is no key. A key file that
 * cannot be used is never replaced: then there is a key for this process only, and a warning.
 */
export function readKey({ text, dataDir }: { text: string | undefined; dataDir: string }): Key {
  if (text) return { bytes: parseEnvironment(text), isKept: true, warnings: [] }
  const file = join(dataDir, keyFileName)
  try {
    return readKeyFile(file) ?? { bytes: makeKeyFile(file), isKept: true, warnings: [] }
  } catch (error) {
    return { bytes: randomBytes(keyBytes), isKept: false, warnings: [messageOf(error)] }
  }
}

function parseEnvironment(text: string): Uint8Array {
  const key = parseKey(text)
  if (!key)
    throw new Error(
      'Wrong environment: SECRETS_KEY must be 32 random bytes as 64 hexadecimal digits or 44 characters of base64; make one with: openssl rand -base64 32',
    )
  return key
}

function parseKey(text: string): Uint8Array | null {
  const given = text.trim()
  if (/^[0-9a-fA-F]{64}$/.test(given)) return Buffer.from(given, 'hex')
  return /^[\w+/-]{43}=?$/.test(given) ? Buffer.from(given, 'base64') : null
}

/** Null when there is none. */
function readKeyFile(file: string): Key | null {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new Error(`The key file ${file} cannot be read (${messageOf(error)}): secrets can neither be read nor set.`)
  }
  const bytes = parseKey(text)
  if (!bytes)
    throw new Error(
      `The key file ${file} does not hold a key: secrets can neither be read nor set. Put the right one back from a backup, or remove the file and set the secrets again.`,
    )
  return { bytes, isKept: true, warnings: closeToOthers(file) }
}

function closeToOthers(file: string): string[] {
  const mode = statSync(file).mode & 0o777
  if ((mode & 0o077) === 0) return []
  const seen = `The key file ${file} could be read by others (mode ${mode.toString(8)})`
  try {
    chmodSync(file, 0o600)
    return [`${seen}: now it has mode 600, but who had a look can read the secrets.`]
  } catch (error) {
    return [`${seen}, and that cannot be changed: ${messageOf(error)}`]
  }
}

/** Under another name first: what has the right name is a whole key on the disk, whenever the gateway is killed. */
function makeKeyFile(file: string): Uint8Array {
  const bytes = randomBytes(keyBytes)
  const draft = join(dirname(file), `.${basename(file)}.draft`)
  try {
    rmSync(draft, { force: true })
    const fd = openSync(draft, 'wx', 0o600)
    try {
      fchmodSync(fd, 0o600) // a folder's default ACL may have widened it
      writeSync(fd, `${bytes.toString('base64')}\n`)
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    renameSync(draft, file)
    syncFolder(dirname(file))
    return bytes
  } catch (error) {
    throw new Error(`The key file ${file} cannot be made (${messageOf(error)}): secrets can neither be read nor set.`)
  }
}

function syncFolder(dir: string) {
  const fd = openSync(dir, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
