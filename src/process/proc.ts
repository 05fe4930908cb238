/** What /proc tells of processes. Everything here is null or empty where there is no /proc, or the process has gone. */
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs'

export interface ProcessStat {
  pid: number
  parent: number
  group: number
  session: number
  /** With the pid it names a process for good: pids come back. In clock ticks since the machine started. */
  startTime: string
  threads: number
  /** Processor time of its own, and of the children it has waited for. */
  ownMs: number
  reapedMs: number
  residentBytes: number
  isKernel: boolean
  /** Dead, and not yet asked about by its parent. */
  isZombie: boolean
}

const flagKernelThread = 0x0020_0000

/** Every process but init and ourselves; null where there is no /proc. */
export function processIds(): number[] | null {
  try {
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => pid > 1 && pid !== process.pid)
  } catch {
    return null
  }
}

export function readStat(pid: number): ProcessStat | null {
  const text = readSmall(`/proc/${pid}/stat`)
  if (!text) return null
  // A program chooses its name, with blanks and brackets; what follows the last one is the kernel's.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const number = (index: number) => Number(fields[index])
  const { tickMs, pageBytes } = units()
  return {
    pid,
    parent: number(1),
    group: number(2),
    session: number(3),
    startTime: fields[19] ?? '',
    threads: number(17),
    ownMs: (number(11) + number(12)) * tickMs,
    reapedMs: (number(13) + number(14)) * tickMs,
    residentBytes: number(21) * pageBytes,
    isZombie: fields[0] === 'Z',
    isKernel: (number(6) & flagKernelThread) !== 0,
  }
}

/** The time, as in `startTime`; endless where there is no /proc. */
export function nowTicks(): number {
  const text = readSmall('/proc/uptime')
  return text ? (Number.parseFloat(text) * 1000) / units().tickMs : Number.POSITIVE_INFINITY
}

/** Bytes of its resident memory that are files' or shared memory. */
export function readSharedBytes(pid: number): number {
  const text = readSmall(`/proc/${pid}/statm`)
  return text ? Number(text.split(' ')[2]) * units().pageBytes : 0
}

/** Its fair share of memory that several use, files aside, swap included; dear: the kernel walks its pages. null: may not be read. */
export function readFairBytes(pid: number): number | null {
  const text = readSmall(`/proc/${pid}/smaps_rollup`)
  if (!text) return null
  const kib = (name: string) => Number(new RegExp(`^${name}: +(\\d+)`, 'm').exec(text)?.[1] ?? Number.NaN)
  const held = kib('Pss_Anon') + kib('Pss_Shmem')
  return (Number.isNaN(held) ? kib('Pss') : held) * 1024 + (kib('SwapPss') || 0) * 1024
}

export interface Credentials {
  uid: number
  hasNoNewPrivs: boolean
}

/** A program cannot hide these, as it can its environment. */
export function readCredentials(pid: number): Credentials | null {
  const text = readSmall(`/proc/${pid}/status`)
  if (!text) return null
  const number = (name: string) => Number(new RegExp(`^${name}:\\t(\\d+)`, 'm').exec(text)?.[1] ?? 0)
  return { uid: number('Uid'), hasNoNewPrivs: number('NoNewPrivs') === 1 }
}

/** Names the view of the file system that it has; no confined program can change its own. null: may not be asked. */
export function readMountSpace(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`)
  } catch {
    return null
  }
}

export function readEnvironment(pid: number): Buffer | null {
  try {
    return readFileSync(`/proc/${pid}/environ`)
  } catch {
    return null // gone meanwhile, or another user's
  }
}

const buffer = Buffer.allocUnsafe(4096)

/** A third of the cost of `readFileSync`; these files are shorter than the buffer. */
function readSmall(path: string): string | null {
  let file: number | undefined
  try {
    file = openSync(path, 'r')
    return buffer.toString('latin1', 0, readSync(file, buffer, 0, buffer.byteLength, 0))
  } catch {
    return null
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

let known: { tickMs: number; pageBytes: number } | undefined

/** The kernel tells its units to every program it starts: pairs of words, 6 is the page size, 17 the clock ticks a second. */
function units() {
  if (known) return known
  known = { tickMs: 10, pageBytes: 4096 }
  try {
    const words = new BigUint64Array(new Uint8Array(readFileSync('/proc/self/auxv')).buffer)
    for (let at = 0; at + 1 < words.length; at += 2) {
      if (words[at] === 6n) known.pageBytes = Number(words[at + 1])
      if (words[at] === 17n) known.tickMs = 1000 / Number(words[at + 1])
    }
  } catch {
    // Not told: what nearly every machine has.
  }
  return known
}
