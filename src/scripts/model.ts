/** What a script is, as it is stored, listed and shown. */
import type { Policy } from './policy-model.ts'

export const runtimeNames = ['python', 'js'] as const
export type RuntimeName = (typeof runtimeNames)[number]

export const scriptStates = ['active', 'inactive', 'error', 'missing'] as const
export type ScriptState = (typeof scriptStates)[number]

export const paramTypes = ['str', 'int', 'float', 'bool', 'file', 'choice', 'json', 'url'] as const
export type ParamType = (typeof paramTypes)[number]

/** One entry of ARGS_MAP as its author wrote it (contract, section 1); checked by `parseArgsMap`. */
export interface ArgDeclaration {
  type: string
  flag?: string
  required?: boolean
  help?: string
  default?: unknown
  choices?: (string | number)[]
  multiple?: boolean
  min?: number
  max?: number
  pattern?: string
  secret?: boolean
  action?: string
}

/** The schema of a script: parameter name to declaration, in the author's order. */
export type ArgsMap = Record<string, ArgDeclaration>

/** One parameter with every question answered; what validation, argv and forms are made from. */
export interface Param {
  name: string
  flag: string
  type: ParamType
  /** The type as declared, where it is none of ours (`audio`, `colour`): `file` for media, else served as `str`. */
  declaredType: string
  /** Declared with a type nobody knows: served as `str` and flagged. */
  isUnknownType: boolean
  required: boolean
  help: string
  /** undefined: not passed when left out. */
  default: unknown
  choices: (string | number)[] | null
  multiple: boolean
  min: number | null
  max: number | null
  pattern: string | null
  secret: boolean
  /** The flag alone, only when true. */
  storeTrue: boolean
}

/** A script as the API gives it. Times are ISO 8601 in UTC. */
export interface Script {
  id: number
  slug: string
  /** Path inside its runtime's folder, with `/`. */
  filename: string
  runtime: RuntimeName
  /** Folder inside its runtime's folder, empty at the top. */
  group: string
  alias: string | null
  description: string
  tags: string[]
  state: ScriptState
  /** Why the state is `error`. */
  error: string | null
  /** What the user should know although the script works: a type nobody knows, a sidecar that stands in. */
  warnings: string[]
  params: ArgsMap
  /** Where `params` come from. */
  schema_source: 'script' | 'sidecar' | null
  /** The hand-written sidecar and the script's own answer are not the same: both are there to choose from. */
  schema_differs: boolean
  content_hash: string
  /** What its policy file says, the last valid one; empty where there is none. */
  policy: Policy
  last_run: LastRun | null
  created_at: string
  updated_at: string
}

export interface LastRun {
  id: number
  status: string
  queued_at: string
  finished_at: string | null
  duration_ms: number | null
}
