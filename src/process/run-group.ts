/** One run's cgroup: what it may use, who is in it, what it came to. Whatever the kernel refuses, the run goes on without. */
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ResourceLimits } from './model.ts'

export interface GroupUsage {
  cpuMs: number
  memoryBytesPeak: number
  processesPeak: number
  /** The kernel ended it at its memory limit. */
  isOutOfMemory: boolean
  /** The kernel refused it a process. */
  isOutOfProcesses: boolean
}

export interface RunGroup {
  /** Moves a process and what it starts from now on; resolves when that is done, or was refused. */
  add(pid: number): Promise<void>
  pids(): number[]
  cpuMs(): number | null
  isOutOfProcesses(): boolean
  /** Zero for what the kernel does not tell. */
  usage(): GroupUsage
  /** Ends everything in it at once. */
  kill(): void
  /** Ends what is left in it and removes it, soon. */
  remove(): void
}

/** A sandbox's two processes, which are not the script's. */
const supervisors = 2
const removeAgainMs = [10, 50, 250, 1000, 5000]

/** null when the folder cannot be made. */
export function createRunGroup(
  folder: string,
  controllers: string[],
  limits: ResourceLimits,
  isSupervised: boolean,
): RunGroup | null {
  const read = (file: string) => attempt(() => readFileSync(join(folder, file), 'utf8')) ?? ''
  const write = (file: string, text: string) => attempt(() => writeFileSync(join(folder, file), text))
  const number = (file: string) => Number.parseInt(read(file), 10) || 0
  const member = (file: string, key: string) => Number(new RegExp(`^${key} (\\d+)`, 'm').exec(read(file))?.[1] ?? 0)

  if (attempt(() => mkdirSync(folder) ?? true) === null) return null
  if (controllers.includes('memory')) {
    write('memory.max', String(limits.memoryBytesMax))
    write('memory.swap.max', '0')
    write('memory.oom.group', '1')
  }
  if (controllers.includes('pids')) write('pids.max', String(limits.processesMax + (isSupervised ? supervisors : 0)))

  const isOutOfProcesses = () => member('pids.events', 'max') > 0
  const cpuMs = () => member('cpu.stat', 'usage_usec') / 1000

  let isGone = false

  function remove(attemptNo = 0) {
    isGone = true
    write('cgroup.kill', '1')
    if (attempt(() => rmdirSync(folder) ?? true)) return
    const inMs = removeAgainMs[attemptNo]
    // One in an uninterruptible call keeps its group; the next start removes it.
    if (inMs !== undefined) setTimeout(() => remove(attemptNo + 1), inMs).unref()
  }

  return {
    add: (pid) => inTurn(async () => (isGone ? undefined : writeFile(join(folder, 'cgroup.procs'), String(pid)))),
    pids: () => read('cgroup.procs').split('\n').filter(Boolean).map(Number),
    ...{ cpuMs, isOutOfProcesses },
    usage: () => ({
      cpuMs: cpuMs(),
      memoryBytesPeak: number('memory.peak'),
      processesPeak: Math.max(0, number('pids.peak') - (isSupervised ? supervisors : 0)),
      isOutOfMemory: member('memory.events', 'oom') > 0 && member('memory.events', 'oom_kill') > 0,
      isOutOfProcesses: isOutOfProcesses(),
    }),
    kill: () => void write('cgroup.kill', '1'),
    remove: () => remove(),
  }
}

let turn: Promise<void> = Promise.resolve()

/**
 * The kernel takes 10 to 20 ms to move a process (it waits for all processors): in another thread, and only in one, so that
 * many short runs do not hold up everybody else's files. One that has ended before its turn is left out.
 */
function inTurn(step: () => Promise<void>): Promise<void> {
  turn = turn.then(step).catch(() => {})
  return turn
}

function attempt<T>(step: () => T): T | null {
  try {
    return step()
  } catch {
    return null
  }
}
