/** Schemas changed on behalf of a request: what the audit log is told. */
import { note } from '../http/caller.ts'
import type { ArgsMap } from './model.ts'
import type { SchemaEditor } from './schema-editor.ts'

export function notedSchemas(schemas: SchemaEditor, request: Request): SchemaEditor {
  const before = async (idOrSlug: string) => told((await schemas.read(idOrSlug)).args_map)
  return {
    ...schemas,
    async replace(idOrSlug, value, expected) {
      const was = await before(idOrSlug)
      const content = await schemas.replace(idOrSlug, value, expected)
      note(request, { before: { params: was }, after: { params: told(content.args_map) } })
      return content
    },
    async remove(idOrSlug, expected) {
      const was = await before(idOrSlug)
      const content = await schemas.remove(idOrSlug, expected)
      note(request, { before: { params: was }, after: { use: 'script', params: told(content.args_map) } })
      return content
    },
  }
}

/** A secret's default may be a secret. */
const told = (argsMap: ArgsMap): ArgsMap =>
  Object.fromEntries(
    Object.entries(argsMap).map(([name, declaration]) => {
      if (!declaration.secret || declaration.default == null) return [name, declaration]
      return [name, { ...declaration, default: '…' }]
    }),
  )
