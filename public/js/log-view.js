// Shows the lines near the view and keeps the place of the others: 100,000 lines cost as much as 600.
import { ansiSegments } from './ansi.js'

const chunkLines = 200
const lineCharsMax = 10_000
const marginPx = 800
const classes = { stderr: 'err', system: 'sys' }

export class LogView {
  #model
  #scroller
  #root
  #chunks = []
  #order = []
  #isShown = () => true
  #linePx = 19
  #observer
  #marks = new Map()
  #current = -1
  #mark = null
  /** Set by the owner: called after lines were drawn. */
  onDrawn = () => {}

  constructor(scroller, root, model) {
    this.#scroller = scroller
    this.#root = root
    this.#model = model
    this.#observer = new IntersectionObserver((entries) => this.#onSeen(entries), {
      root: scroller,
      rootMargin: `${marginPx}px 0px`,
    })
    this.rebuild()
  }

  /** Lines from this index on are new or changed. */
  update(from) {
    for (let index = from; index < this.#model.lines.length; index++) {
      const at = this.#order.length > 0 && this.#order.at(-1) >= index ? this.#positionOf(index) : -1
      if (at >= 0) this.#redrawAt(at)
      else if (this.#isShown(this.#model.lines[index])) this.#push(index)
    }
    for (const chunk of this.#chunks.slice(-2)) if (!chunk.drawn) this.#reserve(chunk)
  }

  /** Shows only the lines that pass. */
  filter(isShown) {
    this.#isShown = isShown
    this.rebuild()
  }

  rebuild() {
    this.#observer.disconnect()
    this.#chunks = []
    this.#order = []
    this.#root.replaceChildren()
    for (let index = 0; index < this.#model.lines.length; index++)
      if (this.#isShown(this.#model.lines[index])) this.#push(index)
    for (const chunk of this.#chunks) this.#reserve(chunk)
  }

  /** Lines wrap or not: the heights that were reserved are wrong now. */
  remeasure() {
    for (const chunk of this.#chunks) {
      chunk.px = null
      if (!chunk.drawn) this.#reserve(chunk)
    }
  }

  mark(matches, current) {
    this.#marks = Map.groupBy(matches, ({ index }) => index)
    this.#mark = current
    for (const chunk of this.#chunks) if (chunk.drawn) this.#draw(chunk)
  }

  /** Brings a line into the middle and points at it. */
  show(index, isCurrent) {
    const at = this.#positionOf(index)
    if (at === -1) return
    if (isCurrent) this.#current = index
    const chunk = this.#chunks[Math.floor(at / chunkLines)]
    this.#draw(chunk)
    const row = chunk.element.children[at % chunkLines]
    this.#scroller.scrollTop =
      chunk.element.offsetTop + row.offsetTop - chunk.element.offsetTop - this.#scroller.clientHeight / 2
  }

  #push(index) {
    const at = this.#order.push(index) - 1
    let chunk = this.#chunks.at(-1)
    if (at % chunkLines === 0) {
      chunk = { element: document.createElement('ol'), from: at, size: 0, drawn: false, px: null }
      this.#chunks.push(chunk)
      this.#root.append(chunk.element)
      this.#observer.observe(chunk.element)
    }
    chunk.size += 1
    chunk.px = null
    if (chunk.drawn) chunk.element.append(this.#row(index))
  }

  #redrawAt(at) {
    const chunk = this.#chunks[Math.floor(at / chunkLines)]
    chunk.px = null
    if (chunk.drawn) chunk.element.children[at % chunkLines].replaceWith(this.#row(this.#order[at]))
  }

  #onSeen(entries) {
    for (const { target, isIntersecting } of entries) {
      const chunk = this.#chunks.find(({ element }) => element === target)
      if (!chunk) continue
      if (isIntersecting && !chunk.drawn) this.#draw(chunk)
      else if (!isIntersecting && chunk.drawn) this.#drop(chunk)
    }
    this.onDrawn()
  }

  #draw(chunk) {
    const rows = []
    for (let i = 0; i < chunk.size; i++) rows.push(this.#row(this.#order[chunk.from + i]))
    chunk.element.replaceChildren(...rows)
    chunk.element.style.height = ''
    chunk.drawn = true
  }

  #drop(chunk) {
    chunk.px = chunk.element.offsetHeight
    this.#linePx = chunk.px / chunk.size || this.#linePx
    chunk.element.replaceChildren()
    chunk.drawn = false
    this.#reserve(chunk)
  }

  #reserve(chunk) {
    chunk.element.style.height = `${chunk.px ?? chunk.size * this.#linePx}px`
  }

  #positionOf(index) {
    let [low, high] = [0, this.#order.length - 1]
    while (low <= high) {
      const middle = (low + high) >> 1
      if (this.#order[middle] === index) return middle
      if (this.#order[middle] < index) low = middle + 1
      else high = middle - 1
    }
    return -1
  }

  #row(index) {
    const { seq, stream, ts } = this.#model.lines[index]
    const row = document.createElement('li')
    row.id = `L${seq}`
    if (classes[stream]) row.className = classes[stream]
    if (index === this.#current) row.setAttribute('aria-current', 'true')
    const link = Object.assign(document.createElement('a'), { href: `#L${seq}`, tabIndex: -1, textContent: seq })
    const time = Object.assign(document.createElement('time'), { textContent: ts.slice(11, 23) })
    const text = document.createElement('span')
    text.append(time, ...this.#parts(index))
    row.append(link, text)
    return row
  }

  /** Text nodes and coloured spans, cut where a match begins or ends. Never markup. */
  #parts(index) {
    const whole = this.#model.shown(index)
    const matches = this.#marks.get(index) ?? []
    const nodes = []
    let at = 0
    for (const { text, cls } of ansiSegments(whole.slice(0, lineCharsMax))) {
      for (const piece of cutAt(text, at, matches)) nodes.push(this.#piece(piece, cls))
      at += text.length
    }
    if (whole.length > lineCharsMax)
      nodes.push(this.#piece({ text: ' … the download has the rest of this line' }, 'ad'))
    return nodes
  }

  #piece({ text, match }, cls) {
    if (!match && cls === '') return document.createTextNode(text)
    const node = document.createElement(match ? 'mark' : 'span')
    if (match && match === this.#mark) node.setAttribute('aria-current', 'true')
    node.className = cls
    node.textContent = text
    return node
  }
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
