/** Watches what running programs use: one look through /proc serves them all, and none is taken while nothing runs. */
import { createCpuAccount } from './cpu-account.ts'
import type { Journal } from './journal.ts'
import { createMemoryMeter } from './memory.ts'
import type { OverLimit, ResourceLimits } from './model.ts'
import { type ChildrenSeen, excessOf, forgetGone, isOrphan, onlyParent, reapIfDead } from './orphans.ts'
import { type ProcessStat, processIds, readEnvironment, readStat } from './proc.ts'
import { killEach } from './tree.ts'

/** Between two looks: while a program is young, afterwards, and at most. */
const youngMs = 50
const oldMs = 200
const slowestMs = 300
const isYoungForMs = 1000
/** A look that takes 1 ms is followed by none for 100: up to 3 ms the watch costs a hundredth of a core. */
const restPerWork = 100

export interface WatchSpec {
  pid: number
  mark: string
  isSupervised: boolean
  /** Absent: measured, and not limited. */
  limits: ResourceLimits | undefined
  /** Called at every look at which it uses more than its limits; the first limit that is over. */
  onOver(over: OverLimit): void
  /** What a cgroup knows better. */
  cpuMs?(): number | null
  isOutOfProcesses?(): boolean
}

export interface Watch {
  /** Its processes at the last look. */
  known(): Iterable<ProcessStat>
  /** Ends the watch. `cpuMs`: what the system told of the first process and those it waited for. */
  end(cpuMs: number): WatchedUsage
}

export interface WatchedUsage {
  /** It ended before the first look: the rest is empty. */
  isUnseen: boolean
  cpuMs: number
  memoryBytesPeak: number
  /** The most of files and shared memory that one process had in memory. */
  fileBytesSeen: number
  processesPeak: number
}

export interface Watcher {
  watch(spec: WatchSpec): Watch
}

/** `journal`: where those are kept that would not be found again after the gateway's death. */
export function createWatcher({ journal = null }: { journal?: Pick<Journal, 'add' | 'remove'> | null } = {}): Watcher {
  const runs = new Set<WatchedRun>()
  /** Processes that belong to none of the runs: who is not born into a run never comes into one. */
  let foreign = new Set<number>()
  let strays = new Set<number>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let lastWorkMs = 0

  function look() {
    const startedAt = performance.now()
    const ids = processIds()
    if (!ids) return // no /proc: nothing will ever be seen
    const unclear: ProcessStat[] = []
    foreign = sortOut(ids, foreign, runs, unclear)
    forgetGone(unclear)
    killEach(excessOf(unclear).map(({ pid }) => pid)) // those that count for no run end themselves
    if (journal) keepStrays(journal)
    for (const run of [...runs]) run.judge(startedAt)
    if (runs.size === 0) return
    const isYoung = [...runs].some((run) => startedAt - run.startedAtMs < isYoungForMs)
    const workMs = performance.now() - startedAt
    const restMs = Math.min(workMs, lastWorkMs) * restPerWork // one alone may have been slow for another's work
    lastWorkMs = workMs
    timer = setTimeout(look, Math.min(slowestMs, Math.max(isYoung ? youngMs : oldMs, restMs)))
  }

  /** Who left the session of its run may have dropped its mark, too. */
  function keepStrays(journal: Pick<Journal, 'add' | 'remove'>) {
    const now = new Set<number>()
    for (const { spec, processes } of runs)
      for (const { pid, session } of processes.values()) if (session !== spec.pid && pid !== spec.pid) now.add(pid)
    for (const pid of strays) if (!now.has(pid)) journal.remove(pid)
    for (const pid of now) if (!strays.has(pid)) journal.add(pid)
    strays = now
  }

  return {
    watch(spec) {
      const run = createWatchedRun(spec)
      foreign.delete(spec.pid)
      if (runs.size === 0) timer = setTimeout(look, youngMs)
      runs.add(run)
      return {
        known: () => run.processes.values(),
        end(cpuMs) {
          runs.delete(run)
          if (runs.size === 0) {
            clearTimeout(timer)
            foreign = new Set()
            for (const pid of strays) journal?.remove(pid)
            strays = new Set()
            lastWorkMs = 0
          }
          return run.end(cpuMs)
        },
      }
    },
  }
}

interface WatchedRun {
  readonly spec: WatchSpec
  readonly startedAtMs: number
  /** Its processes at the last look, by pid. */
  processes: Map<number, ProcessStat>
  judge(nowMs: number): void
  end(cpuMs: number): WatchedUsage
}

function createWatchedRun(spec: WatchSpec): WatchedRun {
  const { limits } = spec
  const cpu = createCpuAccount(spec.pid)
  const memory = createMemoryMeter(limits?.memoryBytesMax ?? Number.POSITIVE_INFINITY)
  let processesPeak = 0
  let isUnseen = true

  function overLimit(bytes: number | null, threads: number, cpuMs: number): OverLimit | null {
    if (!limits) return null
    const { memoryBytesMax, processesMax, cpuSecMax } = limits
    if (bytes !== null && bytes > memoryBytesMax) return { limit: 'memory', used: bytes, max: memoryBytesMax }
    if (threads > processesMax) return { limit: 'processes', used: threads, max: processesMax }
    if (threads === processesMax && spec.isOutOfProcesses?.())
      return { limit: 'processes', used: threads + 1, max: processesMax }
    if (cpuMs > cpuSecMax * 1000) return { limit: 'cpu', used: cpuMs / 1000, max: cpuSecMax }
    return null
  }

  const run: WatchedRun = {
    spec,
    startedAtMs: performance.now(),
    processes: new Map(),
    judge(nowMs) {
      if (run.processes.size === 0) return
      isUnseen = false
      let threads = 0
      for (const one of run.processes.values()) if (!isSupervisor(one, spec)) threads += one.threads
      processesPeak = Math.max(processesPeak, threads)
      const cpuMs = Math.max(cpu.look(run.processes), spec.cpuMs?.() ?? 0)
      const over = overLimit(memory.look(run.processes, nowMs), threads, cpuMs)
      if (over) spec.onOver(over)
    },
    end: (cpuMs) => ({
      ...{ isUnseen, processesPeak, cpuMs: cpu.end(cpuMs) },
      ...{ memoryBytesPeak: memory.peakBytes(), fileBytesSeen: memory.fileBytesSeen() },
    }),
  }
  return run
}

const isSupervisor = ({ pid, parent }: ProcessStat, spec: WatchSpec) =>
  spec.isSupervised && (pid === spec.pid || parent === spec.pid)

/**
 * Gives every process to the run it belongs to, by what was seen before, parentage, session, or mark; answers the others.
 * Those are not read again, so that a look costs little on a machine with thousands of processes.
 */
function sortOut(
  ids: number[],
  foreign: ReadonlySet<number>,
  runs: ReadonlySet<WatchedRun>,
  unclear: ProcessStat[],
): Set<number> {
  const owners = new Map<number, { run: WatchedRun; startTime: string | null }>()
  const byMark = new Map<string, WatchedRun>()
  for (const run of runs) {
    owners.set(run.spec.pid, { run, startTime: null })
    for (const { pid, startTime } of run.processes.values()) owners.set(pid, { run, startTime })
    byMark.set(run.spec.mark, run)
    run.processes = new Map()
  }
  const others = new Set<number>()
  const fresh: ProcessStat[] = []
  for (const pid of ids) {
    if (foreign.has(pid)) {
      others.add(pid)
      continue
    }
    const stat = readStat(pid)
    const owner = owners.get(pid)
    if (!stat) continue
    const isOwned = owner && (owner.startTime ?? stat.startTime) === stat.startTime
    if (reapIfDead(stat)) continue
    if (isOwned) owner.run.processes.set(pid, stat)
    else if (stat.isKernel) others.add(pid)
    else fresh.push(stat)
  }
  const seen: ChildrenSeen = new Map()
  for (const stat of fresh) {
    const run =
      runOf(stat, runs) ?? (isOrphan(stat) ? adoptedRun(stat, runs, byMark, seen) : markedRun(stat.pid, byMark))
    if (run) run.processes.set(stat.pid, stat)
    else if (run === null) others.add(stat.pid)
    else if (isOrphan(stat)) unclear.push(stat)
  }
  return others
}

/** Parents come before their children, but for where the numbers begin again; then the mark tells. */
function runOf({ parent, session, group }: ProcessStat, runs: ReadonlySet<WatchedRun>): WatchedRun | undefined {
  for (const run of runs)
    if (run.spec.pid === session || run.spec.pid === group || run.processes.has(parent)) return run
  return undefined
}

/** null: of no run. undefined: not known yet, it is just starting a program. */
function markedRun(pid: number, byMark: ReadonlyMap<string, WatchedRun>): WatchedRun | null | undefined {
  const environment = readEnvironment(pid)
  if (!environment) return null
  if (environment.byteLength === 0) return undefined
  const variables = new Set(environment.toString().split('\0'))
  for (const [mark, run] of byMark) if (variables.has(mark)) return run
  return null
}

/** undefined: of one of several runs, or of what one that has ended left. */
function adoptedRun(
  stat: ProcessStat,
  runs: ReadonlySet<WatchedRun>,
  byMark: ReadonlyMap<string, WatchedRun>,
  seen: ChildrenSeen,
): WatchedRun | undefined {
  const marked = markedRun(stat.pid, byMark)
  if (marked) return marked
  const parent = onlyParent(stat, seen)
  return [...runs].find(({ spec }) => spec.pid === parent)
}
