/** What a backup says of itself: the first file in it. */
import { type Static, Type } from '@sinclair/typebox'

export const manifestName = 'manifest.json'
export const databaseName = 'gateway.db'
export const scriptsFolder = 'scripts_repo'
/** Changes when an older program could not restore a backup any more. */
export const backupFormat = 1

const strict = { additionalProperties: false }

export const packedFileSchema = Type.Object(
  {
    path: Type.String(),
    size: Type.Integer({ minimum: 0 }),
    sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  },
  strict,
)

const leftOutSchema = Type.Object({ path: Type.String(), why: Type.String() }, strict)

export const manifestSchema = Type.Object(
  {
    kind: Type.Literal('scriptgateway backup'),
    format: Type.Integer({ minimum: 1 }),
    gateway_version: Type.String(),
    schema_version: Type.Integer({ minimum: 1 }),
    created_at: Type.String(),
    /** Whether the key for secrets is in it. */
    has_keys: Type.Boolean(),
    /** Whether logs and results are in it. */
    has_outputs: Type.Boolean(),
    files: Type.Array(packedFileSchema),
    left_out: Type.Array(leftOutSchema),
  },
  strict,
)

export type Manifest = Static<typeof manifestSchema>
export type PackedFile = Static<typeof packedFileSchema>
/** What is not in the archive although it lay there, and why, in words that follow its name. */
export type LeftOut = Static<typeof leftOutSchema>

export interface BackupWishes {
  /** The key that secrets are sealed with; only with a passphrase. */
  keys: boolean
  /** Logs and results of runs. */
  outputs: boolean
  /** Of the age format; null: not encrypted. */
  passphrase: string | null
}
