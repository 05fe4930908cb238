/** Reading a log from any line on, in bounded pieces, from its files. */
import { existsSync } from 'node:fs'
import { gapText, parseRecord } from './log-format.ts'
import { readBytes, type Segment } from './log-store.ts'
import type { LogLine } from './model.ts'

/** More than the longest record. */
const readBytesMax = 256 * 1024

export interface LogCursor {
  /** The next lines, at most `linesMax`; empty when there are none (yet). */
  next(linesMax: number): LogLine[]
}

/** How far one has come in a file. */
interface Place {
  seq: number
  offset: number
}

/**
 * Reads a finished log from the line after `seq` to its end, from `start` on where that is known to be before it. A run
 * that printed nothing has no file.
 */
export function closedLogCursor(path: string, seq: number, start: Place = { seq: 0, offset: 0 }): LogCursor {
  const place = { seq: start.seq, offset: start.offset }
  return { next: (linesMax) => (existsSync(path) ? readOn(path, place, seq, linesMax) : []) }
}

/** The lines after `seq` of a log that is being written; what was left out between two segments is one line that says so. */
export function readSegments(segments: readonly Segment[], seq: number, linesMax: number): LogLine[] {
  const segment = segments.find((one) => one.lastSeq > seq)
  if (!segment) return []
  const before = segment.marks[0]!.seq
  if (seq < before) {
    const ts = readBytes(segment.path, 0, 24).toString()
    return [{ seq: before, stream: 'system', ts, line: gapText(before - seq, 0) }]
  }
  return readOn(segment.path, { ...markBefore(segment, seq) }, seq, linesMax)
}

/** The last mark at or before a line. */
export function markBefore({ marks }: Segment, seq: number) {
  let [low, high] = [0, marks.length - 1]
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (marks[middle]!.seq <= seq) low = middle
    else high = middle - 1
  }
  return marks[low]!
}

/** Number of the last line in a finished log; reads all of it. */
export function lastLineOf(path: string): number {
  const cursor = closedLogCursor(path, 0)
  let last = 0
  for (let lines = cursor.next(10_000); lines.length > 0; lines = cursor.next(10_000)) last = lines.at(-1)!.seq
  return last
}

/** The last `count` lines of a finished log whose last line is `lastSeq`; reads only its end. */
export function tailOfClosedLog(path: string, lastSeq: number, count: number): LogLine[] {
  if (!existsSync(path)) return []
  const size = Bun.file(path).size
  for (let length = 64 * 1024; ; length *= 4) {
    const offset = Math.max(0, size - length)
    const records = readBytes(path, offset, size - offset)
      .toString()
      .split('\n')
      .slice(offset > 0 ? 1 : 0, -1)
    if (records.length < count && offset > 0) continue
    return numberFromEnd(records.slice(-count), lastSeq)
  }
}

function numberFromEnd(records: string[], lastSeq: number): LogLine[] {
  const lines: LogLine[] = []
  let seq = lastSeq
  for (const record of records.reverse()) {
    const line = parseRecord(record, 0)
    if (!line) continue
    lines.unshift({ ...line, seq })
    seq -= line.seq // 1, or as many as the gap stands for
  }
  return lines
}

/** Moves `place` past the lines it answers, those after line `after`; skips the ones before. */
function readOn(path: string, place: Place, after: number, linesMax: number): LogLine[] {
  const lines: LogLine[] = []
  while (lines.length < linesMax) {
    const data = readBytes(path, place.offset, readBytesMax)
    let start = 0
    for (let end = data.indexOf(10); end !== -1 && lines.length < linesMax; end = data.indexOf(10, start)) {
      const line = parseRecord(data.toString('utf8', start, end), place.seq)
      start = end + 1
      if (!line) continue // half a record, left by a kill
      place.seq = line.seq
      if (line.seq > after) lines.push(line)
    }
    place.offset += start
    if (start === 0) break // at the end, or at a record that is not complete yet
  }
  return lines
}
