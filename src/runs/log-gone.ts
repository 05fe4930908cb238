/** A log that is not there any more is told as that: an empty text would say that the script printed nothing. */
import { existsSync } from 'node:fs'
import { GatewayError } from '../errors.ts'
import type { Run } from './model.ts'

/** `path`: where the log of the run is kept. Throws `not_found` when the run had one and it is gone. */
export function refuseGoneLog(run: Run, path: string): void {
  if (run.log_expired_at !== null) {
    const day = run.log_expired_at.slice(0, 10)
    const message = `The log of run ${run.id} was removed by retention on ${day}; the settings log_retention_days and retention_bytes say what is kept.`
    throw new GatewayError('not_found', message)
  }
  if (run.finished_at !== null && run.log_lines > 0 && !existsSync(path))
    throw new GatewayError('not_found', `The log of run ${run.id} is missing: somebody removed its file.`)
}
