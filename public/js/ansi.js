// Terminal colours to classes. Everything else that a terminal would obey is dropped, so a log line is only ever text.

const escapes =
  /\x1b\[([0-9;:]*)m|\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[@-Z\\-_]|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/g

/** The parts of a line, each with the classes of the design: a1 to a6, ab (bold), ad (dim). */
export function ansiSegments(text) {
  const segments = []
  let state = { color: '', bold: false, dim: false }
  let from = 0
  const push = (to) => {
    if (to > from) segments.push({ text: text.slice(from, to), cls: classOf(state) })
  }
  for (const match of text.matchAll(escapes)) {
    push(match.index)
    from = match.index + match[0].length
    if (match[1] !== undefined) state = applyCodes(state, match[1])
  }
  push(text.length)
  return segments
}

/** The line without anything that a terminal would obey. */
export const plain = (text) => text.replace(escapes, '')

/** What a terminal would show in the end: a carriage return starts the line again. */
export function afterReturn(line) {
  let end = line.length // no expression: it would begin anew at each of thousands
  while (line[end - 1] === '\r') end--
  return line.slice(line.lastIndexOf('\r', end - 1) + 1, end)
}

const classOf = ({ color, bold, dim }) => [color, bold && 'ab', dim && 'ad'].filter(Boolean).join(' ')

function applyCodes(state, list) {
  const codes = list === '' ? [0] : list.split(/[;:]/).map(Number)
  let next = { ...state }
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i]
    if (code === 38 || code === 48) i += codes[i + 1] === 5 ? 2 : 4
    else if (code === 0) next = { color: '', bold: false, dim: false }
    else if (code === 1) next.bold = true
    else if (code === 2) next.dim = true
    else if (code === 22) next.bold = next.dim = false
    else if (code === 39) next.color = ''
    else if (code === 90) Object.assign(next, { color: '', dim: true })
    else if (code >= 30 && code <= 37) next.color = colorClass(code - 30)
    else if (code >= 91 && code <= 97) next.color = colorClass(code - 90)
  }
  return next
}

/** Black and white would vanish in one of the two themes: they are the text's own colour. */
const colorClass = (index) => (index >= 1 && index <= 6 ? `a${index}` : '')
