/** Named schemas of the OpenAPI document: made where one has a title, the same wherever it is, and never two of one name. */
import { describe, expect, test } from 'bun:test'
import { t } from 'elysia'
import { createComponents } from '../../src/gateway/components.ts'
import { plainSchema } from '../../src/gateway/plain-schema.ts'
import { pageOf } from '../../src/http/answers.ts'

const role = t.Union([t.Literal('admin'), t.Literal('viewer')], { title: 'Role' })
const user = t.Object({ name: t.String(), role: t.Union([role, t.Null()]) }, { title: 'User' })
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })

describe('components', () => {
  test('what has a title is there once, with what is in it', () => {
    const { schemas, shown } = createComponents({})
    expect(shown({ answer: pageOf(user), other: t.Optional(user) })).toEqual({
      answer: ref('UserPage'),
      other: ref('User'),
    })
    expect(Object.keys(schemas).sort()).toEqual(['Role', 'User', 'UserPage'])
    expect(schemas.Role).toEqual({ type: 'string', enum: ['admin', 'viewer'] })
    expect(schemas.User).toEqual({
      type: 'object',
      properties: { name: { type: 'string' }, role: { anyOf: [ref('Role'), { type: 'null' }] } },
      required: ['name', 'role'],
    })
    expect(schemas.UserPage).toMatchObject({ properties: { items: { type: 'array', items: ref('User') } } })
  })

  const clashes: [string, object, object][] = [
    ['another of that name came before', {}, [user, t.Object({ id: t.Integer() }, { title: 'User' })]],
    ['one was taken apart, and kept the name', {}, [user, t.Partial(user)]],
    ['the name is one of those given', { User: { type: 'object' } }, [user]],
  ]
  test.each(clashes)('it is an error when %s', (_, given, all) => {
    expect(() => createComponents({ ...given }).shown(all)).toThrow(
      'Two schemas of the OpenAPI document are called User',
    )
  })

  test('a property that is called title or default, and examples, are no names', () => {
    const { schemas, shown } = createComponents({})
    const schema = {
      type: 'object',
      properties: { title: { type: 'string' }, default: role },
      example: { title: 'User' },
    }
    expect(shown(schema)).toEqual({ ...schema, properties: { title: { type: 'string' }, default: ref('Role') } })
    expect(Object.keys(schemas)).toEqual(['Role'])
  })
})

const choices = [{ const: 'a' }, { const: 'b' }].map((one) => ({ ...one, type: 'string' }))
const none = { type: 'null' }
test.each<[string, object, object]>([
  ['choices', { anyOf: choices, default: 'a' }, { type: 'string', enum: ['a', 'b'], default: 'a' }],
  ['choices of two types', { anyOf: [{ const: 1, type: 'number' }, choices[0]] }, { enum: [1, 'a'] }],
  [
    'a text or null',
    { anyOf: [{ type: 'string', format: 'date' }, none] },
    { type: ['string', 'null'], format: 'date' },
  ],
  [
    'what is said of both',
    { anyOf: [{ type: 'string' }, none], description: 'D' },
    { type: ['string', 'null'], description: 'D' },
  ],
  [
    'a choice or null',
    { anyOf: [{ type: 'string', enum: ['a'] }, none] },
    { type: ['string', 'null'], enum: ['a', null] },
  ],
  ['a named one or null, as it is', { anyOf: [ref('User'), none] }, { anyOf: [ref('User'), none] }],
  [
    'two types, as they are',
    { anyOf: [{ type: 'string' }, { type: 'number' }] },
    { anyOf: [{ type: 'string' }, { type: 'number' }] },
  ],
  [
    'a number in an address',
    { anyOf: [{ type: 'string', format: 'integer' }, { type: 'integer' }] },
    { type: 'integer' },
  ],
  [
    'any names',
    { type: 'object', patternProperties: { '^(.*)$': none } },
    { type: 'object', additionalProperties: none },
  ],
  ['certain names, as they are', { patternProperties: { '^x-': none } }, { patternProperties: { '^x-': none } }],
])('plain: %s', (_, schema, expected) => {
  expect(plainSchema({ ...schema })).toEqual({ ...expected })
})
