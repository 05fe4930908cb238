/** A row as the API gives it, and the states that follow from it. */
import { isoTime } from '../clock.ts'
import type { LastRun, Script, ScriptState } from './model.ts'
import { hashArgsMap } from './sidecar.ts'
import type { ScriptRow } from './table.ts'

export function stateOf(row: Pick<ScriptRow, 'missingSince' | 'error' | 'enabled'>): ScriptState {
  if (row.missingSince !== null) return 'missing'
  if (row.error !== null) return 'error'
  return row.enabled ? 'active' : 'inactive'
}

export const groupOf = (filename: string) => filename.split('/').slice(0, -1).join('/')

/** `lastOf`: its newest run, asked for when somebody reads it. */
export function toScript(row: ScriptRow, lastOf: (scriptId: number) => LastRun | null): Script {
  return {
    ...factsOf(row),
    get last_run() {
      return lastOf(row.id)
    },
  }
}

/** Rows are replaced and never changed, and a list of a thousand would hash as many schemas. */
const known = new WeakMap<ScriptRow, Omit<Script, 'last_run'>>()

function factsOf(row: ScriptRow): Omit<Script, 'last_run'> {
  const found = known.get(row)
  if (found) return found
  const { id, slug, filename, runtime, alias, tags, error, warnings, params, policy } = row
  const facts = {
    ...{ id, slug, filename, runtime, alias, tags, error, warnings, params, policy },
    group: groupOf(filename),
    description: row.description || row.fileDescription,
    state: stateOf(row),
    ...schemaOrigin(row),
    content_hash: row.contentHash,
    created_at: new Date(row.createdAt).toISOString(),
    updated_at: isoTime(row.updatedAt) ?? '',
  }
  known.set(row, facts)
  return facts
}

/** Where the schema in force comes from, and whether the script itself says something else (and nobody has decided). */
function schemaOrigin({ params, ownParams, ownRejectedHash, error }: ScriptRow) {
  if (error !== null) return { schema_source: null, schema_differs: false }
  if (ownParams === null) return { schema_source: 'sidecar' as const, schema_differs: false }
  const ownHash = hashArgsMap(ownParams)
  const isOwn = ownHash === hashArgsMap(params)
  return {
    schema_source: isOwn ? ('script' as const) : ('sidecar' as const),
    schema_differs: !isOwn && ownRejectedHash !== ownHash,
  }
}
