/** One program run to its end: what is asked for, and what came of it. */

/** What a program and everything it starts may use. */
export interface ResourceLimits {
  /** Of the whole tree. */
  memoryBytesMax: number
  /** Processor time of the whole tree, seconds. */
  cpuSecMax: number
  /** Processes and threads of the whole tree. */
  processesMax: number
  /** Of one process. */
  openFilesMax: number
  /** Of one file that is written. */
  fileBytesMax: number
}

/** What a tree of processes used: seen by looks now and then, so each is what it was at least. */
export interface Usage {
  cpuMs: number
  /** Files that it read or mapped aside; null when it ended before it was looked at. */
  memoryBytesPeak: number | null
  /** Processes and threads at once. */
  processesPeak: number
}

/** The limit that ended a program, and how far it had gone. */
export interface OverLimit {
  limit: 'memory' | 'cpu' | 'processes'
  /** Bytes, seconds, or processes. */
  used: number
  max: number
}

export interface ProcessSpec {
  /** Program and arguments; never parsed by a shell. */
  argv: string[]
  cwd: string
  /** The whole environment of the program. */
  env: Record<string, string>
  timeoutMs: number
  /** Between TERM and KILL. */
  graceMs: number
  /** Over stdout and stderr together. */
  outputBytesMax: number
  /** Watched over the whole tree; absent: only time and output are. */
  resources?: ResourceLimits
  /** Opened for the program as descriptor 3. */
  fileAsFd3?: string | null
  /** The first process and its only child are a sandbox's (bwrap): see `ConfinedCommand`. */
  isSupervised?: boolean
  /** A `NAME=value` of `env` that no other process on the machine has: finds descendants that left the session. */
  mark: string
  /** Called for every chunk in order; the chunk is only valid during the call. */
  onOutput(stream: 'stdout' | 'stderr', chunk: Uint8Array): void
}

/** Why a process ended: by itself, or the first cause that stopped it. */
export type EndReason =
  | 'exit'
  | 'timeout'
  | 'cancelled'
  | 'interrupted'
  | 'output_limit'
  | 'resource_limit'
  | 'not_started'

export interface Outcome {
  reason: EndReason
  exitCode: number | null
  /** Name such as SIGKILL, null when it ended with an exit code. */
  signal: string | null
  durationMs: number
  outputBytes: number
  /** null where the host cannot tell. */
  usage: Usage | null
  /** Set with `resource_limit`. */
  overLimit: OverLimit | null
  /** Why it could not be started, with `not_started`. */
  error: string | null
}

export interface RunningProcess {
  pid: number
  /**
   * Resolves when the process and its group are gone and its output has been read; a daemon that left the session and
   * the output is ended within the next second. Rejects, after that, only with what `onOutput` threw.
   */
  outcome: Promise<Outcome>
  /** Asks the whole tree to end, and ends it after the grace. Only the first reason counts; later calls do nothing. */
  stop(reason: 'cancelled' | 'interrupted' | 'output_limit'): void
}

/** Starts a program. Never throws: one that cannot be started has an outcome with `not_started`. */
export type StartProcess = (spec: ProcessSpec) => RunningProcess
