/**
 * One gateway schedules, of all that use a database by mistake. Its lease is a row that it renews; one that is not renewed
 * for a while, on the clock of whoever looks, is taken over, and at once where its process is known to be gone.
 */
import { hostname } from 'node:os'
import type { SchedulerStore } from './store.ts'

const renewMs = 5000
const expiresMs = 20_000

export interface LeaseHolder {
  host: string
  pid: number
  /** Milliseconds since 1970, on its clock. */
  seenAt: number
}

export interface Lease {
  /** Renews it, or tries to take it, when it is time to; answers whether it is ours. */
  hold(now: number): boolean
  /** Who has it in our place. */
  other(): LeaseHolder | null
  /** Gives it back: the next start need not wait. */
  drop(): void
}

/** `uptimeMs`: of a clock that nobody sets. `isAlive`: of a process of this machine. */
export function createLease({
  store,
  owner,
  uptimeMs,
  isAlive,
}: {
  store: Pick<SchedulerStore, 'lease' | 'takeLease' | 'renewLease' | 'dropLease'>
  owner: string
  uptimeMs(): number
  isAlive(pid: number): boolean
}): Lease {
  const host = hostname()
  let isMine = false
  let lookedAt = Number.NEGATIVE_INFINITY
  /** What stood there, and since when it has. */
  let seen: { holder: LeaseHolder & { owner: string }; since: number } | null = null

  function look(now: number) {
    if (isMine && store.renewLease(owner, now)) return
    isMine = false
    const holder = store.lease()
    const isNew = holder && (holder.owner !== seen?.holder.owner || holder.seenAt !== seen.holder.seenAt)
    if (!holder) seen = null
    else if (isNew) seen = { holder, since: uptimeMs() }
    const isGone =
      !seen || uptimeMs() - seen.since >= expiresMs || (seen.holder.host === host && !isAlive(seen.holder.pid))
    if (!isGone) return
    const mine = { id: 1, owner, host, pid: process.pid, takenAt: now, seenAt: now }
    isMine = store.takeLease(mine, holder)
    if (isMine) seen = null
  }

  return {
    hold(now) {
      if (uptimeMs() - lookedAt >= renewMs) {
        look(now)
        lookedAt = uptimeMs()
      }
      return isMine
    },
    other: () => seen && { host: seen.holder.host, pid: seen.holder.pid, seenAt: seen.holder.seenAt },
    drop() {
      if (isMine) store.dropLease(owner)
      isMine = false
    },
  }
}
