/** What Linux tells about processes: memory, children. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

/** Megabytes of memory of a process and its descendants, each shared page counted in parts (PSS). */
export function treePssMb(pid: number): number {
  const kilobytes = [pid, ...descendants(pid)].map((one) => fieldKb(`/proc/${one}/smaps_rollup`, 'Pss'))
  return kilobytes.reduce((sum, kb) => sum + kb, 0) / 1024
}

/** Megabytes in memory now. */
export const rssMb = (pid: number) => fieldKb(`/proc/${pid}/status`, 'VmRSS') / 1024

/** The most megabytes that were in memory since `resetPeak`. */
export const peakRssMb = (pid: number) => fieldKb(`/proc/${pid}/status`, 'VmHWM') / 1024

/** https://man7.org/linux/man-pages/man5/proc_pid_clear_refs.5.html */
export const resetPeak = (pid: number) => writeFileSync(`/proc/${pid}/clear_refs`, '5')

/** Whether the process has, or ever had and waited for, a child: one that ran left page faults behind. */
export function hadChildren(pid: number): boolean {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const faultsOfChildren = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[8] // field 11, cminflt
  return faultsOfChildren !== '0' || descendants(pid).length > 0
}

/** Milliseconds of processor time that a process has used: user and system (proc_pid_stat(5), fields 14 and 15, in hundredths of a second). */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}

function descendants(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  )
  return children.flatMap((child) => [child, ...descendants(child)])
}

function fieldKb(file: string, name: string): number {
  const value = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync(file, 'utf8'))?.[1]
  if (value === undefined) throw new Error(`${file} has no field ${name}.`)
  return Number(value)
}
