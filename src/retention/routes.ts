/** /api/retention: what is kept, and removing now what is over its limits. */
import { Elysia, type TSchema, t } from 'elysia'
import { acts, forRole, note } from '../http/caller.ts'
import type { Retention } from './retention.ts'

const nullable = <T extends TSchema>(schema: T) => t.Union([schema, t.Null()])
const time = (description: string) => t.String({ format: 'date-time', description })

const lastPass = t.Object(
  {
    started_at: time('When it began'),
    finished_at: time('When it ended'),
    removed: t.Object({
      runs: t.Integer({ description: 'With all that belonged to them' }),
      logs: t.Integer({ description: 'Of runs that stay in the history' }),
      outputs: t.Integer({ description: 'Files and long results of runs that stay in the history' }),
      bytes: t.Integer({ description: 'Of logs, files and long results' }),
      orphans: t.Integer({ description: 'Files and folders of runs that are not in the history any more' }),
      temp_items: t.Integer(),
      temp_bytes: t.Integer(),
    }),
    problem: nullable(t.String({ description: 'What kept it from being complete' })),
  },
  { title: 'RetentionPass' },
)

const status = t.Object(
  {
    kept: t.Object({
      runs: t.Integer(),
      log_bytes: t.Integer(),
      output_bytes: t.Integer({ description: 'Files and long results' }),
      oldest_at: nullable(time('When the oldest run was accepted')),
      unmeasured_runs: t.Integer({ description: 'Ended, and not yet in the sums' }),
      database_bytes: t.Integer(),
    }),
    bytes_max: nullable(t.Integer({ description: 'The setting retention_bytes; null: no limit' })),
    disk: t.Object({
      free_bytes: nullable(t.Integer()),
      free_bytes_min: t.Integer({ description: 'The setting disk_free_bytes_min' }),
      problem: nullable(t.String({ description: 'Why no run is accepted' })),
    }),
    due: t.Object(
      { runs: t.Integer(), logs: t.Integer(), outputs: t.Integer(), bytes_over: t.Integer() },
      { description: 'What the next pass would remove' },
    ),
    is_running: t.Boolean(),
    last: nullable(lastPass),
  },
  { title: 'RetentionStatus' },
)

export const retentionRoutes = ({ retention }: { retention: Retention }) =>
  new Elysia({ tags: ['System'] })
    .get('/api/retention/status', () => retention.status(), {
      ...forRole('admin'),
      detail: {
        summary: 'What is kept on disk, and what is over its limits',
        responses: json('The state of the storage', status),
      },
    })
    .post(
      '/api/retention/cleanup',
      async ({ request, server }) => {
        server?.timeout(request, 0) // a long history goes slowly, so that nobody waits for it
        const pass = await retention.clean()
        note(request, { object: { type: 'storage', name: 'runs' }, after: pass.removed })
        return pass
      },
      {
        parse: 'none',
        ...forRole('admin'),
        ...acts('storage.cleanup'),
        detail: {
          summary: 'Remove now what is over its limits',
          description: 'Answers when it is done. The same happens every minute, and hourly for what belongs to no run.',
          responses: json('What was removed', lastPass),
        },
      },
    )

const json = (description: string, schema: TSchema) => ({
  200: { description, content: { 'application/json': { schema } } },
})
