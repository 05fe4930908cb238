/** /api/runs: deleting one, and one act on many. */
import { Elysia, t } from 'elysia'
import type { Receive } from '../files/receive.ts'
import { answersWith } from '../http/answers.ts'
import { acts, actsItself, forRun, note, signedIn } from '../http/caller.ts'
import { type Batch, batchActions, batchMax } from './batch.ts'

const answers = answersWith({
  403: 'The caller may not edit the script',
  404: 'No such run',
  409: 'It has not ended',
  422: 'What was sent does not fit',
})

const body = t.Object(
  {
    action: t.Union(batchActions.map((action) => t.Literal(action))),
    ids: t.Array(t.Integer({ minimum: 1 }), { minItems: 1, maxItems: batchMax, description: 'Numbers of runs' }),
  },
  { title: 'RunBatch', additionalProperties: false },
)

const item = t.Object(
  {
    id: t.Integer(),
    ok: t.Boolean(),
    run_id: t.Optional(t.Integer({ description: 'Of one that was run again: the new run' })),
    error: t.Optional(
      t.Object(
        { type: t.String(), message: t.String(), details: t.Optional(t.Array(t.Unknown())) },
        { description: 'Why it was not possible' },
      ),
    ),
  },
  { title: 'RunBatchItem' },
)

export function batchRoutes({ batch, receive }: { batch: Batch; receive: Receive }) {
  /** Within the limit of a body; the second one is for the document, and finds the body read. */
  const parse = [({ request }: { request: Request }) => receive.json(request), 'json' as const]
  return new Elysia({ tags: ['Runs'] })
    .delete(
      '/api/runs/:id',
      async ({ params, request }) => {
        note(request, { after: { run_id: params.id } })
        await batch.delete(params.id)
        return new Response(null, { status: 204 })
      },
      {
        params: t.Object({ id: t.Integer({ minimum: 1, description: 'Number of the run' }) }),
        parse: 'none',
        ...forRun('edit'),
        ...acts('run.delete'),
        detail: {
          summary: 'Delete a run',
          description:
            'With its log, its result and its files, for good; what is deleted on the page can be brought back for a quarter of an hour. One that has not ended is refused: cancel it first.',
          responses: { 204: { description: 'It is gone' }, ...answers({}, [403, 404, 409]) },
        },
      },
    )
    .post(
      '/api/runs/batch',
      async ({ body, request }) => ({
        action: body.action,
        items: await batch.perform(body.action, body.ids, request),
      }),
      {
        ...{ body, parse },
        ...signedIn,
        ...actsItself,
        detail: {
          summary: 'Cancel, delete or run again many runs',
          description:
            'One after the other; each is answered for, in the order in which they were asked for. Secrets and files are not kept: a run that was given any is not run again here, and its `details` name them.',
          responses: answers(
            {
              200: [
                'What became of each',
                t.Object({ action: t.Union(batchActions.map((action) => t.Literal(action))), items: t.Array(item) }),
              ],
            },
            [422],
          ),
        },
      },
    )
}
