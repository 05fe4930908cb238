/** What retention says of itself, in the shape of the API. Times are ISO 8601 in UTC. */

/** What one pass removed. */
export interface Removed {
  /** With all that belonged to them. */
  runs: number
  /** Of runs that stay in the history. */
  logs: number
  /** Files and long results of runs that stay in the history. */
  outputs: number
  /** Of logs, files and long results. */
  bytes: number
  /** Files and folders of runs that are not in the history any more. */
  orphans: number
  temp_items: number
  temp_bytes: number
}

export interface LastPass {
  started_at: string
  finished_at: string
  removed: Removed
  /** What kept it from being complete, in words. */
  problem: string | null
}

export interface DiskReport {
  /** null where it cannot be told. */
  free_bytes: number | null
  /** The setting disk_free_bytes_min. */
  free_bytes_min: number
  /** Why no run is accepted, in words; null when runs are. */
  problem: string | null
}

export interface StorageStatus {
  kept: {
    runs: number
    log_bytes: number
    /** Files and long results. */
    output_bytes: number
    oldest_at: string | null
    /** Ended runs whose files have not been measured yet. */
    unmeasured_runs: number
    /** Of the database. */
    database_bytes: number
  }
  /** Of logs, files and long results together, the setting retention_bytes; null: no limit. */
  bytes_max: number | null
  disk: DiskReport
  /** What the next pass would remove. */
  due: { runs: number; logs: number; outputs: number; bytes_over: number }
  is_running: boolean
  /** Since the gateway started; null when there was none yet. */
  last: LastPass | null
}

export const nothingRemoved = (): Removed => ({
  ...{ runs: 0, logs: 0, outputs: 0, bytes: 0, orphans: 0, temp_items: 0, temp_bytes: 0 },
})
