/**
 * Which processes were started, in a file that survives kill -9: a child that was given an empty environment carries no
 * mark, and is found by the session it is in. A pid counts only together with its start time.
 */
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import { processIds, readStat } from './proc.ts'

export interface Journal {
  /** Never throws: where the disk is full, the next one that can be written brings it along. */
  add(pid: number): void
  remove(pid: number): void
  close(): void
}

/** Lines that may be stale before the file is written anew. */
const staleMax = 1000

/** `file`: absolute; what is in it is given up, so see `killJournaled` first. */
export function createJournal(file: string): Journal {
  const alive = new Map<number, string>()
  const fd = openSync(file, 'w', 0o600)
  let written = 0
  let at = 0
  let isWhole = true

  function write(text: string) {
    try {
      const length = writeSync(fd, text, at)
      isWhole = length === Buffer.byteLength(text)
      at += length
      written++
    } catch {
      isWhole = false // a run is not failed for it: it carries its mark
    }
  }

  function rewrite() {
    ftruncateSync(fd, 0)
    at = 0
    written = 0
    write([...alive.values()].join(''))
  }

  return {
    add(pid) {
      const startTime = readStat(pid)?.startTime
      if (!startTime) return // gone already, with all that could be known of it
      const line = `${pid} ${startTime}\n`
      alive.set(pid, line)
      if (isWhole) write(line)
      else rewrite()
    },
    remove(pid) {
      alive.delete(pid)
      if (written - alive.size > staleMax) rewrite()
    },
    close: () => closeSync(fd),
  }
}

/** Ends what is alive of the sessions and groups that a gateway that is gone had started; answers how many there were. */
export function killJournaled(file: string): number {
  const started = readJournal(file)
  let ended = 0
  for (const pid of started.size > 0 ? (processIds() ?? []) : []) {
    const stat = readStat(pid)
    if (!stat || stat.isZombie || !isOf(started, stat)) continue
    try {
      process.kill(pid, 'SIGKILL')
      ended++
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'ESRCH' && code !== 'EPERM') throw error
    }
  }
  return ended
}

type Stat = NonNullable<ReturnType<typeof readStat>>

/**
 * The kernel gives a session's number to nobody while somebody is in it. So whoever is in it is of the run, unless the
 * number has come back: then its first process is another one, or the member is older than the run.
 */
function isOf(started: Map<number, string>, { pid, session, group, startTime }: Stat): boolean {
  if (started.has(pid)) return started.get(pid) === startTime
  for (const leader of new Set([session, group])) {
    const begun = started.get(leader)
    if (begun === undefined || Number(startTime) < Number(begun)) continue
    const now = readStat(leader)?.startTime
    if (now === undefined || now === begun) return true
  }
  return false
}

function readJournal(file: string): Map<number, string> {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map()
    throw error
  }
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  return new Map(
    whole
      .split('\n')
      .map((line) => line.split(' '))
      .filter((parts): parts is [string, string] => parts.length === 2)
      .map(([pid, startTime]) => [Number(pid), startTime]),
  )
}
