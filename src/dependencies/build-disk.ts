/** What a build writes to the disk: looked at while it goes on, and once more when a program of it has ended. */
import { watchDisk } from '../files/disk-watch.ts'
import { type FolderSize, measureFolder } from '../files/folder-size.ts'
import { tooMuchIn } from '../files/outputs.ts'

const filesMax = 500_000

interface Watched {
  /** Of each folder of its own. */
  bytesMax: number
  /** So many builds fill what is shared at the same time. */
  builds: number
  /** Absolute path → what people call it. */
  own: Record<string, string>
  onOver(): void
}

export interface BuildDisk {
  /** The words for what was too much, null where nothing was; nothing is looked at after. */
  excess(): Promise<string | null>
  stop(): void
}

/** `shared`: absolute; what was there before this build counts for nobody. It is looked through once. */
export function createBuildDisk(shared: string[]) {
  let before: Promise<FolderSize[]> | null = null

  return function watch({ bytesMax, builds, own, onOver }: Watched): BuildDisk {
    const watches = [watchDisk({ folders: own, filesMax, bytesMax, onOver })]
    let isStopped = false
    before ??= Promise.all(shared.map((path) => measureFolder(path, { entriesMax: Infinity, bytesMax: Infinity })))
    void before.then((sizes) => {
      if (isStopped) return
      for (const [at, { entries, bytes }] of sizes.entries())
        watches.push(
          watchDisk({
            folders: { [shared[at]!]: 'what was downloaded by now' },
            ...{ filesMax: entries + filesMax * builds, bytesMax: bytes + bytesMax * builds, onOver },
          }),
        )
    })
    function stop() {
      isStopped = true
      for (const one of watches) one.stop()
    }
    return {
      stop,
      async excess() {
        stop()
        return watches.flatMap((one) => one.excess()?.problem ?? [])[0] ?? (await lastLook(own, bytesMax))
      },
    }
  }
}

/** Who is quick may have written it all between two looks. */
async function lastLook(own: Record<string, string>, bytesMax: number): Promise<string | null> {
  for (const [path, name] of Object.entries(own)) {
    const { entries, isOver } = await measureFolder(path, { entriesMax: filesMax, bytesMax })
    if (isOver) return tooMuchIn(name, { entries, filesMax, bytesMax })
  }
  return null
}
