/** The API reference: two OpenAPI documents, made when the catalog has changed, and Swagger UI from our own origin. */
import { toOpenAPISchema } from '@elysiajs/openapi'
import { type AnyElysia, Elysia, t } from 'elysia'
import { GatewayError } from '../errors.ts'
import { basePathOf } from '../http/base-path.ts'
import { type Caller, callerOf, forScript, signedIn } from '../http/caller.ts'
import { type Catalog, type Entry, findEntry, seenBy } from '../scripts/catalog.ts'
import { answers } from '../scripts/schemas.ts'
import { type OpenApiDocument, openApiDocument, scriptPaths, scriptTags } from './openapi.ts'

interface DocsDeps {
  catalog: Catalog
  baseUrl(): string
  version: string
  /** The app whose typed routes the whole document describes; asked late, when all of them are there. */
  app(): AnyElysia
}

export type Documents = ReturnType<typeof createDocuments>

export function createDocuments({ catalog, baseUrl, version, app }: DocsDeps) {
  /** Of whoever sees all: most callers do. */
  let scripts: OpenApiDocument | null = null
  let own: Pick<OpenApiDocument, 'paths' | 'components'> | null = null

  function scriptsDocument(caller: Caller): OpenApiDocument {
    if (!caller.seesAll) return ofScripts(seenBy(catalog, caller).list())
    scripts ??= ofScripts(catalog.list())
    return scripts
  }

  const ofScripts = (entries: Entry[]) =>
    openApiDocument({
      title: 'Scripts',
      description: 'Every script of this gateway as a typed endpoint.',
      version,
      baseUrl: baseUrl(),
      tags: scriptTags(entries),
      paths: scriptPaths(entries),
    })

  function wholeDocument(caller: Caller): OpenApiDocument {
    own ??= ownPaths(app())
    const { paths, tags } = scriptsDocument(caller)
    return openApiDocument({
      title: 'ScriptGateway',
      description: 'The whole API. `/scripts-swagger.html` has the scripts alone.',
      version,
      baseUrl: baseUrl(),
      tags: [...ownTags.map((name) => ({ name })), ...tags],
      paths: { ...own.paths, ...paths },
      schemas: own.components.schemas,
    })
  }

  /** Of one script that the caller sees. Throws `not_found`, and `conflict` for one that cannot be called. */
  function scriptDocument(caller: Caller, idOrSlug: string): OpenApiDocument {
    const entry = findEntry(seenBy(catalog, caller), idOrSlug)
    if (entry.state !== 'active') throw new GatewayError('conflict', 'A script has its document while it is active.')
    return { ...ofScripts([entry]), info: infoOf(entry, version) }
  }

  return {
    scriptsDocument,
    scriptDocument,
    wholeDocument,
    /** The catalog or the address has changed: make them anew when they are next asked for. */
    forget() {
      scripts = null
    },
  }
}

const infoOf = ({ row, slug }: Entry, version: string) => ({
  title: row.alias || slug,
  description: row.description,
  version,
  license: { name: 'MIT', identifier: 'MIT' },
})

/** In the order of the page. */
const ownTags = [
  ...['Scripts API', 'Runs', 'Variables', 'Dependencies', 'Schedules', 'Notifications', 'Settings'],
  ...['Users', 'Access', 'Audit', 'Backup', 'System'],
]

function ownPaths(app: AnyElysia): Pick<OpenApiDocument, 'paths' | 'components'> {
  const { paths, components } = toOpenAPISchema(app, { staticFile: false }, undefined, undefined, '3.1.0')
  return { paths: apiPaths(paths), components: { schemas: components.schemas as Record<string, unknown> } }
}

const isApi = (path: string) => /^\/(api|health|ready|metrics)\b/.test(path)

/** Pages and sockets are not part of the document. */
const apiPaths = (paths: object) =>
  Object.fromEntries(
    Object.entries(paths)
      .filter(([path]) => isApi(path))
      .map(([path, item]) => [path, plain(item) as Record<string, unknown>]),
  )

/** Elysia describes a number in an address as "a text of format integer, or an integer": readers want to know the latter. */
function plain(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(plain)
  if (typeof schema !== 'object' || schema === null) return schema
  const { anyOf } = schema as { anyOf?: Record<string, unknown>[] }
  const typed = anyOf?.some((one) => one.type === 'string' && isConverted.has(String(one.format)))
  if (typed) return plain(anyOf?.find((one) => !isConverted.has(String(one.format))))
  const entries = Object.entries(schema).map(([key, value]) => [key, plain(value)])
  // What has a default may be left out.
  return hasDefault(schema) ? { ...Object.fromEntries(entries), required: false } : Object.fromEntries(entries)
}

const hasDefault = (item: object) =>
  'in' in item &&
  'schema' in item &&
  typeof item.schema === 'object' &&
  item.schema !== null &&
  'default' in item.schema

const isConverted = new Set(['integer', 'numeric', 'boolean'])

export const docsRoutes = ({ documents, baseUrl }: { documents: Documents; baseUrl(): string }) =>
  new Elysia()
    .get(
      '/openapi.json',
      ({ request }) => servedFrom(request, documents.wholeDocument(callerOf(request)), basePathOf(baseUrl())),
      {
        ...signedIn,
        detail: { hide: true },
      },
    )
    .get(
      '/scripts-openapi.json',
      ({ request }) => servedFrom(request, documents.scriptsDocument(callerOf(request)), basePathOf(baseUrl())),
      {
        ...signedIn,
        detail: { hide: true },
      },
    )
    .get(
      '/api/scripts/:id/openapi.json',
      ({ params, request }) =>
        servedFrom(request, documents.scriptDocument(callerOf(request), params.id), basePathOf(baseUrl())),
      {
        params: t.Object({ id: t.String({ description: 'Number or slug of the script' }) }),
        ...forScript('see'),
        detail: {
          tags: ['Scripts API'],
          summary: 'The OpenAPI document of one script',
          description: 'For generators of clients, and for tools that import such documents.',
          responses: answers(200, 'The document', t.Record(t.String(), t.Unknown()), [404, 409]),
        },
      },
    )

/** The address the reader came by comes first: a browser may only try out calls to its own origin. */
function servedFrom(request: Request, document: OpenApiDocument, base: string): OpenApiDocument {
  const own = new URL(request.url).origin + base
  const others = document.servers.filter(({ url }) => url !== own)
  return { ...document, servers: [{ url: own }, ...others] }
}
