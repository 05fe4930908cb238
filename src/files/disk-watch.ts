/** What a run writes to its folders while it goes on: at the end it would be too late, the disk would be full. */
import { measureFolder } from './folder-size.ts'
import { tooMuchIn } from './outputs.ts'

/** Looked at this often; a run that is over before costs nothing. */
const intervalMs = 1000

export interface DiskExcess {
  /** In words. */
  problem: string
  /** Found in that folder. */
  bytes: number
}

export interface DiskWatch {
  /** null while nothing was over the limit. */
  excess(): DiskExcess | null
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
  let excess: DiskExcess | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let isStopped = false

  async function look() {
    for (const [dir, name] of Object.entries(folders)) {
      const { entries, bytes, isOver } = await measureFolder(dir, { entriesMax: filesMax, bytesMax })
      if (isOver) excess ??= { problem: tooMuchIn(name, { entries, filesMax, bytesMax }), bytes }
    }
    if (isStopped) return
    if (excess) onOver()
    else timer = setTimeout(look, intervalMs)
  }
  timer = setTimeout(look, intervalMs)

  return {
    excess: () => excess,
    stop() {
      isStopped = true
      clearTimeout(timer)
    },
  }
}
