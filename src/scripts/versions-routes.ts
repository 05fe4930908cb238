/** /api/scripts/{id}/versions: what the file of a script has been, and back to it. */
import { Elysia, t } from 'elysia'
import { invalid } from '../errors.ts'
import { pageOf } from '../http/answers.ts'
import { acts, callerOf, forScript, note } from '../http/caller.ts'
import { type Catalog, findEntry } from './catalog.ts'
import type { Editing } from './editing.ts'
import { etagOf, namesHash } from './etag.ts'
import { takesTime } from './routes.ts'
import * as schemas from './schemas.ts'
import { answers, errorAnswers } from './schemas.ts'
import type { Scripts } from './scripts.ts'
import { versionHows } from './versions-table.ts'

interface VersionRoutesDeps {
  scripts: Scripts
  catalog: Catalog
  editing: Editing
}

export const versionRoutes = ({ scripts, catalog, editing }: VersionRoutesDeps) =>
  new Elysia({ tags: ['Scripts API'] })
    .onBeforeHandle(takesTime)
    .get(
      '/api/scripts/:id/versions',
      ({ params, query: { page, page_size } }) => ({
        ...editing.versions.list(idOf(catalog, params.id), { limit: page_size, offset: (page - 1) * page_size }),
        ...{ page, page_size },
      }),
      {
        params: t.Object({ id: scriptId }),
        query: t.Object({
          page: t.Integer({ minimum: 1, maximum: 1_000_000, default: 1 }),
          page_size: t.Integer({ minimum: 1, maximum: 200, default: 50 }),
        }),
        ...forScript('edit'),
        detail: {
          summary: "The versions of a script's file",
          description:
            'The newest first: one for each save, and for each change on the disk that a scan found. The setting versions_max says how many are kept.',
          responses: answers(200, 'A page of versions', versionPage, [403, 404, 422]),
        },
      },
    )
    .get(
      '/api/scripts/:id/versions/:version',
      ({ params }) => editing.versions.get(idOf(catalog, params.id), versionIn(params.version)),
      {
        params: versionParams,
        ...forScript('edit'),
        detail: { summary: 'One version', responses: answers(200, 'The version', version, [403, 404, 422]) },
      },
    )
    .get(
      '/api/scripts/:id/versions/:version/content',
      ({ params, request }) => {
        const [id, number] = [idOf(catalog, params.id), versionIn(params.version)]
        const { content_hash } = editing.versions.get(id, number)
        const headers = { etag: etagOf(content_hash), 'cache-control': 'private, no-cache' }
        if (namesHash(request.headers.get('if-none-match') ?? '', content_hash))
          return new Response(null, { status: 304, headers })
        return new Response(editing.versions.bytes(id, number), {
          headers: { ...headers, 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
        })
      },
      {
        params: versionParams,
        ...forScript('edit'),
        detail: {
          summary: "The script's file as it was",
          description: 'Byte for byte, with the strong ETag that it had.',
          responses: {
            200: { description: 'The file', content: { 'text/plain': { schema: t.String() } } },
            ...errorAnswers([403, 404, 422]),
          },
        },
      },
    )
    .post(
      '/api/scripts/:id/versions/:version/restore',
      async ({ params, request, set }) => {
        const hash = await restoreNoted({ catalog, editing }, request, {
          ...{ script: params.id, version: versionIn(params.version) },
          ifMatch: request.headers.get('if-match'),
        })
        set.headers.etag = etagOf(hash)
        return scripts.get(params.id)
      },
      {
        params: versionParams,
        headers: t.Object(
          { 'if-match': t.Optional(t.String({ description: "Always needed: the ETag of the script's file, or *" })) },
          { additionalProperties: true },
        ),
        parse: 'none',
        ...forScript('edit'),
        ...acts('script.restore'),
        detail: {
          summary: 'Write a version over what is there',
          description:
            'As PUT of the content: If-Match has the ETag of what is there now; 409 when it is another one by then. It becomes a new version.',
          responses: answers(200, 'The script as it is now', schemas.script, [403, 404, 409, 422]),
        },
      },
    )

interface Restoring {
  /** Number or slug. */
  script: string
  version: number
  ifMatch: string | null
}

/** For the API and the pages alike: the audit log is told what was there, and what is. Answers the hash that is there now. */
export async function restoreNoted(
  { catalog, editing }: { catalog: Catalog; editing: Pick<Editing, 'restore'> },
  request: Request,
  { script, version, ifMatch }: Restoring,
): Promise<string> {
  const before = findEntry(catalog, script).row.contentHash
  const hash = await editing.restore(script, version, { ifMatch, by: callerOf(request).name })
  note(request, { before: { content_hash: before }, after: { content_hash: hash, version } })
  return hash
}

const scriptId = t.String({ description: 'Number or slug of the script' })
const versionParams = t.Object({ id: scriptId, version: t.String({ description: 'Number of the version' }) })

const nullable = <T extends Parameters<typeof t.Union>[0][number]>(schema: T) => t.Union([schema, t.Null()])

const version = t.Object(
  {
    version: t.Integer({ description: 'Counted for each script from 1' }),
    script_id: t.Integer(),
    content_hash: t.String({ description: 'SHA-256 of the file' }),
    bytes: t.Integer(),
    how: schemas.oneOf(versionHows, { description: 'disk: somebody wrote the file itself' }),
    by: nullable(t.String({ description: 'As in the audit log; null for the disk' })),
    restored_from: nullable(t.Integer({ description: 'The version whose content it is' })),
    lines_added: nullable(t.Integer({ description: 'Against the one before; null where too much changed to count' })),
    lines_removed: nullable(t.Integer()),
    created_at: t.String({ format: 'date-time' }),
    is_current: t.Boolean({ description: 'It is what the file has now' }),
  },
  { title: 'ScriptVersion' },
)

const versionPage = pageOf(version)

const idOf = (catalog: Catalog, idOrSlug: string) => findEntry(catalog, idOrSlug).row.id

/** Throws `validation` for what is no number. */
function versionIn(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw invalid('/version', 'The number of a version is a whole one, from 1 on.')
}
