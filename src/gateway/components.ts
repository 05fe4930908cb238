/** Schemas of the whole document as readers and generators of clients want them: choices and nulls in one line, and what has a name once. */
import { type Json, plainSchema } from './plain-schema.ts'

/** What is no schema, whatever is in it. */
const verbatim = new Set(['example', 'examples', 'default', 'enum', 'const'])

/**
 * What has a `title` becomes a component of that name, with a `$ref` in its place. `given` are the components that are there
 * already. Throws when two schemas that are not the same have one name: clients would get the wrong type for one of them.
 */
export function createComponents(given: Json) {
  const schemas: Json = { ...given }

  /** Of a schema, or of anything with schemas in it. */
  function shown(node: unknown): unknown {
    if (Array.isArray(node)) return node.map(shown)
    if (typeof node !== 'object' || node === null) return node
    // From the inside out: what a schema holds has its name before the two are compared. Symbols of TypeBox stay behind.
    const entries = Object.entries(node).map(([key, value]) => [key, shownMember(key, value)])
    return named(plainSchema(Object.fromEntries(entries)))
  }

  function shownMember(key: string, value: unknown): unknown {
    if (verbatim.has(key)) return value
    // A property may be called `title`, or `default`.
    return key === 'properties' || key === 'patternProperties' ? shownProperties(value as Json) : shown(value)
  }

  const shownProperties = (properties: Json): Json =>
    Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, shown(schema)]))

  function named(schema: Json): Json {
    const { title, ...rest } = schema
    if (typeof title !== 'string') return schema
    if (title in schemas && !Bun.deepEquals(schemas[title], rest))
      throw new Error(`Two schemas of the OpenAPI document are called ${title}, and are not the same.`)
    schemas[title] = rest
    return { $ref: `#/components/schemas/${title}` }
  }

  return { schemas, shown, shownProperties }
}
