/** Questions about scripts, answered in the shape of the API. */
import type { Caller } from '../http/caller.ts'
import { type Catalog, type Entry, findEntry, seenBy } from './catalog.ts'
import type { Content } from './editor.ts'
import type { LastRun, Param, Script, ScriptState } from './model.ts'
import { toScript } from './script.ts'
import { countTags, matchesFilter, type ScriptFilter } from './search.ts'

interface ScriptsDeps {
  catalog: Catalog
  /** The newest run of each of these scripts that has one. */
  lastRuns(scriptIds: number[]): Map<number, LastRun | null>
  /** The file of a script, by number or slug. */
  read(idOrSlug: string): Promise<Content>
}

export interface ScriptPage {
  items: Script[]
  total: number
  page: number
  page_size: number
}

export interface Scripts {
  list(): Script[]
  /** By number or slug. */
  find(idOrSlug: string): { script: Script; params: Param[] } | undefined
  /** By number or slug. Throws `not_found`. */
  get(idOrSlug: string): Script
  /** In the order of their ids; `page` counts from 1. */
  page(filter: ScriptFilter, options: { page: number; pageSize: number }): ScriptPage
  tags(): { name: string; count: number }[]
  /** The file's text. Throws `not_found`; `forbidden` and `conflict` for what is no file of the scripts folder. */
  source(id: number): Promise<string>
  /** How many there are in each state. */
  counts(): Partial<Record<ScriptState, number>>
  /** The same answers, from what the caller may see. */
  seenBy(caller: Caller): Scripts
}

export function createScripts({ catalog, lastRuns, read }: ScriptsDeps): Scripts {
  /** Their newest runs are looked up together. */
  function showAll(entries: Entry[]): Script[] {
    const last = lastRuns(entries.map(({ row }) => row.id))
    return entries.map(({ row }) => toScript(row, last.get(row.id) ?? null))
  }
  const show = (entry: Entry) => showAll([entry])[0]!

  return {
    list: () => showAll(catalog.list()),
    find(idOrSlug) {
      const entry = catalog.find(idOrSlug)
      return entry && { script: show(entry), params: entry.params }
    },
    get: (idOrSlug) => show(findEntry(catalog, idOrSlug)),
    page(filter, { page, pageSize }) {
      const entries = catalog.list().filter((entry) => matchesFilter(entry, filter))
      const items = showAll(entries.slice((page - 1) * pageSize, page * pageSize))
      return { items, total: entries.length, page, page_size: pageSize }
    },
    tags: () => countTags(catalog.list()),
    source: async (id) => new TextDecoder().decode((await read(String(id))).bytes),
    counts() {
      const counts: Partial<Record<ScriptState, number>> = {}
      for (const { state } of catalog.list()) counts[state] = (counts[state] ?? 0) + 1
      return counts
    },
    seenBy: (caller) => createScripts({ catalog: seenBy(catalog, caller), lastRuns, read }),
  }
}
