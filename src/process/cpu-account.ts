/** The processor time of a tree that is looked at now and then: what the dead used is neither lost nor counted twice. */
import type { ProcessStat } from './proc.ts'

export type CpuAccount = ReturnType<typeof createCpuAccount>

/**
 * A process that is gone was waited for by its parent, and then its time is in the parent's `reapedMs`; or by nobody of
 * the tree (its parent ignores SIGCHLD, or died first), and then what was last seen of it is kept here. What lived and died
 * between two looks with nobody waiting for it is not seen.
 */
export function createCpuAccount(root: number) {
  let last: ReadonlyMap<number, ProcessStat> = new Map()
  let lostMs = 0
  let rootMs = 0
  let totalMs = 0

  function keepTheDead(now: ReadonlyMap<number, ProcessStat>) {
    const isThere = ({ pid, startTime }: ProcessStat) => now.get(pid)?.startTime === startTime
    const owedMs = new Map<number, number>()
    for (const dead of last.values()) {
      if (isThere(dead)) continue
      let heir: ProcessStat | undefined = dead
      while (heir && !isThere(heir) && heir.pid !== root) heir = last.get(heir.parent)
      const ms = dead.ownMs + dead.reapedMs
      if (!heir) lostMs += ms
      else if (!isThere(heir))
        rootMs += ms // its parent is the gateway, which is told at the end
      else owedMs.set(heir.pid, (owedMs.get(heir.pid) ?? 0) + ms)
    }
    for (const [pid, ms] of owedMs) {
      const reapedMs = (now.get(pid)?.reapedMs ?? 0) - (last.get(pid)?.reapedMs ?? 0)
      lostMs += Math.max(0, ms - reapedMs)
    }
  }

  return {
    /** Takes the tree as it is now; answers what it used so far. It never goes down. */
    look(now: ReadonlyMap<number, ProcessStat>): number {
      keepTheDead(now)
      last = new Map(now)
      let ms = lostMs + rootMs
      for (const { ownMs, reapedMs } of now.values()) ms += ownMs + reapedMs
      totalMs = Math.max(totalMs, ms)
      return totalMs
    },
    /** With what the system told of the first process, and those it waited for, when it was gone. */
    end: (toldMs: number): number => Math.max(totalMs, toldMs + lostMs),
  }
}
