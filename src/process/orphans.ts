/**
 * Processes whose parent has gone come to the gateway, not to init: so a daemon that has dropped its session and its
 * environment before anybody looked is found, by whose child it is now. Linux only; elsewhere there are none.
 */
import { dlopen } from 'bun:ffi'
import { nowTicks, type ProcessStat, processIds, readCredentials, readMountSpace, readStat } from './proc.ts'

/** Of this very process, whoever started them: a child of ours that is not among them has lost its parent. */
const started = new Map<number, { startTime: number } & ChildTraits>()
/** Those of them that ended while others went on, for as long as an orphan may be theirs. Times are those of `ProcessStat`. */
let gone: ({ startTime: number; endTime: number } & ChildTraits)[] = []

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

/** What one look has read of our children: each orphan is compared with all of them, and reading is what is dear. */
export type ChildrenSeen = Map<number, { uid: number | undefined; view: string | null }>

function seenOf(pid: number, seen: ChildrenSeen) {
  const known = seen.get(pid)
  if (known) return known
  const read = { uid: readCredentials(pid)?.uid, view: readMountSpace(pid) }
  seen.set(pid, read)
  return read
}

/**
 * The children of ours that may have started an orphan: begun before it, of its user, and with its view of the files, if one
 * has. Who has ended this very moment may be of any user.
 */
export function possibleParents({ pid, startTime }: ProcessStat, seen: ChildrenSeen): number[] {
  const uid = readCredentials(pid)?.uid
  const found = [...started].flatMap(([parent, { startTime: begun, keepsItsOwn }]) =>
    !keepsItsOwn && begun <= Number(startTime) && (seenOf(parent, seen).uid ?? uid) === uid ? [parent] : [],
  )
  const view = found.length > 1 ? readMountSpace(pid) : null
  const isAlike = (parent: number) => {
    const its = seenOf(parent, seen).view
    return its === view || (its === null && hasEnded(parent))
  }
  const alike = view === null ? [] : found.filter(isAlike)
  return alike.length > 0 ? alike : found
}

/** We may not have been told yet. */
const hasEnded = (pid: number) => readStat(pid)?.isZombie ?? true

/**
 * The child of ours that alone can have started it; null: there are others, among them those that have ended. For the living
 * are not to answer for what the dead have left.
 */
export function onlyParent(orphan: ProcessStat, seen: ChildrenSeen): number | null {
  const [parent, other] = possibleParents(orphan, seen)
  if (parent === undefined || other !== undefined) return null
  return gone.some(mayHaveLeft(orphan)) && !isInViewOf(parent, orphan.pid, seen) ? null : parent
}

/** What an ended one has left may have started others since. */
const mayHaveLeft =
  (orphan: ProcessStat) =>
  ({ startTime }: (typeof gone)[number]) =>
    startTime <= Number(orphan.startTime)

/** Whether it sees the files as that one does, and as we do not: nobody else has come into that view. */
function isInViewOf(pid: number, orphan: number, seen: ChildrenSeen): boolean {
  const view = readMountSpace(orphan)
  return view !== null && view === seenOf(pid, seen).view && view !== readMountSpace(process.pid)
}

/**
 * Tell it, after each look, of the orphans of which it is not known whose they are: who has left none of them is forgotten.
 * So is, for what may be of one that began earlier, too, whoever might have had as many processes as that one: an orphan that
 * goes on being born would have us remember everybody.
 */
export function forgetGone(unclear: ProcessStat[]) {
  if (gone.length === 0) return
  const now = nowTicks()
  let least: number | null = null
  gone = gone
    .sort((a, b) => a.startTime - b.startTime)
    .filter((one) => {
      if (now < one.endTime + settledAfter) return true
      if (!unclear.some((orphan) => mayHaveLeft(orphan)(one))) return false
      if (least !== null && one.processesMax >= least) return false
      least = one.processesMax
      return true
    })
}

/** Those of the orphans that are more than somebody may have who is, or has been, and may have started all of them. */
export function excessOf(unclear: ProcessStat[]): ProcessStat[] {
  const times = unclear.map(({ startTime }) => Number(startTime)).sort((a, b) => b - a)
  let from = Number.POSITIVE_INFINITY
  for (const { startTime, processesMax, keepsItsOwn } of [...started.values(), ...gone])
    if (!keepsItsOwn && (times[processesMax] ?? -1) >= startTime) from = Math.min(from, startTime)
  return unclear.filter(({ startTime }) => Number(startTime) >= from)
}

/** Pids of the orphans that nobody can have started who is still there. */
export function abandoned(): number[] {
  const seen: ChildrenSeen = new Map()
  return (processIds() ?? []).filter((pid) => {
    const stat = readStat(pid)
    return stat !== null && !reapIfDead(stat) && isOrphan(stat) && possibleParents(stat, seen).length === 0
  })
}

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
