/** /api/logs/gateway: the end of the gateway's own log. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Elysia, t } from 'elysia'
import { forRole } from '../http/caller.ts'

const tailBytesMax = 1024 * 1024

const entries = t.Object({
  items: t.Array(t.Record(t.String(), t.Unknown()), { description: 'pino: `level`, `time`, `msg` and more' }),
})

export const gatewayLogRoutes = ({ dataDir }: { dataDir: string }) =>
  new Elysia({ tags: ['System'] }).get(
    '/api/logs/gateway',
    async ({ query }) => ({ items: await lastEntries(join(dataDir, 'logs/gateway/gateway.log'), query.lines) }),
    {
      query: t.Object({ lines: t.Integer({ minimum: 1, maximum: 10_000, default: 200 }) }),
      ...forRole('admin'),
      detail: {
        summary: "The end of the gateway's own log",
        description: 'Oldest first; each entry as it was written.',
        responses: {
          200: { description: 'The entries', content: { 'application/json': { schema: entries } } },
          422: {
            description: '`lines` does not fit',
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
          },
        },
      },
    },
  )

async function lastEntries(file: string, count: number): Promise<unknown[]> {
  if (!existsSync(file)) return []
  const { size } = Bun.file(file)
  const text = await Bun.file(file)
    .slice(Math.max(0, size - tailBytesMax), size)
    .text()
  const lines = text
    .split('\n')
    .slice(size > tailBytesMax ? 1 : 0)
    .filter(Boolean)
  return lines.slice(-count).map(parseEntry)
}

/** A line that a kill cut off is shown as it is. */
function parseEntry(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return { msg: line }
  }
}
