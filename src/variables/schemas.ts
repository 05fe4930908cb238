/** Variables in requests and in the OpenAPI document. */
import { t } from 'elysia'
import { pageOf } from '../http/answers.ts'

export const changeBody = t.Object(
  {
    value: t.Optional(t.String({ description: 'Left out: stays as it is; required for a new one' })),
    secret: t.Optional(t.Boolean({ description: 'Left out: stays as it is, and false for a new one' })),
  },
  { title: 'VariableChange', additionalProperties: false },
)

const variable = t.Object(
  {
    name: t.String(),
    secret: t.Boolean(),
    value: t.Union([t.String(), t.Null()], { description: "Never a secret's" }),
    error: t.Union([t.String(), t.Null()], {
      description: 'Why a secret cannot be read; runs that would get it are refused',
    }),
    created_at: t.String({ format: 'date-time' }),
    updated_at: t.String({ format: 'date-time' }),
  },
  { title: 'Variable' },
)

const variablePage = pageOf(variable)

const json = (description: string, schema: object) => ({ description, content: { 'application/json': { schema } } })
const refusals = {
  400: 'The body is not what it claims to be',
  404: 'There is no such thing',
  409: 'Too many, or the key for secrets is not there',
  413: 'The body is over its limit',
  422: 'The name or the value does not fit; nothing was changed',
}
const errorAnswers = (codes: (keyof typeof refusals)[]) =>
  Object.fromEntries(codes.map((code) => [code, json(refusals[code], { $ref: '#/components/schemas/Error' })]))

export const listAnswers = { 200: json('The variables, by name', variablePage) }
export const listOfScriptAnswers = { ...listAnswers, ...errorAnswers([404]) }
export const setAnswers = {
  200: json('The variable as it is now', variable),
  201: json('The new variable', variable),
  ...errorAnswers([400, 404, 409, 413, 422]),
}
export const removeAnswers = { 204: { description: 'It is gone' }, ...errorAnswers([404]) }
