/** At start: what a gateway that is gone left unfinished is told as what it is. */
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import { killMarkedWith } from '../process/tree.ts'
import { lastLineOf } from './log-cursor.ts'
import { prefixLength } from './log-format.ts'
import { mergeTail } from './log-store.ts'
import type { RunStore } from './store.ts'

interface RecoveryDeps {
  store: RunStore
  clock: Clock
  /** Absolute; locked, so that nobody else's runs are meant. */
  dataDir: string
  logPath(id: number): string
}

/** Ends what is still alive of the runs, makes their rows `interrupted` and their logs whole. Answers how many runs. */
export function recover({ store, clock, dataDir, logPath }: RecoveryDeps): number {
  const now = clock.now()
  killMarkedWith(`OUTPUT_DIR=${join(dataDir, 'static')}/`)
  const interrupted = store.interruptAll(now, 'The gateway stopped while it was running.')
  for (const { id } of interrupted) {
    const path = logPath(id)
    if (!existsSync(path)) continue // it had printed nothing
    mergeTail(path, new Date(now).toISOString())
    const lines = lastLineOf(path)
    store.setLogSize(id, lines, Math.max(0, statSync(path).size - lines * prefixLength))
  }
  return interrupted.length
}
