/** The one unpacker of archives (.tar.gz): whatever they hold, nothing leaves the folder that is given, and nothing grows without end. */
import { chmod, mkdir, open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { type Extract, extract, type Header } from 'tar-stream'
import { GatewayError, messageOf } from '../errors.ts'
import { formatBytes } from './store.ts'

export interface UnpackLimits {
  /** Files and folders. */
  entriesMax: number
  /** Of all files together, as they are written. */
  bytesMax: number
  /** Bytes unpacked for each packed one, once there is a MiB of them; null: as many as gzip can. */
  ratioMax: number | null
  /** Whether two names may differ in upper and lower case only: for a folder that was packed where they may. */
  isCaseSensitive?: boolean
}

export interface UnpackedFile {
  /** Path inside the archive, with `/`. */
  path: string
  size: number
  /** Hexadecimal. */
  sha256: string
}

const pathBytesMax = 1000
const nameBytesMax = 255
const foldersMax = 32
const ratioFromBytes = 1024 * 1024
/** Of an entry, with a long name and what it is filled up with. */
const headerBytesMax = 4096
/** Of zeros at the end. */
const paddingBytesMax = 1024 * 1024

/**
 * `packed`: the archive's bytes. `dir`: absolute; an empty folder that nobody else writes to. Throws `validation` for what
 * is no such archive or holds what no archive of ours does, `too_large` over a limit; what was written by then stays.
 */
export async function unpack(
  packed: AsyncIterable<Uint8Array>,
  dir: string,
  limits: UnpackLimits,
): Promise<UnpackedFile[]> {
  const names = createNames(limits)
  const tar = extract() as Tar
  const stop = new AbortController()
  const feeding = feed(packed, tar, limits, stop.signal)
  feeding.catch(() => {}) // asked below, in every case
  const files: UnpackedFile[] = []
  let bytesLeft = limits.bytesMax
  try {
    for await (const entry of tar) {
      const file = await takeEntry(entry)
      if (!file) continue
      bytesLeft -= file.size
      files.push(file)
    }
    await feeding
    return files
  } catch (error) {
    stop.abort()
    // Where the source failed, the reader of tar only says that it was ended.
    const cause = await feeding.catch((cause) => cause)
    throw [error, cause].find((one) => one instanceof GatewayError || isSystemError(one)) ?? notAnArchive(error)
  } finally {
    tar.destroy()
  }

  /** null for a folder. */
  async function takeEntry(entry: Entry): Promise<UnpackedFile | null> {
    const { path, isFolder } = names.take(entry.header)
    const target = join(dir, path)
    await mkdir(isFolder ? target : dirname(target), { recursive: true, mode: 0o755 })
    if (isFolder) entry.resume()
    return isFolder ? null : { path, ...(await writeFile(target, entry, bytesLeft, limits)) }
  }
}

/** Its types leave out what says that it takes no more, be it closed already or not. */
type Tar = Extract & { readonly destroying: boolean }
type Entry = Extract extends AsyncIterable<infer One> ? One : never

/** Why this cannot be the path of a file in an archive, in words that follow it; null when it can. */
export function archivePathProblem(path: string): string | null {
  if (path === '') return 'is empty'
  if (Buffer.byteLength(path) > pathBytesMax) return `has more than ${pathBytesMax} bytes`
  if (!path.isWellFormed() || /[\u0000-\u001f\u007f-\u009f\ufffd]/.test(path))
    return 'has control characters in it, or is not UTF-8'
  if (path.includes('\\')) return 'has a backslash in it'
  if (path.startsWith('/') || /^[a-z]:/i.test(path)) return 'is an absolute path'
  const names = path.split('/')
  if (names.length > foldersMax + 1) return `is in more than ${foldersMax} folders`
  if (names.some((name) => name === '' || name === '.' || name === '..')) return 'has an empty name, "." or ".." in it'
  if (names.some((name) => Buffer.byteLength(name) > nameBytesMax))
    return `has a name of more than ${nameBytesMax} bytes`
  return null
}

/** Counts what comes out, also headers and padding: a bomb may have no file at all. Never waits for a reader that is gone. */
async function feed(packed: AsyncIterable<Uint8Array>, tar: Tar, limits: UnpackLimits, stop: AbortSignal) {
  const { entriesMax, bytesMax, ratioMax } = limits
  const counted = { in: 0, out: 0 }
  const outMax = bytesMax + entriesMax * headerBytesMax + paddingBytesMax
  const source = Readable.from(counting(packed, counted), { objectMode: false })
  const gunzip = createGunzip()
  source.on('error', (error: Error) => void gunzip.destroy(error))
  // Not by way of the source, which only ends when it has something to say.
  stop.addEventListener('abort', () => void gunzip.destroy(new Error('Nobody reads on.')))
  try {
    for await (const chunk of source.pipe(gunzip) as AsyncIterable<Buffer>) {
      counted.out += chunk.length
      if (ratioMax && counted.out > ratioFromBytes && counted.out > counted.in * ratioMax) throw tooDense(ratioMax)
      if (counted.out > outMax) throw tooLarge(limits)
      if (!tar.write(chunk)) await drained(tar)
      if (tar.destroying) return
    }
    tar.end(undefined)
  } catch (error) {
    tar.end(undefined) // destroyed in the middle of a file it would never tell its reader
    throw error
  } finally {
    source.destroy()
    gunzip.destroy()
  }
}

async function* counting(packed: AsyncIterable<Uint8Array>, counted: { in: number }) {
  for await (const chunk of packed) {
    counted.in += chunk.length
    yield chunk
  }
}

/** Also when it is closed, or has been: it says so once, and takes no more. */
const drained = (tar: Tar) =>
  new Promise<void>((resolve) => {
    if (tar.destroying) return resolve()
    const done = () => {
      tar.off('drain', done)
      tar.off('close', done)
      resolve()
    }
    tar.on('drain', done)
    tar.on('close', done)
  })

/** Which names have been; throws for what is no plain file or folder of its own name. */
function createNames({ entriesMax, isCaseSensitive = false }: UnpackLimits) {
  /** As a file system that tells neither case nor composition would see it → how it was spelled, and what it is. */
  const taken = new Map<string, { path: string; isFolder: boolean }>()
  const keyOf = (path: string) => (isCaseSensitive ? path : path.normalize('NFC').toLowerCase())

  function claim(path: string, isFolder: boolean, isImplied: boolean): void {
    const before = taken.get(keyOf(path))
    if (before && before.path !== path) throw refused(path, `differs from "${shown(before.path)}" in case only`)
    if (before && !(before.isFolder && isFolder)) throw refused(path, 'is in it twice')
    if (before && isImplied) return
    taken.set(keyOf(path), { path, isFolder })
    if (taken.size > entriesMax)
      throw new GatewayError('too_large', `The archive has more than ${entriesMax} files and folders.`)
  }

  return {
    take(header: Header): { path: string; isFolder: boolean } {
      const isFolder = header.type === 'directory'
      const path = header.name.replace(/^\.\//, '').replace(/\/$/, '')
      if (isFolder && (path === '' || path === '.')) return { path: '', isFolder }
      if (!isFolder && header.type !== 'file')
        throw refused(
          header.name,
          `is ${header.type ? `a ${header.type}` : 'of an unknown kind'}: only files and folders are taken`,
        )
      const problem = archivePathProblem(path)
      if (problem) throw refused(header.name, problem)
      const names = path.split('/')
      for (let depth = 1; depth < names.length; depth++) claim(names.slice(0, depth).join('/'), true, true)
      claim(path, isFolder, false)
      return { path, isFolder }
    },
  }
}

async function writeFile(path: string, entry: Entry, bytesLeft: number, limits: UnpackLimits) {
  if (entry.header.size > bytesLeft) throw tooLarge(limits)
  const hash = new Bun.CryptoHasher('sha256')
  const handle = await open(path, 'wx', 0o600)
  let size = 0
  try {
    for await (const chunk of entry as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > bytesLeft) throw tooLarge(limits)
      hash.update(chunk)
      for (let from = 0; from < chunk.length; ) from += (await handle.write(chunk, from)).bytesWritten
    }
  } finally {
    await handle.close()
  }
  await chmod(path, entry.header.mode & 0o100 ? 0o755 : 0o644) // nothing else of a mode is taken over
  return { size, sha256: hash.digest('hex') }
}

const shown = (path: string) => JSON.stringify(path.slice(0, 200)).slice(1, -1)

const refused = (path: string, why: string) =>
  new GatewayError('validation', `The archive is refused, because "${shown(path)}" ${why}.`)

const tooLarge = ({ bytesMax }: UnpackLimits) =>
  new GatewayError('too_large', `The archive unpacks to more than ${formatBytes(bytesMax)}.`)

const tooDense = (ratioMax: number) =>
  new GatewayError('too_large', `The archive unpacks to more than ${ratioMax} times its size: it is refused.`)

const notAnArchive = (cause: unknown) => {
  const isCut = /unexpected end|destroyed/i.test(messageOf(cause))
  const why = isCut ? 'it ends too early, or was not copied whole' : messageOf(cause)
  return new GatewayError('validation', `This is no whole .tar.gz archive: ${why}.`, { status: 400, cause })
}

const isSystemError = (error: unknown) => typeof (error as NodeJS.ErrnoException)?.syscall === 'string'
