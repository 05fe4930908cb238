/** How a language says when something is due; describe.ts says it of a timing. */
import cronstrue from 'cronstrue'
import { andList, daysPhrase, seriesDays } from './describe-days.ts'
import type { Pattern } from './pattern.ts'
import { spanText } from './zone.ts'

export interface Tongue {
  once(at: string): string
  /** Elapsed time, counted from a moment. */
  counted(everyMs: number, from: string): string
  every(count: number, unit: 'second' | 'minute' | 'hour'): string
  /** A series from one time of day to another. */
  within(series: string, from: string, to: string): string
  atMinutes(minutes: number[]): string
  /** What no word of ours says: a cron text whose days are `* * *`. */
  others(cron: string): string
  daysPhrase(days: Pattern): string
  sentence(parts: { times: string[]; series: string[]; days: Pattern }): string
  /** Between what is due on other days. */
  between: string
  capital(text: string): string
}

export const english: Tongue = {
  once: (at) => `Once, on ${at}`,
  counted: (everyMs, from) => `Every ${spanText(everyMs)}, counted from ${from}`,
  every: (count, unit) => (count === 1 ? `every ${unit}` : `every ${count} ${unit}s`),
  within: (series, from, to) => `${series} from ${from} to ${to}`,
  atMinutes: (minutes) => ` at minute${minutes.length > 1 ? 's' : ''} ${andList(minutes.map(String))}`,
  others: (cron) => lower(cronstrue.toString(cron, { use24HourTimeFormat: true })),
  daysPhrase,
  sentence({ times, series, days }) {
    const at = times.length > 0 ? `at ${andList(times)}` : ''
    if (series.length === 0) return `${daysPhrase(days)} ${at}`
    return [series.join(' and ') + (at ? `, and ${at}` : ''), seriesDays(days)]
      .filter((part) => part !== '')
      .join(at ? ', ' : ' ')
  },
  between: '; ',
  capital: (text) => text.charAt(0).toUpperCase() + text.slice(1),
}

const lower = (text: string) => text.charAt(0).toLowerCase() + text.slice(1)
