/** When a schedule is due, as people write it: cron, a nickname such as `@daily`, plain words, or a moment. */
import type { Timing } from '../model.ts'
import { looksLikeCron, readCron } from './cron.ts'
import { readWords } from './words.ts'

export interface WhenContext {
  /** IANA, as normalZone gives it. */
  timezone: string
  now: number
  startsAt?: number | null
}

export type ReadWhen = { ok: true; timing: Timing } | { ok: false; problem: string }

/** Characters of an expression. */
export const whenLengthMax = 200

/** Problems are sentences that say what to write instead. "in 10 minutes" and "tomorrow" count from `now`: read them once, when they are saved. */
export function parseWhen(text: string, context: WhenContext): ReadWhen {
  const plain = text.normalize('NFKC').trim()
  if (plain === '') return no('Say when: "every weekday at 9:30", "@daily", or cron such as "30 9 * * MON-FRI".')
  if (plain.length > whenLengthMax) return no(`This has ${plain.length} characters; up to ${whenLengthMax} are read.`)
  if (!looksLikeCron(plain)) return readWords(plain, context)
  const read = readCron(plain)
  return read.ok ? { ok: true, timing: { kind: 'cron', cron: read.cron } } : read
}

const no = (problem: string): ReadWhen => ({ ok: false, problem })
