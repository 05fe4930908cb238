/** Bytes that arrive become a file, counted and hashed on the way; memory stays flat. */
import { type FileHandle, open, rm } from 'node:fs/promises'
import { GatewayError } from '../errors.ts'

/** A file that the gateway stored for a parameter. */
export interface StoredFile {
  /** Absolute. */
  path: string
  /** As it was sent, made safe. */
  filename: string
  /** Bytes. */
  size: number
  contentType: string
  /** Hexadecimal. */
  sha256: string
}

interface StoreOptions {
  /** Absolute path of the file to make; it must not exist. */
  path: string
  bytesMax: number
  /** What to throw when there are more bytes. */
  tooLarge: () => Error
}

/** Writes all chunks. Removes the file again and throws when the source fails, is too large, or the disk is full. */
export async function storeChunks(chunks: AsyncIterable<Uint8Array>, { path, bytesMax, tooLarge }: StoreOptions) {
  const handle = await open(path, 'wx', 0o600)
  const hash = new Bun.CryptoHasher('sha256')
  let size = 0
  try {
    for await (const chunk of chunks) {
      size += chunk.length
      if (size > bytesMax) throw tooLarge()
      hash.update(chunk)
      await writeAll(handle, chunk)
    }
  } catch (error) {
    await handle.close()
    await rm(path, { force: true })
    throw diskFull(error) ?? error
  }
  await handle.close()
  return { size, sha256: hash.digest('hex') }
}

/** One write may take fewer bytes than it was given. */
async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let from = 0; from < chunk.length; ) from += (await handle.write(chunk, from)).bytesWritten
}

const diskFullCodes = new Set(['ENOSPC', 'EDQUOT'])

function diskFull(error: unknown): GatewayError | null {
  if (!(error instanceof Error) || !('code' in error) || !diskFullCodes.has(String(error.code))) return null
  return new GatewayError('resource', 'The gateway has no disk space left to store the file.', { cause: error })
}

const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB']

/** `1.5 MiB`: for messages. */
export function formatBytes(bytes: number): string {
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10))
  return `${Number((bytes / 1024 ** power).toFixed(1))} ${units[power]}`
}
