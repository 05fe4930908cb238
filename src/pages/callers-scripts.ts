/** What a visitor does to scripts beside editing them, as the API does it: with its rights, and told to the audit log. */
import type { RecordAudit } from '../audit/model.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { callerOf, type Note, note } from '../http/caller.ts'
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
  /** Ends its runs and removes it with everything that is its own. Throws `not_found`. */
  remove(id: number): Promise<void>
  /** As its form is sent when nothing is filled in. Throws what a start throws, `validation` where a value is missing. */
  run(id: number): Promise<Run>
  runCount(id: number): number
}

/** Of many: a refusal is told for each, as it would be of a call of its own. */
export interface ManyActs extends ScriptActs {
  refused(id: number, action: string): void
}

interface Given {
  catalog: Catalog
  editing: Pick<Editing, 'describe' | 'remove'>
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
      refused: (id, action) =>
        given.record({ action, caller, object: objectOf(findEntry(given.catalog, String(id)).row), status: 403 }),
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
      await editing.remove(String(id))
      const { alias, tags, contentHash } = row
      tell('script.delete', { object: objectOf(row), before: { alias, tags, content_hash: contentHash } })
    },
    run: (id) => gateway.startBare(String(id), callerOf(request)),
    runCount: (scriptId) => runs.count({ scriptId }),
  }
}
