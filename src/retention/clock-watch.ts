/** A machine that wakes up in another year must not lose its history: after a jump, age says nothing for a day. */
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'

const jumpMs = 10 * 60_000
const distrustMs = 24 * 60 * 60_000

interface ClockWatchDeps {
  clock: Clock
  log: Log
  /** Milliseconds of a clock that nobody sets. */
  steadyNow?(): number
}

export function createClockWatch({ clock, log, steadyNow = () => performance.now() }: ClockWatchDeps) {
  let offset = clock.now() - steadyNow()
  let trustedFrom = Number.NEGATIVE_INFINITY

  return {
    /** Asked before whatever goes by age. */
    isTrusted(): boolean {
      const steady = steadyNow()
      const jumpedMs = clock.now() - steady - offset
      if (Math.abs(jumpedMs) > jumpMs) {
        offset += jumpedMs
        trustedFrom = steady + distrustMs
        log.warn({ seconds: Math.round(jumpedMs / 1000) }, 'the clock jumped: nothing is removed by age for a day')
      }
      return steady >= trustedFrom
    },
  }
}
