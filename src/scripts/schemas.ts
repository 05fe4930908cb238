/** Scripts in the OpenAPI document, and the bodies that change them. */
import { type TSchema, t } from 'elysia'
import { pageOf } from '../http/answers.ts'
import { aliasLengthMax, descriptionLengthMax } from './about.ts'
import { runtimeNames, scriptStates } from './model.ts'
import { topics } from './templates.ts'

/** Not UnionEnum: that one fills in its first value where nothing was asked for. */
export const oneOf = <T extends string>(names: readonly T[], options = {}) =>
  t.Union(
    names.map((name) => t.Literal(name)),
    options,
  )

const nullable = <T extends TSchema>(schema: T) => t.Union([schema, t.Null()])
export const runtime = oneOf(runtimeNames, { title: 'Runtime' })
const time = t.String({ format: 'date-time' })
const argsMap = t.Record(t.String(), t.Unknown(), { description: 'ARGS_MAP: parameter name to declaration' })

export const script = t.Object(
  {
    id: t.Integer(),
    slug: t.String({ description: 'Unique, for addresses' }),
    filename: t.String({ description: "Path inside its runtime's folder" }),
    runtime,
    group: t.String(),
    alias: nullable(t.String()),
    description: t.String(),
    tags: t.Array(t.String()),
    state: oneOf(scriptStates, { title: 'ScriptState' }),
    error: nullable(t.String({ description: 'Why the state is error' })),
    warnings: t.Array(t.String()),
    params: argsMap,
    schema_source: nullable(oneOf(['script', 'sidecar'])),
    schema_differs: t.Boolean({ description: "Sidecar and the script's own answer are not the same" }),
    content_hash: t.String({ description: 'SHA-256 of the file' }),
    policy: nullable(
      t.Record(t.String(), t.Unknown(), {
        description: 'What its policy file says, the last valid one; null for who may not edit it',
      }),
    ),
    last_run: nullable(
      t.Object({
        id: t.Integer(),
        status: t.String(),
        queued_at: time,
        finished_at: nullable(time),
        duration_ms: nullable(t.Integer()),
      }),
    ),
    created_at: time,
    updated_at: time,
  },
  { title: 'Script' },
)

export const scriptPage = pageOf(script)
export const tagPage = pageOf(t.Object({ name: t.String(), count: t.Integer() }, { title: 'Tag' }))

export const schema = t.Object(
  {
    args_map: argsMap,
    json_schema: t.Record(t.String(), t.Unknown(), { description: 'The same as JSON Schema' }),
    source: nullable(oneOf(['script', 'sidecar'])),
    differs: t.Boolean(),
    own: nullable(argsMap),
    own_error: nullable(t.String({ description: 'Why the script itself gave no answer' })),
    sidecar: nullable(t.String({ description: 'Name of the file beside the script' })),
    etag: nullable(t.String({ description: 'Of the sidecar' })),
    error: nullable(t.String()),
  },
  { title: 'ScriptSchema' },
)

export const report = t.Object(
  {
    files: t.Integer({ description: 'Files that are scripts, or may be' }),
    changed: t.Array(t.Integer(), { description: 'Ids of the scripts that are not as they were' }),
    asked: t.Integer({ description: 'How many were started to be asked for their schema' }),
    duration_ms: t.Integer(),
  },
  { title: 'ScanReport' },
)

export const template = t.Object(
  {
    name: t.String({ description: 'python and js are the plain ones' }),
    runtime,
    topic: oneOf(topics, { description: 'What it shows' }),
    filename: t.String(),
    description: t.String(),
    content: t.String(),
  },
  { title: 'Template' },
)
export const templatePage = pageOf(template)

const alias = nullable(t.String({ maxLength: aliasLengthMax }))
const description = t.String({ maxLength: descriptionLengthMax })
const tags = t.Array(t.String({ maxLength: 200 }), { maxItems: 100 })
const strict = { additionalProperties: false }

export const aboutBody = t.Object(
  {
    alias: t.Optional(alias),
    description: t.Optional(description),
    tags: t.Optional(tags),
    state: t.Optional(oneOf(['active', 'inactive'])),
  },
  { ...strict, title: 'ScriptChange' },
)

export const newScriptBody = t.Object(
  {
    runtime,
    filename: t.String({ minLength: 1, description: "Path inside its runtime's folder, such as tools/resize.py" }),
    content: t.String(),
    alias: t.Optional(alias),
    description: t.Optional(description),
    tags: t.Optional(tags),
  },
  { ...strict, title: 'NewScript' },
)

export const paramsBody = t.Object({ params: argsMap }, strict)
export const schemaBody = t.Object({ use: oneOf(['script', 'sidecar']) }, strict)

const errorTexts = {
  400: 'The body is not what it claims to be',
  403: 'It would lead out of the scripts folder, or may not be written',
  404: 'There is no such script',
  409: 'It is there already, or has changed',
  413: 'The body is over its limit',
  422: 'A value does not fit',
} as const

const errorSchema = { $ref: '#/components/schemas/Error' }

/** The answers of a route: one that succeeds, and the errors it has. */
export const answers = (
  status: 200 | 201,
  description: string,
  body: TSchema,
  errors: (keyof typeof errorTexts)[] = [],
) => ({
  [status]: { description, content: { 'application/json': { schema: body } } },
  ...errorAnswers(errors),
})

export const errorAnswers = (errors: (keyof typeof errorTexts)[]) =>
  Object.fromEntries(
    errors.map((code) => [
      code,
      { description: errorTexts[code], content: { 'application/json': { schema: errorSchema } } },
    ]),
  )
