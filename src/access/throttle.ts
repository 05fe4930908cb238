/**
 * How often somebody may guess. Failures are counted for the account and for the address, and after some free ones each
 * makes the next wait longer. What is counted is the attempt, when it begins, so that a burst of parallel ones gains nothing.
 *
 * Nobody is locked out by an attacker from elsewhere: at an address that has signed in to the account before, only the
 * failures of that account from that address count. (Who shares an address with an attacker shares the wait: 15 minutes at most.)
 *
 * Memory is bounded, and an attacker cannot flush what is known of it cheaply: an attempt that has to wait makes no entry,
 * so each entry costs a real failure of an address that is slowed down itself; and of the entries that were not touched for
 * longest the one with the fewest failures goes, so one failure each from many addresses drives out no heavy one.
 */
import { isIP } from 'node:net'
import type { Clock } from '../clock.ts'
import { GatewayError } from '../errors.ts'

const minuteMs = 60_000
const waitMsMax = 15 * minuteMs
const forgottenAfterMs = 24 * 60 * minuteMs
const entriesMax = 10_000
/** How many of the longest untouched entries are looked at for the one that goes. */
const lookedAtMax = 32

const freeTriesOfAccount = 5
/** More: behind one address there may be a whole office. */
const freeTriesOfAddress = 20

/** One attempt that was let through; counted as a failure until it says otherwise. */
export interface Attempt {
  /** It was no wrong guess, but there is more to come before anybody is in: its own count is taken back. */
  passed(): void
  /** Somebody is in: the account begins anew, and the address is known for it. */
  succeeded(): void
}

export type Throttle = ReturnType<typeof createThrottle>

export interface ThrottleDeps {
  clock: Pick<Clock, 'now'>
  /** What outlives a restart of who signed in from where; asked only when somebody would have to wait. */
  hasSignedIn?(account: string, addressKey: string): boolean
}

export function createThrottle({ clock, hasSignedIn = () => false }: ThrottleDeps) {
  const accounts = createWaits({ clock, freeTries: freeTriesOfAccount })
  const addresses = createWaits({ clock, freeTries: freeTriesOfAddress })
  const known = new Map<string, true>()

  const isKnown = (account: string, addressKey: string) =>
    known.has(pairOf(account, addressKey)) || hasSignedIn(account, addressKey)

  /** Throws `busy` with how long to wait. `account`: as it was typed. */
  function take(account: string, address: string | null): Attempt {
    const name = account.toLowerCase()
    const where = addressKey(address)
    const isBlocked = accounts.waitMs(name) > 0 || addresses.waitMs(where) > 0
    const counted =
      isBlocked && isKnown(name, where)
        ? [accounts.take(pairOf(name, where))]
        : takeBoth([
            [accounts, name],
            [addresses, where],
          ])
    return {
      passed: () => {
        for (const one of counted) one.takeBack()
      },
      succeeded() {
        for (const one of counted) one.takeBack()
        accounts.forget(name)
        accounts.forget(pairOf(name, where))
        known.delete(pairOf(name, where))
        known.set(pairOf(name, where), true)
        if (known.size > entriesMax) known.delete(known.keys().next().value!)
      },
    }
  }

  return { take, size: () => accounts.size() + addresses.size() + known.size }
}

/** Counts for both or for none. */
function takeBoth(both: [Waits, string][]) {
  const waitMs = Math.max(...both.map(([waits, key]) => waits.waitMs(key)))
  if (waitMs > 0) throw tooOften(waitMs)
  return both.map(([waits, key]) => waits.take(key))
}

/** No account's name has a line break. */
const pairOf = (account: string, addressKey: string) => `${account}\n${addressKey}`

/** An IPv6 address by its /64, all of which one household or machine has; an IPv4 address as it is. */
export function addressKey(address: string | null): string {
  if (address === null) return 'none'
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped || isIP(address) !== 6) return mapped ?? address
  const [head = '', tail] = address.replace(/%.*$/, '').toLowerCase().split('::')
  const left = head.split(':').filter(Boolean)
  const right = tail?.split(':').filter(Boolean) ?? []
  const groups =
    tail === undefined ? left : [...left, ...Array(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right]
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}

interface Entry {
  failures: number
  blockedUntil: number
  lastAt: number
}

export type Waits = ReturnType<typeof createWaits>

/** Failures by key, and how long each has to wait for them. */
export function createWaits({ clock, freeTries }: { clock: Pick<Clock, 'now'>; freeTries: number }) {
  /** The longest untouched first. */
  const entries = new Map<string, Entry>()

  function find(key: string): Entry | undefined {
    const entry = entries.get(key)
    if (entry && clock.now() - entry.lastAt < forgottenAfterMs) return entry
    entries.delete(key)
    return undefined
  }

  const waitMs = (key: string): number => Math.max(0, (find(key)?.blockedUntil ?? 0) - clock.now())

  /** Counts a failure, which may be taken back. Throws `busy` with how long to wait. */
  function take(key: string): { takeBack(): void } {
    const wait = waitMs(key)
    if (wait > 0) throw tooOften(wait)
    const entry = find(key) ?? { failures: 0, blockedUntil: 0, lastAt: 0 }
    entry.failures++
    entry.lastAt = clock.now()
    entry.blockedUntil = entry.lastAt + waitMsAfter(entry.failures - freeTries)
    entries.delete(key)
    if (entries.size >= entriesMax) entries.delete(leastOf(entries))
    entries.set(key, entry)
    return {
      takeBack() {
        entry.failures--
        if (entry.failures < freeTries) entry.blockedUntil = 0
        if (entry.failures === 0 && entries.get(key) === entry) entries.delete(key)
      },
    }
  }

  return { take, waitMs, forget: (key: string) => void entries.delete(key), size: () => entries.size }
}

/** 1 s after the last free try, and twice as long after each further one. */
const waitMsAfter = (over: number) => (over < 0 ? 0 : Math.min(waitMsMax, 1000 * 2 ** over))

function leastOf(entries: Map<string, Entry>): string {
  let least: [string, Entry] | undefined
  let looked = 0
  for (const one of entries) {
    if (!least || one[1].failures < least[1].failures) least = one
    if (++looked === lookedAtMax) break
  }
  return least![0]
}

const tooOften = (waitMs: number) => {
  const seconds = Math.ceil(waitMs / 1000)
  const words = seconds < 60 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`
  return new GatewayError('busy', `Too many attempts that failed: wait ${words}, then try again.`, {
    headers: { 'retry-after': String(seconds) },
  })
}
