/** What of a view a script may read: the counterparts of what it may read of the scripts' folder, and no more. */
import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Permissions } from '../../isolation/model.ts'
import { isAtOrBelow, realPath } from '../../isolation/paths.ts'

interface Asked {
  /** Absolute: what the view is of. */
  root: string
  /** Absolute: the script's own folder, below `root` or it. */
  folder: string
  allowed: Permissions['read']
}

/** `view`: absolute. Else the code of other scripts could be read there, though not where it is. */
export function readableIn(view: string, { root, folder, allowed }: Asked): string[] {
  if (allowed === true) return [view]
  const places = [folder, ...allowed.map(realOf)]
  const real = realOf(root)
  const isWhole = places.some((path) => isAtOrBelow(root, path) || isAtOrBelow(real, path))
  if (isWhole) return [view]
  const counterparts = places.flatMap((path) => {
    const base = [root, real].find((one) => isAtOrBelow(path, one))
    return base === undefined ? [] : join(view, 'src', relative(base, path))
  })
  return counterparts.filter((path) => existsSync(path))
}

/** As it is where there is nothing: that is told when the script is confined. */
const realOf = (path: string) => realPath(path) ?? path
