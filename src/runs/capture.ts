/** What a script printed on stdout, kept for its result: in memory while it is small, then in a file. */

import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import type { StdoutCapture } from '../results/results.ts'

const memoryBytesMax = 1024 * 1024

export interface Capture {
  add(chunk: Uint8Array): void
  /** `bytesMax`: more than this stays in the file. */
  finish(bytesMax: number): StdoutCapture
  /** Removes the file, if there is one that nobody took. */
  dispose(): void
}

/** `spoolPath`: where the file goes; its folder exists. */
export function createCapture(spoolPath: string): Capture {
  let chunks: Uint8Array[] = []
  let size = 0
  let fd: number | null = null

  function spool(chunk: Uint8Array) {
    for (let written = 0; written < chunk.length; ) written += writeSync(fd!, chunk, written)
  }

  return {
    add(chunk) {
      size += chunk.length
      if (fd === null && size > memoryBytesMax) {
        fd = openSync(spoolPath, 'w')
        for (const earlier of chunks) spool(earlier)
        chunks = []
      }
      if (fd === null) chunks.push(chunk.slice())
      else spool(chunk)
    },
    finish(bytesMax) {
      if (fd === null) return { bytes: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks) }
      closeSync(fd)
      return size > bytesMax ? { file: spoolPath, size } : { bytes: readFileSync(spoolPath) }
    },
    dispose() {
      if (fd !== null) rmSync(spoolPath, { force: true })
    },
  }
}

/** Whether a stream's first chunk shows that it is no text, so that it does not belong in a log. */
export function looksBinary(first: Uint8Array): boolean {
  const start = Buffer.from(first.buffer, first.byteOffset, Math.min(first.byteLength, 4096))
  return (
    start.includes(0) || start.subarray(0, 5).toString('latin1') === '%PDF-' || (start[0] === 0xff && start[1] === 0xd8)
  )
}

/** The last `bytesMax` bytes of a stream, as text. */
export function createTail(bytesMax: number) {
  let kept = Buffer.alloc(0)
  return {
    add(chunk: Uint8Array) {
      kept = Buffer.concat([kept, chunk.subarray(-bytesMax)])
      if (kept.length > bytesMax) kept = kept.subarray(-bytesMax)
    },
    text: () => kept.toString('utf8').replace(/^\uFFFD+/, ''),
  }
}
