/** What a scan found, written to the table: only rows, and only columns, that are not so already. */
import type { Facts } from './inspect.ts'
import type { Match } from './match.ts'
import type { RuntimeName } from './model.ts'
import { chooseSlug } from './slug.ts'
import type { ScriptChanges, ScriptStamp, ScriptStore } from './store.ts'
import type { ScriptRow } from './table.ts'
import type { Found } from './walk.ts'

interface Presence {
  matches: Match[]
  absent: ScriptStamp[]
  /** Folders that could not be listed: of their scripts nobody knows whether they are there. */
  unreadable: { runtime: RuntimeName; folder: string; why: string }[]
}

/** Files that came back, moved with their folder, or vanished, in one transaction. Answers the ids that changed. */
export function recordPresence(store: ScriptStore, { matches, absent, unreadable }: Presence, nowMs: number): number[] {
  const changes: [id: number, changes: ScriptChanges][] = []
  for (const { found, stamp, isRenamed } of matches)
    if (stamp && (isRenamed || stamp.missingSince !== null))
      changes.push([stamp.id, { filename: found.filename, missingSince: null, updatedAt: nowMs }])

  for (const row of absent) {
    const hidden = unreadable.find(({ runtime, folder }) => runtime === row.runtime && isInside(row.filename, folder))
    if (!hidden && row.missingSince === null) changes.push([row.id, { missingSince: nowMs, updatedAt: nowMs }])
    // An empty stamp: it is looked at again as soon as its folder can be read.
    if (hidden && !(row.isBroken && row.fileStamp === ''))
      changes.push([row.id, { error: `Its folder cannot be read: ${hidden.why}.`, fileStamp: '', updatedAt: nowMs }])
  }
  if (changes.length > 0)
    store.transaction(() => {
      for (const [id, change] of changes) store.update(id, change)
    })
  return changes.map(([id]) => id)
}

const isInside = (filename: string, folder: string) => folder === '' || filename.startsWith(`${folder}/`)

/** A new file becomes a script with an id and a slug for life. Answers the id. */
export function recordNew(store: ScriptStore, { runtime, filename }: Found, facts: Facts, nowMs: number): number {
  const slug = chooseSlug(filename, store.isSlugTaken)
  return store.insert({ runtime: runtime.name, filename, slug, ...facts, createdAt: nowMs, updatedAt: nowMs }).id
}

const stampNames = new Set<keyof Facts>(['fileStamp', 'sidecarStamp', 'policyStamp'])

/** Answers the id when something changed that a user can see. */
export function recordFacts(store: ScriptStore, row: ScriptRow, facts: Facts, nowMs: number): number[] {
  const names = Object.keys(facts) as (keyof Facts)[]
  const changed = names.filter((name) => JSON.stringify(row[name]) !== JSON.stringify(facts[name]))
  if (changed.length === 0) return []
  const isVisible = changed.some((name) => !stampNames.has(name))
  const changes = Object.fromEntries(changed.map((name) => [name, facts[name]])) as ScriptChanges
  store.update(row.id, isVisible ? { ...changes, updatedAt: nowMs } : changes)
  return isVisible ? [row.id] : []
}
