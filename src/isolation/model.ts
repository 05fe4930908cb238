/** How a program is confined: what it may touch, what enforces it, and how a command line becomes a confined one. */
import type { ResourceLimits } from '../process/model.ts'

/** Best first. */
export const levels = ['bwrap', 'landlock', 'plain'] as const
export type Level = (typeof levels)[number]

/** Deno's model: `true` is everything, an empty list nothing. Paths are absolute. */
export interface Permissions {
  /** Or TCP ports that may be connected to; an empty list: no sockets at all. */
  net: true | number[]
  read: true | string[]
  write: true | string[]
  /** Names of global variables; `true`: all that are no secrets. Not the kernel's business. */
  env: true | string[]
  /** Programs that may be started. */
  run: true | string[]
}

/** One program to be confined. All paths are absolute. */
export interface Confinement {
  permissions: Permissions
  /** What it always may read: its own folder, its interpreter, its uploads. */
  readable: string[]
  /** What it always may write: OUTPUT_DIR, for example. They exist. */
  writable: string[]
  /** A folder of its own, which exists: /tmp where the level can do that, and TMPDIR in any case. */
  tempDir: string
  /** Folders of its uploads: given to the script's user before it starts, with what is in them. */
  owned: string[]
  /** Never seen, whatever else is allowed, but for what `readable`, `writable` and `tempDir` name inside. */
  hidden: string[]
  /** Never written, whatever else is allowed, but for what `permissions.write` names by itself. */
  protected: string[]
  /** Which of SCRIPT_UID_BASE's ids it gets where the gateway is root. */
  userIndex: number
  limits: ResourceLimits
}

export interface Command {
  argv: string[]
  cwd: string
  env: Record<string, string>
}

/** A command line that confines itself and then becomes the program. */
export interface ConfinedCommand extends Command {
  /** A file that the first process finds open as descriptor 3; null for none. */
  fileAsFd3: string | null
  /**
   * The first process (and its only child) is the sandbox's, not the script: it must not get TERM, since it would take
   * the script with it at once, and it tells a signal as 128 + its number.
   */
  isSupervised: boolean
  /** What was asked for and this level cannot enforce, in sentences; empty when all of it is. */
  unenforced: string[]
}

export interface IsolationReport {
  level: Level
  /** Why no better level is in force, one sentence for each of them that was tried. */
  reasons: string[]
  /** What the level enforces here: `read write net ports run pid user tmp` … */
  enforces: string[]
  /** `50000–59999`, or why scripts run as whom they do. */
  user: string
}

export interface Isolation {
  readonly report: IsolationReport
  /** Pure but for making `confinement.tempDir` and `writable` the script's own. Throws an Error when a path is not there. */
  confine(command: Command, confinement: Confinement): ConfinedCommand
}
