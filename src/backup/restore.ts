/** Puts a backup in place: all of it, after all of it was read and proven, or nothing. */
import { Database } from 'bun:sqlite'
import { createReadStream, existsSync, statSync } from 'node:fs'
import { chmod, cp, mkdir, mkdtemp, open, readdir, readFile, rename, rmdir, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { Value } from '@sinclair/typebox/value'
import { createAudit } from '../audit/audit.ts'
import type { Clock } from '../clock.ts'
import { options } from '../config.ts'
import { migrations } from '../db/migrations.ts'
import { openDatabase } from '../db/open.ts'
import { GatewayError, messageOf } from '../errors.ts'
import { removeFolder } from '../files/temp.ts'
import { type UnpackedFile, unpack } from '../files/unpack.ts'
import { silentLog } from '../log.ts'
import { keyFileName } from '../variables/key.ts'
import { decrypt, isEncrypted } from './age.ts'
import { backupFormat, databaseName, type Manifest, manifestName, manifestSchema, scriptsFolder } from './model.ts'
import { proveFiles } from './prove.ts'
import { hasSealed, quietRestored } from './quiet.ts'
import { chunksOf } from './stage.ts'

export interface RestoreOptions {
  /** Absolute, of the backup. */
  file: string
  passphrase: string | null
  /** Absolute. The caller holds the lock of `dataDir`. */
  dataDir: string
  scriptsDir: string
  /** Moves aside what is there. */
  isForced: boolean
  clock: Pick<Clock, 'now'>
  /** For the audit log of what is restored: who asked for it. */
  by?: string
  /** Called when all of the file was read and proven, and nothing was moved yet. */
  onProven?(): Promise<void>
}

export interface Restored {
  manifest: Manifest
  /** Where what was there before is now, absolute. */
  aside: string[]
  /** Whether there are secrets in the database and no key beside it. */
  lacksKey: boolean
}

const workPrefix = '.restore-'
/** What may lie in an empty folder: nobody put it there. */
const nobodys = new Set(['lost+found', 'gateway.lock'])
/** What a backup replaces below `dataDir`. Caches stay: they are made from other things. */
const replaced = [databaseName, `${databaseName}-wal`, `${databaseName}-shm`, 'static', 'logs', 'tmp', 'deleted']
const entriesMax = 5_000_000

/** Throws an Error that says what is wrong; then everything is as it was. */
export async function restore(wishes: RestoreOptions): Promise<Restored> {
  const { dataDir, scriptsDir, isForced } = wishes
  if (!isForced) for (const dir of [dataDir, scriptsDir]) await refuseFull(dir)
  await mkdir(scriptsDir, { recursive: true })
  const work = await mkdtemp(join(dataDir, workPrefix))
  const scriptsWork = await mkdtemp(join(scriptsDir, workPrefix))
  try {
    const { manifest, hasSecrets } = await unpackProven(wishes, work)
    await wishes.onProven?.()
    for (const name of [databaseName, keyFileName])
      if (existsSync(join(work, name))) await chmod(join(work, name), 0o600)
    await movePart(join(work, scriptsFolder), scriptsWork)
    const aside = await swap({ ...wishes, work, scriptsWork, manifest })
    return { manifest, aside, lacksKey: hasSecrets && !existsSync(join(dataDir, keyFileName)) }
  } finally {
    await removeFolder(work)
    await removeFolder(scriptsWork)
  }
}

/** All that `restore` proves, below `tmpDir`, with nothing put in place. Throws `validation` for what it would refuse. */
export async function proveBackup(wishes: Proving & { tmpDir: string }): Promise<Manifest> {
  await mkdir(wishes.tmpDir, { recursive: true, mode: 0o711 })
  const work = await mkdtemp(join(wishes.tmpDir, 'restore-'))
  try {
    return (await unpackProven(wishes, work)).manifest
  } catch (error) {
    const isOfTheHost = error instanceof GatewayError ? error.type !== 'validation' : isSystemError(error)
    throw isOfTheHost ? error : new GatewayError('validation', messageOf(error))
  } finally {
    await removeFolder(work)
  }
}

/** Such as a disk that is full. */
const isSystemError = (error: unknown) => error instanceof Error && 'syscall' in error

type Proving = Pick<RestoreOptions, 'file' | 'passphrase' | 'clock' | 'by'>

async function unpackProven({ file, passphrase, clock, by }: Proving, work: string) {
  const files = await unpackFile(file, passphrase, work)
  const manifest = await readManifest(work)
  proveFiles(manifest, files)
  for (const { path } of manifest.files)
    if (!isOurs(path)) throw new Error(`The backup was changed: "${path}" is no part of one.`)
  if (!files.some(({ path }) => path === databaseName)) throw new Error('The backup is not whole: it has no database.')
  return { manifest, hasSecrets: prepareDatabase(join(work, databaseName), manifest, { clock, by }) }
}

async function refuseFull(dir: string): Promise<void> {
  const names = (await namesIn(dir)).filter((name) => !nobodys.has(name) && !name.startsWith(workPrefix))
  if (names.length > 0)
    throw new Error(
      `${dir} is not empty (${names.slice(0, 3).join(', ')}${names.length > 3 ? ' …' : ''}): name an empty folder, or say --force, which moves aside what is there.`,
    )
}

async function unpackFile(file: string, passphrase: string | null, dir: string): Promise<UnpackedFile[]> {
  const sealed = isEncrypted(await beginningOf(file))
  if (sealed && passphrase === null)
    throw new Error('The backup is encrypted: it needs its passphrase (--passphrase-file FILE).')
  const bytes = Readable.toWeb(createReadStream(file)) as unknown as ReadableStream<Uint8Array>
  const packed = sealed ? await decrypt(bytes, passphrase ?? '') : bytes
  const { bavail, bsize } = await statfs(dir)
  return unpack(chunksOf(packed), dir, { entriesMax, bytesMax: bavail * bsize, ratioMax: null, isCaseSensitive: true })
}

async function beginningOf(file: string): Promise<Uint8Array> {
  const handle = await open(file, 'r').catch((error) => {
    throw new Error(`Cannot read the backup: ${messageOf(error)}.`)
  })
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(64), 0, 64, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

async function readManifest(dir: string): Promise<Manifest> {
  const text = await readFile(join(dir, manifestName), 'utf8').catch(() => null)
  if (text === null) throw new Error(`This is no backup of ScriptGateway: it has no ${manifestName}.`)
  const manifest: unknown = JSON.parse(text)
  const format = (manifest as { format?: unknown } | null)?.format
  if (typeof format === 'number' && format > backupFormat)
    throw new Error(`The backup was made by a newer ScriptGateway (format ${format}): restore it with that one.`)
  if (!Value.Check(manifestSchema, manifest))
    throw new Error(`This is no backup of ScriptGateway: its ${manifestName} is another one's.`)
  if (manifest.schema_version > migrations.length)
    throw new Error(
      `The backup was made by ScriptGateway ${manifest.gateway_version}, which is newer: restore it with that one.`,
    )
  return manifest
}

const isOurs = (path: string) =>
  [databaseName, keyFileName].includes(path) || /^(scripts_repo|static|logs\/script)\//.test(path)

/** Proven, brought to this program's version, with a note in the audit log; answers whether there are secrets in it. */
function prepareDatabase(file: string, manifest: Manifest, { clock, by }: Pick<Proving, 'clock' | 'by'>): boolean {
  checkDatabase(file, manifest)
  const db = openDatabase(file)
  try {
    db.$client.run('DELETE FROM sessions') // also from a copy that somebody else made
    const setting = (name: keyof typeof options) => options[name].default as never
    const audit = createAudit({ db, clock, setting, log: silentLog() })
    const { created_at, gateway_version, has_keys, has_outputs } = manifest
    audit.record({
      action: 'gateway.restore',
      caller: null,
      after: { created_at, gateway_version, has_keys, has_outputs, by },
    })
    audit.close()
    quietRestored(db.$client, clock.now())
    return hasSealed(db.$client)
  } finally {
    db.$client.run('PRAGMA wal_checkpoint(TRUNCATE)') // it is the file alone that is moved
    db.$client.close()
  }
}

function checkDatabase(file: string, manifest: Manifest): void {
  const client = new Database(file, { readonly: true })
  try {
    const [first] = client.query('PRAGMA quick_check(1)').values()[0] as string[]
    if (first !== 'ok') throw new Error(`The database in the backup is damaged: ${first}.`)
    const { user_version } = client.query('PRAGMA user_version').get() as { user_version: number }
    if (user_version !== manifest.schema_version)
      throw new Error('The backup was changed: its database has another version than it says.')
  } finally {
    client.close()
  }
}

interface Swap extends RestoreOptions {
  work: string
  scriptsWork: string
  manifest: Manifest
}

/** Renames alone: folders may be mount points, so it is what lies in them that goes and comes. The database comes last. */
async function swap({ dataDir, scriptsDir, work, scriptsWork, manifest, clock }: Swap): Promise<string[]> {
  const second = new Date(clock.now()).toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-')
  const isTaken = (name: string) =>
    [dataDir, scriptsDir].some((dir) => statSync(join(dir, name), { throwIfNoEntry: false })?.isDirectory())
  let asideName = `.before-restore-${second}`
  for (let n = 2; isTaken(asideName); n++) asideName = `.before-restore-${second}-${n}` // two within a second
  const undo: (() => Promise<void>)[] = []
  const move = async (from: string, to: string) => {
    const made = await mkdir(dirname(to), { recursive: true, mode: 0o700 })
    if (made) undo.push(() => rmdir(made))
    await rename(from, to)
    undo.push(() => rename(to, from))
  }
  const aside: string[] = []
  const setAside = async (dir: string, names: string[]) => {
    const folder = join(dir, asideName)
    for (const name of names) await move(join(dir, name), join(folder, name))
    if (names.length > 0) aside.push(folder)
  }
  try {
    // A key that is in no backup stays where it is: the secrets may have been sealed with it.
    const leaving = new Set(manifest.has_keys ? [...replaced, keyFileName] : replaced)
    await setAside(
      scriptsDir,
      (await namesIn(scriptsDir)).filter((name) => !name.startsWith('.') && !nobodys.has(name)),
    )
    await setAside(
      dataDir,
      (await namesIn(dataDir)).filter((name) => leaving.has(name)),
    )
    for (const name of await namesIn(scriptsWork)) await move(join(scriptsWork, name), join(scriptsDir, name))
    const coming = (await namesIn(work)).filter(
      (name) => ![manifestName, scriptsFolder].includes(name) && !name.startsWith(databaseName),
    )
    for (const name of coming) await move(join(work, name), join(dataDir, name))
    await move(join(work, databaseName), join(dataDir, databaseName))
    return aside
  } catch (error) {
    for (const act of undo.reverse()) await act()
    throw new Error(`Nothing was restored: ${messageOf(error)}.`, { cause: error })
  }
}

/** To another disk, it may be: the scripts are unpacked with the rest, and go beside their place before anything is replaced. */
async function movePart(from: string, to: string): Promise<void> {
  for (const name of await namesIn(from))
    await rename(join(from, name), join(to, name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EXDEV') throw error
      return cp(join(from, name), join(to, name), { recursive: true })
    })
}

async function namesIn(dir: string): Promise<string[]> {
  try {
    return (await readdir(dir)).sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
