/** Which scripts and tags are restricted: over them a role says nothing. In memory, since every request asks. */
import type { Guarded } from '../http/caller.ts'
import type { AccessStore, Target } from './store.ts'

export type Restrictions = ReturnType<typeof createRestrictions>

export function createRestrictions({ store: { restrictions, transaction } }: { store: AccessStore }) {
  const scripts = new Set<number>()
  const tags = new Set<string>()
  for (const { scriptId, tag } of restrictions.all()) scriptId === null ? tags.add(tag!) : scripts.add(scriptId)

  return {
    /** Of its own, or through one of its tags. */
    isRestricted: ({ id, tags: its }: Guarded): boolean => scripts.has(id) || its.some((tag) => tags.has(tag)),
    /** Of its own. */
    has: (target: Target): boolean => ('tag' in target ? tags.has(target.tag) : scripts.has(target.script_id)),
    /** Whether there is any at all. */
    isAny: (): boolean => scripts.size + tags.size > 0,
    /** `writeMore`: what is written with it, or not at all. */
    set(target: Target, isRestricted: boolean, writeMore = () => {}): void {
      transaction(() => {
        writeMore()
        if (isRestricted) restrictions.add(target)
        else restrictions.remove(target)
      })
      if ('tag' in target) isRestricted ? tags.add(target.tag) : tags.delete(target.tag)
      else isRestricted ? scripts.add(target.script_id) : scripts.delete(target.script_id)
    },
  }
}
