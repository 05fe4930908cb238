/** static/{slug}/resources/{time}-{run}/…: which run a file that scripts left belongs to. */
import { resolveInside } from './static.ts'

/** `path`: below static/, percent-encoded, in the one spelling that our own addresses have. */
const place = /^([^/]+)\/resources\/([^/%]*-([1-9]\d{0,14}))\/(.+)$/

/** The run that an address below static/ belongs to; null where it belongs to none. */
export const runOfOutput = (path: string): number | null => Number(place.exec(path)?.[3] ?? 0) || null

/** The real path of the file, inside the folder of its run: a link that leads to another run's is no file. */
export function resolveOutput(staticDir: string, path: string): string | null {
  const [, slug, folder, , rest] = place.exec(path) ?? []
  if (slug === undefined || folder === undefined || rest === undefined) return null
  const root = resolveInside(staticDir, `${slug}/resources/${folder}`)
  return root && resolveInside(root, rest)
}

/** Where below static/ the file is that such an address of ours names, still percent-encoded; empty where it names none. */
export const placeOfUrl = (url: string): string => /\/static\/([^/]+\/resources\/.*)$/.exec(url)?.[1] ?? ''
