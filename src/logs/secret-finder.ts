/**
 * Finds many texts in one pass. A key file is some fifty lines in five spellings each; looking for one after the other
 * would cost more than the line's way to the disk.
 */
import { secretLengthMin } from './secret-spellings.ts'

/** A table of bits tells at most places that nothing begins there. */
const bits = 16
const mix = (first: number, second: number, third: number) => ((first << 9) ^ (second << 5) ^ third) & ((1 << bits) - 1)
const startOf = (text: string) => mix(text.charCodeAt(0), text.charCodeAt(1), text.charCodeAt(2))

/** Each of `needles` has at least `secretLengthMin` characters. Answers where they are: begin and end, what overlaps as one. */
export function createFinder(needles: string[]): (text: string) => number[] {
  const begins = new Uint8Array(1 << bits)
  const byStart = new Map<number, string[]>()
  for (const needle of needles) {
    const key = startOf(needle)
    begins[key] = 1
    byStart.set(key, [...(byStart.get(key) ?? []), needle])
  }
  for (const starting of byStart.values()) starting.sort((a, b) => b.length - a.length)

  return function find(text) {
    const places: number[] = []
    const last = text.length - secretLengthMin
    let end = -1
    let second = text.charCodeAt(0)
    let third = text.charCodeAt(1)
    for (let at = 0; at <= last; at++) {
      const first = second
      second = third
      third = text.charCodeAt(at + 2)
      const key = mix(first, second, third)
      if (begins[key] === 0) continue
      const found = byStart.get(key)!.find((needle) => text.startsWith(needle, at))
      if (found === undefined) continue
      if (at >= end) places.push(at, at + found.length)
      else if (at + found.length > end) places[places.length - 1] = at + found.length
      end = Math.max(end, at + found.length)
    }
    return places
  }
}

/** Characters at the beginning of a text that are the end of one of `needles`, its first character cut off at least; the most. */
export function startLength(text: string, needles: string[]): number {
  let longest = 0
  for (const needle of needles)
    for (let from = Math.max(1, needle.length - text.length); needle.length - from > longest; from++) {
      const length = needle.length - from
      if (length < secretLengthMin) break
      if (text.startsWith(needle.slice(from))) {
        longest = length
        break
      }
    }
  return longest
}
