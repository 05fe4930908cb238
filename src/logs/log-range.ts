/** Some lines of a log, wherever in it they are, as whoever scrolls through it asks for them. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { readSegments } from './log-cursor.ts'
import type { Segment } from './log-store.ts'
import type { LogLine, Stream } from './model.ts'

export interface RangeAsked {
  /** The first line; or else the line before which they are; with neither, the end of the log. */
  from?: number
  before?: number
  count: number
  stream?: Stream
}

export interface LogRange {
  items: LogLine[]
  /** Number of the log's last line now. */
  last: number
  /** Lines of stderr, as far as it is known. */
  errors: number
  /** The numbers of the lines that the log does not keep. */
  left_out: { from: number; to: number } | null
}

type Segments = readonly Segment[]

/** Answers fewer lines where they are long. */
const charsMax = 2 * 1024 * 1024
const busyMs = 8

export async function readRange(segmentsNow: () => Promise<Segments>, asked: RangeAsked): Promise<LogRange> {
  for (let tries = 1; ; tries++)
    try {
      return await readFrom(await segmentsNow(), asked)
    } catch (error) {
      // It went on, or was closed, while others had their turn: its files are other ones by now.
      if (tries === triesMax || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
}

const triesMax = 3

async function readFrom(segments: Segments, { from, before, count, stream }: RangeAsked): Promise<LogRange> {
  const last = segments.at(-1)?.lastSeq ?? 0
  const gap = gapOf(segments)
  const asked = Math.min(before ?? last + 1, last + 1)
  const upTo = gap && asked > gap.after && asked <= gap.seq ? gap.after + 1 : asked
  const items = stream
    ? from === undefined
      ? await filteredBefore(segments, upTo, { count, stream })
      : await filteredFrom(segments, from, { count, stream })
    : from === undefined
      ? linesOf(segments, stepBack(upTo, count, gap), upTo)
      : collect(segments, Math.max(0, from - 1), count)
  return {
    items: from === undefined ? endWithin(items) : beginningWithin(items),
    last,
    errors: segments.reduce((sum, { errors }) => sum + errors, 0),
    left_out: gap && { from: gap.after + 1, to: gap.seq - 1 },
  }
}

interface Gap {
  /** The last line before it. */
  after: number
  /** The line that stands for it. */
  seq: number
}

/** Between the files of a log that is being written, or in that of a closed one. */
export function gapOf(segments: Segments): Gap | null {
  for (const [index, segment] of segments.entries()) {
    if ('gap' in segment && segment.gap) return segment.gap as Gap
    const begin = segment.marks[0]!.seq
    const end = segments[index - 1]?.lastSeq ?? 0
    if (begin > end) return { after: end, seq: begin }
  }
  return null
}

/** The line that `count` lines stand between and the line `seq`; what was left out is one. */
function stepBack(seq: number, count: number, gap: Gap | null): number {
  const hidden = gap ? gap.seq - gap.after - 1 : 0
  const place = seq - (gap && seq >= gap.seq ? hidden : 0) - count
  return Math.max(1, gap && place > gap.after ? place + hidden : place)
}

/** From line `first` up to before line `end`. */
function linesOf(segments: Segments, first: number, end: number): LogLine[] {
  const lines = collect(segments, first - 1, end - first)
  const over = lines.findIndex(({ seq }) => seq >= end)
  return over === -1 ? lines : lines.slice(0, over)
}

function collect(segments: Segments, after: number, count: number): LogLine[] {
  const lines: LogLine[] = []
  while (lines.length < count) {
    const more = readSegments(segments, lines.at(-1)?.seq ?? after, count - lines.length)
    if (more.length === 0) break
    lines.push(...more)
  }
  return lines
}

interface Filter {
  count: number
  stream: Stream
}

async function filteredFrom(segments: Segments, from: number, { count, stream }: Filter): Promise<LogLine[]> {
  const lines: LogLine[] = []
  const rest = breather()
  for (const block of blocksOf(segments, stream)) {
    if (block.end <= from) continue
    await rest()
    lines.push(...matching(segments, Math.max(from, block.first), block.end, stream))
    if (lines.length >= count) break
  }
  return lines.slice(0, count)
}

async function filteredBefore(segments: Segments, before: number, { count, stream }: Filter): Promise<LogLine[]> {
  let lines: LogLine[] = []
  const rest = breather()
  for (const block of blocksOf(segments, stream).reverse()) {
    if (block.first >= before) continue
    await rest()
    lines = [...matching(segments, block.first, Math.min(before, block.end), stream), ...lines]
    if (lines.length >= count) break
  }
  return lines.slice(-count)
}

const matching = (segments: Segments, first: number, end: number, wanted: Stream) =>
  linesOf(segments, first, end).filter(({ stream }) => stream === wanted)

/** What lies between two marks, `end` being the first line after it. Of stderr those alone that have some of it. */
function blocksOf(segments: Segments, stream: Stream): { first: number; end: number }[] {
  return segments.flatMap((segment, at) => {
    const [before, first] = [segments[at - 1]?.lastSeq ?? 0, segment.marks[0]!.seq]
    const gap = stream === 'system' && first > before ? [{ first: before + 1, end: first + 1 }] : []
    const blocks = segment.marks.flatMap((mark, index) => {
      const next = segment.marks[index + 1] ?? { seq: segment.lastSeq, errors: segment.errors }
      const isEmpty = stream === 'stderr' && next.errors === mark.errors
      return isEmpty || next.seq === mark.seq ? [] : [{ first: mark.seq + 1, end: next.seq + 1 }]
    })
    return [...gap, ...blocks]
  })
}

/** Lets others in when one has been busy for a while. */
export function breather(): () => Promise<void> {
  let since = performance.now()
  return async () => {
    if (performance.now() - since < busyMs) return
    await nextTurn()
    since = performance.now()
  }
}

/** At least one of them. */
const beginningWithin = (lines: LogLine[]) => lines.slice(0, fitting(lines))
const endWithin = (lines: LogLine[]) => lines.slice(lines.length - fitting(lines.toReversed()))

/** How many of the first ones are not too much together. */
function fitting(lines: LogLine[]): number {
  let chars = 0
  for (const [index, { line }] of lines.entries()) {
    chars += line.length
    if (chars > charsMax && index > 0) return index
  }
  return lines.length
}
