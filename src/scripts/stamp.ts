import type { Stats } from 'node:fs'
import { lstat, stat } from 'node:fs/promises'

/** What changes when a file is written, replaced or moved over: equal means that it need not be read again. */
export const stampOf = ({ size, mtimeMs, ctimeMs, ino }: Stats) => `${size}-${mtimeMs}-${ctimeMs}-${ino}`

/**
 * The same without the time of the last change of its entry, which every hard link to it is, too: scripts get such links where
 * they have packages. Whose rights they are is in it, since a file that could not be read may be readable now.
 */
export const codeStampOf = ({ size, mtimeMs, ino, mode, uid, gid }: Stats) =>
  `${size}-${mtimeMs}-${ino}-${mode}-${uid}-${gid}`

/** A second write within the same tick of the file system's clock (4 ms) leaves the same times: read it once more. */
const freshMs = 20

/** Whether a file was changed so recently that its stamp cannot be relied on. `nowMs`: when it was looked at. */
export const isFresh = ({ mtimeMs, ctimeMs }: Stats, nowMs: number) => nowMs - Math.max(mtimeMs, ctimeMs) < freshMs

/** Of a file whose stamp is `codeStampOf`. */
export const isFreshCode = ({ mtimeMs }: Pick<Stats, 'mtimeMs'>, nowMs: number) => nowMs - mtimeMs < freshMs

/** null when there is nothing; of a link its own. */
export async function lstatOrNull(path: string): Promise<Stats | null> {
  try {
    return await lstat(path)
  } catch {
    return null
  }
}

/** null when there is nothing (a link to nothing included). */
export async function statOrNull(path: string): Promise<Stats | null> {
  try {
    return await stat(path)
  } catch {
    return null
  }
}
