/** Where a text stands in a log of any length: a piece of it at a time, and nobody waits behind it. */
import { afterReturn, plain } from '../../public/js/ansi.js'
import { parseRecord } from './log-format.ts'
import { breather } from './log-range.ts'
import { readBytes, type Segment } from './log-store.ts'
import type { Stream } from './model.ts'

interface SearchAsked {
  /** Whatever its case, in what is shown of a line. */
  text: string
  /** Lines after this one. */
  after: number
  stream?: Stream
}

export interface LogFound {
  /** The lines it stands in, and how often in each. */
  items: { seq: number; count: number }[]
  /** The last line that was looked at: ask again with it as `after`. */
  searched_to: number
  /** Of the log as it is now. */
  is_complete: boolean
}

interface SearchLimits {
  linesMax: number
  /** For all of one answer. */
  ms: number
}

const usualLimits: SearchLimits = { linesMax: 5000, ms: 250 }

export async function searchLog(
  segmentsNow: () => Promise<readonly Segment[]>,
  { text, after, stream }: SearchAsked,
  { linesMax, ms }: SearchLimits = usualLimits,
): Promise<LogFound> {
  const wanted = text.toLowerCase()
  const items: LogFound['items'] = []
  const until = performance.now() + ms
  const rest = breather()
  let at = after
  for (;;) {
    const block = blockAfter(await segmentsNow(), at)
    if (!block) return { items, searched_to: at, is_complete: true }
    const data = bytesOf(block)
    if (data === null) continue // the log went on meanwhile, and that file is gone
    for (const found of matchesIn(data, block.mark.seq, wanted, stream)) if (found.seq > at) items.push(found)
    at = block.last
    if (items.length >= linesMax || performance.now() > until)
      return { items, searched_to: at, is_complete: at >= ((await segmentsNow()).at(-1)?.lastSeq ?? 0) }
    await rest()
  }
}

interface Block {
  path: string
  mark: { seq: number; offset: number }
  end: number
  last: number
}

/** Between two marks; the one that has the first line after `seq`. */
function blockAfter(segments: readonly Segment[], seq: number): Block | null {
  const segment = segments.find(({ lastSeq }) => lastSeq > seq)
  if (!segment) return null
  const index = Math.max(
    0,
    segment.marks.findLastIndex((mark) => mark.seq <= seq),
  )
  const next = segment.marks[index + 1] ?? { seq: segment.lastSeq, offset: segment.bytes }
  return { path: segment.path, mark: segment.marks[index]!, end: next.offset, last: next.seq }
}

function bytesOf({ path, mark, end }: Block): string | null {
  try {
    return readBytes(path, mark.offset, end - mark.offset).toString()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** A block that does not have it anywhere is not taken apart. */
function matchesIn(data: string, before: number, wanted: string, stream: Stream | undefined): LogFound['items'] {
  const isPlain = !data.includes('\x1b')
  if (!(isPlain ? data : plain(data)).toLowerCase().includes(wanted)) return []
  const found: LogFound['items'] = []
  let seq = before
  for (const record of data.split('\n')) {
    const line = parseRecord(record, seq)
    if (!line) continue
    seq = line.seq
    if (stream && line.stream !== stream) continue
    const count = occurrences(plain(afterReturn(line.line)).toLowerCase(), wanted)
    if (count > 0) found.push({ seq, count })
  }
  return found
}

function occurrences(text: string, wanted: string): number {
  let count = 0
  for (let at = text.indexOf(wanted); at !== -1; at = text.indexOf(wanted, at + wanted.length)) count += 1
  return count
}
