const lengthMax = 40

/** The name that `word` is most likely a slip of; null when it is like none of them. */
export function nearest(word: string, names: readonly string[]): string | null {
  if (word.length > lengthMax) return null
  const plain = word.toLowerCase().replace(/[\s-]/g, '_')
  const byDistance = names
    .map((name) => ({ name, distance: distanceOf(plain, name) }))
    .filter(({ name, distance }) => distance <= Math.max(1, Math.floor(name.length * 0.4)) || isPartOf(plain, name))
    .sort((a, b) => a.distance - b.distance)
  return byDistance[0]?.name ?? null
}

/** `memory` for `memory_bytes_max`, and `network` for `net`. */
const isPartOf = (word: string, name: string) => word.length >= 3 && (name.startsWith(word) || word.startsWith(name))

/** Letters to change, add or leave out (Levenshtein). */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    row = next
  }
  return row[b.length]!
}
