/** The scripts in memory: what a call needs, found by id or slug, each swapped whole when it changes. */
import { dirname, join } from 'node:path'
import { GatewayError } from '../errors.ts'
import type { Caller } from '../http/caller.ts'
import type { Runtime, Runtimes } from '../runtimes/model.ts'
import { toParams } from './args-map.ts'
import type { Param, ScriptState } from './model.ts'
import type { Policy } from './policy-model.ts'
import { stateOf } from './script.ts'
import type { ScriptStore } from './store.ts'
import type { ScriptRow } from './table.ts'
import { compileCheck, type ParamsCheck } from './typebox.ts'

/** A script as a run needs it, as it is when the run is accepted. */
export interface RunnableScript {
  id: number
  slug: string
  /** Absolute. */
  file: string
  /** Absolute, the folder the file is in. */
  dir: string
  contentHash: string
  params: Param[]
  policy: Policy
  runtime: Runtime
}

/** One script as it is at one moment. Whoever holds an entry keeps it: it never changes, it is only replaced. */
export interface Entry {
  row: ScriptRow
  slug: string
  state: ScriptState
  runtime: Runtime
  params: Param[]
  runnable: RunnableScript
  /** The compiled schema, built when it is first needed. */
  check(): ParamsCheck
}

export interface Catalog {
  get(id: number): Entry | undefined
  /** By number or by slug. */
  find(idOrSlug: string): Entry | undefined
  /** In the order of their ids. */
  list(): Entry[]
  /** Reads these scripts from the database again; tells `onChange`. */
  refresh(ids: number[]): void
}

interface Options {
  store: ScriptStore
  runtimes: Runtimes
  /** Absolute. */
  scriptsDir: string
  onChange?: (ids: number[]) => void
}

export function createCatalog({ store, runtimes, scriptsDir, onChange = () => {} }: Options): Catalog {
  const byId = new Map<number, Entry>()
  const bySlug = new Map<string, Entry>()
  /** In the order of their ids, until one changes. */
  let listed: Entry[] | null = null
  const put = (row: ScriptRow) => {
    listed = null
    const entry = createEntry(row, runtimes[row.runtime], scriptsDir)
    byId.set(row.id, entry)
    bySlug.set(row.slug, entry)
  }
  for (const row of store.all()) put(row)

  function refresh(ids: number[]) {
    const rows = store.getMany(ids)
    const kept = new Set(rows.map(({ id }) => id))
    for (const id of ids.filter((id) => !kept.has(id))) remove(id)
    for (const row of rows) put(row)
    if (ids.length > 0) onChange(ids)
  }

  function remove(id: number) {
    listed = null
    bySlug.delete(byId.get(id)?.slug ?? '')
    byId.delete(id)
  }

  return {
    get: (id) => byId.get(id),
    find: (idOrSlug) => (/^[1-9]\d{0,15}$/.test(idOrSlug) ? byId.get(Number(idOrSlug)) : bySlug.get(idOrSlug)),
    list() {
      listed ??= [...byId.values()].sort((a, b) => a.row.id - b.row.id)
      return listed
    },
    refresh,
  }
}

/** The same, but only what the caller may see. */
export function seenBy(catalog: Catalog, caller: Pick<Caller, 'may' | 'seesAll'>): Catalog {
  if (caller.seesAll) return catalog
  const seen = (entry: Entry | undefined) => (entry && caller.may('see', entry.row) ? entry : undefined)
  return {
    get: (id) => seen(catalog.get(id)),
    find: (idOrSlug) => seen(catalog.find(idOrSlug)),
    list: () => catalog.list().filter(seen),
    refresh: catalog.refresh,
  }
}

/** By number or by slug. Throws `not_found`. */
export function findEntry(catalog: Catalog, idOrSlug: string): Entry {
  const entry = catalog.find(idOrSlug)
  if (!entry)
    throw new GatewayError('not_found', `There is no script "${idOrSlug.slice(0, 200)}"; GET /api/scripts lists them.`)
  return entry
}

function createEntry(stored: ScriptRow, runtime: Runtime, scriptsDir: string): Entry {
  const row = { ...stored, description: stored.description || stored.fileDescription }
  const { id, slug, contentHash, policy } = row
  const file = join(scriptsDir, runtime.folder, row.filename)
  const params = toParams(row.params)
  let check: ParamsCheck | undefined
  return {
    ...{ row, slug, runtime, params },
    state: stateOf(row),
    runnable: { id, slug, file, dir: dirname(file), contentHash, params, policy, runtime },
    check: () => {
      check ??= compileCheck(params)
      return check
    },
  }
}
