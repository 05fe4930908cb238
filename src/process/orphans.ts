/**
 * Processes whose parent has gone come to the gateway, not to init: so a daemon that has dropped its session and its
 * environment before anybody looked is found, by whose child it is now. Linux only; elsewhere there are none.
 */
import { dlopen } from 'bun:ffi'
import { nowTicks, type ProcessStat, processIds, readCredentials, readMountSpace, readStat } from './proc.ts'

/** Of this very process, whoever started them: a child of ours that is not among them has lost its parent. */
const started = new Map<number, { startTime: number } & ChildTraits>()
/** Those of them that ended while others went on, for as long as an orphan may be theirs. Times are those of `ProcessStat`. */
let gone: { startTime: number; endTime: number; processesMax: number }[] = []

/** Until then, in clock ticks, what an ended one has left may be about to start others unseen, before it is swept away. */
const settledAfter = 100

interface ChildTraits {
  /** A sandbox that nobody leaves. */
  keepsItsOwn: boolean
  /** How many processes it may have. */
  processesMax: number
}

/** Call it right after a start, so that no child of ours is taken for somebody else's; and the answer when it has ended. */
export function childStarted(pid: number, traits: ChildTraits): () => void {
  adopt()
  const begun = { startTime: Number(readStat(pid)?.startTime ?? 0), ...traits }
  started.set(pid, begun)
  return () => {
    if (started.get(pid) !== begun) return // numbers come back
    started.delete(pid)
    if (started.size === 0) gone = []
    else if (!traits.keepsItsOwn) gone.push({ ...begun, endTime: nowTicks() })
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

/**
 * The children of ours that may have started an orphan: begun before it, of its user, and with its view of the files, if one
 * has. Who has ended this very moment may be of any user.
 */
export function possibleParents({ pid, startTime }: ProcessStat): number[] {
  const uid = readCredentials(pid)?.uid
  const found = [...started].flatMap(([parent, { startTime: begun, keepsItsOwn }]) =>
    !keepsItsOwn && begun <= Number(startTime) && (readCredentials(parent)?.uid ?? uid) === uid ? [parent] : [],
  )
  const view = found.length > 1 ? readMountSpace(pid) : null
  const alike = view === null ? [] : found.filter((parent) => readMountSpace(parent) === view || hasEnded(parent))
  return alike.length > 0 ? alike : found
}

/** We may not have been told yet. */
const hasEnded = (pid: number) => readStat(pid)?.isZombie ?? true

/**
 * Whether it can be of nobody but this child of ours: not, either, of one that has ended. For the living are not to answer
 * for what the dead have left.
 */
export function isOnlyOf(pid: number, orphan: ProcessStat): boolean {
  const parents = possibleParents(orphan)
  return parents.length === 1 && parents[0] === pid && !(gone.some(mayHaveLeft(orphan)) && !isInViewOf(pid, orphan.pid))
}

/** What an ended one has left may have started others since. */
const mayHaveLeft =
  (orphan: ProcessStat) =>
  ({ startTime }: (typeof gone)[number]) =>
    startTime <= Number(orphan.startTime)

/** Whether it sees the files as that one does, and as we do not: nobody else has come into that view. */
function isInViewOf(pid: number, orphan: number): boolean {
  const view = readMountSpace(orphan)
  return view !== null && view === readMountSpace(pid) && view !== readMountSpace(process.pid)
}

/** Tell it, after each look, of the orphans of which it is not known whose they are: who has left none of them is forgotten. */
export function forgetGone(unclear: ProcessStat[]) {
  if (gone.length === 0) return
  const now = nowTicks()
  gone = gone.filter((one) => now < one.endTime + settledAfter || unclear.some((orphan) => mayHaveLeft(orphan)(one)))
}

/** How many processes those may have had that have ended and may have left some: the least of them. */
export const processesMaxOfGone = () => Math.min(...gone.map(({ processesMax }) => processesMax))

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
