/** A run's log as plain text, whole or a byte range of it, in bounded memory. */
import { GatewayError } from '../errors.ts'
import { rangeOf } from '../files/range.ts'
import type { LogCursor } from './log-cursor.ts'
import type { Stream } from './model.ts'

const linesPerPiece = 1000

/** `newCursor` reads from the first line. `stream` null: all of them. Throws `validation` (416) for a range outside. */
export function logTextResponse(request: Request, newCursor: () => LogCursor, stream: Stream | null): Response {
  const pieces = () => logPieces(newCursor(), stream)
  let size = 0
  for (const piece of pieces()) size += piece.length
  const headers = {
    'content-type': 'text/plain; charset=utf-8',
    'accept-ranges': 'bytes',
    'x-content-type-options': 'nosniff',
  }
  const range = rangeOf(request, { size, etag: '', modified: '' })
  if (range === 'outside')
    throw new GatewayError('validation', `The range is outside of the log, which has ${size} bytes.`, {
      status: 416,
      headers: { 'content-range': `bytes */${size}` },
    })
  const { start, end } = range ?? { start: 0, end: size - 1 }
  return new Response(toStream(cut(pieces(), start, end + 1)), {
    status: range ? 206 : 200,
    headers: {
      ...headers,
      'content-length': String(end + 1 - start),
      ...(range ? { 'content-range': `bytes ${start}-${end}/${size}` } : {}),
    },
  })
}

/** The text of the lines; a line that goes on in the next record gets no newline. */
export function* logPieces(cursor: LogCursor, stream: Stream | null): Generator<Buffer> {
  for (let lines = cursor.next(linesPerPiece); lines.length > 0; lines = cursor.next(linesPerPiece)) {
    let text = ''
    for (const line of lines)
      if (!stream || line.stream === stream) text += line.continued ? line.line : `${line.line}\n`
    yield Buffer.from(text)
  }
}

function* cut(pieces: Generator<Buffer>, start: number, end: number): Generator<Buffer> {
  let at = 0
  for (const piece of pieces) {
    const from = Math.max(0, start - at)
    const to = Math.min(piece.length, end - at)
    at += piece.length
    if (from < to) yield piece.subarray(from, to)
    if (at >= end) return
  }
}

const toStream = (pieces: Generator<Buffer>) =>
  new ReadableStream<Uint8Array>({
    pull(controller) {
      const { done, value } = pieces.next()
      if (done) controller.close()
      else controller.enqueue(value)
    },
  })
