/** Settles a difference between a script's own answer and its hand-written sidecar. */
import { basename, dirname, extname, join } from 'node:path'
import type { Clock } from '../clock.ts'
import { GatewayError } from '../errors.ts'
import type { Runtimes } from '../runtimes/model.ts'
import { hashArgsMap, readSidecar, sidecarNames, writeSidecar } from './sidecar.ts'
import type { ScriptStore } from './store.ts'

interface Options {
  store: ScriptStore
  runtimes: Runtimes
  scriptsDir: string
  clock: Clock
  scan(): Promise<unknown>
  onChange(ids: number[]): void
  onWrite(path: string): void
}

export function createChoice({ store, runtimes, scriptsDir, clock, scan, onChange, onWrite }: Options) {
  /** `script`: its answer replaces the sidecar, which is the scanner's from then on. `sidecar`: it stays in force. */
  return async function chooseSchema(id: number, choice: 'script' | 'sidecar'): Promise<void> {
    const row = store.get(id)
    if (!row) throw new GatewayError('not_found', `There is no script with the id ${id}.`)
    const { ownParams, ownError, slug } = row
    if (ownParams === null)
      throw new GatewayError(
        'conflict',
        `"${slug}" gave no schema to choose: ${ownError ?? 'it cannot be asked for one.'}`,
      )
    const ownHash = hashArgsMap(ownParams)
    if (choice === 'sidecar') {
      store.update(id, { ownRejectedHash: ownHash, updatedAt: clock.now() })
      return onChange([id])
    }
    const file = join(scriptsDir, runtimes[row.runtime].folder, row.filename)
    const dir = dirname(file)
    const stem = basename(file, extname(file))
    const name = (await readSidecar(dir, stem))?.name ?? sidecarNames(stem)[0]
    await writeSidecar(dir, name, ownParams, { isNew: false })
    onWrite(join(dir, name))
    store.update(id, { sidecarOwnedHash: ownHash, ownRejectedHash: null, fileStamp: '', updatedAt: clock.now() })
    onChange([id])
    await scan()
  }
}
