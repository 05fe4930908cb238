/** The rules that are in force, in memory: whoever ends a run asks nobody else whether anything is to be told. */
import type { ChannelKind } from '../channels/model.ts'
import type { NotifyRule } from './model.ts'
import { toRule } from './shown.ts'
import type { NotifyStore } from './store.ts'

export interface BookedRule extends NotifyRule {
  kind: ChannelKind
}

export type RuleBook = ReturnType<typeof createRuleBook>

export function createRuleBook({ store }: { store: NotifyStore }) {
  let book: { of: Map<number | null, BookedRule[]>; byId: Map<number, BookedRule>; muted: Set<number> } | null = null

  function read() {
    const kinds = new Map(store.channels().map(({ id, kind }) => [id, kind]))
    const rules = store
      .rules()
      .map(toRule)
      .flatMap((rule) => {
        const kind = kinds.get(rule.channel_id)
        return kind && rule.enabled ? [{ ...rule, kind }] : []
      })
    return {
      of: Map.groupBy(rules, ({ script_id }) => script_id),
      byId: new Map(rules.map((rule) => [rule.id, rule])),
      muted: new Set(store.muted()),
    }
  }

  /** Reads the database after a change only, and throws what it throws then. */
  function now() {
    book ??= read()
    return book
  }

  return {
    /** The script's own, and those for all scripts. */
    of: (scriptId: number): BookedRule[] => [...(now().of.get(scriptId) ?? []), ...(now().of.get(null) ?? [])],
    get: (id: number): BookedRule | undefined => now().byId.get(id),
    isMuted: (scriptId: number): boolean => now().muted.has(scriptId),
    forget() {
      book = null
    },
  }
}
