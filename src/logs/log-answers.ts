/** What the routes of every log answer: some of its lines, and where a text stands in it. */
import { type TSchema, t } from 'elysia'
import type { Follow, Followed } from './follow.ts'
import { readRange } from './log-range.ts'
import { searchLog } from './log-search.ts'
import { streams } from './model.ts'

const streamName = t.Union(
  streams.map((name) => t.Literal(name)),
  { title: 'LogStream' },
)
const stream = t.Optional(streamName)
const number = (description: string) => t.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description })

export const linesQuery = t.Object({
  from: t.Optional(number('The first line')),
  before: t.Optional(number('In place of `from`: the lines before this one. With neither, the end of the log')),
  count: t.Integer({ minimum: 1, maximum: 1000, default: 500 }),
  stream,
})

export const searchQuery = t.Object({
  q: t.String({ minLength: 1, maxLength: 200, description: 'The text, whatever its case' }),
  after: t.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, default: 0, description: 'Lines after this one' }),
  stream,
})

/** Answers fewer lines than were asked for where they are long. */
export const linesAnswer = <T extends Followed>(follow: Follow<T>, query: typeof linesQuery.static) =>
  readRange(follow.segments, query)

export const searchAnswer = <T extends Followed>(follow: Follow<T>, { q, after, stream }: typeof searchQuery.static) =>
  searchLog(follow.segments, { text: q, after, stream })

const line = t.Object(
  {
    seq: t.Integer({ description: 'Its number, from 1 over all streams' }),
    stream: streamName,
    ts: t.String({ format: 'date-time' }),
    line: t.String(),
    continued: t.Optional(t.Literal(true, { description: 'It was long, and goes on in the next line of its stream' })),
  },
  { title: 'LogLine' },
)

const answer = (description: string, schema: TSchema) => ({
  200: { description, content: { 'application/json': { schema } } },
})

export const linesDetail = {
  summary: 'Some lines of the log',
  description: 'As quick at the end of a long log as at its beginning. Long lines: fewer of them than were asked for.',
  responses: answer(
    'The lines',
    t.Object(
      {
        items: t.Array(line),
        last: t.Integer({ description: "Number of the log's last line" }),
        errors: t.Integer({ description: 'Lines of stderr' }),
        left_out: t.Union([t.Object({ from: t.Integer(), to: t.Integer() }), t.Null()], {
          description: 'The lines that a log over its limit does not keep',
        }),
      },
      { title: 'LogLines' },
    ),
  ),
}

export const searchDetail = {
  summary: 'Search in the log',
  description: 'Looks for a while: where it is not complete, ask again with `searched_to` as `after`.',
  responses: answer(
    'The lines that have it',
    t.Object(
      {
        items: t.Array(t.Object({ seq: t.Integer(), count: t.Integer({ description: 'How often it stands there' }) })),
        searched_to: t.Integer(),
        is_complete: t.Boolean(),
      },
      { title: 'LogMatches' },
    ),
  ),
}
