import type { Stats } from 'node:fs'
import { stat } from 'node:fs/promises'

/** What changes when a file is written, replaced or moved over: equal means that it need not be read again. */
export const stampOf = ({ size, mtimeMs, ctimeMs, ino }: Stats) => `${size}-${mtimeMs}-${ctimeMs}-${ino}`

/** A second write within the same tick of the file system's clock (4 ms) leaves the same times: read it once more. */
const freshMs = 20

/** Whether a file was changed so recently that its stamp cannot be relied on. `nowMs`: when it was looked at. */
export const isFresh = ({ mtimeMs, ctimeMs }: Stats, nowMs: number) => nowMs - Math.max(mtimeMs, ctimeMs) < freshMs

/** null when there is nothing (a link to nothing included). */
export async function statOrNull(path: string): Promise<Stats | null> {
  try {
    return await stat(path)
  } catch {
    return null
  }
}
