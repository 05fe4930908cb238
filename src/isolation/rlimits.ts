/** Limits that the kernel holds for each process: behind those that are watched over the whole tree, and looser. */
import type { ResourceLimits } from '../process/model.ts'

export type Rlimit = [name: 'cpu' | 'data' | 'fsize' | 'nofile' | 'core' | 'nproc', soft: number, hard: number]

/** Numbers of the kernel; the same on both machines. */
export const rlimitNumbers = { cpu: 0, fsize: 1, data: 2, core: 4, nproc: 6, nofile: 7 }

const MiB = 1024 * 1024
/** What Bun reserves at its start, whatever it will use: measured 6.3 GB, and it aborts when a thread gets no more. */
const bunReservesBytes = 8192 * MiB
/** The first signal at the limit can be caught; this much later comes one that cannot. */
const cpuGraceSec = 5
/** A user's processes are counted together, and a script may run several times at once: this still stops a fork bomb. */
const nprocMin = 2048

interface For {
  /** No other program's processes count. */
  hasOwnUser: boolean
  /** The program is Bun. */
  isBun: boolean
  /** The gateway's own, which cannot be raised. */
  hardMax: Partial<Record<Rlimit[0], number>>
}

export function rlimitsOf(limits: ResourceLimits, { hasOwnUser, isBun, hardMax }: For): Rlimit[] {
  // The data limit counts what is reserved for writing, which is more than what is used.
  const twice = Math.max(limits.memoryBytesMax * 2, limits.memoryBytesMax + 256 * MiB)
  const data = twice + (isBun ? bunReservesBytes : 0)
  const cpu = Math.ceil(limits.cpuSecMax)
  const nproc = Math.max(limits.processesMax * 2, nprocMin)
  const wanted: Rlimit[] = [
    ['cpu', cpu, cpu + cpuGraceSec],
    ['data', data, data],
    ['fsize', limits.fileBytesMax, limits.fileBytesMax],
    ['nofile', limits.openFilesMax, limits.openFilesMax],
    ['core', 0, 0],
    ...(hasOwnUser ? [['nproc', nproc, nproc] as Rlimit] : []),
  ]
  return wanted.map(([name, soft, hard]) => {
    const most = hardMax[name] ?? Number.MAX_SAFE_INTEGER
    return [name, Math.min(soft, most), Math.min(hard, most)]
  })
}
