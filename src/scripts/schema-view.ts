/** A script's schema from every side: what is in force, what the script says itself, which file stands beside it. */
import { basename, extname } from 'node:path'
import type { Entry } from './catalog.ts'
import { toScript } from './script.ts'
import { readSidecar } from './sidecar.ts'
import { paramsSchema } from './typebox.ts'

export async function schemaView({ row, params, runnable }: Entry) {
  const { schema_source, schema_differs } = toScript(row, null)
  const sidecar = await readSidecar(runnable.dir, basename(row.filename, extname(row.filename)))
  return {
    args_map: row.params,
    /** TypeBox schemas carry symbols that are no JSON. */
    json_schema: JSON.parse(JSON.stringify(paramsSchema(params))) as Record<string, unknown>,
    source: schema_source,
    differs: schema_differs,
    own: row.ownParams,
    own_error: row.ownError,
    sidecar: sidecar?.name ?? null,
    error: row.error,
  }
}
