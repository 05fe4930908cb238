/** One gateway a data folder: a second one would take the first one's runs for dead and end them. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Claims the folder; answers how to give it back. Throws an Error that names the process that has it. A lock left by a
 * gateway that was killed is taken over: a pid counts only together with the time its process started.
 */
export function lockDataDir(dataDir: string): () => void {
  const file = join(dataDir, 'gateway.lock')
  const mine = `${process.pid} ${startTimeOf(process.pid)}`
  for (let attempt = 0; ; attempt++) {
    try {
      writeFileSync(file, mine, { flag: 'wx' })
      return () => rmSync(file, { force: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt > 3) throw error
    }
    const holder = readFileSync(file, 'utf8')
    const [pid] = holder.split(' ').map(Number)
    if (pid && holder !== mine && startTimeOf(pid) !== null && holder === `${pid} ${startTimeOf(pid)}`)
      throw new Error(`Another gateway (process ${pid}) uses ${dataDir}. Stop it, or set DATA_DIR to another folder.`)
    rmSync(file, { force: true })
  }
}

/** In clock ticks since the machine started (field 22 of /proc/PID/stat); null when there is no such process. */
function startTimeOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
  } catch {
    return null
  }
}
