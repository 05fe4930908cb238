/** What a timing means, in words: `Every weekday at 09:30`. */
import cronstrue from 'cronstrue'
import type { Timing } from '../model.ts'
import { andList, daysPhrase, seriesDays } from './describe-days.ts'
import { HOUR_MS, MINUTE_MS, SECOND_MS } from './offsets.ts'
import { type Pattern, patternsOf } from './pattern.ts'
import { clockText, localText, spanText } from './zone.ts'

/** In English, with a clock of 24 hours, without a stop. */
export function describeTiming(timing: Timing, timezone: string): string {
  if (timing.kind === 'once') return `Once, on ${localText(timing.at, timezone)}`
  if (timing.kind === 'every')
    return `Every ${spanText(timing.everyMs)}, counted from ${localText(timing.anchorAt, timezone)}`
  return capital(describeCron(timing.cron))
}

/** When on a day: at these times, or again and again. */
type Clock = { times: number[] } | { series: string }

function describeCron(cron: string): string {
  const texts = cron.split('|').map((text) => text.trim())
  const parts = patternsOf(cron).map((pattern, index) => ({ clock: clockOf(pattern, texts[index]!), days: pattern }))
  const byDays = Map.groupBy(parts, ({ days }) => daysPhrase(days))
  return [...byDays.values()]
    .map((group) =>
      sentence(
        group.map(({ clock }) => clock),
        group[0]!.days,
      ),
    )
    .join('; ')
}

function sentence(clocks: Clock[], days: Pattern): string {
  const times = clocks.flatMap((clock) => ('times' in clock ? clock.times : [])).sort((a, b) => a - b)
  const series = clocks.flatMap((clock) => ('series' in clock ? [clock.series] : []))
  const at = times.length > 0 ? `at ${andList(times.map((time) => clockText(time * SECOND_MS)))}` : ''
  if (series.length === 0) return `${daysPhrase(days)} ${at}`
  return [series.join(' and ') + (at ? `, and ${at}` : ''), seriesDays(days)]
    .filter((part) => part !== '')
    .join(at ? ', ' : ' ')
}

/** Times that are written out. */
const TIMES_MAX = 8

function clockOf(pattern: Pattern, text: string): Clock {
  const { seconds, minutes, hours } = pattern
  const isShort = seconds.length * minutes.length * hours.length <= TIMES_MAX
  // 0:00 and 12:00 are two times, though a clock shows them every 12 hours.
  const series = isShort && pattern.isFixed && !isRun(hours) ? null : seriesText(pattern)
  if (series) return { series }
  if (isShort)
    return {
      times: hours.flatMap((hour) =>
        minutes.flatMap((minute) => seconds.map((second) => hour * 3600 + minute * 60 + second)),
      ),
    }
  // Of its text only the fields of the clock: in those of the days cronstrue's grammar is not croner's.
  const fields = text.split(' ').slice(0, -3).join(' ')
  return { series: lower(cronstrue.toString(`${fields} * * *`, { use24HourTimeFormat: true })) }
}

function seriesText({ seconds, minutes, hours }: Pattern): string | null {
  const [second, minute, hour] = [stepOf(seconds, 60), stepOf(minutes, 60), stepOf(hours, 24)]
  if (second !== null) return minute === 1 && hour === 1 ? every(second, 'second') : null
  if (seconds.length > 1 || seconds[0] !== 0) return null
  if (minute !== null) {
    if (hour === 1) return every(minute, 'minute')
    return isRun(hours)
      ? `${every(minute, 'minute')} from ${clock(hours[0]!, 0)} to ${clock(hours.at(-1)!, 60 - minute)}`
      : null
  }
  const at =
    minutes.length === 1 && minutes[0] === 0
      ? ''
      : ` at minute${minutes.length > 1 ? 's' : ''} ${andList(minutes.map(String))}`
  if (hour !== null && minutes.length <= TIMES_MAX) return every(hour, 'hour') + at
  if (minutes.length === 1 && hours.length > 2 && isRun(hours))
    return `every hour from ${clock(hours[0]!, minutes[0]!)} to ${clock(hours.at(-1)!, minutes[0]!)}`
  return null
}

const every = (count: number, unit: string) => (count === 1 ? `every ${unit}` : `every ${count} ${unit}s`)
const clock = (hour: number, minute: number) => clockText(hour * HOUR_MS + minute * MINUTE_MS)
const isRun = (values: number[]) => values.length > 1 && values.at(-1)! - values[0]! === values.length - 1

/** The step of numbers that go from 0 over all of `size` evenly, such as 0, 15, 30, 45 of 60; null: they do not. */
function stepOf(values: number[], size: number): number | null {
  const step = size / values.length
  return values.length > 1 && Number.isInteger(step) && values.every((value, index) => value === index * step)
    ? step
    : null
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
const lower = (text: string) => text.charAt(0).toLowerCase() + text.slice(1)

export { warningsOf } from './warnings.ts'
