/** What a run writes to its folders while it goes on: at the end it would be too late, the disk would be full. */
import { listOutputs } from '../files/outputs.ts'

/** Looked at this often; a run that is over before costs nothing. */
const intervalMs = 1000

export interface DiskWatch {
  /** What was over the limit, in words; null while nothing was. */
  problem(): string | null
  stop(): void
}

interface Options {
  /** Absolute path → what its user calls it. */
  folders: Record<string, string>
  filesMax: number
  /** Of each folder. */
  bytesMax: number
  /** Called once. */
  onOver(): void
}

export function watchDisk({ folders, filesMax, bytesMax, onOver }: Options): DiskWatch {
  let problem: string | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let isStopped = false

  async function look() {
    for (const [dir, name] of Object.entries(folders)) {
      const listed = await listOutputs(dir, { urlPrefix: '', filesMax, bytesMax })
      problem ??= listed.problem?.replace('OUTPUT_DIR', name) ?? null
    }
    if (isStopped) return
    if (problem) onOver()
    else timer = setTimeout(look, intervalMs)
  }
  timer = setTimeout(look, intervalMs)

  return {
    problem: () => problem,
    stop() {
      isStopped = true
      clearTimeout(timer)
    },
  }
}
