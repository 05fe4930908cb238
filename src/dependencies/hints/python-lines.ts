/** Python source as logical lines: continued ones joined, comments gone, what strings hold set aside. Linear, throws nothing. */
import { lineCounter } from './lines.ts'

export interface LogicalLine {
  /** Where it begins, from 1. */
  line: number
  /** Columns; a tab goes to the next multiple of 8. */
  indent: number
  /** On one line, without comments; each string is `"n"`, n its place in `literals`. */
  code: string
  /** What the strings hold; empty for long ones, and for those with a prefix or an escape. */
  literals: { text: string; line: number }[]
}

/** More of a line is not looked at. */
const codeLengthMax = 64 * 1024
const literalLengthMax = 200
const literalsMax = 2000

export function* logicalLines(source: string): Generator<LogicalLine> {
  const text = source.replace(/\r\n?/g, '\n')
  const lineAt = lineCounter(text)
  let at = 0

  while (at < text.length) {
    const blank = take(/[ \t\f]*/y)
    const current: LogicalLine = { line: lineAt(at), indent: columnsOf(blank), code: '', literals: [] }
    readLine(current)
    if (current.code.trim() !== '') yield current
  }

  /** Up to the end of the line, or of the last one that it is continued with. */
  function readLine(current: LogicalLine) {
    let depth = 0
    let isName = false // what stands right before is part of a name: the prefix of a string, if one follows
    while (at < text.length) {
      const plain = take(/[^'"#\\\n()[\]{}]*/y)
      append(current, plain)
      if (plain !== '') isName = /\w/.test(plain.at(-1)!)
      const char = text[at]
      if (char === undefined) return
      if (char === '#') take(/[^\n]*/y)
      else if (char === '"' || char === "'") readString(current, char, isName)
      else {
        at++
        if (char === '\n' && depth === 0) return
        if ('([{'.includes(char)) depth++
        if (')]}'.includes(char)) depth = Math.max(0, depth - 1)
        if (char === '\\' && text[at] === '\n') at++
        append(current, char === '\n' || char === '\\' ? ' ' : char)
      }
      isName = false
    }
  }

  function readString(current: LogicalLine, quote: '"' | "'", hasPrefix: boolean) {
    const isTriple = text.startsWith(quote.repeat(3), at)
    const start = at + (isTriple ? 3 : 1)
    const { close, isEscaped } = closeOf(start, isTriple ? triple[quote] : single[quote])
    if (current.literals.length < literalsMax) {
      append(current, `"${current.literals.length}"`)
      const isPlain = !hasPrefix && !isEscaped && close - start <= literalLengthMax
      current.literals.push({ text: isPlain ? text.slice(start, close) : '', line: lineAt(at) })
    }
    // One that is not closed on its line ends with it.
    at = text[close] === '\n' ? close : Math.min(text.length, close + start - at)
  }

  /** Where the string that begins at `start` ends: the first match of `end` that is no escape. */
  function closeOf(start: number, end: RegExp) {
    let isEscaped = false
    end.lastIndex = start
    for (let match = end.exec(text); match; match = end.exec(text)) {
      if (!match[0].startsWith('\\')) return { close: match.index, isEscaped }
      isEscaped = true
    }
    return { close: text.length, isEscaped }
  }

  function take(pattern: RegExp): string {
    pattern.lastIndex = at
    const [found = ''] = pattern.exec(text) ?? []
    at += found.length
    return found
  }
}

const single = { '"': /\\[\s\S]|["\n]/g, "'": /\\[\s\S]|['\n]/g }
const triple = { '"': /\\[\s\S]|"""/g, "'": /\\[\s\S]|'''/g }

function append(current: LogicalLine, code: string) {
  if (current.code.length < codeLengthMax) current.code += code.slice(0, codeLengthMax)
}

function columnsOf(blank: string): number {
  let columns = 0
  for (const char of blank) columns = char === '\t' ? columns - (columns % 8) + 8 : columns + 1
  return columns
}
