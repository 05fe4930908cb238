/** What a visitor does to scripts beside editing them, as the API does it: with its rights, and told to the audit log. */
import { scriptName } from '../../views/parts.tsx'
import type { RecordAudit } from '../audit/model.ts'
import { GatewayError } from '../errors.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { callerOf, identityOf, type Note, note, renewCaller } from '../http/caller.ts'
import type { Run } from '../runs/model.ts'
import type { Runs } from '../runs/runs.ts'
import type { About } from '../scripts/about.ts'
import { type Catalog, findEntry } from '../scripts/catalog.ts'
import type { Editing } from '../scripts/editing.ts'
import { changeOf } from '../scripts/noted-about.ts'
import type { ScriptRow } from '../scripts/table.ts'
import { refuseAccessTags } from '../scripts/trust.ts'

export interface ScriptActs {
  /** Alias, description, tags, state: what is left out stays. Throws `not_found`, `validation`, `forbidden`. */
  describe(id: number, about: About): void
  /** Ends its runs and removes it with everything that is its own. Answers whether it can be brought back. Throws `not_found`. */
  remove(id: number): Promise<boolean>
  /** What the visitor deleted a moment ago comes back as it was, its runs aside. Throws `conflict`, `forbidden`. */
  bringBack(id: number): Promise<void>
  /** The name of what the visitor may bring back; null: nothing of this number. */
  deletedName(id: number): string | null
  /** As its form is sent when nothing is filled in. Throws what a start throws, `validation` where a value is missing. */
  run(id: number): Promise<Run>
  runCount(id: number): number
}

/** Of many: a refusal is told for each, as it would be of a call of its own. */
export interface ManyActs extends ScriptActs {
  refused(id: number, action: string, status?: number): void
}

interface Given {
  catalog: Catalog
  editing: Pick<Editing, 'describe' | 'remove' | 'bringBack' | 'deletedBy'>
  gateway: Pick<Gateway, 'startBare'>
  runs: Pick<Runs, 'count'>
  isAccessTag(tag: string): boolean
  record: RecordAudit
}

/** `one`: the address names the script, and one entry tells of the call; `each`: an entry for every script. */
export function scriptActsFor(given: Given, request: Request): { one: ScriptActs; each: ManyActs } {
  const caller = callerOf(request)
  return {
    one: actsTelling(given, request, (_, about) => note(request, about)),
    each: {
      ...actsTelling(given, request, (action, { object, before, after }) =>
        given.record({ action, caller, object, before, after, status: 200 }),
      ),
      refused(id, action, status = 403) {
        const row = given.catalog.get(id)?.row
        given.record({ action, caller, object: row ? objectOf(row) : { type: 'script', id }, status })
      },
    },
  }
}

const objectOf = ({ id, filename }: ScriptRow) => ({ type: 'script', id, name: filename })

type Tell = (action: string, about: Note) => void

function actsTelling(given: Given, request: Request, tell: Tell): ScriptActs {
  const { catalog, editing, gateway, runs, isAccessTag } = given
  const rowOf = (id: number) => findEntry(catalog, String(id)).row
  return {
    describe(id, about) {
      const before = rowOf(id)
      refuseAccessTags(callerOf(request), before.tags, about.tags, isAccessTag)
      editing.describe(String(id), about)
      tell('script.describe', { object: objectOf(before), ...changeOf(before, rowOf(id)) })
    },
    async remove(id) {
      const row = rowOf(id)
      const canComeBack = await editing.remove(String(id), identityOf(callerOf(request)))
      const { alias, tags, contentHash } = row
      tell('script.delete', { object: objectOf(row), before: { alias, tags, content_hash: contentHash } })
      return canComeBack
    },
    async bringBack(id) {
      // Whose scripts lie around it is not asked: nothing is there that was not when it was deleted.
      await editing.bringBack(id, identityOf(callerOf(request)), (script) => {
        renewCaller(request) // its rights are there again
        if (!callerOf(request).may('edit', script))
          throw new GatewayError('forbidden', 'You may not edit this script any more.')
      })
      const { alias, tags, contentHash } = rowOf(id)
      tell('script.bring-back', { object: objectOf(rowOf(id)), after: { alias, tags, content_hash: contentHash } })
    },
    deletedName(id) {
      const kept = editing.deletedBy(id, identityOf(callerOf(request)))
      return kept && scriptName(kept)
    },
    run: (id) => gateway.startBare(String(id), callerOf(request)),
    runCount: (scriptId) => runs.count({ scriptId }),
  }
}
