/** A file that declares something, read whole or not at all: never through a link out of the scripts folder, never without end. */
import { closeSync, constants, fstatSync, openSync, readSync, realpathSync, type Stats, statSync } from 'node:fs'
import { sep } from 'node:path'
import { isFresh, stampOf } from '../../scripts/stamp.ts'

export const declarationBytesMax = 256 * 1024

/** What a look at the file says; equal ones mean that it need not be read again. */
export const missing = 'none'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** One look, without reading. Throws nothing. */
export function lookAt(path: string): string {
  try {
    const stats = statSync(path, { throwIfNoEntry: false })
    return stats ? stampOf(stats) : missing
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? ''
    return code === 'ENOENT' || code === 'ENOTDIR' ? missing : `error ${code}`
  }
}

export interface FileText {
  stamp: string
  /** Changed so recently that the stamp cannot be relied on. */
  isFresh: boolean
  text: string
}

export interface Unreadable {
  stamp: string
  isFresh: boolean
  /** A sentence. */
  problem: string
}

interface Bounds {
  /** Real paths of folders that the file must be in. */
  inside: readonly string[]
  bytesMax?: number
}

/** null where there is no file. Throws nothing. */
export function readDeclared(
  path: string,
  { inside, bytesMax = declarationBytesMax }: Bounds,
): FileText | Unreadable | null {
  const unreadable = (problem: string, stats?: Stats): Unreadable => ({
    stamp: stats ? stampOf(stats) : lookAt(path),
    isFresh: stats !== undefined && isFresh(stats, Date.now()),
    problem,
  })
  let handle: number | undefined
  try {
    const real = realpathSync(path)
    if (!inside.some((folder) => real.startsWith(`${folder}${sep}`)))
      return unreadable(
        'It is, or goes through, a link that leads out of the scripts folder: put the file itself there.',
      )
    // Not blocking: somebody may have put a pipe there.
    handle = openSync(real, constants.O_RDONLY | constants.O_NONBLOCK)
    const stats = fstatSync(handle)
    if (!stats.isFile()) return unreadable('It is not a regular file.', stats)
    const bytes = readUpTo(handle, bytesMax + 1)
    if (bytes.byteLength > bytesMax)
      return unreadable(`It is larger than ${bytesMax / 1024} KiB, the most that is read.`, stats)
    const text = decode(bytes)
    if (text === null || text.includes('\0'))
      return unreadable('It is not UTF-8 text: save it with that encoding.', stats)
    return { stamp: stampOf(stats), isFresh: isFresh(stats, Date.now()), text }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return code === 'ENOENT' || code === 'ENOTDIR' ? null : unreadable(`It cannot be read: ${message}.`)
  } finally {
    if (handle !== undefined) closeSync(handle)
  }
}

/** With its byte order mark: what is written back has it again. */
function decode(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes)
  } catch {
    return null // the one thing a fatal decoder throws for
  }
}

function readUpTo(handle: number, bytesMax: number): Uint8Array<ArrayBuffer> {
  const bytes = Buffer.alloc(Math.min(bytesMax, fstatSync(handle).size + 1))
  let length = 0
  for (;;) {
    const count = readSync(handle, bytes, length, bytes.length - length, null)
    length += count
    if (count === 0 || length === bytes.length) return new Uint8Array(bytes.subarray(0, length))
  }
}

/** The real folder of a path that is there, or itself where it cannot be told. */
export function realFolder(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
