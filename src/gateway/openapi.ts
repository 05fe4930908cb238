/** The scripts' own routes as an OpenAPI 3.1 document: real types, choices, defaults, file fields, results and errors. */
import { errorStatus } from '../errors.ts'
import type { Entry } from '../scripts/catalog.ts'
import type { Param } from '../scripts/model.ts'
import { paramsSchema } from '../scripts/typebox.ts'
import { type Json, ofConstants } from './plain-schema.ts'

export interface OpenApiDocument {
  openapi: '3.1.0'
  info: Json
  servers: Json[]
  tags: Json[]
  paths: Record<string, Json>
  components: { schemas: Json; securitySchemes?: Json }
  security?: Json[]
}

interface DocumentOptions {
  title: string
  description: string
  version: string
  baseUrl: string
  paths: Record<string, Json>
  tags?: Json[]
  /** Left out: those of the scripts' own routes. */
  schemas?: Json
}

/** A whole document around some paths. */
export const openApiDocument = ({
  title,
  description,
  version,
  baseUrl,
  paths,
  tags = [],
  schemas = componentSchemas,
}: DocumentOptions): OpenApiDocument => ({
  openapi: '3.1.0',
  info: { title, description, version, license: { name: 'MIT', identifier: 'MIT' } },
  servers: [{ url: baseUrl }],
  tags,
  paths,
  components: { schemas, securitySchemes },
  // Either; what needs neither says so in its description.
  security: [{ token: [] }, { session: [] }],
})

const securitySchemes = {
  token: { type: 'http', scheme: 'bearer', description: 'An API token, made on the Account page, or ADMIN_TOKEN' },
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: 'sg_session',
    description: 'What a browser gets when somebody signs in; over https without a base path it is __Host-sg_session',
  },
}

/** One path for each script that can be called. */
export const scriptPaths = (entries: Entry[]): Record<string, Json> =>
  Object.fromEntries(
    entries
      .filter((entry) => entry.state === 'active')
      .map((entry) => [`/api/scripts/${encodeURIComponent(entry.slug)}/run`, scriptPath(entry)]),
  )

export const scriptTags = (entries: Entry[]): Json[] =>
  [...new Set(entries.map(tagOf))].sort().map((name) => ({ name }))

const tagOf = ({ row }: Entry) => row.filename.split('/').slice(0, -1).join('/') || 'Scripts'

function scriptPath(entry: Entry): Json {
  const { params, slug } = entry
  const takesGet = !params.some(({ type, required }) => type === 'file' && required)
  const common = {
    tags: [tagOf(entry)],
    summary: entry.row.alias || firstSentence(entry.row.description) || slug,
    description: descriptionOf(entry),
    responses,
  }
  const post = {
    ...common,
    operationId: `post_${slug}`,
    parameters: [preferHeader, idempotencyHeader],
    requestBody: requestBody(params),
  }
  const query = params.filter(({ type }) => type !== 'file')
  const get = {
    ...common,
    operationId: `get_${slug}`,
    parameters: [...queryParameters(query), preferHeader, idempotencyHeader],
  }
  return takesGet ? { get, post } : { post }
}

const firstSentence = (text: string) => text.split(/(?<=[.!?。])\s|\n/)[0]?.slice(0, 120) ?? ''

function descriptionOf({ row, runtime }: Entry) {
  const about = [row.description, `\`${row.filename}\`, ${runtime.label}.`]
  return [...about, ...row.warnings.map((warning) => `Note: ${warning}`)].filter(Boolean).join('\n\n')
}

/** TypeBox schemas carry symbols that are no JSON. */
function propertiesOf(params: Param[]): Record<string, Json> {
  const properties = JSON.parse(JSON.stringify(paramsSchema(params).properties)) as Record<string, Json>
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, withEnum(schema)]))
}

/** Also a single choice, which TypeBox says as a constant. */
function withEnum(schema: Json): Json {
  if (schema.type === 'array') return { ...schema, items: withEnum(schema.items as Json) }
  const { anyOf, const: single, type, ...rest } = schema
  if (single !== undefined) return { type, enum: [single], ...rest }
  const choices = anyOf ? ofConstants(anyOf as Json[], rest) : null
  return choices ?? schema
}

function requestBody(params: Param[]): Json {
  const required = params.filter((param) => param.required).map(({ name }) => name)
  const properties = propertiesOf(params)
  const object = (all: Json) => ({
    type: 'object',
    properties: all,
    additionalProperties: false,
    ...(required.length > 0 ? { required } : {}),
  })
  const hasFiles = params.some(({ type }) => type === 'file')
  const multipart = { 'multipart/form-data': { schema: object(properties) } }
  const json = { 'application/json': { schema: object(withFilesAsText(params, properties)) } }
  const form = { 'application/x-www-form-urlencoded': { schema: object(withFilesAsText(params, properties)) } }
  return {
    required: required.length > 0,
    content: hasFiles ? { ...multipart, ...json } : { ...json, ...form, ...multipart },
  }
}

/** Outside multipart a file is named, not sent. */
function withFilesAsText(params: Param[], properties: Record<string, Json>): Json {
  const how = 'An http(s) address, a data: URL, or a local path that the settings allow.'
  const asText = (schema: Json): Json => {
    if (schema.type === 'array') return { ...schema, items: asText(schema.items as Json) }
    return {
      ...schema,
      type: 'string',
      format: 'uri-reference',
      description: [schema.description, how].filter(Boolean).join(' '),
    }
  }
  const files = new Set(params.filter(({ type }) => type === 'file').map(({ name }) => name))
  return Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, files.has(name) ? asText(schema) : schema]),
  )
}

function queryParameters(params: Param[]): Json[] {
  const properties = propertiesOf(params)
  return params.map(({ name, required, help, type }) => {
    const { description: _, ...schema } = properties[name]!
    const description = [help, type === 'json' ? 'As JSON text.' : ''].filter(Boolean).join(' ')
    const value = type === 'json' ? { content: { 'application/json': { schema } } } : { schema }
    return { name, in: 'query', required, ...(description ? { description } : {}), ...value }
  })
}

const preferHeader = {
  name: 'Prefer',
  in: 'header',
  description:
    '`respond-async` answers 202 at once with the address of the run; `wait=N` after at most N seconds (RFC 7240).',
  schema: { type: 'string' },
}
const idempotencyHeader = {
  name: 'Idempotency-Key',
  in: 'header',
  description: 'A retried request of the same caller with the same key returns the run of the first one.',
  schema: { type: 'string', maxLength: 255 },
}

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })
const json = (description: string, name: string, headers: Json = {}) => ({
  description,
  ...(Object.keys(headers).length > 0 ? { headers } : {}),
  content: { 'application/json': { schema: ref(name) } },
})
const header = (description: string, type = 'string') => ({ description, schema: { type } })
const retryAfter = { 'Retry-After': header('Seconds', 'integer') }

const responses = {
  200: json('The script ended with exit code 0', 'RunSuccess'),
  202: json('Accepted; the run goes on', 'RunAccepted', { Location: header('Address of the run') }),
  400: json('The body is not what it claims to be', 'Error'),
  403: json('A local file that is not allowed', 'Error'),
  409: json('The script is inactive or broken', 'Error'),
  413: json('The body or a file is over its limit', 'Error'),
  422: json('A parameter does not fit; nothing was started', 'Error'),
  429: json('The queue is full', 'Error', retryAfter),
  500: json('The script failed, or the gateway did', 'Error'),
  503: json('The gateway is stopping', 'Error', retryAfter),
  504: json('Stopped at its time limit', 'Error'),
  507: json('Stopped at a resource limit', 'Error'),
}

const fileProperties = {
  url: { type: 'string', format: 'uri' },
  filename: { type: 'string' },
  size: { type: 'integer', description: 'Bytes' },
  content_type: { type: 'string' },
}
const fileNames = Object.keys(fileProperties)

const runFields = {
  script_id: { type: 'integer' },
  run_id: { type: 'integer' },
  duration_ms: { type: ['integer', 'null'], description: "The life of the script's process" },
}

const success = (type: string, properties: Json, required: string[]) => ({
  type: 'object',
  properties: {
    status: { const: 'success' },
    ...runFields,
    type: { const: type },
    ...properties,
    files: { type: 'array', items: ref('ResultFile') },
  },
  required: ['status', ...Object.keys(runFields), 'type', ...required],
})

/** What the scripts' own routes refer to; other routes may, too. */
export const componentSchemas: Json = {
  ResultFile: { type: 'object', properties: fileProperties, required: fileNames },
  RunSuccess: {
    oneOf: [
      success('json', { data: { description: 'What the script printed' } }, ['data']),
      success('text', { data: { type: 'string' } }, ['data']),
      success('file', fileProperties, fileNames),
    ],
  },
  RunAccepted: {
    type: 'object',
    properties: {
      status: { type: 'string' },
      script_id: { type: 'integer' },
      run_id: { type: 'integer' },
      url: { type: 'string' },
      events_url: { type: 'string' },
    },
    required: ['status', 'script_id', 'run_id', 'url', 'events_url'],
  },
  Error: {
    type: 'object',
    properties: {
      status: { const: 'error' },
      code: { type: 'integer', description: 'The HTTP status' },
      error: {
        type: 'object',
        properties: {
          type: { type: 'string', enum: Object.keys(errorStatus) },
          message: { type: 'string' },
          details: {
            type: 'array',
            items: {
              type: 'object',
              properties: { path: { type: 'string' }, message: { type: 'string' } },
              required: ['path', 'message'],
            },
          },
        },
        required: ['type', 'message'],
      },
      script_id: { type: 'integer' },
      run_id: { type: 'integer' },
      duration_ms: { type: 'integer' },
      stderr: { type: 'string', description: 'The last 4 KiB' },
      data: { description: 'JSON that a failed script printed' },
    },
    required: ['status', 'code', 'error'],
  },
}
