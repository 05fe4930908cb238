/** What a script's `.{stem}.policy.json` says: what it may touch, its limits, and how its runs are treated. */

/** As the author wrote it: `true` everything, `false` or an empty list nothing; paths may be relative to the script's folder. */
export interface DeclaredPermissions {
  net?: boolean | number[]
  read?: boolean | string[]
  write?: boolean | string[]
  /** Names of global variables; a secret is given only where it is named here. */
  env?: boolean | string[]
  run?: boolean | string[]
}

/** Narrower than the settings of the same name; a larger value does not widen them. */
export const policyLimitNames = [
  'timeout_min',
  'memory_bytes_max',
  'cpu_sec_max',
  'processes_max',
  'open_files_max',
  'file_bytes_max',
  'output_bytes_max',
  'log_bytes_max',
  'upload_bytes_max',
] as const
export type PolicyLimitName = (typeof policyLimitNames)[number]

export const secondStarts = ['parallel', 'queue', 'skip', 'replace'] as const
export type SecondStart = (typeof secondStarts)[number]
export const onInterrupts = ['leave', 'retry'] as const
export type OnInterrupt = (typeof onInterrupts)[number]

/** Every part may be left out: then the settings count. */
export interface Policy {
  permissions?: DeclaredPermissions
  limits?: Partial<Record<PolicyLimitName, number>>
  queue?: {
    /** Runs of this script at the same time. */
    slots?: number
    /** -100 to 100; a higher one goes first, 0 is usual. */
    priority?: number
    second_start?: SecondStart
    /** Starts a minute by callers; a repeat after a restart does not count. */
    rate_per_min?: number
  }
  on_interrupt?: OnInterrupt
  retention?: {
    /** Days after its end that a run is kept. */
    days?: number
    /** Newest runs that are kept. */
    runs?: number
    /** Of logs and outputs of all its runs together. */
    bytes?: number
  }
}
