/** Policies changed on behalf of a request: the audit log is told what they were and are. */
import { note } from '../http/caller.ts'
import type { PolicyEditor } from './policy-editor.ts'

export function notedPolicies(policies: PolicyEditor, request: Request): PolicyEditor {
  /** What cannot be read has been changed on the disk: what is there instead is worth telling, not a refusal. */
  const before = (idOrSlug: string) =>
    policies.read(idOrSlug).then(
      ({ policy, text }) => policy ?? text,
      () => null,
    )
  return {
    ...policies,
    async replace(idOrSlug, value, expected) {
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
