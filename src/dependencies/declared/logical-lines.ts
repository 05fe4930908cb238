/** The lines of a requirements.txt as pip joins them: a `\` at the end goes on, a comment ends it. */

/** One requirement or option, with the lines it stands in. */
export interface LogicalLine {
  /** Index of its first line, from 0, and of its last. */
  from: number
  to: number
  /** Without comments, joined; empty for lines that say nothing. */
  text: string
  /** With its `#`; empty for none. */
  comment: string
}

export interface Lines {
  /** Whether the text begins with a byte order mark. */
  hasBom: boolean
  eol: '\n' | '\r\n'
  /** Without their ends. The last is empty where the text ends with a line end. */
  lines: string[]
}

export function splitLines(text: string): Lines {
  const hasBom = text.startsWith('\ufeff')
  const lines = (hasBom ? text.slice(1) : text).split(/\r\n|\n|\r/)
  return { hasBom, eol: text.includes('\r\n') ? '\r\n' : '\n', lines }
}

export const joinLines = ({ hasBom, eol, lines }: Lines) => `${hasBom ? '\ufeff' : ''}${lines.join(eol)}`

const wholeComment = /^\s*#/

export function logicalLines(lines: readonly string[]): LogicalLine[] {
  const found: LogicalLine[] = []
  let from = 0
  let parts: string[] = []
  for (const [index, line] of lines.entries()) {
    const isContinued = line.endsWith('\\') && !wholeComment.test(line) && index < lines.length - 1
    parts.push(isContinued ? line.slice(0, -1) : wholeComment.test(line) && parts.length > 0 ? ` ${line}` : line)
    if (isContinued) continue
    found.push({ from, to: index, ...withoutComment(parts.join('')) })
    parts = []
    from = index + 1
  }
  return found
}

/** A comment begins with `#` at the start or after a space: in an address it is a character like any other. */
function withoutComment(text: string): { text: string; comment: string } {
  const at = /(?:^|\s)#/.exec(text)
  if (!at) return { text: text.trim(), comment: '' }
  return { text: text.slice(0, at.index).trim(), comment: text.slice(at.index).trim() }
}
