/** What a log is made of. */

export const streams = ['stdout', 'stderr', 'system'] as const
export type Stream = (typeof streams)[number]

/** One line of the log of a run, or of an installation. `seq` counts from 1 over all streams. */
export interface LogLine {
  seq: number
  stream: Stream
  /** ISO 8601 in UTC, when the gateway received it. */
  ts: string
  line: string
  /** The line was longer than one record and goes on in the next. */
  continued?: true
}
