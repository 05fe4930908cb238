/** Locks are kept beside what they resolve: written when something was built, so that the next build is the same. */
import { lstat, readFile } from 'node:fs/promises'
import { GatewayError, messageOf } from '../errors.ts'
import { fileError, resolvePlace } from '../scripts/place.ts'
import { writeInPlace } from '../scripts/write.ts'
import type { Declaration } from './model.ts'
import type { Need } from './needs.ts'

export type Locks = ReturnType<typeof createLocks>

/** `scriptsDir`: absolute. `onWrite` is told of each that was written, absolute. */
export function createLocks({ scriptsDir, onWrite }: { scriptsDir: string; onWrite(path: string): void }) {
  /** Writes the lock of a declaration, unless it is there as it is to be. Throws `forbidden`, `resource`, `conflict`. */
  async function write({ lockFile }: Declaration, text: string): Promise<void> {
    const path = await resolvePlace(scriptsDir, lockFile)
    await refuseOther(path, lockFile)
    const before = await readFile(path, 'utf8').catch(() => null) // whatever is wrong with it: it is written anew
    if (before === text) return
    await writeInPlace(path, Buffer.from(text), { isNew: false }).catch((error) => {
      throw fileError(error, `"${lockFile}"`)
    })
    onWrite(path)
  }

  /** The sentence for one that could not be written; null when it was. Rejects for a fault that is not the disk's. */
  async function tryWrite(declaration: Declaration, text: string): Promise<string | null> {
    try {
      await write(declaration, text)
      return null
    } catch (error) {
      if (error instanceof GatewayError) return `The lock was not written: ${error.message}`
      return `The lock ${declaration.lockFile} was not written: ${messageOf(error)}.`
    }
  }

  /**
   * Writes what came of a build, where it was begun for that declaration is still in force and nobody has put another lock there.
   * Rejects for an update that would not be in force.
   */
  async function keep(
    { need, isUpdate }: { need: Need; isUpdate: boolean },
    now: Need | null,
    text: string,
    note: (text: string) => void,
  ): Promise<void> {
    const { declaration } = need
    const isSame = now?.set === need.set && now.declaration.lockFile === declaration.lockFile
    if (isUpdate) {
      if (!isSame)
        throw new GatewayError('conflict', 'What is declared has changed meanwhile: ask for the update again.')
      return write(declaration, text)
    }
    if (!isSame || now.lock !== need.lock)
      return note('What is declared, or its lock, has changed meanwhile: the lock is left as it is.')
    const problem = await tryWrite(declaration, text)
    if (problem !== null) note(problem)
  }

  return { keep, tryWrite }
}

/** Throws `conflict` for what is there and no regular file: a pipe would never be read to its end. */
export async function refuseOther(path: string, file: string): Promise<void> {
  const stats = await lstat(path).catch(() => null) // not there, or not to be seen: the reading tells
  if (stats && !stats.isFile())
    throw new GatewayError('conflict', `"${file}" is not a regular file: remove it, and try again.`)
}
