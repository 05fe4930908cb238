/**
 * The newest runs of each script, kept in memory: every list of scripts shows them, and a thousand look-ups cost 30 ms. What
 * is kept is right whoever writes, also retention: triggers of this connection note which scripts' runs have changed.
 */
import type { Db } from '../db/open.ts'
import type { LastRun } from '../scripts/model.ts'
import type { RunStore } from './store.ts'
import { toLastRun } from './to-run.ts'

/** What a row of the dashboard shows of a run. */
export interface ShortRun {
  status: string
  duration_ms: number | null
}

interface Kept {
  last?: LastRun | null
  newest?: ShortRun[]
}

/** As many as a row has bars. */
const newestKept = 20

export type Recent = ReturnType<typeof createRecent>

export function createRecent({ db, store }: { db: Db; store: Pick<RunStore, 'last' | 'sparks'> }) {
  const kept = new Map<number, Kept>()
  watchRuns(db)
  const isChanged = db.$client.query('SELECT 1 FROM temp.runs_changed LIMIT 1')
  const takeChanged = db.$client.query<{ id: number }, []>('DELETE FROM temp.runs_changed RETURNING script_id AS id')

  function dropChanged() {
    if (!db.$client.inTransaction && isChanged.get() !== null) for (const { id } of takeChanged.all()) kept.delete(id)
  }

  /** What is read in a transaction may be taken back: nothing of it is kept. */
  function keptOf(scriptId: number): Kept {
    const found = (!db.$client.inTransaction && kept.get(scriptId)) || {}
    if (!db.$client.inTransaction) kept.set(scriptId, found)
    return found
  }

  function newestOf(scriptId: number): ShortRun[] {
    const found = keptOf(scriptId)
    found.newest ??= store
      .sparks(scriptId, newestKept)
      .reverse()
      .map(({ status, durationMs }) => ({ status, duration_ms: durationMs }))
    return found.newest
  }

  return {
    /** The newest run of each of these scripts; null: it has never run. */
    lastOf(scriptIds: number[]): Map<number, LastRun | null> {
      dropChanged()
      const entries = new Map(scriptIds.map((id) => [id, keptOf(id)]))
      const unknown = scriptIds.filter((id) => entries.get(id)!.last === undefined)
      if (unknown.length > 0) {
        const found = new Map(store.last(unknown).map((row) => [row.scriptId, toLastRun(row)]))
        for (const id of unknown) entries.get(id)!.last = found.get(id) ?? null
      }
      return new Map(scriptIds.map((id) => [id, entries.get(id)!.last ?? null]))
    },

    /** The newest runs of each of these scripts, oldest first; of one that was tried again the last attempt. The same list until they change. */
    sparksOf(scriptIds: number[]): Map<number, ShortRun[]> {
      dropChanged()
      return new Map(scriptIds.map((id) => [id, newestOf(id)]))
    },
  }
}

/** Of this connection alone, and in memory: nothing of it is in the file. */
function watchRuns(db: Db) {
  db.$client.run('CREATE TEMP TABLE IF NOT EXISTS runs_changed (script_id INTEGER PRIMARY KEY)')
  const on = (event: string, row: 'NEW' | 'OLD') =>
    db.$client.run(
      `CREATE TEMP TRIGGER IF NOT EXISTS runs_${event.slice(0, 6).toLowerCase()}d AFTER ${event} ON main.runs BEGIN
        INSERT OR IGNORE INTO runs_changed VALUES (${row}.script_id); END`,
    )
  on('INSERT', 'NEW')
  on('DELETE', 'OLD')
  on('UPDATE OF status, queued_at, finished_at, duration_ms, next_attempt_id', 'NEW')
}
