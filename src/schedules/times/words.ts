/** The grammar of plain words. */
import type { ReadWhen, WhenContext } from './parse.ts'

export function readWords(text: string, _context: WhenContext): ReadWhen {
  return { ok: false, problem: `"${text}" is not understood yet.` }
}
