/** Which scripts a client asks for, and which tags there are. */
import type { Entry } from './catalog.ts'
import type { RuntimeName, ScriptState } from './model.ts'
import { groupOf } from './script.ts'

export interface ScriptFilter {
  /** Words; each is somewhere in the slug, alias, filename, description or tags. */
  q?: string
  state?: ScriptState
  runtime?: RuntimeName
  tag?: string
  /** A folder with the folders in it; empty: the scripts that are in none. */
  group?: string
}

export function matchesFilter({ row, state }: Entry, { q = '', state: asked, runtime, tag, group }: ScriptFilter) {
  if (asked !== undefined && state !== asked) return false
  if (runtime !== undefined && row.runtime !== runtime) return false
  if (tag !== undefined && !row.tags.some((one) => one.toLowerCase() === tag.toLowerCase())) return false
  if (group !== undefined && !isInGroup(groupOf(row.filename), group)) return false
  if (q.trim() === '') return true
  const text = fold([row.slug, row.alias, row.filename, row.description, ...row.tags].join(' '))
  return fold(q)
    .split(/\s+/)
    .every((word) => text.includes(word))
}

const isInGroup = (own: string, asked: string) => own === asked || (asked !== '' && own.startsWith(`${asked}/`))

const fold = (text: string) => text.normalize('NFKC').toLowerCase()

/** Every tag with the number of scripts that have it, the most used first. */
export function countTags(entries: Entry[]): { name: string; count: number }[] {
  const counts = new Map<string, number>()
  for (const tag of entries.flatMap(({ row }) => row.tags)) counts.set(tag, (counts.get(tag) ?? 0) + 1)
  return [...counts]
    .map(([name, count]) => ({ name, count }))
    .sort((a, b) => b.count - a.count || a.name.localeCompare(b.name))
}
