import { type Stats, statSync } from 'node:fs'
import { stampOf } from './stamp.ts'

/** Files beside scripts that the gateway itself wrote, as it left them: an event about one of them is no news. */
export function createOwnWrites() {
  const stamps = new Map<string, string>()
  const stampAt = (path: string) => {
    const stats: Stats | undefined = statSync(path, { throwIfNoEntry: false })
    return stats ? stampOf(stats) : 'none'
  }
  return {
    remember: (path: string) => void stamps.set(path, stampAt(path)),
    /** Asked once for an event; a file that is another one now is forgotten. */
    has(path: string): boolean {
      const isOurs = stamps.has(path) && stamps.get(path) === stampAt(path)
      if (!isOurs) stamps.delete(path)
      return isOurs
    },
  }
}
