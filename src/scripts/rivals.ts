import type { Match } from './match.ts'

/**
 * Two files with one stem in one folder (`a.js`, `a.ts`) would share a sidecar: all but the first known, or else the
 * first by the runtime's order of endings, get a problem.
 */
export function markRivals(matches: Match[]) {
  const byStem = Map.groupBy(matches, ({ found }) => `${found.dir}/${found.stem}`)
  for (const rivals of byStem.values()) {
    if (rivals.length < 2) continue
    const [holder, ...others] = rivals.sort((a, b) => rank(a) - rank(b))
    const name = holder?.found.filename.split('/').at(-1)
    for (const { found } of others)
      found.problem ??= `It has the same name as "${name}", and so would share its sidecar: rename one of the two.`
  }
}

/** Ids come before new files; a broken link or a folder holds nothing. */
function rank({ found, stamp }: Match): number {
  if (found.problem) return Number.POSITIVE_INFINITY
  const order = found.runtime.extensions.findIndex((extension) => found.file.endsWith(extension))
  const wasRefused = stamp?.isBroken && stamp.fileStamp === ''
  return stamp && !wasRefused ? stamp.id : Number.MAX_SAFE_INTEGER / 2 + order
}
