/** Ends of runs that could not be stored, for the disk or a lock: told as they are, and stored when that is over. */
import { messageOf, storageFault } from '../errors.ts'
import type { Log } from '../log.ts'
import type { RunRow } from './table.ts'

const retryMs = 1000

export interface Unsaved {
  /** `save` throws while it cannot. */
  add(row: RunRow, save: () => void): void
  get(id: number): RunRow | undefined
  /** A last try, before the database is closed; false when something is still not stored. */
  flush(): boolean
}

export function createUnsaved({ log }: { log: Log }): Unsaved {
  const waiting = new Map<number, { row: RunRow; save: () => void }>()
  let timer: ReturnType<typeof setTimeout> | undefined

  function flush() {
    clearTimeout(timer)
    for (const [id, { save }] of waiting)
      try {
        save()
        waiting.delete(id)
      } catch (error) {
        log.debug({ run: id, error: messageOf(error) }, 'the end of a run still cannot be stored')
        if (storageFault(error)) break // the others would fail as well, and each has to wait for a lock
      }
    if (waiting.size > 0) timer = setTimeout(flush, retryMs)
  }

  return {
    add(row, save) {
      waiting.set(row.id, { row, save })
      clearTimeout(timer)
      timer = setTimeout(flush, retryMs)
    },
    get: (id) => waiting.get(id)?.row,
    flush() {
      flush()
      clearTimeout(timer)
      return waiting.size === 0
    },
  }
}
