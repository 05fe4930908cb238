/** What lies beside a script: the modules it may import, and whether one of them has changed since the last look. */
import { join } from 'node:path'
import type { Found, Walk } from './walk.ts'

/** Area (runtime and topmost folder: what is inside imports each other) → path of a module → its stamp. */
type Areas = Map<string, Map<string, string>>

export function createNeighbours() {
  let areas: Areas | null = null

  return {
    /** Takes the newest look; answers whether a module beside a file changed. Never true after the first look. */
    update(walks: Walk[]): (found: Found) => boolean {
      const before = areas
      areas = collect(walks)
      const changed = new Set<string>()
      if (before) for (const [area, modules] of areas) if (!isSame(before.get(area), modules)) changed.add(area)
      return ({ runtime, filename }) => changed.has(areaOf(runtime.name, filename))
    },
    /** Absolute paths of the modules in the same area, the file itself too. */
    of({ runtime, filename, root }: Found): string[] {
      return [...(areas?.get(areaOf(runtime.name, filename))?.keys() ?? [])].map((path) => join(root, path))
    },
  }
}

function collect(walks: Walk[]): Areas {
  const areas: Areas = new Map()
  for (const { runtime, modules } of walks)
    for (const [path, stamp] of modules) {
      const area = areaOf(runtime.name, path)
      areas.set(area, (areas.get(area) ?? new Map<string, string>()).set(path, stamp))
    }
  return areas
}

const areaOf = (runtime: string, path: string) => `${runtime}/${path.slice(0, Math.max(0, path.indexOf('/')))}`

const isSame = (before: Map<string, string> | undefined, now: Map<string, string>) =>
  before?.size === now.size && [...now].every(([path, stamp]) => before.get(path) === stamp)
