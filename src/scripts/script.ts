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

/** Rows are replaced and never changed: a list of a thousand would hash as many schemas, and copy as many objects, each time. */
const known = new WeakMap<ScriptRow, Script>()

/** The same object as long as its newest run is the same. */
export function toScript(row: ScriptRow, lastRun: LastRun | null): Script {
  const found = known.get(row)
  if (found?.last_run === lastRun) return found
  const script = found ? { ...found, last_run: lastRun } : madeOf(row, lastRun)
  known.set(row, script)
  return script
}

function madeOf(row: ScriptRow, lastRun: LastRun | null): Script {
  const { id, slug, filename, runtime, alias, tags, error, warnings, params, policy } = row
  return {
    ...{ id, slug, filename, runtime, alias, tags, error, warnings, params, policy },
    group: groupOf(filename),
    description: row.description || row.fileDescription,
    state: stateOf(row),
    ...schemaOrigin(row),
    content_hash: row.contentHash,
    last_run: lastRun,
    created_at: new Date(row.createdAt).toISOString(),
    updated_at: isoTime(row.updatedAt) ?? '',
  }
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
