/** /api/scripts/{id}/schema: what a script takes, where that is said, and changing it by hand. */
import { Elysia } from 'elysia'
import { GatewayError, invalid } from '../errors.ts'
import type { Receive } from '../files/receive.ts'
import { acts, forScript, note } from '../http/caller.ts'
import { type Catalog, findEntry } from './catalog.ts'
import type { Editing } from './editing.ts'
import { etagOf } from './etag.ts'
import { notedSchemas } from './noted-schema.ts'
import { conditions, expectedBy } from './policy-routes.ts'
import { idParam, takesTime } from './routes.ts'
import type { Scanner } from './scanner.ts'
import type { SchemaContent } from './schema-editor.ts'
import * as schemas from './schemas.ts'
import { answers, errorAnswers } from './schemas.ts'

interface SchemaRoutesDeps {
  catalog: Catalog
  scanner: Pick<Scanner, 'chooseSchema'>
  editing: Editing
  receive: Receive
}

export function schemaRoutes({ catalog, scanner, editing, receive }: SchemaRoutesDeps) {
  /** Within the limit of a body; the second one is for the document, and finds the body read. */
  const parse = [({ request }: { request: Request }) => receive.json(request), 'json' as const]

  return new Elysia({ tags: ['Scripts API'] })
    .onBeforeHandle(takesTime)
    .get('/api/scripts/:id/schema', async ({ params, set }) => show(await editing.schema.read(params.id), set), {
      params: idParam,
      ...forScript('see'),
      detail: {
        summary: 'The schema of a script, and what it is made from',
        description: 'The ETag is that of the sidecar, where there is one.',
        responses: answers(200, 'The schema', schemas.schema, [404]),
      },
    })
    .post(
      '/api/scripts/:id/schema',
      async ({ params, body, request, set }) => {
        await scanner.chooseSchema(findEntry(catalog, params.id).row.id, body.use)
        note(request, { after: { use: body.use } })
        return show(await editing.schema.read(params.id), set)
      },
      {
        ...{ params: idParam, body: schemas.schemaBody, parse },
        ...forScript('edit'),
        ...acts('script.schema'),
        detail: {
          summary: "Settle a difference between the sidecar and the script's own answer",
          description: '`script` rewrites the sidecar, `sidecar` keeps it.',
          responses: answers(200, 'The schema', schemas.schema, [404, 409, 422]),
        },
      },
    )
    .put(
      '/api/scripts/:id/schema',
      async ({ params, request, set }) => {
        const value = paramsIn(await receive.json(request))
        const content = await notedSchemas(editing.schema, request)
          .replace(params.id, value, expectedBy(request))
          .catch(atParams)
        return show(content, set)
      },
      {
        ...{ params: idParam, headers: conditions, parse: 'none' },
        ...forScript('edit'),
        ...acts('script.schema'),
        detail: {
          summary: 'Write the schema of a script by hand',
          description:
            'All of it is replaced: it is written into the sidecar, and from then on in force whatever the script says. Without a condition it is written whatever is there.',
          requestBody: { required: true, content: { 'application/json': { schema: schemas.paramsBody } } },
          responses: answers(200, 'The schema as it is now', schemas.schema, [400, 403, 404, 409, 413, 422]),
        },
      },
    )
    .delete(
      '/api/scripts/:id/schema',
      async ({ params, request }) => {
        await notedSchemas(editing.schema, request).remove(params.id, expectedBy(request))
        return new Response(null, { status: 204 })
      },
      {
        ...{ params: idParam, headers: conditions, parse: 'none' },
        ...forScript('edit'),
        ...acts('script.schema'),
        detail: {
          summary: "Back to the script's own schema",
          description:
            'The sidecar is the answer of the script again, and follows it. One that cannot be asked has no schema from then on, and cannot be called.',
          responses: { 204: { description: 'It is the script’s own' }, ...errorAnswers([403, 404, 409]) },
        },
      },
    )
}

/** Throws `validation`. */
function paramsIn(body: unknown): unknown {
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body)
  const other = isObject ? Object.keys(body).find((key) => key !== 'params') : undefined
  if (!isObject || !('params' in body)) throw invalid('/params', 'Send {"params": …}, with the whole ARGS_MAP.')
  if (other !== undefined)
    throw invalid(`/${other}`, `"${other.slice(0, 100)}" is not known here: send "params" alone.`)
  return body.params
}

/** The places are those in the body. */
function atParams(error: unknown): never {
  if (!(error instanceof GatewayError) || error.details.length === 0) throw error
  const details = error.details.map(({ path, message }) => ({ path: `/params${path}`, message }))
  throw new GatewayError(error.type, error.message, { details })
}

function show({ text: _text, hash, file: _file, ...view }: SchemaContent, set: { headers: Record<string, unknown> }) {
  const etag = hash === null ? null : etagOf(hash)
  if (etag !== null) set.headers.etag = etag
  return { ...view, etag }
}
