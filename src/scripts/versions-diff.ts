/** What lines two texts have in common and what not. Pure; a limit of time, because a long answer would keep everybody waiting. */
import { diffArrays } from 'diff'

/** A stretch of lines that are the same, or what stands in the place of what. */
export type Stretch = { kind: 'same'; lines: string[] } | { kind: 'changed'; removed: string[]; added: string[] }

const usualMs = 150

/** A text of 5 MiB may have five million: to take those apart alone takes seconds, which no limit of time within would see. */
const linesMax = 100_000

/** The file's lines; the end of the last one is a line of its own only where something follows. */
export function linesOf(text: string): string[] {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}

/** From the top to the bottom; null where it would take too long to find out. Ends of lines count. */
export function diffLines(before: string, after: string, withinMs = usualMs): Stretch[] | null {
  if (isTooLong(before) || isTooLong(after)) return null
  const [old, now] = [linesOf(before), linesOf(after)]
  const shared = Math.min(old.length, now.length)
  let head = 0
  while (head < shared && old[head] === now[head]) head++
  let tail = 0
  while (tail < shared - head && old[old.length - 1 - tail] === now[now.length - 1 - tail]) tail++
  const middle = diffMiddle(old.slice(head, old.length - tail), now.slice(head, now.length - tail), withinMs)
  if (!middle) return null
  const same = (lines: string[]): Stretch[] => (lines.length > 0 ? [{ kind: 'same', lines }] : [])
  return [...same(old.slice(0, head)), ...middle, ...same(old.slice(old.length - tail))]
}

function isTooLong(text: string): boolean {
  let lines = 0
  for (let at = text.indexOf('\n'); at !== -1 && lines <= linesMax; at = text.indexOf('\n', at + 1)) lines++
  return lines > linesMax
}

/** How many lines came and went; null where it would take too long to find out. */
export function countLines(before: string, after: string): { added: number; removed: number } | null {
  const stretches = diffLines(before, after)
  if (!stretches) return null
  let [added, removed] = [0, 0]
  for (const stretch of stretches) {
    if (stretch.kind === 'same') continue
    added += stretch.added.length
    removed += stretch.removed.length
  }
  return { added, removed }
}

/** Lines that only one side has need no search: what is left is mostly short. */
function diffMiddle(old: string[], now: string[], timeout: number): Stretch[] | null {
  const [inOld, inNow] = [new Set(old), new Set(now)]
  const oldPlaces = old.flatMap((line, place) => (inNow.has(line) ? place : []))
  const nowPlaces = now.flatMap((line, place) => (inOld.has(line) ? place : []))
  const linesAt = (lines: string[], places: number[]) => places.map((place) => lines[place]!)
  const changes = diffArrays(linesAt(old, oldPlaces), linesAt(now, nowPlaces), { timeout })
  if (!changes) return null
  const pairs: [number, number][] = []
  let [i, j] = [0, 0]
  for (const { value, added, removed } of changes)
    for (let n = 0; n < value.length; n++) {
      if (!added && !removed) pairs.push([oldPlaces[i]!, nowPlaces[j]!])
      if (!added) i++
      if (!removed) j++
    }
  return stretchesOf(old, now, pairs)
}

/** `pairs`: places of lines that are the same, in their order. */
function stretchesOf(old: string[], now: string[], pairs: [number, number][]): Stretch[] {
  const stretches: Stretch[] = []
  let [i, j] = [0, 0]
  const changeUpTo = (oldEnd: number, nowEnd: number) => {
    if (oldEnd > i || nowEnd > j)
      stretches.push({ kind: 'changed', removed: old.slice(i, oldEnd), added: now.slice(j, nowEnd) })
  }
  for (const [inOld, inNow] of pairs) {
    changeUpTo(inOld, inNow)
    const last = stretches.at(-1)
    if (last?.kind === 'same') last.lines.push(old[inOld]!)
    else stretches.push({ kind: 'same', lines: [old[inOld]!] })
    i = inOld + 1
    j = inNow + 1
  }
  changeUpTo(old.length, now.length)
  return stretches
}
