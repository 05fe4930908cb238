/**
 * A file that is served is opened first and judged by what was opened: its script may still be running, and put a link in its
 * place, or in that of a folder above it, between a look at the path and the reading.
 */
import { closeSync, constants, fstatSync, openSync, read, readlinkSync, type Stats } from 'node:fs'
import type { ByteRange } from './range.ts'

export interface OpenedFile {
  stats: Stats
  /** The bytes of the range; closes the file at their end, or when nobody wants them any more. */
  stream(range: ByteRange): ReadableStream<Uint8Array>
  closeUnlessStreamed(): void
}

const chunkBytes = 256 * 1024
const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants

/** `path`: a real path, absolute. null for what is no regular file, or is not at this path itself. */
export function openFile(path: string): OpenedFile | null {
  let fd: number
  try {
    fd = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK) // nobody may ever write into a pipe
  } catch {
    return null // gone, a link by now, or closed to us
  }
  const stats = fstatSync(fd)
  if (!stats.isFile() || pathOf(fd, path) !== path) {
    closeSync(fd)
    return null
  }
  let isStreamed = false
  return {
    stats,
    stream(range) {
      isStreamed = true
      return streamOf(fd, range)
    },
    closeUnlessStreamed() {
      if (!isStreamed) closeSync(fd)
    },
  }
}

/** Where what is open is now, as the kernel says; where it does not (no /proc), the path has to do. */
function pathOf(fd: number, path: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`)
  } catch {
    return path
  }
}

function streamOf(fd: number, { start, end }: ByteRange): ReadableStream<Uint8Array> {
  let at = start
  let isOpen = true
  function close() {
    if (isOpen) closeSync(fd)
    isOpen = false
  }
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const chunk = await readAt(fd, at, Math.min(chunkBytes, end + 1 - at))
        if (!isOpen) return // nobody wants it any more
        at += chunk.length
        controller.enqueue(chunk)
        if (at <= end) return
        controller.close()
      } catch (error) {
        controller.error(error)
      }
      close()
    },
    cancel: close,
  })
}

/** Rejects also where the file has become shorter: what was promised cannot be kept. */
function readAt(fd: number, at: number, length: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    read(fd, new Uint8Array(length), 0, length, at, (error, count, bytes) => {
      if (error || count === 0) reject(error ?? new Error('the file has become shorter'))
      else resolve(bytes.subarray(0, count))
    })
  })
}
