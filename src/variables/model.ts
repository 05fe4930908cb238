/** Variables that scripts find in their environment: everybody's, or one script's. */

/** Whose a variable is: a script's id, or everybody's. */
export type Scope = number
export const globalScope: Scope = 0

/** As the API and the pages show it. */
export interface Variable {
  name: string
  secret: boolean
  /** Never a secret's. */
  value: string | null
  /** Why a secret cannot be given to a script, in a sentence. */
  error: string | null
  created_at: string
  updated_at: string
}

/** What is to be; left out: as it was, or plain where it is new. */
export interface VariableChange {
  value?: string
  secret?: boolean
}

/** What a run gets. */
export interface Given {
  env: Record<string, string>
  /** Values of secrets, to be masked wherever the run shows something. */
  secrets: string[]
}
