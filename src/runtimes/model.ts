import type { RuntimeName } from '../scripts/model.ts'

/** A language that scripts are written in. A pure description: it starts nothing. */
export interface Runtime {
  name: RuntimeName
  /** As people write it. */
  label: string
  /** Folder below SCRIPTS_DIR. */
  folder: string
  /** With the dot. */
  extensions: readonly string[]
  /** null when the file has an entry point, else what is missing, in a sentence. Throws nothing. */
  entryPointProblem(source: string, filename: string): string | null
  /** The command line that runs `file` (absolute) with `args`. */
  command(file: string, args: string[]): string[]
  /** How a flag and its value are written; each element is one argv element. */
  argument(flag: string, value: string): string[]
  /** Variables the interpreter itself needs, on top of the clean environment. */
  env: Record<string, string>
}

export type Runtimes = Record<RuntimeName, Runtime>
