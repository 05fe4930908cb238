/** Channels and rules that were deleted a moment ago come back as they were: with their numbers, and secrets sealed as before. */
import { createBin } from '../bin.ts'
import type { Clock } from '../clock.ts'
import { GatewayError } from '../errors.ts'
import type { NotifyStore } from './store.ts'
import type { ChannelRow, RuleRow } from './table.ts'

/** Of all kinds together. */
export const channelsMax = 100
/** For all scripts, or for one. */
export const rulesMax = 100

interface UndoDeps {
  store: NotifyStore
  clock: Pick<Clock, 'now'>
  hasScript(id: number): boolean
}

export type Undo = ReturnType<typeof createUndo>

export function createUndo({ store, clock, hasScript }: UndoDeps) {
  const channels = createBin<{ row: ChannelRow; rules: RuleRow[] }>(clock)
  const rules = createBin<RuleRow>(clock)

  /** Whether there is room for these as well. */
  function refuseCrowd(coming: RuleRow[]) {
    for (const [scriptId, more] of Map.groupBy(coming, (rule) => rule.scriptId))
      if (store.rules(scriptId).length + more.length > rulesMax)
        throw new GatewayError('conflict', `There are ${rulesMax} rules already where it would be: delete one first.`)
  }

  return {
    /** Its rules go with it, and so do its deliveries, which do not come back. */
    removeChannel(row: ChannelRow): void {
      channels.put(row.id, { row, rules: store.rules().filter(({ channelId }) => channelId === row.id) })
      store.removeChannel(row.id)
    },

    /** With the rules that it had, those of scripts that are gone aside. Throws `conflict`. */
    restoreChannel(id: number): void {
      const kept = channels.get(id)
      if (!kept) throw goneError('Channel', id)
      const { row } = kept
      if (store.channelNamed(row.name))
        throw new GatewayError('conflict', `There is another channel "${row.name}" by now: rename that one first.`)
      if (store.channels().length >= channelsMax)
        throw new GatewayError('conflict', `There are ${channelsMax} channels already: delete one first.`)
      const itsRules = kept.rules.filter(({ scriptId }) => scriptId === null || hasScript(scriptId))
      refuseCrowd(itsRules)
      store.putBack(row, itsRules)
      channels.drop(id)
    },

    removeRule(row: RuleRow): void {
      rules.put(row.id, row)
      store.removeRule(row.id)
    },

    /** `scriptId`: whose it was; null: for all scripts. Throws `conflict`. */
    restoreRule(scriptId: number | null, id: number): void {
      const row = rules.get(id)
      if (row?.scriptId !== scriptId || (scriptId !== null && !hasScript(scriptId))) throw goneError('Rule', id)
      if (!store.channel(row.channelId))
        throw new GatewayError('conflict', `The channel of rule ${id} is gone: bring that back first.`)
      refuseCrowd([row])
      store.putBack(null, [row])
      rules.drop(id)
    },
  }
}

const goneError = (what: string, id: number) =>
  new GatewayError('conflict', `${what} ${id} cannot be brought back: it was deleted too long ago.`)
