/** What is kept, and for how long. A run that waits or runs is never removed, nor the newest run of a script. */
import { MiB, option } from './option.ts'

const GiB = 1024 * MiB

const days = (env: string, value: number, help: string) => option('float', env, value, help, { min: 0, max: 36_500 })

export const storageOptions = {
  disk_free_bytes_min: option(
    'int',
    'DISK_FREE_BYTES_MIN',
    128 * MiB,
    'Bytes that stay free on the disk of DATA_DIR: with less, new runs are refused.',
    { min: 0, max: 1024 ** 4 },
  ),
  retention_days: days(
    'RETENTION_DAYS',
    90,
    'Days after its end that a run is kept in the history, with all that belongs to it; 0: for ever.',
  ),
  retention_runs_per_script: option(
    'int',
    'RETENTION_RUNS_PER_SCRIPT',
    10_000,
    'Newest runs of a script that are kept, others are removed with all that belongs to them; 0: no limit.',
    { min: 0, max: 10_000_000 },
  ),
  log_retention_days: days(
    'LOG_RETENTION_DAYS',
    30,
    'Days after its end that the log of a run is kept; 0: as long as the run.',
  ),
  output_retention_days: days(
    'OUTPUT_RETENTION_DAYS',
    30,
    'Days after its end that the files and the long results of a run are kept; 0: as long as the run.',
  ),
  retention_bytes: option(
    'int',
    'RETENTION_BYTES',
    20 * GiB,
    'Bytes of logs, files and long results of all runs together; over it, those of the oldest runs are removed. 0: no limit.',
    { min: 0, max: 1024 ** 5 },
  ),
  versions_max: option(
    'int',
    'VERSIONS_MAX',
    100,
    'Newest versions of a script that are kept, the one in force among them; over it, the oldest go.',
    { min: 1, max: 100_000 },
  ),
  temp_retention_hours: option(
    'float',
    'TEMP_RETENTION_HOURS',
    24,
    'Hours that temporary files which no live run needs are kept, uploads among them; 0: for ever.',
    { min: 0, max: 87_600 },
  ),
}
