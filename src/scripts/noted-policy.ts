/** Policies changed on behalf of a request: whether its caller may give so much, and what the audit log is told. */
import { callerOf, note } from '../http/caller.ts'
import { type Catalog, findEntry } from './catalog.ts'
import { parsePolicy } from './policy.ts'
import type { PolicyEditor } from './policy-editor.ts'
import { refuseReach } from './policy-reach.ts'

export function notedPolicies(catalog: Catalog, policies: PolicyEditor, request: Request): PolicyEditor {
  /** What cannot be read has been changed on the disk: what is there instead is worth telling, not a refusal. */
  const before = (idOrSlug: string) =>
    policies.read(idOrSlug).then(
      ({ policy, text }) => policy ?? text,
      () => null,
    )
  return {
    ...policies,
    async replace(idOrSlug, value, expected) {
      const parsed = parsePolicy(value)
      if (parsed.ok) refuseReach(catalog, callerOf(request), findEntry(catalog, idOrSlug).runnable.dir, parsed.policy)
      const was = await before(idOrSlug)
      const content = await policies.replace(idOrSlug, value, expected)
      note(request, { before: was, after: content.policy })
      return content
    },
    async remove(idOrSlug, expected) {
      const was = await before(idOrSlug)
      const content = await policies.remove(idOrSlug, expected)
      note(request, { before: was, after: null })
      return content
    },
  }
}
