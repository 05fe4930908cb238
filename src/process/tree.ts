/** Everything a run started, found and signalled: its session's group, and by its mark who left the group. */
import { readdirSync, readFileSync } from 'node:fs'

/** Between a process's end and the look for what it left: many ends share one look through /proc. */
const sweepDelayMs = 500

export interface Sweeper {
  /** Ends, soon, every process that carries this mark. */
  schedule(mark: string): void
}

/** Daemons that a script left behind (`setsid`, double fork) are not worth a search per run: one look serves many runs. */
export function createSweeper(): Sweeper {
  const marks = new Set<string>()
  function sweep() {
    const wanted = [...marks]
    marks.clear()
    for (const pid of findMarked(wanted)) signal(pid, 'SIGKILL')
  }
  return {
    schedule(mark) {
      if (marks.size === 0) setTimeout(sweep, sweepDelayMs)
      marks.add(mark)
    },
  }
}

/** Signals the process's group and every process, in whatever session, that inherited the mark. */
export function signalTree(pid: number, mark: string, name: NodeJS.Signals) {
  signalGroup(pid, name)
  for (const other of findMarked([mark])) if (other !== pid) signal(other, name)
}

export const signalGroup = (pid: number, name: NodeJS.Signals) => signal(-pid, name)

/** Pids of the processes whose environment holds one of the marks (`NAME=value`); empty where there is no /proc. */
export const findMarked = (marks: string[]) => findWith(marks.map((mark) => `${mark}\0`))

/** Ends every process whose environment has a variable that begins like this; answers how many there were. */
export function killMarkedWith(beginning: string): number {
  const pids = findWith([`\0${beginning}`])
  for (const pid of pids) signal(pid, 'SIGKILL')
  return pids.length
}

function findWith(texts: string[]): number[] {
  const wanted = texts.map((text) => Buffer.from(text))
  return processIds().filter((pid) => {
    const environment = readEnvironmentOf(pid)
    return environment !== null && wanted.some((mark) => environment.includes(mark))
  })
}

function processIds(): number[] {
  try {
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => pid > 1 && pid !== process.pid)
  } catch {
    return [] // no /proc: the group is all there is to signal
  }
}

function readEnvironmentOf(pid: number): Buffer | null {
  try {
    return readFileSync(`/proc/${pid}/environ`)
  } catch {
    return null // gone meanwhile, or another user's
  }
}

/** A process that is gone already is what we want; anything else is a fault of ours. */
function signal(pid: number, name: NodeJS.Signals) {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
