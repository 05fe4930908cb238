/** What is kept, and what the next pass would remove. */
import { type Clock, isoTime } from '../clock.ts'
import type { Part, RetentionStore } from '../runs/retention-store.ts'
import type { Policy } from '../scripts/policy-model.ts'
import type { Setting } from '../settings/settings.ts'
import type { DiskGuard } from './disk-guard.ts'
import { keepLimits, unlimited } from './limits.ts'
import type { StorageStatus } from './model.ts'
import { lastToGo } from './pass.ts'

interface StatusDeps {
  store: RetentionStore
  setting: Setting
  clock: Clock
  retentionOf(scriptId: number): Policy['retention']
  guard: DiskGuard
}

/** After so long others have their turn. */
const turnMs = 5

export function createStorageStatus({ store, setting, clock, retentionOf, guard }: StatusDeps) {
  return async function status(): Promise<Omit<StorageStatus, 'is_running' | 'last'>> {
    const { runs, oldestAt, unmeasured } = store.counts()
    const { logBytes, outputBytes } = store.bytes('all')
    return {
      kept: {
        runs,
        log_bytes: logBytes,
        output_bytes: outputBytes,
        oldest_at: isoTime(oldestAt),
        unmeasured_runs: unmeasured,
        database_bytes: store.fileBytes(),
      },
      bytes_max: setting('retention_bytes') || null,
      disk: guard.report(),
      due: await due(logBytes + outputBytes),
    }
  }

  async function due(bytes: number): Promise<StorageStatus['due']> {
    const now = clock.now()
    let turnAt = performance.now()
    const sum = { runs: 0, logs: 0, outputs: 0, bytes_over: Math.max(0, bytes - unlimited(setting('retention_bytes'))) }
    for (const scriptId of store.scriptIds()) {
      const newest = store.placeOf(scriptId, 0)
      if (!newest) continue
      const limits = keepLimits(setting, retentionOf(scriptId))
      const last = lastToGo(store, scriptId, limits, now)
      if (last) sum.runs += store.countUpTo(scriptId, last, newest.id)
      const after = last?.finishedAt ?? -1 // what goes with its run is counted there
      sum.logs += countOf('log', scriptId, after, now - limits.logMs)
      sum.outputs += countOf('output', scriptId, after, now - limits.outputMs)
      if (performance.now() - turnAt > turnMs) {
        await clock.sleep(0)
        turnAt = performance.now()
      }
    }
    return sum
  }

  function countOf(part: Part, scriptId: number, after: number, before: number): number {
    return before > after ? store.countWithPart(part, scriptId, { after, before }) : 0
  }
}
