/** Users, sessions, tokens and rights in requests and in the OpenAPI document. */
import { type TSchema, t } from 'elysia'
import { pageOf } from '../http/answers.ts'
import { rights, roles } from '../http/caller.ts'
import { userSources } from './model.ts'
import { passwordLengthMax, passwordLengthMin } from './passwords.ts'

const strict = { additionalProperties: false }
const nullable = <T extends TSchema>(schema: T) => t.Union([schema, t.Null()])
const oneOf = <T extends string>(names: readonly T[], options = {}) =>
  t.Union(
    names.map((name) => t.Literal(name)),
    options,
  )
const time = t.String({ format: 'date-time' })
const id = t.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })
const name = t.String({
  minLength: 1,
  maxLength: 64,
  description: 'Letters, digits and . _ - @; unique whatever the case',
})
/** As it may have been typed: whether it fits is another question, and a longer one is refused unhashed. */
const typed = t.String({ maxLength: 4096 })
const newPassword = t.String({
  maxLength: 4096,
  description: `${passwordLengthMin} to ${passwordLengthMax} characters; none of the first that anybody tries`,
})
const code = t.String({ maxLength: 100, description: 'Of the authenticator app, or a recovery code' })
const role = oneOf(roles, { title: 'Role' })
const right = oneOf(rights, { title: 'Right' })
const tag = t.String({ minLength: 1, maxLength: 200 })

const grant = t.Union([t.Object({ script_id: id, right }, strict), t.Object({ tag, right }, strict)], {
  title: 'Grant',
})
const grants = t.Array(grant, { maxItems: 1000, description: 'Rights over one script, or over all with a tag' })

export const signInBody = t.Object(
  { name: typed, password: typed, code: t.Optional(code) },
  { ...strict, title: 'SignIn' },
)
export const signInCodeBody = t.Object(
  { ticket: t.String({ maxLength: 100 }), code },
  { ...strict, title: 'SignInCode' },
)
export const setupBody = t.Object(
  {
    code: t.String({ maxLength: 4096, description: 'As the terminal showed it, or ADMIN_TOKEN' }),
    name,
    password: newPassword,
  },
  { ...strict, title: 'Setup' },
)
export const passwordBody = t.Object({ current: typed, new: newPassword }, { ...strict, title: 'PasswordChange' })
export const codeBody = t.Object({ code }, strict)
export const proofBody = t.Object(
  { password: t.Optional(typed), code: t.Optional(code) },
  { ...strict, title: 'Proof' },
)
export const newTokenBody = t.Object(
  {
    name: t.String({ minLength: 1, maxLength: 100 }),
    role,
    script_ids: t.Optional(nullable(t.Array(id, { maxItems: 1000, description: 'null: all that its owner may' }))),
    expires_at: t.Optional(nullable(t.String({ maxLength: 40, description: 'ISO 8601; null: never' }))),
    rate_per_min: t.Optional(nullable(t.Integer({ minimum: 1, maximum: 1_000_000 }))),
    user_id: t.Optional(t.Integer({ minimum: 1, description: 'Whose it is; left out: yours' })),
  },
  { ...strict, title: 'NewToken' },
)
const userFields = {
  email: t.Optional(nullable(t.String({ maxLength: 320 }))),
  role: t.Optional(nullable(role)),
  grants: t.Optional(grants),
  password: t.Optional(newPassword),
}
export const newUserBody = t.Object({ name, ...userFields }, { ...strict, title: 'NewUser' })
export const userBody = t.Object(
  { name: t.Optional(name), ...userFields, disabled: t.Optional(t.Boolean()) },
  { ...strict, title: 'UserChange' },
)
export const accessBody = t.Object(
  {
    restricted: t.Boolean({ description: 'Whether roles say nothing: only grants and administrators do' }),
    grants: t.Array(t.Object({ user_id: id, right }, strict), { maxItems: 1000 }),
  },
  { ...strict, title: 'AccessChange' },
)

export const idParam = t.Object({ id })
export const scriptParam = t.Object({ id: t.String({ description: 'Number or slug of the script' }) })
export const tagParam = t.Object({ tag })
export const tokenQuery = t.Object({
  all: t.Optional(t.Union([t.Literal('1'), t.Literal('0')], { description: "1: everybody's; for administrators" })),
})

const user = t.Object(
  {
    id,
    name,
    email: nullable(t.String()),
    role: nullable(role),
    grants,
    source: oneOf(userSources),
    disabled: t.Boolean(),
    has_password: t.Boolean(),
    has_second_factor: t.Boolean(),
    created_at: time,
    last_seen_at: nullable(time),
  },
  { title: 'User' },
)
const session = t.Object(
  {
    id,
    user_id: id,
    user: t.String(),
    source: oneOf(userSources),
    address: nullable(t.String()),
    user_agent: t.String(),
    created_at: time,
    last_seen_at: time,
    expires_at: time,
    is_current: t.Boolean(),
  },
  { title: 'Session' },
)
const token = t.Object(
  {
    id,
    name: t.String(),
    user_id: id,
    user: t.String(),
    hint: t.String({ description: 'Its beginning' }),
    role,
    script_ids: nullable(t.Array(id)),
    rate_per_min: nullable(t.Integer()),
    created_at: time,
    expires_at: nullable(time),
    last_used_at: nullable(time),
    last_used_address: nullable(t.String()),
  },
  { title: 'Token' },
)
const targetAccess = t.Object(
  {
    restricted: t.Boolean(),
    grants: t.Array(t.Object({ user_id: id, user: t.String(), right })),
    who: t.Array(
      t.Object({
        ...{ user_id: id, user: t.String(), role: nullable(role), right },
        through: oneOf(['admin', 'role', 'grant', 'tag'] as const),
      }),
      { description: 'Everybody who may something, and why' },
    ),
  },
  { title: 'Access' },
)

const json = (description: string, schema: object) => ({ description, content: { 'application/json': { schema } } })

const refusals = {
  400: 'The body is not what it claims to be',
  401: 'Name, password or code is not right',
  403: 'Not for this caller, or the password or the code is not right',
  404: 'There is no such thing',
  409: 'It is taken, there already, or the last of its kind',
  413: 'The body is over its limit',
  422: 'A value does not fit; nothing was changed',
  429: 'Too many attempts that failed: `Retry-After` says how long to wait',
} as const
type Refusal = keyof typeof refusals

/** The answers of a route: one that succeeds, and the errors it has. */
const answers = (status: 200 | 201, description: string, schema: TSchema, errors: Refusal[] = []) => ({
  ...{ [status]: json(description, schema) },
  ...errorsOf(errors),
})
const errorsOf = (errors: Refusal[]) =>
  Object.fromEntries(errors.map((code) => [code, json(refusals[code], { $ref: '#/components/schemas/Error' })]))
const ofBody: Refusal[] = [400, 413, 422]
/** Nothing is answered but that it was done. */
export const goneAnswers = { 204: { description: 'Done' }, ...errorsOf([403, 404, 409]) }
export const doneAnswers = { 204: { description: 'Done' }, ...errorsOf([...ofBody, 403, 409, 429]) }

export const meAnswers = answers(
  200,
  'Who calls',
  t.Object(
    {
      kind: oneOf(['user', 'token', 'admin-token', 'off', 'nobody'] as const),
      name: t.String(),
      role: nullable(role),
      is_limited: t.Boolean(),
      user: nullable(user),
    },
    { title: 'Me' },
  ),
)
export const signInAnswers = answers(
  200,
  'A session, in a cookie; or a ticket for /api/sign-in/code',
  t.Union(
    [
      t.Object({ state: t.Literal('signed-in'), user }),
      t.Object({ state: t.Literal('code-needed'), ticket: t.String(), expires_at: time }),
    ],
    { title: 'SignInAnswer' },
  ),
  [...ofBody, 401, 429],
)
export const setupAnswer = answers(200, 'Whether there is no administrator yet', t.Object({ needed: t.Boolean() }))
export const setupAnswers = answers(201, 'The first administrator, signed in by a cookie', user, [
  ...ofBody,
  401,
  409,
  429,
])
export const enrolmentAnswers = answers(
  200,
  'What an authenticator app needs; it counts after the first code',
  t.Object({ secret: t.String(), uri: t.String(), svg: t.String() }),
  [403, 409],
)
export const recoveryAnswers = answers(
  200,
  'Recovery codes, shown this once; each works once',
  t.Object({ recovery_codes: t.Array(t.String()) }),
  [...ofBody, 403, 409, 429],
)
export const sessionAnswers = answers(200, 'Sessions, the last used first', pageOf(session), [403, 404])
export const endedAnswers = answers(200, 'How many there were', t.Object({ ended: t.Integer() }), [403, 404])
export const tokenAnswers = answers(200, 'Tokens, the newest first', pageOf(token), [403])
export const newTokenAnswers = answers(
  201,
  'The new token; `secret` is shown this once',
  t.Object({ ...token.properties, secret: t.String() }, { title: 'TokenWithSecret' }),
  [...ofBody, 403, 404, 409],
)
export const usersAnswers = answers(200, 'Users, by name', pageOf(user), [403])
export const userAnswers = answers(200, 'The user as it is now', user, [...ofBody, 403, 404, 409, 429])
export const newUserAnswers = answers(201, 'The new user', user, [...ofBody, 403, 409, 429])
export const accessAnswers = answers(200, 'Who may what', targetAccess, [...ofBody, 403, 404])
