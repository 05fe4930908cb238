/** What runs ask of dependencies: whether everything is there, and what to start with. */
import type { RunnableScript } from '../scripts/catalog.ts'
import type { QuestionStart } from '../scripts/question-start.ts'

export type PackagesState =
  /** It declares nothing. */
  | { state: 'none' }
  /** `environment`: its name. */
  | { state: 'ready'; environment: string }
  /** `until` resolves when it is worth to ask again, and rejects with a `dependency` error. */
  | { state: 'waiting'; installation: number | null; until: Promise<unknown> }

/** An environment that a run keeps until it gives it back: it is not removed, and nothing else takes its place. */
export interface GivenPackages extends QuestionStart {
  /** Its name. */
  environment: string
  release(): void
}

export interface PackagesForRuns {
  /** Looks at the declaration as it is now; begins to install what is missing. Never throws. */
  check(script: RunnableScript): PackagesState
  /** `environment`: what `check` has just answered, in the same turn. Throws a `dependency` error when it cannot be used. */
  give(script: RunnableScript, environment: string): GivenPackages
}

export interface Arrivals {
  /**
   * Resolves when what the script needs is there, and it was asked for its schema with it: for one that cannot tell it without.
   * Begins to install what is missing. Rejects with a `dependency` error.
   */
  arrive(script: RunnableScript): Promise<void>
}

/** Where nothing needs packages. */
export const noPackages: PackagesForRuns = {
  check: () => ({ state: 'none' }),
  give() {
    throw new Error('there are no environments')
  },
}
