/** Times and days written as cron. */
import { PATTERN_SEPARATOR, patternsMax } from './pattern.ts'
import { NotUnderstood } from './reader.ts'

export interface Days {
  date: string
  month: string
  weekday: string
}

export const everyDay: Days = { date: '*', month: '*', weekday: '*' }

/**
 * Times of the day (seconds since midnight) on these days: one cron text for all hours that share their minutes. `stepMin`: the times are a
 * series of so many minutes, which follows the clock (see next.ts); else they are fixed ones.
 */
export function cronOf(times: readonly number[], days: readonly Days[], stepMin?: number): string {
  const bySecond = Map.groupBy([...new Set(times)], (time) => time % 60)
  const clocks = [...bySecond].flatMap(([second, ofSecond]) => {
    const byHour = Map.groupBy(ofSecond, (time) => Math.floor(time / 3600))
    const minutesOf = (hour: number) =>
      minutesText(
        byHour.get(hour)!.map((time) => Math.floor(time / 60) % 60),
        stepMin,
      )
    const byMinutes = Map.groupBy(byHour.keys(), minutesOf)
    return [...byMinutes].map(([minutes, hours]) => `${second === 0 ? '' : `${second} `}${minutes} ${listOf(hours)}`)
  })
  const texts = clocks.flatMap((clock) =>
    days.map(({ date, month, weekday }) => `${clock} ${date} ${month} ${weekday}`),
  )
  if (texts.length > patternsMax)
    throw new NotUnderstood(
      'These times have too little in common for one schedule: take an interval that divides an hour, or make several.',
    )
  return texts.join(PATTERN_SEPARATOR)
}

function minutesText(minutes: number[], stepMin: number | undefined): string {
  const isWhole = stepMin !== undefined && 60 % stepMin === 0 && minutes.length === 60 / stepMin && minutes.includes(0)
  if (!isWhole || stepMin === 60) return listOf(minutes)
  return stepMin === 1 ? '*' : `*/${stepMin}`
}

/** `1-5,7`; all of `all`: `*`. */
export function listOf(values: readonly number[], all?: number): string {
  const sorted = [...new Set(values)].sort((a, b) => a - b)
  if (sorted.length === all) return '*'
  const runs: [number, number][] = []
  for (const value of sorted) {
    const run = runs.at(-1)
    if (run && value === run[1] + 1) run[1] = value
    else runs.push([value, value])
  }
  return runs
    .map(([from, to]) => (from === to ? `${from}` : to === from + 1 ? `${from},${to}` : `${from}-${to}`))
    .join(',')
}
