/** The audit log as a file, as it is read: no more than a batch of it is in memory. */
import type { Audit } from './audit.ts'
import type { AuditEntry } from './model.ts'
import type { AuditFilter } from './store.ts'

export type ExportFormat = 'jsonl' | 'csv'

const contentTypes: Record<ExportFormat, string> = {
  jsonl: 'application/x-ndjson; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
}

export function exportResponse(audit: Audit, filter: AuditFilter, format: ExportFormat): Response {
  const { id, hash } = audit.head()
  const lines = format === 'csv' ? csvLines(audit.batches(filter)) : jsonLines(audit, filter)
  return new Response(toStream(lines), {
    headers: {
      'content-type': contentTypes[format],
      'content-disposition': `attachment; filename="audit-${id}.${format}"`,
      'x-audit-head': `${id} ${hash}`,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    },
  })
}

/** The last line tells that nothing was lost on the way. */
async function* jsonLines(audit: Audit, filter: AuditFilter): AsyncGenerator<string> {
  const head = audit.head()
  let entries = 0
  for await (const batch of audit.batches(filter)) {
    entries += batch.length
    yield batch.map((entry) => `${JSON.stringify(entry)}\n`).join('')
  }
  yield `${JSON.stringify({ end: true, entries, head })}\n`
}

const csvColumns = [
  ...['id', 'at', 'actor', 'actor_kind', 'user_id', 'token_id', 'address', 'action'],
  ...['object_type', 'object_id', 'object_name', 'status', 'before', 'after', 'hash'],
] as (keyof AuditEntry)[]

/** RFC 4180. */
async function* csvLines(batches: AsyncIterable<AuditEntry[]>): AsyncGenerator<string> {
  yield `${csvColumns.join(',')}\r\n`
  for await (const batch of batches)
    yield batch.map((entry) => `${csvColumns.map((name) => csvCell(entry[name])).join(',')}\r\n`).join('')
}

/** Text that a spreadsheet would take for a formula is marked as text, as in views/rows.ts. */
function csvCell(value: unknown): string {
  if (value === null) return ''
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const plain = typeof value !== 'number' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain
}

function toStream(texts: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await texts.next()
      if (done) controller.close()
      else controller.enqueue(encoder.encode(value))
    },
    async cancel() {
      await texts.return(undefined)
    },
  })
}
