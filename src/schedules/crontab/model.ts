/** What a crontab holds, line by line, and what an import asks of scripts. */
import type { Param, RuntimeName } from '../../scripts/model.ts'

export const crontabBytesMax = 256 * 1024
export const linesMax = 2000
/** As cronie: longer commands are cut there, which nobody means. */
export const lineLengthMax = 1000

interface Place {
  /** From 1. */
  line: number
  /** As it was written, at most `lineLengthMax` characters. */
  text: string
}

/** One line of a crontab as crontab(5) reads it. */
export type CrontabLine =
  | (Place & { kind: 'blank' | 'comment' })
  | (Place & { kind: 'variable'; name: string; value: string })
  | (Place & { kind: 'problem'; problem: string })
  | (Place & CrontabCommand)

export interface CrontabCommand {
  kind: 'command'
  /** `@daily`, or five fields as croner understands them. */
  when: string
  /** The one that CRON_TZ names above it; null: none does. */
  timezone: string | null
  /** What `NAME=value` lines above it set. */
  variables: ReadonlyMap<string, string>
  /** Of the system's crontabs. */
  user: string | null
  /** What the shell is given: up to the first `%`. */
  command: string
  /** What comes after it; null: nothing. */
  stdin: string | null
  warnings: string[]
}

/** A script that a line may turn out to start. */
export interface ImportScript {
  id: number
  slug: string
  runtime: RuntimeName
  /** Path inside its runtime's folder, with `/`. */
  filename: string
  params: Param[]
}

/** A value, or why there is none, in a sentence. */
export type Outcome<T> = ({ ok: true } & T) | { ok: false; problem: string }

export const refuse = (problem: string) => ({ ok: false as const, problem })

/** Short enough for a message. */
export const quote = (text: string) => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
