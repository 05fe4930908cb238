/** Questions about scripts, answered in the shape of the API. */
import { readFile } from 'node:fs/promises'
import { GatewayError } from '../errors.ts'
import type { Catalog, Entry } from './catalog.ts'
import type { LastRun, Param, Script, ScriptState } from './model.ts'
import { toScript } from './script.ts'

interface ScriptsDeps {
  catalog: Catalog
  /** The newest run of a script. */
  lastRun(scriptId: number): LastRun | null
}

export interface Scripts {
  list(): Script[]
  /** By number or slug. */
  find(idOrSlug: string): { script: Script; params: Param[] } | undefined
  /** The file's text. Throws `not_found`. */
  source(id: number): Promise<string>
  /** How many there are in each state. */
  counts(): Partial<Record<ScriptState, number>>
}

export function createScripts({ catalog, lastRun }: ScriptsDeps): Scripts {
  const show = ({ row }: Entry) => toScript(row, lastRun(row.id))
  return {
    list: () => catalog.list().map(show),
    find(idOrSlug) {
      const entry = catalog.find(idOrSlug)
      return entry && { script: show(entry), params: entry.params }
    },
    async source(id) {
      const file = catalog.get(id)?.runnable.file
      try {
        if (file) return await readFile(file, 'utf8')
      } catch (error) {
        throw new GatewayError('not_found', 'The file of this script cannot be read.', { cause: error })
      }
      throw new GatewayError('not_found', `There is no script ${id}.`)
    },
    counts() {
      const counts: Partial<Record<ScriptState, number>> = {}
      for (const { state } of catalog.list()) counts[state] = (counts[state] ?? 0) + 1
      return counts
    },
  }
}
