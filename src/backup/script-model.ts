/** What the archive of a script, or of a group, says of itself. */
import { type Static, Type } from '@sinclair/typebox'
import { runtimeNames } from '../scripts/model.ts'
import { packedFileSchema } from './model.ts'

export const scriptFormat = 1
/** Where the files lie in the archive. */
export const filesFolder = 'files'

const strict = { additionalProperties: false }

const packedSchedule = Type.Object(
  {
    cron_expression: Type.String({ maxLength: 1000 }),
    /** As a request has them, without secrets; looked at as one when they come in. */
    settings: Type.Record(Type.String({ maxLength: 100 }), Type.Unknown()),
    /** Names of parameters whose values stayed behind. */
    secrets: Type.Array(Type.String({ maxLength: 200 }), { maxItems: 1000 }),
    /** Whether the address of one stayed behind. */
    has_heartbeat: Type.Boolean(),
  },
  strict,
)

const packedScript = Type.Object(
  {
    /** Path inside the runtime's folder. */
    filename: Type.String({ maxLength: 1000 }),
    alias: Type.Union([Type.String({ maxLength: 1000 }), Type.Null()]),
    description: Type.String({ maxLength: 100_000 }),
    tags: Type.Array(Type.String({ maxLength: 200 }), { maxItems: 100 }),
    enabled: Type.Boolean(),
    /** Its own, those that are no secrets. */
    variables: Type.Array(Type.Object({ name: Type.String(), value: Type.String() }, strict), { maxItems: 1000 }),
    /** Names alone. */
    secrets: Type.Array(Type.String({ maxLength: 200 }), { maxItems: 1000 }),
    /** Left out where there are none: gateways before them take such an archive, too. */
    schedules: Type.Optional(Type.Array(packedSchedule, { maxItems: 1000 })),
  },
  strict,
)

export const scriptManifestSchema = Type.Object(
  {
    kind: Type.Literal('scriptgateway script'),
    format: Type.Literal(scriptFormat),
    gateway_version: Type.String(),
    created_at: Type.String(),
    runtime: Type.Union(runtimeNames.map((name) => Type.Literal(name))),
    scripts: Type.Array(packedScript, { minItems: 1, maxItems: 1000 }),
    files: Type.Array(packedFileSchema),
    left_out: Type.Array(Type.Object({ path: Type.String(), why: Type.String() }, strict)),
  },
  strict,
)

export type ScriptManifest = Static<typeof scriptManifestSchema>
export type PackedSchedule = Static<typeof packedSchedule>
export type PackedScript = Static<typeof packedScript>
