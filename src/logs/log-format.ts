/**
 * The log file of a run: one record a line, `2026-11-21T04:05:06.123Z O text`. The letter names the stream; in lower
 * case the line goes on in the next record of that stream; `G lines bytes` stands for what was left out of the middle.
 * A kill at any moment costs at most the last, incomplete record.
 */
import { formatBytes } from '../files/store.ts'
import type { LogLine, Stream } from './model.ts'

/** Length of "2026-11-21T04:05:06.123Z O ". */
export const prefixLength = 27

const letters: Record<Stream, string> = { stdout: 'O', stderr: 'E', system: 'S' }
const streamOf: Record<string, Stream> = {
  O: 'stdout',
  o: 'stdout',
  E: 'stderr',
  e: 'stderr',
  S: 'system',
  G: 'system',
}

export const recordPrefix = (ts: string, stream: Stream, continued = false) =>
  `${ts} ${continued ? letters[stream].toLowerCase() : letters[stream]} `

export const gapRecord = (ts: string, lines: number, bytes: number) => `${ts} G ${lines} ${bytes}\n`

/** One record (without its newline) as a line; `seq` is the last line's before it. null for what is no record. */
export function parseRecord(record: string, seq: number): LogLine | null {
  const letter = record[25]
  const stream = letter === undefined ? undefined : streamOf[letter]
  if (letter === undefined || stream === undefined || record[24] !== ' ' || record[26] !== ' ') return null
  const ts = record.slice(0, 24)
  const line = record.slice(prefixLength)
  if (letter === 'G') return gapLine(ts, line, seq)
  const isContinued = letter === 'o' || letter === 'e'
  return isContinued ? { seq: seq + 1, stream, ts, line, continued: true } : { seq: seq + 1, stream, ts, line }
}

/** Of the record that lies from `start` to `end`, without making a text of it; null for what is no record. */
export function kindOfRecord(data: Buffer, start: number, end: number): Stream | 'gap' | null {
  if (end - start < prefixLength || data[start + 24] !== 32 || data[start + 26] !== 32) return null
  const letter = String.fromCharCode(data[start + 25]!)
  return letter === 'G' ? 'gap' : (streamOf[letter] ?? null)
}

/** The gap counts as its last line, so that the numbers after it are those the lines had when they were printed. */
function gapLine(ts: string, counts: string, seq: number): LogLine {
  const [lines = 0, bytes = 0] = counts.split(' ').map(Number)
  return { seq: seq + lines, stream: 'system', ts, line: gapText(lines, bytes) }
}

export const gapText = (lines: number, bytes: number) =>
  `… ${lines.toLocaleString('en')} lines${bytes > 0 ? ` (${formatBytes(bytes)})` : ''} left out here: ` +
  'the log keeps its beginning and its end'
