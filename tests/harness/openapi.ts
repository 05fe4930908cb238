/** For what looks into schemas of an OpenAPI document: its names in place of what they stand for. */
import type { TestApp } from './app.ts'

/** The operations by path and method, each schema with all that is in it. */
export async function operationsByPath<Operation = object>(
  { json }: Pick<TestApp, 'json'>,
  headers: Record<string, string> = {},
): Promise<Record<string, Record<string, Operation>>> {
  const { body } = await json<{ paths: object; components: { schemas: Record<string, object> } }>('/openapi.json', {
    headers,
  })
  const inline = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(inline)
    if (typeof node !== 'object' || node === null) return node
    const { $ref } = node as { $ref?: string }
    if ($ref === undefined) return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, inline(value)]))
    const named = body.components.schemas[$ref.replace('#/components/schemas/', '')]
    if (!named) throw new Error(`${$ref} is not in the document`)
    return inline(named)
  }
  return inline(body.paths) as Record<string, Record<string, Operation>>
}
