/** /api/audit: reading, proving and exporting the audit log. */
import { Elysia, t } from 'elysia'
import { invalid } from '../errors.ts'
import { actsItself, callerOf, forRole } from '../http/caller.ts'
import type { Audit } from './audit.ts'
import { exportResponse } from './export.ts'
import { pageAnswers, textAnswers, verdictAnswers } from './schemas.ts'
import type { AuditFilter } from './store.ts'

const text = (description: string) => t.Optional(t.String({ maxLength: 200, description }))

const filterQuery = {
  from: text('ISO 8601: at this time or later'),
  to: text('ISO 8601: at this time or earlier'),
  user: text("A user's number, or part of the name of who did it"),
  action: text('`script.edit`, or `script` for all that begin so'),
  object_type: text('`script`, `user` …'),
  object_id: text('Number or name of the object'),
  q: text('Words; each of them is somewhere in an entry'),
}

const pageSizeMax = 200
const listQuery = t.Object({
  ...filterQuery,
  page: t.Integer({ minimum: 1, maximum: 1_000_000, default: 1 }),
  page_size: t.Integer({ minimum: 1, maximum: pageSizeMax, default: 50 }),
})
const exportQuery = t.Object({
  ...filterQuery,
  format: t.Optional(t.Union([t.Literal('jsonl'), t.Literal('csv')])),
})

export const auditRoutes = ({ audit }: { audit: Audit }) =>
  new Elysia({ tags: ['Audit'] })
    .get(
      '/api/audit',
      ({ query: { page, page_size, ...filter } }) => ({
        ...audit.list(auditFilter(filter), { limit: page_size, offset: (page - 1) * page_size }),
        ...{ page, page_size },
      }),
      {
        ...{ query: listQuery, ...forRole('admin') },
        detail: { summary: 'The audit log, newest first', responses: pageAnswers },
      },
    )
    .get('/api/audit/verify', () => audit.verify(), {
      ...forRole('admin'),
      detail: {
        summary: 'Prove that the audit log is what was written',
        description:
          'Makes every hash again. Entries that were cut off at the end together with the counter of the database leave no trace in it: compare `head` with one that was noted elsewhere.',
        responses: verdictAnswers,
      },
    })
    .get(
      '/api/audit/export',
      ({ query: { format = 'jsonl', ...filter }, request, server }) => {
        server?.timeout(request, 0)
        const wanted = auditFilter(filter)
        audit.record({
          ...{ action: 'audit.export', caller: callerOf(request), object: { type: 'audit' }, status: 200 },
          after: { format, ...filter },
        })
        return exportResponse(audit, wanted, format)
      },
      {
        ...{ query: exportQuery, ...forRole('admin'), ...actsItself },
        detail: {
          summary: 'Download the audit log, oldest first',
          description:
            'One JSON object a line, as it was hashed but for `hash` itself, and a last line with the newest entry of the whole log; or CSV. X-Audit-Head has number and hash of that entry.',
          responses: textAnswers,
        },
      },
    )

/** What a query or a form of a page asks for. Throws `validation`. */
export function auditFilter(query: { [K in keyof typeof filterQuery]?: string }): AuditFilter {
  const { from, to, object_type, object_id, ...rest } = query
  return { ...rest, from: toTime('/from', from), to: toTime('/to', to), objectType: object_type, objectId: object_id }
}

function toTime(path: string, text: string | undefined): number | undefined {
  if (!text) return undefined
  const time = Date.parse(text)
  if (Number.isNaN(time)) throw invalid(path, `"${text}" is not a time: write it as 2026-11-21T04:05:06Z.`)
  return time
}
