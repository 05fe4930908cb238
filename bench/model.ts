/** What a measure is and what it answers. Importing it does nothing. */
import type { Lab } from './lab.ts'

/** What was promised of a number. */
export type Promised = { atMost: number } | { atLeast: number }

/** One line of the table. All numbers are in `unit`; `compared` is what the promise is about. */
export interface Row {
  /** A sentence: what was done. */
  what: string
  unit: 'ms' | 'KB' | 'MB' | 'runs' | 'runs/s' | '%' | 'processes' | 'ratio'
  /** The same without the gateway, taken in the same run. */
  baseline: number | null
  /** In words: what the baseline is. */
  against: string
  measured: number
  compared: { value: number; unit: Row['unit']; how: string }
  promised: Promised | null
}

export interface Measure {
  name: string
  about: string
  run(lab: Lab): Promise<Row[]>
}

/** null: nothing was promised. */
export function isKept({ compared, promised }: Row): boolean | null {
  if (!promised) return null
  return 'atMost' in promised ? compared.value <= promised.atMost : compared.value >= promised.atLeast
}
