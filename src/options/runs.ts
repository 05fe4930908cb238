/** Runs: their limits, which a script may narrow and nobody may raise above the maximum, and the queue. */
import { availableParallelism } from 'node:os'
import { MiB, option } from './option.ts'

export const runsOptions = {
  timeout_min: option('float', 'TIMEOUT_MIN', 10, 'Minutes after which a run is stopped.', { min: 0.001, max: 10_080 }),
  kill_grace_sec: option(
    'float',
    'KILL_GRACE_SEC',
    3,
    'Seconds between asking a run to end (TERM) and ending it (KILL).',
    { min: 0, max: 300 },
  ),
  memory_bytes_max: option(
    'int',
    'MEMORY_BYTES_MAX',
    2048 * MiB,
    'Bytes of memory that a run and everything it starts may use; more stop it.',
    { min: 32 * MiB, max: 1024 ** 4 },
  ),
  cpu_sec_max: option('int', 'CPU_SEC_MAX', 3600, 'Seconds of processor time that a run may use; more stop it.', {
    min: 1,
    max: 31 * 86_400,
  }),
  processes_max: option(
    'int',
    'PROCESSES_MAX',
    256,
    'Processes and threads that a run may have at once; more stop it.',
    {
      min: 4,
      max: 32_768,
    },
  ),
  open_files_max: option('int', 'OPEN_FILES_MAX', 1024, 'Files that one process of a run may have open.', {
    min: 32,
    max: 1_048_576,
  }),
  file_bytes_max: option('int', 'FILE_BYTES_MAX', 1024 * MiB, 'Bytes of one file that a run writes.', {
    min: 1024,
    max: 1024 ** 4,
  }),
  output_bytes_max: option(
    'int',
    'OUTPUT_BYTES_MAX',
    1024 * MiB,
    'Bytes that a run may print, or leave in OUTPUT_DIR; more stop it.',
    { min: 1024, max: 1024 ** 4 },
  ),
  result_bytes_max: option(
    'int',
    'RESULT_BYTES_MAX',
    16 * MiB,
    'Bytes of a text or JSON result in an answer; a larger one is given as a file.',
    { min: 1024, max: 256 * MiB },
  ),
  log_bytes_max: option(
    'int',
    'LOG_BYTES_MAX',
    32 * MiB,
    "Bytes kept of a run's log: its first half and its last half.",
    { min: 64 * 1024, max: 1024 ** 4 },
  ),
  run_slots: option(
    'int',
    'RUN_SLOTS',
    Math.max(16, availableParallelism() * 4),
    'Runs at the same time; more wait in the queue.',
    { min: 1, max: 1000 },
  ),
  run_slots_per_script: option(
    'int',
    'RUN_SLOTS_PER_SCRIPT',
    0,
    'Runs of one script at the same time; 0: no limit of its own.',
    { min: 0, max: 1000 },
  ),
  queue_length_max: option('int', 'QUEUE_LENGTH_MAX', 10_000, 'Runs that may wait; more are refused with 429.', {
    min: 0,
    max: 1_000_000,
  }),
  second_start: option(
    'str',
    'SECOND_START',
    'parallel',
    'What becomes of a start while the script is running already: run beside it, wait for it, be skipped, or replace it.',
    { choices: ['parallel', 'queue', 'skip', 'replace'] },
  ),
  on_interrupt: option(
    'str',
    'ON_INTERRUPT',
    'leave',
    'What becomes of a run that the end of the gateway interrupted: left as it is, or run again at the next start, three attempts in all.',
    { choices: ['leave', 'retry'] },
  ),
  script_env_names: option(
    'list',
    'SCRIPT_ENV_NAMES',
    [],
    "Names of variables of the gateway's environment that scripts are given too.",
    { item: { pattern: /^[A-Za-z_][A-Za-z0-9_]*$/, words: 'names of variables' } },
  ),
}
