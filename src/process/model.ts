/** One program run to its end: what is asked for, and what came of it. */

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
  /** A `NAME=value` of `env` that no other process on the machine has: finds descendants that left the session. */
  mark: string
  /** Called for every chunk in order; the chunk is only valid during the call. */
  onOutput(stream: 'stdout' | 'stderr', chunk: Uint8Array): void
}

/** Why a process ended: by itself, or the first cause that stopped it. */
export type EndReason = 'exit' | 'timeout' | 'cancelled' | 'interrupted' | 'output_limit' | 'not_started'

export interface Outcome {
  reason: EndReason
  exitCode: number | null
  /** Name such as SIGKILL, null when it ended with an exit code. */
  signal: string | null
  durationMs: number
  outputBytes: number
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
