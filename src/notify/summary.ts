/** What was held back, told as one: how it went comes first, and what went wrong. */
import type { Outcomes } from './delivery-store.ts'
import type { DeliveryRow } from './table.ts'

interface Held {
  /** Those that are told one by one, the worst first. */
  rows: readonly Pick<DeliveryRow, 'createdAt' | 'title'>[]
  /** Of all of them. */
  outcomes: Outcomes
  /** Milliseconds since 1970. */
  from: number
  to: number
  /** `14:00`, and `CEST` then. */
  clockOf(at: number): string
  zoneOf(at: number): string
}

export const totalOf = (outcomes: Outcomes) => [...outcomes.values()].reduce((sum, count) => sum + count, 0)

/** `3 failed, 63 succeeded: 66 notifications between 22:00 and 07:00 CET`, and a line for each of `rows`. */
export function summaryText({ rows, outcomes, from, to, clockOf, zoneOf }: Held): { title: string; body: string } {
  const timeOf = (at: number) => `${clockOf(at)} ${zoneOf(at)}`
  const start = zoneOf(from) === zoneOf(to) ? clockOf(from) : timeOf(from)
  const end = timeOf(to)
  const when = to - from < 60_000 && timeOf(from) === end ? `at ${end}` : `between ${start} and ${end}`
  const total = totalOf(outcomes)
  const lines = rows.map(({ createdAt, title }) => `${timeOf(createdAt)} ${title}`)
  const rest = total - rows.length
  return {
    title: `${countsOf(outcomes)}: ${total} notifications ${when}`,
    body: [...lines, ...(rest > 0 ? [`… and ${rest} more`] : [])].join('\n'),
  }
}

const countsOf = (outcomes: Outcomes) =>
  [...new Set([...Object.keys(words), ...outcomes.keys()])]
    .filter((outcome) => outcomes.has(outcome))
    .map((outcome) => `${outcomes.get(outcome)} ${words[outcome] ?? 'others'}`)
    .join(', ')

/** In the order in which they are told. */
const words: Record<string, string> = {
  failed: 'failed',
  timeout: 'timed out',
  killed: 'killed',
  interrupted: 'interrupted',
  not_started: 'not started',
  broken: 'broken',
  missed: 'missed',
  cancelled: 'cancelled',
  success: 'succeeded',
}
