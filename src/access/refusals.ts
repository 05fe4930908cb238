/** Refused sign-ins for the audit log: at most one entry a minute for each account and address, which says how many there were. */
import type { RecordAudit } from '../audit/model.ts'
import type { Clock } from '../clock.ts'

const everyMs = 60_000
const keysMax = 1000

interface Pending {
  count: number
  recordedAt: number
  about: Refused
}

export interface Refused {
  /** Only of a user who is there: people type passwords where a name belongs. */
  user: { id: number; name: string } | null
  /** Whom a proxy or a provider names, who is no user. */
  named?: string
  address: string | null
  /** 401, or 429 for who has to wait. */
  status: number
}

export type Refusals = ReturnType<typeof createRefusals>

export function createRefusals({ record, clock }: { record: RecordAudit; clock: Pick<Clock, 'now'> }) {
  const pending = new Map<string, Pending>()

  function add(about: Refused) {
    tell(clock.now() - everyMs)
    const name = `${about.user?.id ?? about.named ?? 'unknown'} ${about.address}`
    // From very many addresses at once: all further ones share an entry.
    const key = pending.has(name) || pending.size < keysMax ? name : 'others'
    const known = pending.get(key)
    if (known) {
      known.count++
      known.about = key === 'others' ? { status: about.status, user: null, address: null } : about
      return
    }
    pending.set(key, { count: 0, recordedAt: clock.now(), about })
    write(about, 1)
  }

  /** Records what has been counted since entries of `recordedMax` or before, and forgets those that nothing was added to. */
  function tell(recordedMax: number) {
    for (const [key, one] of pending) {
      if (one.recordedAt > recordedMax) continue
      if (one.count === 0) pending.delete(key)
      else {
        write(one.about, one.count)
        one.count = 0
        one.recordedAt = clock.now()
      }
    }
  }

  const write = ({ user, named, address, status }: Refused, count: number) =>
    record({
      action: 'session.refuse',
      caller: { kind: 'nobody', name: named ?? address ?? 'nobody', userId: null, tokenId: null, address },
      object: { type: 'user', id: user?.id ?? null, name: user?.name },
      status,
      after: { attempts: count },
    })

  return {
    add,
    /** To be called now and then: what was counted in the last minute of an attack would wait for the next one. */
    tellOld: () => tell(clock.now() - everyMs),
    /** Before the end. */
    tellAll: () => tell(Number.POSITIVE_INFINITY),
  }
}
