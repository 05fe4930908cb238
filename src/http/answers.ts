/** Answers of routes in the OpenAPI document. */
import type { TSchema } from 'elysia'

const json = (description: string, schema: object) => ({ description, content: { 'application/json': { schema } } })

/** Makes the answers of a feature's routes: those that succeed, and the errors that each has, in the feature's words for them. */
export const answersWith =
  <Code extends number>(errorTexts: Record<Code, string>) =>
  (good: Record<number, [string, TSchema]>, errors: NoInfer<Code>[] = []) => ({
    ...Object.fromEntries(Object.entries(good).map(([code, [text, schema]]) => [code, json(text, schema)])),
    ...Object.fromEntries(errors.map((code) => [code, json(errorTexts[code], { $ref: '#/components/schemas/Error' })])),
  })
