/**
 * A database from the past does not do again what was done since: nothing that was due is caught up with, no attempt
 * follows, no notification goes out. Times of schedules are made anew from now, when the gateway starts.
 */
import type { Database } from 'bun:sqlite'

/** `now`: milliseconds since 1970. */
export function quietRestored(client: Database, now: number): void {
  client.transaction(() => {
    client.run('UPDATE schedules SET next_at = NULL, fire_at = NULL')
    client.run(`UPDATE occurrences SET state = 'ran', retry_at = NULL WHERE state = 'started'`)
    client.run(
      `UPDATE occurrences SET state = 'skipped', retry_at = NULL, reason = ? WHERE state IN ('claimed', 'waiting')`,
      ['The gateway was restored from a backup that was made before it began.'],
    )
    client.run('UPDATE runs SET retry_at = NULL WHERE retry_at IS NOT NULL')
    client.run('DELETE FROM scheduler')
    client.run(
      `UPDATE deliveries SET state = 'failed', next_at = NULL, finished_at = ?, problem = ? WHERE state IN ('pending', 'held')`,
      [
        now,
        'The gateway was restored from a backup that was made before it was sent: send it again if it is still true.',
      ],
    )
  })()
}

/** Whether anything in it is sealed, so that it needs its key. */
export function hasSealed(client: Database): boolean {
  const asks = ['variables WHERE is_secret', 'schedules', 'channels']
  return asks.some((what) => client.query(`SELECT 1 FROM ${what} LIMIT 1`).get() !== null)
}
