/** Schemas that are kept in memory: each script's own answer is what its parameters say, a sidecar is what was written. */

import { GatewayError } from '../../src/errors.ts'
import { parseArgsMap, toParams } from '../../src/scripts/args-map.ts'
import { hashOf, refuseStale } from '../../src/scripts/etag.ts'
import type { ArgDeclaration, ArgsMap, Param, Script } from '../../src/scripts/model.ts'
import type { SchemaContent, SchemaEditor } from '../../src/scripts/schema-editor.ts'

export interface FakeSchemas extends SchemaEditor {
  /** Script id → what its sidecar holds. */
  texts: Map<number, string>
}

type Find = (idOrSlug: string) => { script: Script; params: Param[] } | undefined

export function fakeSchemas(find: Find): FakeSchemas {
  const texts = new Map<number, string>()
  const found = (idOrSlug: string) => {
    const one = find(idOrSlug)
    if (!one) throw new GatewayError('not_found', 'There is no such script.')
    return one
  }
  const read = async (idOrSlug: string): Promise<SchemaContent> => {
    const { script, params } = found(idOrSlug)
    const text = texts.get(script.id) ?? ''
    const own = script.state === 'error' ? null : declared(params)
    const args_map = text === '' ? (own ?? {}) : (JSON.parse(text) as ArgsMap)
    return {
      ...{ args_map, own, text, file: '.sample._map.json' },
      json_schema: {},
      source: script.error ? null : text === '' ? 'script' : 'sidecar',
      differs: script.schema_differs,
      own_error: script.error,
      sidecar: text === '' ? null : '.sample._map.json',
      error: script.error,
      hash: text === '' ? null : hashOf(new TextEncoder().encode(text)),
    }
  }
  return {
    texts,
    read,
    replace: async (id, value, expected) => {
      const { script } = found(id)
      if (expected && 'ifMatch' in expected) refuseStale(expected.ifMatch, (await read(id)).hash)
      const parsed = parseArgsMap(value)
      if (!parsed.ok) throw new GatewayError('validation', 'Nothing was changed.', { details: parsed.problems })
      texts.set(script.id, `${JSON.stringify(value, null, 2)}\n`)
      return read(id)
    },
    remove: async (id) => {
      texts.delete(found(id).script.id)
      return read(id)
    },
  }
}

/** What an author would have written to get these. */
const declared = (params: Param[]): ArgsMap =>
  Object.fromEntries(
    params.map(
      ({ name, declaredType: type, flag, required, help, choices, multiple, min, max, pattern, secret, ...rest }) => {
        const all = { type, flag, required, help, default: rest.default, choices, multiple, min, max, pattern, secret }
        const said = Object.entries(all).filter(
          ([, value]) => value !== undefined && value !== null && value !== '' && value !== false,
        )
        return [name, Object.fromEntries(said) as unknown as ArgDeclaration]
      },
    ),
  )

/** What the sidecar of a script comes to; null where there is none. */
export const paramsIn = (text: string | undefined): Param[] | null =>
  text === undefined ? null : toParams(JSON.parse(text) as ArgsMap)
