/** What a timing means, in words: `Every weekday at 09:30`. */
import type { Timing } from '../model.ts'
import { HOUR_MS, MINUTE_MS, SECOND_MS } from './offsets.ts'
import { type Pattern, patternsOf } from './pattern.ts'
import { english, type Tongue } from './tongue.ts'
import { clockText, localText } from './zone.ts'

/** With a clock of 24 hours, without a stop; `Every weekday at 09:30`, or 每个工作日 09:30. */
export function describeTiming(timing: Timing, timezone: string, tongue: Tongue = english): string {
  if (timing.kind === 'once') return tongue.once(localText(timing.at, timezone))
  if (timing.kind === 'every') return tongue.counted(timing.everyMs, localText(timing.anchorAt, timezone))
  try {
    return tongue.capital(describeCron(timing.cron, tongue))
  } catch (error) {
    // Nothing is due by a text that cannot be read (next.ts): the page with all the others must not fall over it either.
    if (error instanceof TypeError || error instanceof RangeError) return String(timing.cron)
    throw error
  }
}

/** When on a day: at these times, or again and again. */
type Clock = { times: number[] } | { series: string }

function describeCron(cron: string, tongue: Tongue): string {
  const texts = cron.split('|').map((text) => text.trim())
  const parts = patternsOf(cron).map((pattern, index) => ({
    clock: clockOf(pattern, texts[index]!, tongue),
    days: pattern,
  }))
  const byDays = Map.groupBy(parts, ({ days }) => tongue.daysPhrase(days))
  return [...byDays.values()]
    .map((group) =>
      tongue.sentence({
        times: group
          .flatMap(({ clock }) => ('times' in clock ? clock.times : []))
          .sort((a, b) => a - b)
          .map((time) => clockText(time * SECOND_MS)),
        series: group.flatMap(({ clock }) => ('series' in clock ? [clock.series] : [])),
        days: group[0]!.days,
      }),
    )
    .join(tongue.between)
}

/** Times that are written out. */
const TIMES_MAX = 8

function clockOf(pattern: Pattern, text: string, tongue: Tongue): Clock {
  const { seconds, minutes, hours } = pattern
  const isShort = seconds.length * minutes.length * hours.length <= TIMES_MAX
  // 0:00 and 12:00 are two times, though a clock shows them every 12 hours.
  const series = isShort && pattern.isFixed && !isRun(hours) ? null : seriesText(pattern, tongue)
  if (series) return { series }
  if (isShort)
    return {
      times: hours.flatMap((hour) =>
        minutes.flatMap((minute) => seconds.map((second) => hour * 3600 + minute * 60 + second)),
      ),
    }
  // Of its text only the fields of the clock: in those of the days cronstrue's grammar is not croner's.
  const fields = text.split(' ').slice(0, -3).join(' ')
  return { series: tongue.others(`${fields} * * *`) }
}

function seriesText({ seconds, minutes, hours }: Pattern, tongue: Tongue): string | null {
  const { every, within } = tongue
  const [second, minute, hour] = [stepOf(seconds, 60), stepOf(minutes, 60), stepOf(hours, 24)]
  if (second !== null) return minute === 1 && hour === 1 ? every(second, 'second') : null
  if (seconds.length > 1 || seconds[0] !== 0) return null
  if (minute !== null) {
    if (hour === 1) return every(minute, 'minute')
    return isRun(hours) ? within(every(minute, 'minute'), clock(hours[0]!, 0), clock(hours.at(-1)!, 60 - minute)) : null
  }
  const at = minutes.length === 1 && minutes[0] === 0 ? '' : tongue.atMinutes(minutes)
  if (hour !== null && minutes.length <= TIMES_MAX) return every(hour, 'hour') + at
  if (minutes.length === 1 && hours.length > 2 && isRun(hours))
    return within(every(1, 'hour'), clock(hours[0]!, minutes[0]!), clock(hours.at(-1)!, minutes[0]!))
  return null
}

const clock = (hour: number, minute: number) => clockText(hour * HOUR_MS + minute * MINUTE_MS)
const isRun = (values: number[]) => values.length > 1 && values.at(-1)! - values[0]! === values.length - 1

/** The step of numbers that go from 0 over all of `size` evenly, such as 0, 15, 30, 45 of 60; null: they do not. */
function stepOf(values: number[], size: number): number | null {
  const step = size / values.length
  return values.length > 1 && Number.isInteger(step) && values.every((value, index) => value === index * step)
    ? step
    : null
}

export { warningsOf } from './warnings.ts'
