/** Which row a file belongs to: the one of its path, or of the same path spelled differently whose file is gone. */
import type { ScriptStamp } from './store.ts'
import type { Found } from './walk.ts'

export interface Match {
  found: Found
  /** null: a new file. */
  stamp: ScriptStamp | null
  /** The row's path was another spelling of this one. */
  isRenamed: boolean
}

export interface Matches {
  matches: Match[]
  /** Rows whose file is not there. */
  absent: ScriptStamp[]
}

export function matchRows(found: Found[], rows: ScriptStamp[]): Matches {
  const byPath = new Map(rows.map((row) => [keyOf(row.runtime, row.filename), row]))
  const isThere = new Set(found.map((file) => keyOf(file.runtime.name, file.filename)))
  const absent = rows.filter((row) => !isThere.has(keyOf(row.runtime, row.filename)))
  const bySpelling = Map.groupBy(absent, (row) => keyOf(row.runtime, spelling(row.filename)))
  const adopted = new Set<ScriptStamp>()

  const matches = found.map((file): Match => {
    const own = byPath.get(keyOf(file.runtime.name, file.filename))
    if (own) return { found: file, stamp: own, isRenamed: false }
    const candidates = bySpelling.get(keyOf(file.runtime.name, spelling(file.filename))) ?? []
    const last = candidates.filter((row) => !adopted.has(row)).sort(byLastSeen)[0] ?? null
    if (last) adopted.add(last)
    return { found: file, stamp: last, isRenamed: last !== null }
  })
  return { matches, absent: absent.filter((row) => !adopted.has(row)) }
}

const keyOf = (runtime: string, path: string) => `${runtime}/${path}`

/** `My-Tools/resize.py` and `my_tools/resize.py` are one spelling: of the folders only, a file's name is its own. */
export function spelling(filename: string): string {
  const parts = filename.normalize('NFKC').split('/')
  const folders = parts.slice(0, -1).map((folder) => folder.toLowerCase().replace(/[-_\s]+/g, '-'))
  return [...folders, parts.at(-1)].join('/')
}

/** Those that are not marked missing yet first, then the latest. */
const byLastSeen = (a: ScriptStamp, b: ScriptStamp) =>
  (b.missingSince ?? Number.POSITIVE_INFINITY) - (a.missingSince ?? Number.POSITIVE_INFINITY) || a.id - b.id
