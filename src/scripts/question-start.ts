/** What a script is asked for its schema with, when it has packages; and what is said while they are not there. */
import type { Permissions } from '../isolation/model.ts'
import type { Runtime } from '../runtimes/model.ts'
import { schemaFlag } from './args-map.ts'
import type { Answer } from './extract.ts'

export interface AskedScript {
  /** Absolute. */
  file: string
  dir: string
  runtime: Runtime
}

/** Instead of the bare interpreter. */
export interface QuestionStart {
  /** The whole command line. */
  argv(args: string[]): string[]
  /** On top of the question's own. */
  env: Record<string, string>
  /** Before PATH; absolute. */
  binDir: string
  /** Absolute: what must be readable beside what it may read anyway. */
  readable(permissions: Permissions): string[]
  /** When it has answered: what was held for it may go. */
  release?(): void
}

/** For the scanner: what a script's packages are, which is not this feature's business. */
export interface QuestionPackages {
  /** null: it is asked with the bare interpreter. */
  startOf?(script: AskedScript): QuestionStart | null
  /** Names of those that are declared and not installed yet. */
  pendingPackages?(script: AskedScript): string[]
}

/** By these words a question in vain is found again when the packages are there. */
export const awaitingWords = ' not installed yet; it is asked again when they are.'

/** Whether a script is only waiting for its packages. */
export const isAwaiting = (ownError: string | null): boolean => ownError?.includes(awaitingWords) ?? false

const namesMax = 5

/** The answer as it is, or what is missing for one. */
export function sayPending(answer: Answer, packages: string[]): Answer {
  if (answer.ok || packages.length === 0) return answer
  const more = packages.length > namesMax ? `, and ${packages.length - namesMax} more` : ''
  const names = packages.slice(0, namesMax).join(', ')
  return { ok: false, error: `It did not answer ${schemaFlag}: its packages (${names}${more}) are${awaitingWords}` }
}
