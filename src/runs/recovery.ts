/** At start: what a gateway that is gone left unfinished is told as what it is. */
import { existsSync, statSync } from 'node:fs'
import type { Clock } from '../clock.ts'
import { lastLineOf } from '../logs/log-cursor.ts'
import { prefixLength } from '../logs/log-format.ts'
import { mergeTail } from '../logs/log-store.ts'
import type { RunStore } from './store.ts'

interface RecoveryDeps {
  store: RunStore
  clock: Clock
  logPath(id: number): string
}

/** Nothing of the runs is alive any more: their rows become `interrupted`, and their logs whole. Answers which runs. */
export function recover({ store, clock, logPath }: RecoveryDeps): number[] {
  const now = clock.now()
  const interrupted = store.interruptAll(now, 'The gateway stopped while it was running.')
  for (const { id } of interrupted) {
    const path = logPath(id)
    if (!existsSync(path)) continue // it had printed nothing
    mergeTail(path, new Date(now).toISOString())
    const lines = lastLineOf(path)
    store.setLogSize(id, lines, Math.max(0, statSync(path).size - lines * prefixLength))
  }
  return interrupted.map(({ id }) => id)
}
