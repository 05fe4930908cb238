/** Reads the gateway's own log where it lies: from its end backwards, and on as it grows, over the files it is rotated through. */
import { open, stat } from 'node:fs/promises'

export const logLevels = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60 } as const
export type LogLevel = keyof typeof logLevels

/** As it was written: pino's `level`, `time`, `msg` and more. A line that a kill cut off is `{ msg }`. */
export type LogEntry = Record<string, unknown>

export interface LogFilter {
  /** This one and worse. */
  level?: LogLevel
  /** What the line must hold, in whatever case. */
  q?: string
}

export interface LogPage {
  /** Oldest first. */
  items: LogEntry[]
  /** Where older ones are; null: there are none. */
  before: string | null
  /** Where to go on when more is written. */
  position: string
}

export interface GatewayLogReader {
  /** The last ones, or those before a place: none, where it is gone. */
  last(query: LogFilter & { lines: number; before?: string }): Promise<LogPage>
  /**
   * What is written after a place, in batches, until the signal aborts; null: nothing for a while. `isReset`: the place is gone,
   * and what was written in between with it.
   */
  follow(
    query: LogFilter & { after?: string },
    signal: AbortSignal,
  ): AsyncGenerator<{ items: LogEntry[]; position: string; isReset: boolean } | null>
  /** All that is kept, oldest first. */
  all(): AsyncGenerator<Uint8Array>
}

interface Part {
  path: string
  /** Stays the same when the file is rotated. */
  inode: number
  size: number
}

const olderMax = 5
const chunkBytes = 256 * 1024
/** However rare what is looked for is: so much is read for one answer. */
const lookedAtBytesMax = 16 * 1024 * 1024
const lineBytesMax = 1024 * 1024
const lookEachMs = 400
const newline = 10

/** `file`: absolute path of the file that is written to; rotated ones are beside it as `.1` (newest) to `.5`. */
export function createLogReader(file: string, { heartbeatMs = 15_000 } = {}): GatewayLogReader {
  /** Newest first. */
  async function partsNow(): Promise<Part[]> {
    const paths = [file, ...Array.from({ length: olderMax }, (_, index) => `${file}.${index + 1}`)]
    const found = await Promise.all(paths.map((path) => stat(path).catch(() => null)))
    return found.flatMap((one, index) => (one ? { path: paths[index]!, inode: one.ino, size: one.size } : []))
  }

  async function last({ lines, before, ...filter }: Parameters<GatewayLogReader['last']>[0]): Promise<LogPage> {
    const parts = await partsNow()
    const newest = parts[0]
    if (!newest) return { items: [], before: null, position: placeOf(0, 0) }
    const asked = placeIn(before)
    const from = asked ? parts.findIndex(({ inode }) => inode === asked.inode) : 0
    const position = placeOf(newest.inode, newest.size)
    if (from === -1) return { items: [], before: null, position }
    const isMatch = matcher(filter)
    const found: LogEntry[] = []
    let looked = 0
    for (const [index, part] of parts.entries()) {
      if (index < from) continue
      let end = asked && index === from ? Math.min(asked.offset, part.size) : part.size
      let rest: Buffer = Buffer.alloc(0)
      while (end > 0) {
        const start = Math.max(0, end - chunkBytes)
        const chunk = await read(part, start, end)
        if (!chunk) break
        looked += chunk.length
        const buffer = Buffer.concat([chunk, rest])
        // What stands before the first end of a line began in what is read next; a line without end is given up.
        const first = start === 0 ? 0 : buffer.indexOf(newline) + 1
        const isEndless = start > 0 && first === 0 && buffer.length > lineBytesMax
        for (const line of first === 0 && start > 0 ? [] : linesIn(buffer, first).reverse()) {
          const entry = isMatch(line.text)
          if (entry) found.push(entry)
          if (found.length === lines)
            return { items: found.reverse(), position, before: olderThan(parts, index, start + line.offset) }
        }
        rest = isEndless ? Buffer.alloc(0) : Buffer.from(buffer.subarray(0, first === 0 ? buffer.length : first))
        end = start
        if (looked >= lookedAtBytesMax && end > 0)
          return { items: found.reverse(), position, before: placeOf(part.inode, start + (first || buffer.length)) }
      }
    }
    return { items: found.reverse(), position, before: null }
  }

  async function* follow(
    { after, ...filter }: Parameters<GatewayLogReader['follow']>[0],
    signal: AbortSignal,
  ): ReturnType<GatewayLogReader['follow']> {
    const isMatch = matcher(filter)
    let at = placeIn(after)
    let isReset = false
    let quietSince = Date.now()
    while (!signal.aborted) {
      const parts = await partsNow()
      const index = at ? parts.findIndex(({ inode }) => inode === at?.inode) : -1
      const part = parts[index]
      if (!at || !part) {
        isReset = at !== null && parts.length > 0
        if (parts[0]) at = { inode: parts[0].inode, offset: parts[0].size }
      } else if (part.size > at.offset) {
        const chunk = await read(part, at.offset, Math.min(part.size, at.offset + lineBytesMax))
        const isWhole = chunk !== null && (chunk.length === lineBytesMax || index > 0) // no end of a line will come
        const end = chunk ? chunk.lastIndexOf(newline) + 1 || (isWhole ? chunk.length : 0) : 0
        if (chunk && end > 0) {
          const items = linesIn(chunk.subarray(0, end))
            .map(({ text }) => isMatch(text))
            .filter((entry) => entry !== null)
          at = { inode: part.inode, offset: at.offset + end }
          if (items.length === 0) continue
          quietSince = Date.now()
          yield { items, position: placeOf(at.inode, at.offset), isReset }
          isReset = false
          continue
        }
      } else if (part.size < at.offset) {
        at = { inode: part.inode, offset: 0 } // somebody emptied it
        continue
      } else if (index > 0) {
        at = { inode: parts[index - 1]!.inode, offset: 0 }
        continue
      }
      if (Date.now() - quietSince >= heartbeatMs) {
        quietSince = Date.now()
        yield null
      }
      await pause(lookEachMs, signal)
    }
  }

  async function* all() {
    for (const part of (await partsNow()).reverse())
      for (let start = 0; start < part.size; start += lineBytesMax) {
        const chunk = await read(part, start, Math.min(part.size, start + lineBytesMax))
        if (!chunk) break
        yield new Uint8Array(chunk)
      }
  }

  return { last, follow, all }
}

/** null when the path leads to another file by now. */
async function read({ path, inode }: Part, start: number, end: number): Promise<Buffer | null> {
  const handle = await open(path).catch(() => null)
  if (!handle) return null
  try {
    if ((await handle.stat()).ino !== inode) return null
    const buffer = Buffer.alloc(end - start)
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, start)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

function linesIn(buffer: Buffer, from = 0): { offset: number; text: string }[] {
  const lines: { offset: number; text: string }[] = []
  for (let start = from; start < buffer.length; ) {
    const found = buffer.indexOf(newline, start)
    const end = found === -1 ? buffer.length : found
    if (end > start) lines.push({ offset: start, text: buffer.toString('utf8', start, end) })
    start = end + 1
  }
  return lines
}

/** Answers the entry of a line that is wanted. */
function matcher({ level, q = '' }: LogFilter) {
  const wanted = q.toLowerCase()
  const atLeast = level ? logLevels[level] : 0
  return (line: string): LogEntry | null => {
    if (wanted !== '' && !line.toLowerCase().includes(wanted)) return null
    const entry = parse(line)
    return typeof entry.level === 'number' && entry.level < atLeast ? null : entry
  }
}

function parse(line: string): LogEntry {
  try {
    const entry: unknown = JSON.parse(line)
    return typeof entry === 'object' && entry !== null && !Array.isArray(entry) ? (entry as LogEntry) : { msg: line }
  } catch {
    return { msg: line }
  }
}

/** Nothing is older than the first line of the oldest file. */
const olderThan = (parts: Part[], index: number, offset: number): string | null =>
  offset === 0 && index === parts.length - 1 ? null : placeOf(parts[index]!.inode, offset)

const placeOf = (inode: number, offset: number) => `${inode}-${offset}`

function placeIn(text: string | undefined): { inode: number; offset: number } | null {
  const [, inode, offset] = /^(\d{1,20})-(\d{1,15})$/.exec(text ?? '') ?? []
  return inode && offset ? { inode: Number(inode), offset: Number(offset) } : null
}

const pause = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
