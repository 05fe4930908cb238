/** /api/scripts/{id}/content and /api/scripts/upload: the files themselves. */
import { Elysia, t } from 'elysia'
import { GatewayError, invalid } from '../errors.ts'
import type { Receive } from '../files/receive.ts'
import { acts, callerOf, forRole, forScript, note } from '../http/caller.ts'
import { type Catalog, findEntry } from './catalog.ts'
import type { Editing } from './editing.ts'
import { toBytes } from './editor.ts'
import { etagOf, namesHash } from './etag.ts'
import { type RuntimeName, runtimeNames } from './model.ts'
import { notedPlacing } from './noted-placing.ts'
import { idParam, takesTime } from './routes.ts'
import * as schemas from './schemas.ts'
import { answers, errorAnswers } from './schemas.ts'
import type { Scripts } from './scripts.ts'
import { type Place, refuseStrangers } from './trust.ts'
import type { Placed, Upload } from './upload.ts'

interface ContentRoutesDeps {
  scripts: Scripts
  catalog: Catalog
  editing: Editing
  receive: Receive
}

export const contentRoutes = ({ scripts, catalog, editing, receive }: ContentRoutesDeps) =>
  new Elysia({ tags: ['Scripts API'] })
    .onBeforeHandle(takesTime)
    .get(
      '/api/scripts/:id/content',
      async ({ params, request }) => {
        const { bytes, hash } = await editing.read(params.id)
        const headers = { etag: etagOf(hash), 'cache-control': 'private, no-cache' }
        if (namesHash(request.headers.get('if-none-match') ?? '', hash))
          return new Response(null, { status: 304, headers })
        return new Response(bytes, {
          headers: { ...headers, 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
        })
      },
      {
        params: idParam,
        ...forScript('edit'),
        detail: {
          summary: "The script's file",
          description: 'Byte for byte, with its strong ETag.',
          responses: { 200: { description: 'The file', ...text }, ...errorAnswers([403, 404]) },
        },
      },
    )
    .put(
      '/api/scripts/:id/content',
      async ({ params, request, set }) => {
        const bytes = await contentOf(request, receive)
        const before = findEntry(catalog, params.id).row.contentHash
        const origin = { how: 'saved' as const, by: callerOf(request).name }
        const hash = await editing.replace(params.id, bytes, request.headers.get('if-match'), origin)
        set.headers.etag = etagOf(hash)
        note(request, { before: { content_hash: before }, after: { content_hash: hash, bytes: bytes.byteLength } })
        return scripts.get(params.id)
      },
      {
        ...{ params: idParam, headers: ifMatchHeader, parse: 'none' },
        ...forScript('edit'),
        ...acts('script.edit'),
        detail: {
          summary: "Replace the script's file",
          description:
            'If-Match has the ETag that was read; 409 when the file is another one by now. `If-Match: *` writes whatever is there. Runs that go on are not disturbed.',
          requestBody: {
            required: true,
            content: { ...text.content, 'application/json': { schema: t.Object({ content: t.String() }) } },
          },
          responses: answers(200, 'The script as it is now', schemas.script, [400, 403, 404, 409, 413]),
        },
      },
    )
    .post(
      '/api/scripts/upload',
      async ({ request, set }) => {
        const placed = await receiveUpload({ catalog, editing, receive }, request)
        set.status = 201
        return {
          items: placed.scripts.map((id) => scripts.get(String(id))),
          files: placed.files,
          skipped: placed.skipped,
        }
      },
      {
        parse: 'none',
        ...forRole('editor'),
        ...acts('script.upload'),
        detail: {
          summary: 'Upload one or many files, all of them or none',
          description:
            'The names of the file fields are free; a filename may have folders in it. The runtime follows from the ending. What is no script (a list of dependencies, data, helpers) goes beside the scripts of a group.',
          requestBody: { required: true, content: { 'multipart/form-data': { schema: uploadForm } } },
          responses: answers(
            201,
            'The scripts among them, and everything that was placed',
            uploaded,
            [400, 403, 409, 413, 422],
          ),
        },
      },
    )

/** Takes in the files of a posted form, for the API and the page alike. Throws as an upload does. */
export async function receiveUpload(
  { catalog, editing, receive }: Pick<ContentRoutesDeps, 'catalog' | 'editing' | 'receive'>,
  request: Request,
): Promise<Placed> {
  const form = await receive.form(request)
  try {
    const mayPlace = (places: Place[]) => refuseStrangers(catalog, callerOf(request), places)
    const origin = { how: 'uploaded' as const, by: callerOf(request).name }
    const wishes = { files: form.files, ...wishesOf(form.fields), mayPlace, origin }
    return await notedPlacing(catalog, request, () => editing.upload(wishes))
  } finally {
    await form.dispose()
  }
}

/** Optional here, because the refusal is ours: it says what to send. */
const ifMatchHeader = t.Object(
  { 'if-match': t.Optional(t.String({ description: 'Always needed: the ETag that was read, or *' })) },
  { additionalProperties: true },
)

const text = { content: { 'text/plain': { schema: t.String() } } }

const uploadForm = t.Object({
  files: t.Array(t.String({ format: 'binary' })),
  runtime: t.Optional(schemas.runtime),
  group: t.Optional(t.String({ description: "Folder inside the runtime's folder" })),
  overwrite: t.Optional(schemas.oneOf(['0', '1'])),
})

const uploaded = t.Object(
  {
    items: t.Array(schemas.script),
    files: t.Array(t.String(), { description: 'Paths below the scripts folder' }),
    skipped: t.Array(t.String(), { description: 'What systems leave in folders, such as .DS_Store' }),
  },
  { title: 'Uploaded' },
)

/** `{"content": "…"}` when the body is JSON, else the body itself. */
async function contentOf(request: Request, receive: Receive): Promise<Uint8Array> {
  const contentType = request.headers.get('content-type') ?? ''
  const charset = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(contentType)?.[1]?.toLowerCase()
  if (charset && !['utf-8', 'utf8', 'us-ascii'].includes(charset))
    throw new GatewayError('validation', 'A script must be sent in UTF-8.', { status: 400 })
  if (/^multipart\//i.test(contentType))
    throw new GatewayError('validation', 'Send the text itself, not a form: POST /api/scripts/upload takes forms.', {
      status: 400,
    })
  if (!/^application\/json\b/i.test(contentType)) return receive.bytes(request)
  const body = await receive.json(request)
  const content = typeof body === 'object' && body !== null && 'content' in body ? body.content : undefined
  if (typeof content !== 'string') throw invalid('/content', 'The body must be {"content": "the text of the script"}.')
  return toBytes(content, '/content')
}

function wishesOf(fields: Record<string, unknown>): Omit<Upload, 'files' | 'origin'> {
  const { runtime, group = '', overwrite = '0', ...others } = fields
  const [other] = Object.keys(others)
  if (other !== undefined)
    throw invalid(`/${other}`, `"${other.slice(0, 100)}" is not known here: send runtime, group, overwrite, and files.`)
  if (runtime !== undefined && runtime !== '' && !runtimeNames.includes(runtime as RuntimeName))
    throw invalid('/runtime', `The runtime must be one of ${runtimeNames.join(', ')}.`)
  if (typeof group !== 'string') throw invalid('/group', 'The group must be one text.')
  if (!['0', '1', 'true', 'false', ''].includes(String(overwrite)))
    throw invalid('/overwrite', 'overwrite must be 1 or 0.')
  return {
    runtime: (runtime || undefined) as RuntimeName | undefined,
    group: group.replace(/\/+$/, ''),
    overwrite: overwrite === '1' || overwrite === 'true',
  }
}
