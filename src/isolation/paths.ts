/** Arithmetic on absolute paths that exist: what lies below what, and a folder without some of what is in it. */
import { readdirSync, realpathSync, type Stats, statSync } from 'node:fs'
import { dirname, join } from 'node:path'

export const isBelow = (path: string, folder: string) => path.startsWith(folder === '/' ? '/' : `${folder}/`)
export const isAtOrBelow = (path: string, folder: string) => path === folder || isBelow(path, folder)

/** Folders above it, `/` left out, the highest first. */
export function parentsOf(path: string): string[] {
  const parents: string[] = []
  for (let folder = dirname(path); folder !== '/'; folder = dirname(folder)) parents.unshift(folder)
  return parents
}

/** Where the path really lies; null when it is not there. */
export function realPath(path: string): string | null {
  try {
    return realpathSync(path)
  } catch {
    return null
  }
}

export function statOf(path: string): Stats | null {
  try {
    return statSync(path)
  } catch {
    return null
  }
}

/**
 * `folder` without `holes`: itself when none lies in it, else what is in it, along the way to each hole. Links are left out,
 * since what counts is where they lead.
 */
export function without(folder: string, holes: string[]): string[] {
  if (holes.some((hole) => isAtOrBelow(folder, hole))) return []
  const inside = holes.filter((hole) => isBelow(hole, folder))
  if (inside.length === 0) return [folder]
  return childrenOf(folder).flatMap((child) => without(child, inside))
}

function childrenOf(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => !entry.isSymbolicLink())
      .map((entry) => join(folder, entry.name))
  } catch {
    return [] // closed to the gateway: then it can allow nothing in it either
  }
}
