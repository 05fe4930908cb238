// The part of a log that is in the page: some hundred lines one after the other, wherever in it they are; no page in here.
import { afterReturn, plain } from './ansi.js'

/** More of one line is not kept: its download has the rest. */
const lineCharsMax = 20_000

export class LogWindow {
  /** As they are shown: `seq` of its first record, `end` of its last one. */
  lines = []
  /** Everything after this line, up to and with `end`, is here. */
  after = 0
  end = 0
  /** Of the log: number of its last line, and which lines it does not keep. */
  last = 0
  leftOut = null
  /** One stream alone, or null. */
  stream = null
  /** Lines whose text has changed since they were drawn. */
  changed = new Set()
  /** Other lines stand between the first and the last one now. */
  isReshaped = false
  /** The last line of each stream. */
  #latest = new Map()

  /** What is known of the log as a whole. */
  know({ last, left_out }) {
    this.last = Math.max(this.last, last)
    this.leftOut = left_out
  }

  /** Other lines take the place of all. `after`: nothing is left out between that line and the first record. */
  set(records, after = this.#before(records[0]?.seq ?? 1)) {
    this.lines = []
    this.#latest.clear()
    this.changed.clear()
    this.isReshaped = true
    this.after = after
    this.end = after
    this.append(records)
    for (const line of this.#firsts().values()) line.isHead = true
  }

  /** Records that follow; those already known are passed over. */
  append(records) {
    for (const { seq, stream, ts, line: text, continued = false } of records) {
      this.end = Math.max(this.end, seq)
      const latest = this.#latest.get(stream)
      if (latest && seq <= latest.end) continue
      if (latest?.goesOn) {
        Object.assign(latest, { raw: joined(latest.raw, text), end: seq, goesOn: continued })
        this.changed.add(latest)
      } else {
        const line = { seq, end: seq, stream, ts, raw: text, goesOn: continued, isHead: false }
        this.lines.push(line)
        this.#latest.set(stream, line)
      }
    }
    this.last = Math.max(this.last, this.end)
  }

  /** Records that come right before. */
  prepend(records, after = this.#before(records[0]?.seq ?? 1)) {
    const before = new LogWindow()
    before.set(records, after)
    const firsts = this.#firsts()
    for (const line of before.#latest.values()) {
      const rest = line.goesOn ? firsts.get(line.stream) : undefined
      if (!rest?.isHead) continue
      Object.assign(line, { raw: joined(line.raw, rest.raw), end: rest.end, goesOn: rest.goesOn })
      this.lines.splice(this.lines.indexOf(rest), 1)
      if (this.#latest.get(line.stream) === rest) this.#latest.set(line.stream, line)
      this.isReshaped = true
    }
    for (const [stream, line] of before.#latest) if (!this.#latest.has(stream)) this.#latest.set(stream, line)
    for (const line of firsts.values()) line.isHead = before.#latest.has(line.stream) ? false : line.isHead
    this.lines = [...before.lines, ...this.lines]
    this.after = before.after
  }

  /** Keeps the last lines, at most so many. */
  keepEnd(max) {
    const gone = this.lines.length - max
    if (gone <= 0) return
    this.after = this.#before(this.lines[gone].seq)
    this.lines.splice(0, gone)
  }

  /** Keeps the first lines, at most so many. */
  keepStart(max) {
    if (this.lines.length <= max) return
    this.lines.length = max
    this.end = this.lines.at(-1).seq
    this.#latest.clear()
    for (const line of this.lines) this.#latest.set(line.stream, line)
  }

  get hasBefore() {
    return this.after > 0
  }
  get hasAfter() {
    return this.end < this.last
  }

  /** The line that has this number, as far as it is here. */
  lineAt(seq) {
    for (let at = this.indexBefore(seq); at >= 0; at--) if (this.lines[at].end >= seq) return this.lines[at]
    return undefined
  }

  /** The index of the last line that begins at this number or before; -1 where all begin after it. */
  indexBefore(seq) {
    let [low, high] = [-1, this.lines.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.lines[middle].seq <= seq) low = middle
      else high = middle - 1
    }
    return low
  }

  // Places count lines as if all were shown: what was left out of the log is one of them.

  get #hidden() {
    return this.leftOut ? this.leftOut.to - this.leftOut.from + 1 : 0
  }
  placeOf(seq) {
    if (!this.leftOut || seq < this.leftOut.from) return seq
    return seq > this.leftOut.to ? seq - this.#hidden : this.leftOut.from
  }
  seqAt(place) {
    return this.leftOut && place >= this.leftOut.from ? place + this.#hidden : place
  }
  /** How many lines there are, before the ones that are here, and after them. */
  get places() {
    return {
      all: this.placeOf(this.last),
      before: this.placeOf(this.after),
      after: this.placeOf(this.last) - this.placeOf(this.end),
    }
  }

  /** The line before this one: of the one that stands for what was left out, the last one before that. */
  #before(seq) {
    const isAfterGap = this.leftOut && seq - 1 >= this.leftOut.from && seq - 1 <= this.leftOut.to
    return isAfterGap ? this.leftOut.from - 1 : seq - 1
  }

  #firsts() {
    const firsts = new Map()
    for (const line of this.lines) if (!firsts.has(line.stream)) firsts.set(line.stream, line)
    return firsts
  }
}

/** What a progress bar has overwritten is never shown, so it need not be kept. */
function joined(text, more) {
  const whole = text + more
  if (whole.length <= lineCharsMax) return whole
  return whole.slice(whole.lastIndexOf('\r', whole.length - 2) + 1).slice(0, lineCharsMax)
}

/** What is shown of a line, with its colours still in it. */
export const shownOf = (line) => afterReturn(line.raw)

/** Where a text stands in what is shown of a line, whatever its case. */
export function matchesIn(line, text) {
  const wanted = text.toLowerCase()
  const shown = plain(shownOf(line)).toLowerCase()
  const matches = []
  if (wanted === '') return matches
  for (let at = shown.indexOf(wanted); at !== -1; at = shown.indexOf(wanted, at + wanted.length))
    matches.push({ start: at, end: at + wanted.length })
  return matches
}
