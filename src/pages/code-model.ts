/** What the Code tab shows of a file and its saves. */
import type { ArgsMap } from '../scripts/model.ts'
import type { Stretch } from '../scripts/versions-diff.ts'

/** Who changed a file; by null: somebody on the disk. */
export interface CodeChange {
  by: string | null
  /** ISO 8601, UTC. */
  at: string | null
}

/** What the file has on the disk against what is typed; null: it takes too long to find out. */
export interface CodeDifference {
  stretches: Stretch[] | null
}

/** What became of a script by its last save here. */
export interface CodeOutcome {
  /** SHA-256 of what was saved. */
  hash: string
  /** How long it took to be read again. */
  tookMs: number
  by: string
  /** ISO 8601, UTC. */
  at: string
  /** Its parameters before. */
  before: ArgsMap
  /** Names, in the script's order. */
  added: string[]
  removed: string[]
  changed: { name: string; what: MemberChange[] }[]
  /** Schedules whose parameters do not fit any more. */
  broken: { id: number; name: string; message: string }[]
  /** The script could not tell its parameters: those of the sidecar stay. */
  isSilent: boolean
  /** Where in the file the error is, as far as it says so. */
  line: number | null
}

/** A member of a parameter's declaration; null: it is not there. */
export interface MemberChange {
  member: string
  was: string | null
  is: string | null
}
