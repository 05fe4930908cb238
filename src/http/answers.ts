/** Answers of routes in the OpenAPI document. */
import { type TSchema, t } from 'elysia'

/** A page of a list. A `title` makes a schema a named one of the OpenAPI document; a page is called after what is on it. */
export const pageOf = (item: TSchema, more: Record<string, TSchema> = {}, title = item.title && `${item.title}Page`) =>
  t.Object(
    { items: t.Array(item), total: t.Integer(), page: t.Integer(), page_size: t.Integer(), ...more },
    title ? { title } : {},
  )

const json = (description: string, schema: object) => ({ description, content: { 'application/json': { schema } } })

/** Makes the answers of a feature's routes: those that succeed, and the errors that each has, in the feature's words for them. */
export const answersWith =
  <Code extends number>(errorTexts: Record<Code, string>) =>
  (good: Record<number, [string, TSchema]>, errors: NoInfer<Code>[] = []) => ({
    ...Object.fromEntries(Object.entries(good).map(([code, [text, schema]]) => [code, json(text, schema)])),
    ...Object.fromEntries(errors.map((code) => [code, json(errorTexts[code], { $ref: '#/components/schemas/Error' })])),
  })
