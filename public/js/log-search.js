// Searching in a log: the server looks, a piece at a time, and what it has found can be stepped through meanwhile.

/** More lines are not told one by one. */
const linesMax = 20_000
const quietMs = 500

export class LogSearch {
  #ask
  #onFound
  #asked = 0
  /** Of each line that was found: its number, and how many matches stand before it. */
  #lines = []
  query = ''
  total = 0
  isComplete = true
  #stream = null
  #isLooking = false
  #quiet = null
  #searchedTo = 0

  /** `ask(query, after, stream)`: the server's answer, or null where there is none. `onFound` is called after each. */
  constructor(ask, onFound) {
    this.#ask = ask
    this.#onFound = onFound
  }

  start(query, stream) {
    this.query = query
    this.#stream = stream
    this.#lines = []
    this.total = 0
    this.#searchedTo = 0
    this.isComplete = query === ''
    this.#asked += 1
    return this.#look()
  }

  /** Lines have come since. */
  goOn() {
    if (this.query === '' || this.#quiet !== null) return
    this.#quiet = setTimeout(() => {
      this.#quiet = null
      if (!this.#isLooking && this.#lines.length < linesMax) this.#look()
    }, quietMs)
  }

  async #look() {
    const turn = this.#asked
    this.#isLooking = true
    while (this.query !== '') {
      const answer = await this.#ask(this.query, this.#searchedTo, this.#stream)
      if (turn !== this.#asked) return
      for (const { seq, count } of answer?.items ?? []) {
        this.#lines.push({ seq, before: this.total, count })
        this.total += count
      }
      this.#searchedTo = answer?.searched_to ?? this.#searchedTo
      this.isComplete = answer === null || answer.is_complete
      this.#onFound()
      if (this.isComplete || this.#lines.length >= linesMax) break
    }
    if (this.query === '') this.#onFound()
    this.#isLooking = false
  }

  /** The match with this number, from 0: in which line, and the how manieth there. */
  at(number) {
    let [low, high] = [0, this.#lines.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#lines[middle].before <= number) low = middle
      else high = middle - 1
    }
    const line = this.#lines[low]
    return line && { seq: line.seq, nth: number - line.before }
  }
}
