/** Settings in the OpenAPI document. Not used to check answers: those are made by our own types. */
import { type TSchema, t } from 'elysia'
import { pageOf } from '../http/answers.ts'

const nullable = <T extends TSchema>(schema: T) => t.Union([schema, t.Null()])
const value = (description: string) =>
  t.Union([t.String(), t.Number(), t.Boolean(), t.Array(t.String())], { description })

const setting = t.Object(
  {
    name: t.String(),
    env: t.String({ description: 'Its name in the environment' }),
    type: t.Union(['str', 'int', 'float', 'bool', 'list'].map((type) => t.Literal(type))),
    value: value('The one in force'),
    default: value('The one without database and environment'),
    group: t.String({ description: 'What it is about: `gateway`, `access`, `runs` …' }),
    fallback: value('The one in force when none is stored: of the environment, else the default'),
    fallback_source: t.Union(['environment', 'default'].map((source) => t.Literal(source))),
    source: t.Union(['database', 'environment', 'default'].map((source) => t.Literal(source))),
    help: t.String(),
    start_only: t.Boolean({ description: 'Cannot be changed here' }),
    min: nullable(t.Number()),
    max: nullable(t.Number()),
    choices: nullable(t.Array(t.String())),
  },
  { title: 'Setting' },
)

const settingPage = pageOf(setting)

const json = (description: string, schema: object) => ({ description, content: { 'application/json': { schema } } })
const error = { $ref: '#/components/schemas/Error' }

export const listAnswer = { 200: json('Every setting', settingPage) }

export const changeAnswers = {
  200: json('Every setting, as it is now', settingPage),
  400: json('The body is not what it claims to be', error),
  413: json('The body is over its limit', error),
  422: json('A setting does not fit; nothing was changed', error),
}
