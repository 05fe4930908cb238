/** The times that come, and why there is something odd about some of them. */
import type { TimePlan } from '../model.ts'
import type { Upcoming } from '../view-model.ts'
import { between, nextAfter } from './next.ts'
import { notesOf } from './notes.ts'
import { localText, localTexts } from './zone.ts'

/** The first `count` times after `after`. */
export function upcoming(plan: TimePlan, after: number, count: number): Upcoming[] {
  const times = between(plan, after, Number.POSITIVE_INFINITY, count)
  const begin = Math.max(after, plan.startsAt ?? after)
  const texts = localTexts(times, plan.timezone)
  return times.map((at, index) => ({
    at: new Date(at).toISOString(),
    local: texts[index]!,
    note:
      [...boundsOf(plan, at, index === 0 && begin > after), ...notesOf(plan, at, times[index - 1] ?? begin)].join(
        '; ',
      ) || null,
  }))
}

function boundsOf(plan: TimePlan, at: number, isFirst: boolean): string[] {
  const notes = isFirst ? [`it starts on ${localText(plan.startsAt!, plan.timezone)}`] : []
  if (plan.endsAt === null || plan.timing.kind === 'once' || nextAfter(plan, at) !== null) return notes
  return [...notes, `the last one: it ends on ${localText(plan.endsAt, plan.timezone)}`]
}
