/** How much memory a tree holds: a quick look that may only be too high, and an exact one where that matters. */
import { type ProcessStat, readFairBytes, readSharedBytes, readStat } from './proc.ts'

/** An exact look is repeated after this time, or when the tree grew by what was left to its limit. */
const exactEveryMs = 1000
/** Several processes are looked at exactly when their sum is this much higher than it was then: so often is the peak exact. */
const peakStep = 1.1

/**
 * Forked workers share pages: the sum of what each holds counts those once for each of them, and must end nobody. What a
 * page is shared by is costly to ask (a walk through the pages), hence only where the sum is over the limit or over the peak.
 */
export function createMemoryMeter(bytesMax: number) {
  let peakBytes = 0
  let fileBytesSeen = 0
  let exact = { residentBytes: 0, ownBytes: 0, roomBytes: 0, atMs: Number.NEGATIVE_INFINITY }

  function measure(processes: ReadonlyMap<number, ProcessStat>, nowMs: number): number | null {
    let residentBytes = 0
    let ownBytes = 0
    for (const { pid, residentBytes: held } of processes.values()) {
      const sharedBytes = held > 0 ? readSharedBytes(pid) : 0
      fileBytesSeen = Math.max(fileBytesSeen, sharedBytes)
      residentBytes += held
      ownBytes += Math.max(0, held - sharedBytes)
    }
    const isMany = processes.size > 1
    const isHigher = isMany && ownBytes > exact.ownBytes * peakStep
    const isPastRoom = residentBytes > exact.residentBytes + exact.roomBytes || nowMs - exact.atMs >= exactEveryMs
    if (!isHigher && !(residentBytes > bytesMax && isPastRoom))
      return isMany || residentBytes > bytesMax ? null : ownBytes
    const bytes = fairBytesOf(processes) ?? ownBytes
    exact = { residentBytes, ownBytes, roomBytes: Math.max(0, bytesMax - bytes), atMs: nowMs }
    return bytes
  }

  return {
    /** Bytes that the tree holds now, files aside; null when nothing new is known. */
    look(processes: ReadonlyMap<number, ProcessStat>, nowMs: number): number | null {
      const bytes = measure(processes, nowMs)
      if (bytes !== null) peakBytes = Math.max(peakBytes, bytes)
      return bytes
    },
    peakBytes: () => peakBytes,
    /** The most of files and shared memory that one process had in memory. */
    fileBytesSeen: () => fileBytesSeen,
  }
}

/** null when one of them may not be asked: then the sum has to do. */
function fairBytesOf(processes: ReadonlyMap<number, ProcessStat>): number | null {
  let sum = 0
  for (const { pid, residentBytes } of processes.values()) {
    if (residentBytes === 0) continue
    const bytes = readFairBytes(pid)
    if (bytes === null && (readStat(pid)?.residentBytes ?? 0) > 0) return null
    sum += bytes ?? 0 // it has gone meanwhile
  }
  return sum
}
