/**
 * One pass over the history: what is over a limit goes, oldest first. The row is changed before its files are touched: a
 * kill between the two leaves files that nobody names, which the sweep finds, never a row that names what is not there.
 */

import { isDiskFull, messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import type { KeptRun, Measured, Part, Place, RetentionStore, Scope } from '../runs/retention-store.ts'
import type { Policy } from '../scripts/policy-model.ts'
import type { Setting } from '../settings/settings.ts'
import { keepLimits, unlimited } from './limits.ts'
import type { Removed } from './model.ts'
import type { Pace } from './pace.ts'
import type { RunFiles } from './run-files.ts'

export interface PassDeps {
  store: RetentionStore
  files: RunFiles
  setting: Setting
  retentionOf(scriptId: number): Policy['retention']
  isBusy(runId: number): boolean
  log: Log
}

interface PassOptions {
  now: number
  pace: Pace
  /** What is counted while it goes on. */
  removed: Removed
  /** Not while the clock cannot be trusted. */
  byAge: boolean
}

/** Whoever waited for the run can still fetch its files: no limit of bytes is quicker than that. */
const freshMs = 10 * 60_000

const parts: Part[] = ['log', 'output']

export type Pass = ReturnType<typeof createPass>

export function createPass({ store, files, setting, retentionOf, isBusy, log }: PassDeps) {
  return async function pass({ now, pace, removed, byAge }: PassOptions): Promise<void> {
    let isMeasured = true
    try {
      await measureNew()
    } catch (error) {
      if (!isDiskFull(error)) throw error
      isMeasured = false // what is known already can go, and makes the room
    }
    for (const scriptId of store.scriptIds()) {
      const limits = keepLimits(setting, retentionOf(scriptId))
      const newest = store.placeOf(scriptId, 0)
      if (!newest) continue
      const last = lastToGo(store, scriptId, limits, byAge ? now : Number.NEGATIVE_INFINITY)
      if (last) await removeRuns(scriptId, last, newest.id)
      if (byAge) await expireOld('log', scriptId, now - limits.logMs)
      if (byAge) await expireOld('output', scriptId, now - limits.outputMs)
      if (limits.bytes < Number.POSITIVE_INFINITY) await shrink(scriptId, limits.bytes, newest.id)
      await pace.rest()
    }
    await shrink('all', unlimited(setting('retention_bytes')), null)
    if (!isMeasured) await measureNew()

    async function measureNew() {
      for (;;) {
        const batch = free(store.unmeasured(pace.size))
        if (batch.length === 0) return
        const measured: Measured[] = []
        for (const run of batch) {
          const found = await files.measure(run)
          if (!isBusy(run.id)) measured.push(found)
        }
        pace.piece(() => store.setMeasured(measured))
        await pace.rest()
      }
    }

    async function removeRuns(scriptId: number, last: Place, newestId: number) {
      for (;;) {
        const batch = free(store.upTo(scriptId, last, newestId, pace.size))
        if (batch.length === 0) return
        await take(batch, parts, () => store.remove(batch.map(({ id }) => id)))
        removed.runs += batch.length
        await pace.rest()
      }
    }

    async function expireOld(part: Part, scriptId: number, before: number) {
      for (;;) {
        const batch = before > 0 ? free(store.withPart(part, scriptId, before, pace.size)) : []
        if (batch.length === 0) return
        await expire(batch, [part])
        await pace.rest()
      }
    }

    /** `keptId`: the run whose files stay, whatever they take. */
    async function shrink(scope: Scope, bytesMax: number, keptId: number | null) {
      for (;;) {
        const { logBytes, outputBytes } = store.bytes(scope)
        let over = logBytes + outputBytes - bytesMax
        if (over <= 0) return
        const batch: KeptRun[] = []
        for (const run of free(store.withFiles(scope, now - freshMs, pace.size))) {
          if (over <= 0) break
          if (run.id === keptId) continue
          batch.push(run)
          over -= run.bytes
        }
        if (batch.length === 0) return
        await expire(batch, parts)
        await pace.rest()
      }
    }

    async function expire(batch: KeptRun[], gone: Part[]) {
      const ids = batch.map(({ id }) => id)
      const count = await take(batch, gone, () => store.expire(gone, ids, now))
      removed.logs += count.log
      removed.outputs += count.output
    }

    async function take<T>(batch: KeptRun[], gone: Part[], mark: () => T): Promise<T> {
      const before = totalBytes()
      let marked: T
      try {
        marked = pace.piece(mark)
      } catch (error) {
        if (!isDiskFull(error)) throw error
        await removeFiles(batch, gone) // there is no room even to write that they go: they make it
        marked = pace.piece(mark)
      }
      removed.bytes += before - totalBytes()
      await removeFiles(batch, gone)
      return marked
    }
  }

  /** The others are looked at by the next pass. */
  function free(batch: KeptRun[]): KeptRun[] {
    return batch.filter(({ id }) => !isBusy(id))
  }

  function totalBytes() {
    const { logBytes, outputBytes } = store.bytes('all')
    return logBytes + outputBytes
  }

  /** What cannot be removed now is an orphan, and the sweep tries again. */
  async function removeFiles(batch: KeptRun[], gone: Part[]) {
    for (const run of batch)
      for (const part of gone)
        try {
          await files.remove(run, part)
        } catch (error) {
          log.warn({ run: run.id, error: messageOf(error) }, 'retention could not remove files of a run')
        }
  }
}

/** The newest of a script's runs that are over its age or its number; null when none is. */
export function lastToGo(
  store: RetentionStore,
  scriptId: number,
  limits: { runMs: number; runs: number },
  now: number,
): Place | null {
  const byAge = now - limits.runMs > 0 ? { finishedAt: now - limits.runMs, id: 0 } : null
  const byCount = limits.runs < Number.POSITIVE_INFINITY ? store.placeOf(scriptId, limits.runs) : null
  if (!byAge || !byCount) return byAge ?? byCount
  return byAge.finishedAt > byCount.finishedAt ? byAge : byCount
}
