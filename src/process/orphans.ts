/**
 * Processes whose parent has gone come to the gateway, not to init: so a daemon that has dropped its session and its
 * environment before anybody looked is found, by whose child it is now. Linux only; elsewhere there are none.
 */
import { dlopen } from 'bun:ffi'
import { type ProcessStat, processIds, readCredentials, readMountSpace, readStat } from './proc.ts'

/** Of this very process, whoever started them: a child of ours that is not among them has lost its parent. */
const started = new Map<number, { startTime: number; keepsItsOwn: boolean }>()

/**
 * Call it right after a start, so that no child of ours is taken for somebody else's; and the answer when it has ended.
 * `keepsItsOwn`: a sandbox that nobody leaves.
 */
export function childStarted(pid: number, keepsItsOwn: boolean): () => void {
  adopt()
  const begun = { startTime: Number(readStat(pid)?.startTime ?? 0), keepsItsOwn }
  started.set(pid, begun)
  return () => {
    if (started.get(pid) === begun) started.delete(pid) // numbers come back
  }
}

/** Whether it came to us from a confined program. */
export const isOrphan = (stat: ProcessStat) => hasCome(stat) && !stat.isZombie && isConfined(stat.pid)

const hasCome = ({ pid, parent, session }: ProcessStat) =>
  parent === process.pid && !started.has(pid) && session !== ownSession()

/**
 * Whatever we start for ourselves has not given up new privileges, and a script cannot get them back. Where all have, and we
 * are init, who was started beside us (`docker exec`) comes to us as well, and is told by its user at most.
 */
function isConfined(pid: number): boolean {
  const found = readCredentials(pid)
  if (!found?.hasNoNewPrivs) return false
  return process.pid !== 1 || found.uid !== process.getuid?.() || !readCredentials(1)?.hasNoNewPrivs
}

/** The children of ours that may have started an orphan: begun before it, of its user, and with its view of the files, if one has. */
export function possibleParents({ pid, startTime }: ProcessStat): number[] {
  const uid = readCredentials(pid)?.uid
  const found = [...started].flatMap(([parent, { startTime: begun, keepsItsOwn }]) =>
    !keepsItsOwn && begun <= Number(startTime) && readCredentials(parent)?.uid === uid ? [parent] : [],
  )
  const view = found.length > 1 ? readMountSpace(pid) : null
  const alike = view === null ? [] : found.filter((parent) => readMountSpace(parent) === view)
  return alike.length > 0 ? alike : found
}

/** Pids of the orphans that nobody can have started who is still there. */
export const abandoned = (): number[] =>
  (processIds() ?? []).filter((pid) => {
    const stat = readStat(pid)
    return stat !== null && !reapIfDead(stat) && isOrphan(stat) && possibleParents(stat).length === 0
  })

/** Whoever came to us and is dead stays in the table of processes until we have taken note of it. */
export const reapIfDead = (stat: ProcessStat): boolean =>
  stat.isZombie && hasCome(stat) && libc?.waitpid(stat.pid, null, noHang) === stat.pid

const [setChildSubreaper, noHang] = [36, 1]

interface Libc {
  prctl(option: number, a: number, b: number, c: number, d: number): number
  waitpid(pid: number, status: null, options: number): number
}

let libc: Libc | null | undefined

function adopt() {
  if (libc !== undefined) return
  libc = openLibc()
  libc?.prctl(setChildSubreaper, 1, 0, 0, 0)
}

function openLibc(): Libc | null {
  if (process.platform !== 'linux') return null
  for (const name of ['libc.so.6', `libc.musl-${process.arch === 'x64' ? 'x86_64' : 'aarch64'}.so.1`])
    try {
      const { symbols } = dlopen(name, {
        prctl: { args: ['i32', 'u64', 'u64', 'u64', 'u64'], returns: 'i32' },
        waitpid: { args: ['i32', 'ptr', 'i32'], returns: 'i32' },
      })
      return symbols
    } catch {
      // the other one, then
    }
  return null
}

let session: number | undefined
const ownSession = () => (session ??= readStat(process.pid)?.session ?? 0)
