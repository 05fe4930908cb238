/** The log of a run that is alive: lines go to disk first, then to whoever follows. A slow follower reads from disk. */

import { type Checkpoint, noCheckpoint } from './checkpoint.ts'
import { closedLogCursor, type LogCursor, readSegments } from './log-cursor.ts'
import { prefixLength, recordPrefix } from './log-format.ts'
import { createLineSplitter, type LineSplitter, type SplitLines } from './log-lines.ts'
import { createLogFiles, type LogFiles, type Segment } from './log-store.ts'
import type { Mask } from './mask.ts'
import type { LogLine, Stream } from './model.ts'

/** Lines kept in memory for followers who are up to date. */
const recentLinesMax = 1000

/** Lines that came together. */
interface Batch {
  firstSeq: number
  stream: Stream
  ts: string
  lines: string[]
  continued?: boolean[]
}

export interface RunLog {
  /** Bytes that the script printed. */
  append(stream: 'stdout' | 'stderr', chunk: Uint8Array): void
  /** A line of the gateway's own. */
  note(text: string): void
  /** Ends unfinished lines and the file; followers get what is left and then the end. */
  close(): void
  readonly lastSeq: number
  /** Of the text, newlines included. */
  readonly bytes: number
  readonly isClosed: boolean
  /** Reads on from the line after `seq`. */
  cursor(seq: number): LogCursor
  /** The files it is in while it is written; null when it is closed, for then it is one. */
  segments(): readonly Segment[] | null
  /** Wakes the followers for a change that is no line. */
  tell(): void
  /** Calls back after every batch, at the end, and for `tell`; answers how to stop that. */
  onChange(listener: () => void): () => void
}

interface RunLogOptions {
  path: string
  bytesMax: number
  now(): number
  /** Applied to every line before anything is stored; asked for with the first output. */
  mask(): Mask
  checkpoint?: Checkpoint
}

export function createRunLog({ path, bytesMax, now, mask, checkpoint = noCheckpoint }: RunLogOptions): RunLog {
  let splitters: Record<'stdout' | 'stderr', LineSplitter> | null = null
  const listeners = new Set<() => void>()
  const recent = createRecent()
  let files: LogFiles | null = null // made with the first line: many runs print nothing
  let lastSeq = 0
  let bytes = 0
  let isClosed = false

  function add(stream: Stream, { lines, continued }: SplitLines) {
    if (lines.length === 0) return
    const ts = new Date(now()).toISOString()
    const firstSeq = lastSeq + 1
    const records = toRecords(ts, stream, lines, continued)
    files ??= createLogFiles(path, bytesMax)
    checkpoint('log')
    const isError = stream === 'stderr'
    bytes += files.write(records, firstSeq, lastSeq + lines.length, isError) - lines.length * prefixLength
    checkpoint('logged')
    lastSeq += lines.length
    recent.add({ firstSeq, stream, ts, lines, continued })
    tell()
  }

  const tell = () => {
    for (const listener of [...listeners]) listener()
  }

  return {
    append(stream, chunk) {
      splitters ??= { stdout: createLineSplitter(mask()), stderr: createLineSplitter(mask()) }
      add(stream, splitters[stream].push(chunk))
    },
    note: (text) => add('system', { lines: text.split('\n') }),
    close() {
      if (isClosed) return
      if (splitters) {
        add('stdout', splitters.stdout.end())
        add('stderr', splitters.stderr.end())
      }
      isClosed = true
      if (files) checkpoint('log end')
      files?.close(new Date(now()).toISOString())
      if (files) checkpoint('log ended')
      tell()
    },
    tell,
    get lastSeq() {
      return lastSeq
    },
    get bytes() {
      return bytes
    },
    get isClosed() {
      return isClosed
    },
    cursor(seq) {
      let at = seq
      let closed: LogCursor | undefined
      function fromDisk(linesMax: number) {
        if (!isClosed) return readSegments(files?.segments() ?? [], at, linesMax)
        closed ??= closedLogCursor(path, at)
        return closed.next(linesMax)
      }
      return {
        next(linesMax) {
          const lines = recent.after(at, linesMax) ?? fromDisk(linesMax)
          at = lines.at(-1)?.seq ?? at
          return lines
        },
      }
    },
    segments: () => (isClosed ? null : (files?.segments() ?? [])),
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

function toRecords(ts: string, stream: Stream, lines: string[], continued: boolean[] | undefined) {
  const prefix = recordPrefix(ts, stream)
  if (!continued) return `${prefix}${lines.join(`\n${prefix}`)}\n`
  return lines.map((line, i) => `${recordPrefix(ts, stream, continued[i])}${line}\n`).join('')
}

/** The newest lines, in whole batches. */
function createRecent() {
  const batches: Batch[] = []
  let count = 0

  function add(batch: Batch) {
    batches.push(batch)
    count += batch.lines.length
    while (batches.length > 1 && count - batches[0]!.lines.length >= recentLinesMax)
      count -= batches.shift()!.lines.length
  }

  /** null when the line after `seq` is not here any more. */
  function after(seq: number, linesMax: number): LogLine[] | null {
    const oldest = batches[0]
    if (!oldest) return []
    if (seq + 1 < oldest.firstSeq) return null
    const found: LogLine[] = []
    for (const batch of batches) {
      const start = Math.max(0, seq + 1 - batch.firstSeq)
      for (let i = start; i < batch.lines.length && found.length < linesMax; i++) found.push(toLine(batch, i))
      if (found.length === linesMax) break
    }
    return found
  }

  return { add, after }
}

function toLine({ firstSeq, stream, ts, lines, continued }: Batch, i: number): LogLine {
  const line = { seq: firstSeq + i, stream, ts, line: lines[i]! }
  return continued?.[i] ? { ...line, continued: true } : line
}
