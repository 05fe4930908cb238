/** What is made of a process's end: its signal, what it used, and whether a limit of the kernel's ended it. */
import { constants } from 'node:os'
import type { EndReason, OverLimit, ProcessSpec, Usage } from './model.ts'
import type { GroupUsage } from './run-group.ts'
import type { WatchedUsage } from './usage.ts'

export interface Ending {
  exitCode: number | null
  signal: string | null
}

/** Signals that do not end a program by default: 128 + one of these is an exit code. */
const harmless = new Set(['SIGCHLD', 'SIGCONT', 'SIGSTOP', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU', 'SIGURG', 'SIGWINCH'])
/** Some numbers have two names, and the first is the usual one: SIGABRT, then SIGIOT. */
const signalNames = new Map(
  Object.entries(constants.signals)
    .reverse()
    .filter(([name]) => !harmless.has(name))
    .map(([name, number]) => [number, name]),
)

/**
 * A sandbox tells a signal as 128 + its number, as shells do. So a script in it that itself exits with 137 is taken for one
 * that was ended by SIGKILL: the two cannot be told apart.
 */
export function endingOf(exitCode: number | null, signal: string | null, isSupervised: boolean): Ending {
  if (signal) return { exitCode: null, signal }
  const told = isSupervised && exitCode !== null && exitCode > 128 ? signalNames.get(exitCode - 128) : undefined
  return told ? { exitCode: null, signal: told } : { exitCode, signal: null }
}

export interface Measured {
  watched: WatchedUsage
  group: GroupUsage | null
  /** Most memory that the first process, or one it waited for, held at once; of all that the gateway held itself, nothing can be said. */
  toldBytesPeak: number
  isSupervised: boolean
}

/** null when nothing is known: a sandbox is not told what the script used, and this one ended before the first look. */
export function usageOf({ watched, group, toldBytesPeak, isSupervised }: Measured): Usage | null {
  if (isSupervised && watched.isUnseen && !group?.cpuMs) return null
  const memoryBytesPeak = Math.max(
    watched.memoryBytesPeak,
    ownBytesOf(toldBytesPeak, watched),
    group?.memoryBytesPeak ?? 0,
  )
  return {
    cpuMs: Math.max(watched.cpuMs, group?.cpuMs ?? 0),
    memoryBytesPeak: memoryBytesPeak || null,
    processesPeak: Math.max(1, watched.processesPeak, group?.processesPeak ?? 0),
  }
}

/** Largest program that a process may have in memory before it holds anything of its own: Bun. */
const programBytes = 100 * 1024 * 1024

const ownBytesOf = (bytes: number, { isUnseen, fileBytesSeen }: WatchedUsage) =>
  Math.max(0, bytes - (isUnseen ? programBytes : fileBytesSeen))

/**
 * A run that failed, though nobody stopped it: whether a limit did. Faster than the watch looks, a program that allocates
 * meets the kernel's own limit (the group's, or RLIMIT_DATA at a multiple), and one that computes SIGXCPU.
 */
export function limitThatEnded(
  { exitCode, signal }: Ending,
  reason: EndReason,
  usage: Usage | null,
  { group }: Measured,
  { resources }: ProcessSpec,
): OverLimit | null {
  if (reason !== 'exit' || exitCode === 0 || !resources) return null
  const { memoryBytesMax, cpuSecMax, processesMax } = resources
  const bytes = usage?.memoryBytesPeak ?? 0
  if (bytes > memoryBytesMax || group?.isOutOfMemory)
    return { limit: 'memory', used: Math.max(bytes, memoryBytesMax), max: memoryBytesMax }
  const cpuSec = (usage?.cpuMs ?? 0) / 1000
  if (cpuSec > cpuSecMax || signal === 'SIGXCPU')
    return { limit: 'cpu', used: Math.max(cpuSec, cpuSecMax), max: cpuSecMax }
  if (group?.isOutOfProcesses) return { limit: 'processes', used: processesMax + 1, max: processesMax }
  return null
}
