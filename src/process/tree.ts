/** Everything a run started, found and signalled: its session and group, its descendants, and by its mark who left both. */
import { abandoned, type ChildrenSeen, isOrphan, onlyParent, reapIfDead } from './orphans.ts'
import { type ProcessStat, processIds, readEnvironment, readStat } from './proc.ts'

/** Between a process's end and the look for what it left: many ends share one look through /proc. */
const sweepDelayMs = 500
/** Who forks while it is being killed is met again; the group's own signal is atomic, so more than two rounds are rare. */
const roundsMax = 50

export interface Tree {
  /** The first process; its session and group have its number. */
  pid: number
  mark: string
  /** See `ProcessSpec.isSupervised`: nobody leaves a sandbox's process namespace, so parentage finds all. */
  isSupervised: boolean
  /** Processes that were seen to belong to it, with their start times. */
  known(): Iterable<{ pid: number; startTime: string }>
  /** Its cgroup, which nobody leaves. */
  group?: { pids(): number[] } | null
}

export interface Sweeper {
  /** Ends, soon, every process that carries this mark, and those that nobody can have started any more. */
  schedule(mark: string): void
}

/** Daemons that a script left behind (`setsid`, double fork) are not worth a search per run: one look serves many runs. */
export function createSweeper(): Sweeper {
  const marks = new Set<string>()
  function sweep() {
    const wanted = [...marks]
    marks.clear()
    const ended = new Set<number>()
    killAll(() => {
      const found = [...findMarked(wanted), ...abandoned()]
      for (const pid of found) ended.add(pid)
      return found
    })
    if (ended.size > 0) reapSoon(ended)
  }
  return {
    schedule(mark) {
      if (marks.size === 0) setTimeout(sweep, sweepDelayMs)
      marks.add(mark)
    },
  }
}

/** The killed are on their way out; one in an uninterruptible call is met again by a later look. */
function reapSoon(pids: Set<number>, tries = 20) {
  for (const pid of pids) {
    const stat = readStat(pid)
    if (!stat || reapIfDead(stat)) pids.delete(pid)
  }
  if (pids.size > 0 && tries > 0) setTimeout(() => reapSoon(pids, tries - 1), 50).unref()
}

/**
 * Asks every process of a tree to end. A sandbox's own two are not asked, since they would end it at once; one that has
 * not yet started its program ends here and now.
 */
export function terminateTree(tree: Tree) {
  const processes = findTree(tree)
  if (!tree.isSupervised) signalGroup(tree.pid, 'SIGTERM')
  let asked = 0
  for (const { pid, parent, group } of processes) {
    if (tree.isSupervised ? pid === tree.pid || parent === tree.pid : group === tree.pid) continue
    signal(pid, 'SIGTERM')
    asked++
  }
  if (tree.isSupervised && asked === 0) killTree(tree)
}

/** Ends a tree, also one that forks faster than it is looked at. */
export function killTree(tree: Tree) {
  signalGroup(tree.pid, 'SIGKILL')
  killAll(() => findTree(tree).map(({ pid }) => pid))
}

export const killEach = (pids: number[]) => {
  for (const pid of pids) signal(pid, 'SIGKILL')
}

/** Ends the orphans that nobody can have started any more, at once. */
export function killAbandoned() {
  const pids = new Set<number>()
  killAll(() => {
    const found = abandoned()
    for (const pid of found) pids.add(pid)
    return found
  })
  reapSoon(pids)
}

/** Ends the group and who is known to have left it, without a search. */
export function killKnown({ pid, known }: Tree) {
  signalGroup(pid, 'SIGKILL')
  for (const one of known()) if (readStat(one.pid)?.startTime === one.startTime) signal(one.pid, 'SIGKILL')
}

/** Ends every process whose environment has a variable that begins like this; answers how many there were. */
export const killMarkedWith = (beginning: string): number => killAll(() => findWith([`\0${beginning}`]))

/** Pids of the processes whose environment holds one of the marks (`NAME=value`); empty where there is no /proc. */
export const findMarked = (marks: string[]) => findWith(marks.map((mark) => `\0${mark}\0`))

/** Every living process of a tree: one look through /proc. */
export function findTree({ pid: root, mark, isSupervised, known, group }: Tree): ProcessStat[] {
  const all = new Map<number, ProcessStat>()
  for (const pid of processIds() ?? []) {
    const stat = readStat(pid)
    if (stat && !stat.isKernel) all.set(pid, stat)
  }
  const found = new Set<number>(all.has(root) ? [root] : [])
  for (const { pid, startTime } of known()) if (all.get(pid)?.startTime === startTime) found.add(pid)
  for (const pid of group?.pids() ?? []) found.add(pid)
  if (!isSupervised) {
    for (const stat of all.values()) if (stat.session === root || stat.group === root) found.add(stat.pid)
    const wanted = Buffer.from(`\0${mark}\0`)
    const seen: ChildrenSeen = new Map()
    for (const [pid, stat] of all) {
      if (found.has(pid)) continue
      if (hasOneOf(pid, [wanted]) || (isOrphan(stat) && onlyParent(stat, seen) === root)) found.add(pid)
    }
  }
  addDescendants(all, found)
  return [...found].flatMap((pid) => all.get(pid) ?? [])
}

function addDescendants(all: Map<number, ProcessStat>, found: Set<number>) {
  for (let size = -1; size !== found.size; ) {
    size = found.size
    for (const { pid, parent } of all.values()) if (found.has(parent)) found.add(pid)
  }
}

function killAll(find: () => number[]): number {
  const ended = new Set<number>()
  for (let round = 0; round < roundsMax; round++) {
    const fresh = find().filter((pid) => !ended.has(pid))
    if (fresh.length === 0) break
    for (const pid of fresh) {
      signal(pid, 'SIGKILL')
      ended.add(pid)
    }
  }
  return ended.size
}

function findWith(texts: string[]): number[] {
  const wanted = texts.map((text) => Buffer.from(text))
  return (processIds() ?? []).filter((pid) => hasOneOf(pid, wanted))
}

/** An environment is variables that each end with a zero byte; the first has none before it. */
function hasOneOf(pid: number, wanted: Buffer[]): boolean {
  const environment = readEnvironment(pid)
  if (!environment) return false
  return wanted.some((text) => {
    const rest = text.subarray(1)
    return environment.includes(text) || environment.subarray(0, rest.byteLength).equals(rest)
  })
}

const signalGroup = (pid: number, name: NodeJS.Signals) => signal(-pid, name)

/** Gone already is what we want; one that became another user's (`sudo`) is not ours to end. Anything else is a fault of ours. */
function signal(pid: number, name: NodeJS.Signals) {
  try {
    process.kill(pid, name)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ESRCH' && code !== 'EPERM') throw error
  }
}
