/** What an option is: its name in the environment, type, default, bounds and what it is for. */
export type OptionType = 'str' | 'int' | 'float' | 'bool' | 'list'
export type ValueOf = { str: string; int: number; float: number; bool: boolean; list: string[] }

export interface Option<T extends OptionType = OptionType> {
  env: string
  type: T
  default: ValueOf[T]
  help: string
  min?: number
  max?: number
  choices?: readonly string[]
  /** An http(s) address, or empty. */
  isUrl?: boolean
  /** Of an address: who knows its path may use it, so its host alone is shown. */
  isSecretPath?: boolean
  /** Name of the setting for the secret with its login: then none is stored in the address itself. */
  loginIn?: string
  /** An absolute path, or empty. */
  isPath?: boolean
  /** The name of a time zone, or empty. */
  isZone?: boolean
  /** What each item of a list must look like, and in words. */
  item?: { pattern: RegExp; words: string }
  /** Read once at start, from the environment only. */
  startOnly?: boolean
}

export const option = <T extends OptionType>(
  type: T,
  env: string,
  value: ValueOf[T],
  help: string,
  rest: Partial<Option> = {},
) => ({ env, type, default: value, help, ...rest }) as Option<T>

export const MiB = 1024 * 1024
export const startOnly = true
export const isUrl = true
export const isPath = true
export const isZone = true
