/** The bytes of one run's log on disk: everything up to half the limit, then the newest of the rest. */
import { appendFileSync, closeSync, mkdirSync, openSync, readdirSync, readSync, rmSync, writeSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { gapRecord } from './log-format.ts'

/** Where in a file a line begins: `seq` is the line's before it. */
export interface Mark {
  seq: number
  offset: number
  /** Records of stderr before it in its file: where there are none up to the next mark, nobody has to look. */
  errors: number
}

/** A file of records with marks to start reading from, one about every 64 KiB. */
export interface Segment {
  path: string
  marks: Mark[]
  bytes: number
  lastSeq: number
  /** Records of stderr in it. */
  errors: number
}

export const markEveryBytes = 64 * 1024

interface OpenSegment extends Segment {
  fd: number
}

export interface LogFiles {
  /** Records of the lines `firstSeq` to `lastSeq`, each with its newline, all of one stream. Answers how many bytes they are. */
  write(records: string, firstSeq: number, lastSeq: number, isError?: boolean): number
  /** In order; what is between two of them was left out. */
  segments(): readonly Segment[]
  /** Puts beginning and end together in one file. */
  close(ts: string): void
}

/**
 * `path` holds the log when it is closed. Until then the end of a log over its limit is in `path.tail.SEQ` files, named
 * by the last line before them, so that `mergeTail` can finish the work of a gateway that was killed.
 */
export function createLogFiles(path: string, bytesMax: number): LogFiles {
  const head = openSegment(path, 0)
  const headBytesMax = bytesMax / 2
  const tailBytesMax = bytesMax / 4 // two of them: the older one full, the newer one growing
  const tails: OpenSegment[] = []
  const current = () => tails.at(-1) ?? head
  let droppedBytes = 0

  function roll(seq: number) {
    const oldest = tails.length === 2 ? tails.shift() : undefined
    if (oldest) {
      droppedBytes += oldest.bytes
      removeSegment(oldest)
    }
    tails.push(openSegment(tailPath(path, seq), seq))
  }

  return {
    write(records, firstSeq, lastSeq, isError = false) {
      const segment = current()
      if (segment.bytes >= (segment === head ? headBytesMax : tailBytesMax)) roll(firstSeq - 1)
      return append(current(), records, { firstSeq, lastSeq, isError })
    },
    segments: () => [head, ...tails],
    close(ts) {
      for (const segment of [head, ...tails]) closeSync(segment.fd)
      if (tails.length > 0) mergeTail(path, ts, { headLastSeq: head.lastSeq, droppedBytes })
    },
  }
}

function openSegment(path: string, seq: number): OpenSegment {
  return { path, fd: openNew(path), marks: [{ seq, offset: 0, errors: 0 }], bytes: 0, lastSeq: seq, errors: 0 }
}

/** The folder is there for all but one run in a thousand: it is made when it turns out to be missing. */
function openNew(path: string): number {
  try {
    return openSync(path, 'w')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    mkdirSync(dirname(path), { recursive: true })
    return openSync(path, 'w')
  }
}

function removeSegment(segment: OpenSegment) {
  closeSync(segment.fd)
  rmSync(segment.path, { force: true })
}

interface Batch {
  firstSeq: number
  lastSeq: number
  isError: boolean
}

function append(segment: OpenSegment, records: string, { firstSeq, lastSeq, isError }: Batch): number {
  if (segment.bytes - segment.marks.at(-1)!.offset >= markEveryBytes)
    segment.marks.push({ seq: firstSeq - 1, offset: segment.bytes, errors: segment.errors })
  const data = Buffer.from(records)
  for (let written = 0; written < data.length; ) written += writeSync(segment.fd, data, written)
  segment.bytes += data.length
  segment.lastSeq = lastSeq
  if (isError) segment.errors += lastSeq - firstSeq + 1
  return data.length
}

const tailPath = (path: string, seq: number) => `${path}.tail.${seq}`

/**
 * Appends the tail files of a log, if there are any, to its beginning, with a record of what was left out between.
 * What is not known after a kill is counted (`headLastSeq`) or not told (`droppedBytes`).
 */
export function mergeTail(path: string, ts: string, known?: { headLastSeq: number; droppedBytes: number }) {
  const tails = readdirSync(dirname(path))
    .filter((name) => name.startsWith(`${basename(path)}.tail.`))
    .map((name) => ({ file: join(dirname(path), name), seq: Number(name.slice(name.lastIndexOf('.') + 1)) }))
    .sort((a, b) => a.seq - b.seq)
  const first = tails[0]
  if (!first) return
  const dropped = first.seq - (known?.headLastSeq ?? countRecords(path))
  if (dropped > 0) appendFileSync(path, gapRecord(ts, dropped, known?.droppedBytes ?? 0))
  for (const { file } of tails) {
    for (const chunk of chunksOf(file)) appendFileSync(path, chunk)
    rmSync(file)
  }
}

function countRecords(path: string) {
  let count = 0
  for (const chunk of chunksOf(path))
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) count++
  return count
}

const chunkBytes = 1024 * 1024

function* chunksOf(path: string) {
  for (let offset = 0; ; ) {
    const chunk = readBytes(path, offset, chunkBytes)
    if (chunk.length === 0) return
    yield chunk
    offset += chunk.length
  }
}

/** Up to `length` bytes from `offset`; fewer at the end of the file. */
export function readBytes(path: string, offset: number, length: number): Buffer {
  const fd = openSync(path, 'r')
  try {
    const buffer = Buffer.allocUnsafe(length)
    return buffer.subarray(0, readSync(fd, buffer, 0, length, offset))
  } finally {
    closeSync(fd)
  }
}
