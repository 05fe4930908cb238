/** What is said about a script, changed on behalf of a request: whether its caller may say so, and what the audit log is told. */
import { callerOf, note } from '../http/caller.ts'
import type { About } from './about.ts'
import { type Catalog, findEntry } from './catalog.ts'
import type { Editing } from './editing.ts'
import type { ScriptRow } from './table.ts'
import { refuseAccessTags } from './trust.ts'

interface Given {
  catalog: Catalog
  editing: Pick<Editing, 'describe'>
  /** Whether a tag says who may what. */
  isAccessTag(tag: string): boolean
}

/** Throws `not_found`, `validation`, and `forbidden` for a tag that would give or take rights. */
export function describeFor({ catalog, editing, isAccessTag }: Given, request: Request) {
  return (idOrSlug: string, about: About): void => {
    const { row } = findEntry(catalog, idOrSlug)
    refuseAccessTags(callerOf(request), row.tags, about.tags, isAccessTag)
    editing.describe(idOrSlug, about)
    note(request, changeOf(row, findEntry(catalog, idOrSlug).row))
  }
}

/** What a description was and is, as far as it changed. */
export function changeOf(before: ScriptRow, after: ScriptRow) {
  const keys = (['alias', 'description', 'tags', 'enabled'] as const).filter(
    (key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]),
  )
  const of = (row: ScriptRow) => Object.fromEntries(keys.map((key) => [key, row[key]]))
  return { before: of(before), after: of(after) }
}
