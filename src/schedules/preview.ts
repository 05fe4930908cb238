/** What an expression means, while it is typed. */
import type { Setting } from '../settings/settings.ts'
import { readWhen, refused } from './draft.ts'
import { readInput } from './input.ts'
import { describeTiming, warningsOf } from './times/describe.ts'
import { english, type Tongue } from './times/tongue.ts'
import { upcoming } from './times/upcoming.ts'
import type { Preview, ScheduleInput } from './view-model.ts'

export type PreviewInput = Pick<ScheduleInput, 'cron_expression' | 'timezone' | 'starts_at' | 'ends_at'>

/** Throws `validation`. Members of a schedule that say nothing of its times are read, too, and passed over. */
export function previewOf(
  input: PreviewInput,
  count: number,
  { setting, now, tongue = english }: { setting: Setting; now: number; tongue?: Tongue },
): Preview {
  const { given, problems } = readInput(input, null)
  const when = readWhen(given, undefined, setting, now, problems, { mayBeNever: true })
  if (problems.length > 0 || !when) throw refused(problems)
  return {
    kind: when.timing.kind,
    words: describeTiming(when.timing, when.timezone, tongue),
    timezone: when.timezone,
    upcoming: upcoming(when, now, count),
    warnings: warningsOf(when, now),
  }
}
