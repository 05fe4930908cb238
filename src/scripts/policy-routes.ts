/** /api/scripts/{id}/policy: what a script may touch, its limits, and how its runs are treated. */
import { Elysia, t } from 'elysia'
import type { Receive } from '../files/receive.ts'
import { acts, forScript } from '../http/caller.ts'
import { sayProblems } from './args-map.ts'
import type { Catalog } from './catalog.ts'
import type { Editing } from './editing.ts'
import { etagOf } from './etag.ts'
import { notedPolicies } from './noted-policy.ts'
import type { Expected, PolicyContent } from './policy-editor.ts'
import { policy, policyView } from './policy-schemas.ts'
import { idParam, takesTime } from './routes.ts'
import { answers, errorAnswers } from './schemas.ts'

interface PolicyRoutesDeps {
  catalog: Catalog
  editing: Editing
  receive: Receive
}

export const policyRoutes = ({ catalog, editing, receive }: PolicyRoutesDeps) =>
  new Elysia({ tags: ['Scripts API'] })
    .onBeforeHandle(takesTime)
    .get('/api/scripts/:id/policy', async ({ params, set }) => show(await editing.policy.read(params.id), set), {
      params: idParam,
      ...forScript('edit'),
      detail: {
        summary: 'What a script may touch, its limits, and how its runs are treated',
        description: 'The policy file beside the script, and what it comes to under the settings.',
        responses: answers(200, 'The policy', policyView, [403, 404, 409]),
      },
    })
    .put(
      '/api/scripts/:id/policy',
      async ({ params, request, set }) => {
        const value = await receive.json(request)
        return show(
          await notedPolicies(catalog, editing.policy, request).replace(params.id, value, expectedBy(request)),
          set,
        )
      },
      {
        ...{ params: idParam, headers: conditions, parse: 'none' },
        ...forScript('edit'),
        ...acts('script.policy'),
        detail: {
          summary: 'Write the policy of a script',
          description:
            'All of it is replaced, and is in force for the next run. Without a condition it is written whatever is there.',
          requestBody: { required: true, content: { 'application/json': { schema: policy } } },
          responses: answers(200, 'The policy as it is now', policyView, [400, 403, 404, 409, 413, 422]),
        },
      },
    )
    .delete(
      '/api/scripts/:id/policy',
      async ({ params, request }) => {
        await notedPolicies(catalog, editing.policy, request).remove(params.id, expectedBy(request))
        return new Response(null, { status: 204 })
      },
      {
        ...{ params: idParam, headers: conditions, parse: 'none' },
        ...forScript('edit'),
        ...acts('script.policy'),
        detail: {
          summary: 'Remove the policy of a script',
          description: 'From then on the settings count.',
          responses: { 204: { description: 'There is none' }, ...errorAnswers([403, 404, 409]) },
        },
      },
    )

/** Of what is written: both may be left out. */
export const conditions = t.Object(
  {
    'if-match': t.Optional(
      t.String({ description: 'The ETag that was read: 409 when the file is another one by now' }),
    ),
    'if-none-match': t.Optional(t.String({ description: '*: 409 when there is a file' })),
  },
  { additionalProperties: true },
)

export function expectedBy({ headers }: Request): Expected {
  const ifMatch = headers.get('if-match')
  if (ifMatch !== null) return { ifMatch }
  return headers.get('if-none-match')?.trim() === '*' ? { isNew: true } : null
}

function show(content: PolicyContent, set: { headers: Record<string, unknown> }) {
  const { policy, effective, file, hash, problems, warnings } = content
  const etag = hash === null ? null : etagOf(hash)
  if (etag !== null) set.headers.etag = etag
  const error = problems.length > 0 ? `Cannot read policy "${file}": ${sayProblems(problems)}.` : null
  return { policy, effective, file, etag, error, warnings }
}
