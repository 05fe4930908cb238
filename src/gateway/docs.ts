/** The API reference: two OpenAPI documents, made when the catalog has changed, and Swagger UI from our own origin. */
import { toOpenAPISchema } from '@elysiajs/openapi'
import { Kind } from '@sinclair/typebox'
import { type AnyElysia, Elysia, type InternalRoute, t } from 'elysia'
import { GatewayError } from '../errors.ts'
import { basePathOf } from '../http/base-path.ts'
import { type Caller, callerOf, forScript, signedIn } from '../http/caller.ts'
import { type Catalog, type Entry, findEntry, seenBy } from '../scripts/catalog.ts'
import { answers } from '../scripts/schemas.ts'
import { createComponents } from './components.ts'
import { componentSchemas, type OpenApiDocument, openApiDocument, scriptPaths, scriptTags } from './openapi.ts'
import type { Json } from './plain-schema.ts'

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
  const components = createComponents(componentSchemas)
  const { paths } = toOpenAPISchema(
    withShownSchemas(app, components),
    { staticFile: false },
    undefined,
    undefined,
    '3.1.0',
  )
  // Pages and sockets are not part of the document.
  const own = Object.entries(paths).filter(([path]) => /^\/(api|health|ready|metrics)\b/.test(path))
  return { paths: components.shown(Object.fromEntries(own)) as Paths, components: { schemas: components.schemas } }
}

type Paths = OpenApiDocument['paths']
type Components = ReturnType<typeof createComponents>

/** The schemas of requests are shown before Elysia makes them plain in its way: that loses names, and what choices are about. */
const withShownSchemas = (app: AnyElysia, components: Components): AnyElysia =>
  Object.create(app, {
    getGlobalRoutes: {
      value: () => app.routes.map((route) => ({ ...route, hooks: shownHooks(route.hooks, components) })),
    },
  })

function shownHooks(hooks: InternalRoute['hooks'], { shown, shownProperties }: Components) {
  const places = ['params', 'query', 'headers'].filter((place) => hooks[place]?.properties)
  return {
    ...hooks,
    ...Object.fromEntries(
      places.map((place) => [place, optional(hooks[place], shownProperties(hooks[place].properties))]),
    ),
    // Elysia looks for a kind, and not for a certain one.
    ...(hooks.body ? { body: { ...(shown(hooks.body) as Json), [Kind]: 'Shown' } } : {}),
  }
}

/** What has a default may be left out. */
const optional = (schema: Json, properties: Json): Json => ({
  ...schema,
  properties,
  required: ((schema.required ?? []) as string[]).filter((name) => !('default' in (properties[name] as Json))),
})

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
