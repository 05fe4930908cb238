/** The audit log in the OpenAPI document. */
import { type TSchema, t } from 'elysia'
import { pageOf } from '../http/answers.ts'

const nullable = <T extends TSchema>(schema: T) => t.Union([schema, t.Null()])
const time = t.String({ format: 'date-time' })

const entry = t.Object(
  {
    id: t.Integer({ description: 'Without gaps' }),
    at: time,
    actor: t.String({ description: 'Who did it; `gateway` for the gateway itself' }),
    actor_kind: t.String(),
    user_id: nullable(t.Integer()),
    token_id: nullable(t.Integer()),
    address: nullable(t.String()),
    action: t.String(),
    object_type: nullable(t.String()),
    object_id: nullable(t.String()),
    object_name: nullable(t.String()),
    status: nullable(
      t.Integer({ description: 'HTTP status of the answer; null: told when it was done, before there was one' }),
    ),
    before: t.Unknown(),
    after: t.Unknown(),
    hash: t.String({ description: 'SHA-256 over the hash of the entry before and this entry as canonical JSON' }),
  },
  { title: 'AuditEntry' },
)

const head = t.Object({ id: t.Integer(), hash: t.String() })

const verdict = t.Object(
  {
    entries: t.Integer(),
    ok: t.Boolean(),
    first_wrong: nullable(t.Integer({ description: 'The first entry that is not as it was written, or is missing' })),
    anchor: nullable(t.Object({ removed_to: t.Integer(), hash: t.String(), at: time })),
    head,
  },
  { title: 'AuditVerdict' },
)

const error = (description: string) => ({
  description,
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
})
const json = (description: string, schema: TSchema) => ({ description, content: { 'application/json': { schema } } })
const invalidQuery = { 422: error('A value does not fit') }

export const pageAnswers = {
  200: json('A page of entries', pageOf(entry)),
  ...invalidQuery,
}

export const verdictAnswers = { 200: json('What was found', verdict) }

export const textAnswers = {
  200: {
    description: 'The entries',
    content: {
      'application/x-ndjson': { schema: t.String() },
      'text/csv': { schema: t.String() },
    },
  },
  ...invalidQuery,
}
