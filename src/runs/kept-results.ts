/** Long results live in files beside the logs, so that the history stays quick. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Result } from './model.ts'

/** A result longer than this, as JSON, is kept in a file instead of in the database. */
const storedLengthMax = 64 * 1024

/** `pathOf`: where the result of a run would be kept. */
export type KeptResults = ReturnType<typeof createKeptResults>

export function createKeptResults({ pathOf, log }: { pathOf(id: number): string; log: Log }) {
  return {
    /** What goes into the database: null when it went into a file. */
    keep(id: number, result: Result | null): Result | null {
      const text = result === null ? '' : JSON.stringify(result)
      if (result === null || text.length <= storedLengthMax) return result
      try {
        mkdirSync(dirname(pathOf(id)), { recursive: true })
        writeFileSync(pathOf(id), text)
      } catch (error) {
        log.error({ run: id, error: messageOf(error) }, 'a long result could not be kept')
      }
      return null
    },
    /** The result that went into a file; null when there is none. */
    load: (id: number): Result | null => (existsSync(pathOf(id)) ? JSON.parse(readFileSync(pathOf(id), 'utf8')) : null),
  }
}
