// Shows the lines of a window, and keeps the room of all the others, so that the scroll bar tells the truth.
import { ansiSegments } from './ansi.js'
import { matchesIn, shownOf } from './log-model.js'
import { t } from './texts.js'

const lineCharsMax = 10_000
/** Browsers lose count beyond some ten million pixels: of a longer log each line takes less room where it is not shown. */
const roomPxMax = 8_000_000
const classes = { stderr: 'err', system: 'sys' }

export class LogView {
  #model
  #scroller
  #above = document.createElement('div')
  #list = document.createElement('ol')
  #below = document.createElement('div')
  /** As they stand in the list. */
  #rows = []
  #linePx = 19
  #query = ''
  #current = null
  #pointed = 0

  constructor(scroller, root, model) {
    this.#scroller = scroller
    this.#model = model
    this.#above.className = this.#below.className = 'log-room'
    root.replaceChildren(this.#above, this.#list, this.#below)
  }

  /** Draws what has changed; what one reads stays where it is. */
  sync() {
    const anchor = this.#anchor()
    const { lines, changed } = this.#model
    const [first, last] = [lines[0]?.seq ?? 0, lines.at(-1)?.seq ?? 0]
    const isOther =
      this.#model.isReshaped ||
      this.#rows.length === 0 ||
      this.#rows[0].line.seq > last ||
      this.#rows.at(-1).line.seq < first
    if (isOther) this.#replace(lines)
    else this.#slide(lines, first, last)
    for (const line of changed) this.#redraw(line)
    changed.clear()
    this.#model.isReshaped = false
    this.#reserve()
    if (anchor) this.#restore(anchor)
  }

  /** Lines wrap or not: other heights. */
  remeasure() {
    const anchor = this.#anchor()
    this.#reserve()
    if (anchor) this.#restore(anchor)
  }

  /** What to mark, and the match one is at: `{ line, nth }` or null. */
  mark(query, current) {
    const old = this.#current
    const isSame = query === this.#query
    this.#query = query
    this.#current = current
    if (isSame) for (const one of [old, current]) one && this.#redraw(one.line)
    else for (const { line } of this.#rows) this.#redraw(line)
  }

  /** The line that somebody pointed at, by its number. */
  point(seq) {
    const old = this.#model.lineAt(this.#pointed)
    this.#pointed = seq
    for (const line of [old, this.#model.lineAt(seq)]) if (line) this.#redraw(line)
  }

  /** Brings a line that is here into the middle; one that can be seen stays where it is. */
  show(line) {
    const row = this.#rowOf(line)
    if (!row) return
    const top = row.offsetTop - this.#scroller.scrollTop
    if (top >= 0 && top + row.offsetHeight <= this.#scroller.clientHeight) return
    this.#scroller.scrollTop = row.offsetTop - this.#scroller.clientHeight / 2
  }

  toEnd() {
    this.#scroller.scrollTop = this.#scroller.scrollHeight
  }

  /** What is looked at: `beyond` the lines that are here (and then at which place), or how near their ends. */
  looked() {
    const { scrollTop: top, clientHeight, scrollHeight } = this.#scroller
    const [first, end] = [this.#list.offsetTop, this.#list.offsetTop + this.#list.offsetHeight]
    const { all, before, after } = this.#model.places
    const belowPx = Math.max(1, this.#below.offsetHeight)
    if (top + clientHeight < first)
      return { beyond: Math.floor((top / Math.max(1, this.#above.offsetHeight)) * before) + 1 }
    if (top > end) return { beyond: Math.max(1, all - Math.floor(((scrollHeight - top) / belowPx) * after)) }
    return { beyond: null, abovePx: top - first, belowPx: end - top - clientHeight }
  }

  /** Whether one sees the room of lines before those that are here. */
  showsRoom() {
    const { beyond, abovePx } = this.looked()
    return beyond !== null || abovePx < 0
  }

  /** The first line that can be seen. */
  topLine() {
    return this.#anchor()?.line ?? null
  }

  /** Puts a line at the top. */
  putTop(line) {
    const row = this.#rowOf(line)
    if (row) this.#scroller.scrollTop = row.offsetTop
  }

  /** The elements that are there get other words: whoever drags the scroll bar would leave thousands behind. */
  #replace(lines) {
    const old = this.#rows
    this.#rows = lines.map((line, index) => ({ line, element: this.#row(line, old[index]?.element) }))
    this.#list.replaceChildren(...this.#rows.map(({ element }) => element))
  }

  /** Some of the lines are there already. */
  #slide(lines, first, last) {
    while (this.#rows[0].line.seq < first) this.#rows.shift().element.remove()
    while (this.#rows.at(-1).line.seq > last) this.#rows.pop().element.remove()
    const above = this.#made(lines.slice(0, this.#model.indexBefore(this.#rows[0].line.seq - 1) + 1))
    const below = this.#made(lines.slice(this.#model.indexBefore(this.#rows.at(-1).line.seq) + 1))
    this.#list.prepend(...above.map(({ element }) => element))
    this.#list.append(...below.map(({ element }) => element))
    this.#rows = [...above, ...this.#rows, ...below]
  }

  #made = (lines) => lines.map((line) => ({ line, element: this.#row(line) }))

  #redraw(line) {
    const row = this.#rows[this.#indexOf(line)]
    if (row?.line !== line) return
    const element = this.#row(line)
    row.element.replaceWith(element)
    row.element = element
  }

  #indexOf({ seq }) {
    let [low, high] = [0, this.#rows.length - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#rows[middle].line.seq < seq) low = middle + 1
      else high = middle
    }
    return low
  }

  #rowOf = (line) => this.#rows[this.#indexOf(line)]?.element

  #reserve() {
    const { all, before, after } = this.#model.stream === null ? this.#model.places : { all: 0, before: 0, after: 0 }
    if (this.#rows.length > 0) this.#linePx = this.#list.offsetHeight / this.#rows.length
    const px = all === 0 ? 0 : Math.min(this.#linePx, roomPxMax / all)
    this.#above.style.height = `${Math.round(before * px)}px`
    this.#below.style.height = `${Math.round(after * px)}px`
  }

  #anchor() {
    const top = this.#scroller.scrollTop
    let [low, high] = [0, this.#rows.length - 1]
    if (high < 0 || top < this.#list.offsetTop || top > this.#list.offsetTop + this.#list.offsetHeight) return null
    while (low < high) {
      const middle = (low + high) >> 1
      const { offsetTop, offsetHeight } = this.#rows[middle].element
      if (offsetTop + offsetHeight <= top) low = middle + 1
      else high = middle
    }
    return { line: this.#rows[low].line, dy: top - this.#rows[low].element.offsetTop }
  }

  #restore({ line, dy }) {
    const row = this.#rows[this.#indexOf(line)]
    if (row?.line.seq === line.seq) this.#scroller.scrollTop = row.element.offsetTop + dy
  }

  #row(line, row = emptyRow()) {
    const { seq, end, stream, ts } = line
    const [link, text] = row.children
    row.id = `L${seq}`
    row.className = classes[stream] ?? ''
    const isPointed = this.#pointed >= seq && this.#pointed <= end
    isPointed ? row.setAttribute('aria-current', 'true') : row.removeAttribute('aria-current')
    link.href = `#L${seq}`
    link.textContent = seq
    text.dataset.time = ts.slice(11, 23)
    fill(text, this.#parts(line))
    return row
  }

  /** Text nodes and coloured spans, cut where a match begins or ends. Never markup. */
  #parts(line) {
    const whole = shownOf(line)
    const matches = this.#query === '' ? [] : matchesIn(line, this.#query)
    if (this.#current?.line === line && matches[this.#current.nth]) matches[this.#current.nth].isCurrent = true
    const nodes = []
    let at = 0
    for (const { text, cls } of ansiSegments(whole.slice(0, lineCharsMax))) {
      for (const piece of cutAt(text, at, matches)) nodes.push(nodeOf(piece, cls))
      at += text.length
    }
    if (whole.length > lineCharsMax)
      nodes.push(nodeOf({ text: ` ${t('… the download has the rest of this line')}` }, 'ad'))
    return nodes
  }
}

function emptyRow() {
  const row = document.createElement('li')
  row.append(Object.assign(document.createElement('a'), { tabIndex: -1 }), document.createElement('span'))
  return row
}

/** Of one piece after another the node is kept: a log that is dragged through would leave a hundred thousand of them. */
function fill(element, nodes) {
  const [own, other] = [element.firstChild, nodes[0]]
  const isText = (list, node) => list.length === 1 && node.nodeType === Node.TEXT_NODE
  if (isText(element.childNodes, own) && isText(nodes, other)) own.data = other.data
  else element.replaceChildren(...nodes)
}

function nodeOf({ text, match }, cls) {
  if (!match && cls === '') return document.createTextNode(text)
  const node = document.createElement(match ? 'mark' : 'span')
  if (match?.isCurrent) node.setAttribute('aria-current', 'true')
  node.className = cls
  node.textContent = text
  return node
}

/** The pieces of a segment that begins at `offset` of its line. */
function cutAt(text, offset, matches) {
  const pieces = []
  let from = 0
  for (const match of matches) {
    const start = Math.max(0, match.start - offset)
    const end = Math.min(text.length, match.end - offset)
    if (end <= from || start >= text.length || end <= start) continue
    if (start > from) pieces.push({ text: text.slice(from, start) })
    pieces.push({ text: text.slice(start, end), match })
    from = end
  }
  if (from < text.length) pieces.push({ text: text.slice(from) })
  return pieces
}
