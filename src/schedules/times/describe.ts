/** What a timing means, in words, and what somebody should know of it. */
import cronstrue from 'cronstrue'
import type { TimePlan, Timing } from '../model.ts'
import { nextAfter } from './next.ts'
import { localText } from './zone.ts'

/** `Every weekday at 09:30`: a sentence without its stop. */
export function describeTiming(timing: Timing, timezone: string): string {
  if (timing.kind === 'once') return `Once, on ${localText(timing.at, timezone)}`
  if (timing.kind === 'every') return `Every ${timing.everyMs / 1000} seconds`
  return cronstrue.toString(timing.cron, { use24HourTimeFormat: true })
}

/** What somebody should know, as sentences. */
export function warningsOf(plan: TimePlan, now: number): string[] {
  return nextAfter(plan, now) === null ? ['It is never due.'] : []
}
