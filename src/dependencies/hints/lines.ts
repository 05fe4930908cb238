/** The line, from 1, that a position in `text` is in. It is asked for positions that do not go back: all of them together are one pass. */
export function lineCounter(text: string): (position: number) => number {
  let line = 1
  let next = text.indexOf('\n')
  return (position) => {
    while (next !== -1 && next < position) {
      line++
      next = text.indexOf('\n', next + 1)
    }
    return line
  }
}
