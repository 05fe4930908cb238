/** A new script made on behalf of a request: whether its caller may make it there, and what the audit log is told. */
import { callerOf, note } from '../http/caller.ts'
import { type Catalog, findEntry } from './catalog.ts'
import type { Editing } from './editing.ts'
import type { NewScript } from './editor.ts'
import { refuseAccessTags, refuseStrangers } from './trust.ts'

interface Given {
  catalog: Catalog
  editing: Pick<Editing, 'create'>
  /** Whether a tag says who may what. */
  isAccessTag(tag: string): boolean
}

/** Answers its id. Throws `forbidden`, and as `create` does. */
export async function createNoted({ catalog, editing, isAccessTag }: Given, request: Request, script: NewScript) {
  const caller = callerOf(request)
  refuseStrangers(catalog, caller, [script])
  refuseAccessTags(caller, [], script.tags, isAccessTag)
  const id = await editing.create(script, caller.name)
  const { filename, alias, description, tags, contentHash } = findEntry(catalog, String(id)).row
  note(request, {
    object: { type: 'script', id, name: filename },
    after: { alias, description, tags, content_hash: contentHash },
  })
  return id
}
