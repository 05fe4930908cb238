/**
 * What became of occurrences, in memory and in the database. What cannot be written now, for the disk or a lock, is written as soon as it
 * can be: an occurrence that stays open in the database would hold up the ones after it.
 */
import { messageOf, storageFault } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Checkpoint } from '../logs/checkpoint.ts'
import type { Runs } from '../runs/runs.ts'
import type { SchedulerStore } from './store.ts'
import type { OccurrenceRow } from './table.ts'

interface NotingDeps {
  store: Pick<SchedulerStore, 'started' | 'change'>
  runs: Pick<Runs, 'setRetryAt'>
  log: Log
  checkpoint: Checkpoint
}

export function createNoting({ store, runs, log, checkpoint }: NotingDeps) {
  const unwritten = new Map<number, OccurrenceRow>()

  function tryTo(write: () => void, occurrence: OccurrenceRow) {
    if (unwritten.has(occurrence.id)) return // all of it is written together
    try {
      write()
    } catch (error) {
      const about = { occurrence: occurrence.id, error: messageOf(error) }
      log.error(about, 'what became of an occurrence could not be stored yet')
      unwritten.set(occurrence.id, occurrence)
    }
  }

  return {
    /** Writes it, and remembers it even where it cannot be written: what is open must not be started twice. Never throws. */
    became(occurrence: OccurrenceRow, change: Partial<OccurrenceRow>) {
      Object.assign(occurrence, change)
      tryTo(() => {
        checkpoint(`occurrence becomes ${occurrence.state}`)
        if (change.state === 'started' && change.runId && change.attempt === undefined)
          store.started(occurrence.id, change.runId)
        else store.change(occurrence.id, change)
        checkpoint(`occurrence became ${occurrence.state}`)
      }, occurrence)
    },

    /** Its run is told whether another attempt follows, and when. Never throws. */
    tellRun(occurrence: OccurrenceRow) {
      const { runId } = occurrence
      if (runId !== null) tryTo(() => runs.setRetryAt(runId, retryAtOf(occurrence)), occurrence)
    },

    /** Writes what could not be written; false when something still cannot be. */
    flush(): boolean {
      for (const [id, occurrence] of unwritten)
        try {
          const { state, reason, runId, attempt, retryAt } = occurrence
          store.change(id, { state, reason, runId, attempt, retryAt })
          if (runId !== null) runs.setRetryAt(runId, retryAtOf(occurrence))
          unwritten.delete(id)
        } catch (error) {
          if (storageFault(error)) return false // the others would fail as well, and each has to wait for a lock
          log.error({ occurrence: id, error: messageOf(error) }, 'what became of an occurrence cannot be stored')
          unwritten.delete(id)
        }
      return true
    },
  }
}

/** Of its run: a start that is tried again is none of its. */
const retryAtOf = ({ state, retryAt }: OccurrenceRow) => (state === 'started' ? retryAt : null)
