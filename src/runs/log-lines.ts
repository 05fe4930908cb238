/** Bytes of a stream become lines: UTF-8 over chunk borders, long lines in pieces. */

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

export function createLineSplitter(): LineSplitter {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let rest = ''

  function take(text: string): SplitLines {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (let i = 0; i < lines.length; i++) if (lines[i]!.endsWith('\r')) lines[i] = lines[i]!.slice(0, -1)
    const isLong = rest.length > lineLengthMax || lines.some((line) => line.length > lineLengthMax)
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
    for (const line of whole) {
      let at = 0
      for (; line.length - at > lineLengthMax; at += lineLengthMax) add(line.slice(at, at + lineLengthMax), true)
      add(line.slice(at), false)
    }
    let at = 0
    for (; rest.length - at > lineLengthMax; at += lineLengthMax) add(rest.slice(at, at + lineLengthMax), true)
    rest = rest.slice(at)
    return { lines, continued }
  }

  return {
    push: (chunk) => take(decoder.decode(chunk, { stream: true })),
    end: () => {
      const tail = take(decoder.decode())
      const last = rest
      rest = ''
      if (last === '') return tail
      return { lines: [...tail.lines, last], continued: tail.continued && [...tail.continued, false] }
    },
  }
}
