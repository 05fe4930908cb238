// The lines of a run, as they were printed; no page in here.
import { afterReturn, plain } from './ansi.js'

const matchesMax = 10_000

export class LogModel {
  lines = []
  errors = 0
  lastSeq = 0
  /** Per stream: the line whose record said that it goes on. */
  #open = new Map()

  /** Takes records in order; those already known are passed over. Gives the index of the first line that changed, or -1. */
  add(records) {
    let first = -1
    const touch = (index) => {
      if (first === -1 || index < first) first = index
    }
    for (const { seq, stream, ts, line, continued } of records) {
      if (seq <= this.lastSeq) continue
      this.lastSeq = seq
      const index = this.#open.get(stream)
      if (index === undefined) {
        this.lines.push({ seq, stream, ts, raw: line })
        if (stream === 'stderr') this.errors += 1
      } else this.lines[index].raw += line
      touch(index ?? this.lines.length - 1)
      continued ? this.#open.set(stream, index ?? this.lines.length - 1) : this.#open.delete(stream)
    }
    return first
  }

  /** What is shown of a line, with its colours still in it. */
  shown(index) {
    return afterReturn(this.lines[index].raw)
  }

  /** Where a text occurs, whatever its case, in the lines that are shown. */
  search(text, isShown) {
    const wanted = text.toLowerCase()
    const matches = []
    if (wanted === '') return matches
    for (let index = 0; index < this.lines.length && matches.length < matchesMax; index++) {
      if (!isShown(this.lines[index])) continue
      const line = plain(this.shown(index)).toLowerCase()
      for (let at = line.indexOf(wanted); at !== -1; at = line.indexOf(wanted, at + wanted.length))
        matches.push({ index, start: at, end: at + wanted.length })
    }
    return matches
  }

  /** The index of a line by its number, or -1. Numbers only rise. */
  indexOf(seq) {
    let [low, high] = [0, this.lines.length - 1]
    while (low <= high) {
      const middle = (low + high) >> 1
      const found = this.lines[middle].seq
      if (found === seq) return middle
      if (found < seq) low = middle + 1
      else high = middle - 1
    }
    return -1
  }
}
