/** Bytes of a stream become lines: UTF-8 over chunk borders, secrets masked, long lines in pieces. */
import { type Mask, noMask } from './mask.ts'

/** Characters in one record; a longer line is cut into several that are marked as continued. */
const lineLengthMax = 16_384

export interface SplitLines {
  /** Whole lines, the newline (and a carriage return before it) taken off. */
  lines: string[]
  /** For each line, whether it goes on in the next. Absent: none does. */
  continued?: boolean[]
}

export interface LineSplitter {
  push(chunk: Uint8Array): SplitLines
  /** What came after the last newline. */
  end(): SplitLines
}

/** A line is masked before it is cut: a secret must not lie across two pieces, where nobody would know it. */
export function createLineSplitter(mask: Mask = noMask): LineSplitter {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let rest = ''

  function take(text: string): SplitLines {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (let i = 0; i < lines.length; i++) lines[i] = mask(withoutReturn(lines[i]!))
    const isLong = rest.length > lineLengthMax + mask.lengthMax || lines.some((line) => line.length > lineLengthMax)
    return isLong ? cut(lines) : { lines }
  }

  /** The slow path: at least one line, or the beginning of one, is too long for a record. */
  function cut(whole: string[]): SplitLines {
    const lines: string[] = []
    const continued: boolean[] = []
    const add = (text: string, goesOn: boolean) => {
      lines.push(text)
      continued.push(goesOn)
    }
    for (const line of whole)
      add(
        cutPieces(line, 0, (piece) => add(piece, true)),
        false,
      )
    // What may be the beginning of a secret waits until all of it has come.
    rest = cutPieces(mask(rest), mask.lengthMax, (piece) => add(piece, true))
    return { lines, continued }
  }

  return {
    push: (chunk) => take(decoder.decode(chunk, { stream: true })),
    end: () => {
      const tail = take(decoder.decode())
      const last = mask(rest)
      rest = ''
      if (last === '') return tail
      if (last.length <= lineLengthMax)
        return { lines: [...tail.lines, last], continued: tail.continued && [...tail.continued, false] }
      const end = cut([last])
      const goesOn = tail.continued ?? tail.lines.map(() => false)
      return { lines: [...tail.lines, ...end.lines], continued: [...goesOn, ...end.continued!] }
    },
  }
}

const withoutReturn = (line: string) => (line.endsWith('\r') ? line.slice(0, -1) : line)

/** Hands out pieces while more than a record and `margin` are left; answers the rest. No character is cut in two. */
function cutPieces(line: string, margin: number, give: (piece: string) => void): string {
  let at = 0
  while (line.length - at > lineLengthMax + margin) {
    const end = at + lineLengthMax - (isHighSurrogate(line.charCodeAt(at + lineLengthMax - 1)) ? 1 : 0)
    give(line.slice(at, end))
    at = end
  }
  return line.slice(at)
}

const isHighSurrogate = (code: number) => code >= 0xd800 && code <= 0xdbff
