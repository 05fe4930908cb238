/** The parameters of a script, edited by hand: what is shown, and what becomes of the posted form. */

import { ParametersTab } from '../../views/parameters.tsx'
import { SchemaEditor, type SchemaEditorProps } from '../../views/parameters-form.tsx'
import { ScriptPage } from '../../views/script.tsx'
import { say } from '../../views/texts.ts'
import { mayDo } from '../../views/viewer.ts'
import { GatewayError, type Problem } from '../errors.ts'
import { describeJsonError } from '../scripts/json-position.ts'
import type { Param, Script } from '../scripts/model.ts'
import type { SchemaContent } from '../scripts/schema-editor.ts'
import type { PageDeps } from './deps.ts'
import { oneOf } from './form.ts'
import { html, seeOther } from './html.tsx'
import { changeRows, readRows, rowsOf, toArgsMap } from './schema-form.ts'
import { findScript, pageProps } from './script.tsx'

const modes = ['form', 'json'] as const
const doneWords = ['saved', 'removed'] as const

/** What the tab shows: the table, or the form. Throws `forbidden` for the form where one may not edit. */
export async function parametersContent(
  deps: PageDeps,
  { script, params }: { script: Script; params: Param[] },
  search: URLSearchParams,
): Promise<JSX.Element> {
  const schema = await deps.schemas.read(String(script.id))
  const mayEdit = mayDo(deps.viewer, 'edit', script)
  const mode = oneOf(modes, search.get('edit'))
  if (mode && !mayEdit) throw new GatewayError('forbidden', 'Only who may edit this script changes its parameters.')
  if (mode) return <SchemaEditor {...editorProps(script, schema, mode)} />
  return <ParametersTab {...{ script, params, schema, mayEdit }} done={oneOf(doneWords, search.get('done'))} />
}

/** Of a script that says nothing, what its broken sidecar says: that is what is to be mended. */
const editorProps = (script: Script, schema: SchemaContent, mode: 'form' | 'json'): SchemaEditorProps => ({
  ...{ scriptId: script.id, file: schema.file, hash: schema.hash, mode },
  rows: rowsOf(schema.args_map),
  text: schema.text || `${JSON.stringify(schema.args_map, null, 2)}\n`,
  ...{ message: null, problems: [], focus: null, isTyped: false },
})

/** 303 to the table; what is refused comes back as it was typed. Acts on the form alone come back as the form. */
export async function postSchema(
  deps: PageDeps,
  idOrSlug: string,
  form: URLSearchParams,
  now: number,
): Promise<Response> {
  const { script } = findScript(deps, idOrSlug)
  const schema = await deps.schemas.read(String(script.id))
  const act = form.get('act') ?? ''
  const table = `/scripts/${script.id}?tab=parameters&done=`
  const known = form.get('etag')
  const expected = known ? { ifMatch: known } : { isNew: true as const }
  if (act === 'reset') {
    await deps.schemas.remove(String(script.id), null)
    return seeOther(`${table}removed`)
  }
  const isJson = act === 'save-json'
  const typed = {
    ...editorProps(script, schema, isJson ? 'json' : 'form'),
    isTyped: true,
    // The change that somebody else made meanwhile is told once, and overwritten when one saves again.
    ...(isJson ? { text: (form.get('text') ?? '').replaceAll('\r\n', '\n') } : { rows: readRows(form) }),
  }
  if (!isJson && act !== 'save') {
    const { rows, focus } = changeRows(typed.rows, act)
    return editorPage(deps, script, { ...typed, rows, focus, hash: known || null }, { status: 200, now })
  }
  try {
    const value = isJson ? parsed(typed.text) : checked(toArgsMap(typed.rows, schema.args_map))
    await deps.schemas.replace(String(script.id), value, expected)
    return seeOther(`${table}saved`)
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    const refused = { ...typed, message: messageFor(error), problems: error.details }
    return editorPage(deps, script, refused, { status: error.status, now })
  }
}

/** Throws `validation`. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new GatewayError('validation', '', { details: [{ path: '', message: describeJsonError(text) }] })
  }
}

/** Throws `validation`. */
function checked({ value, problems }: { value: unknown; problems: Problem[] }): unknown {
  if (problems.length > 0) throw new GatewayError('validation', '', { details: problems })
  return value
}

/** Without the words for programs. */
const messageFor = ({ type, message }: GatewayError) =>
  type === 'validation'
    ? say('Nothing was changed: not everything fits')
    : type === 'conflict' && /If-Match/.test(message)
      ? say('The sidecar has changed since this page was opened. Save again to write yours over it')
      : message

async function editorPage(
  deps: PageDeps,
  script: Script,
  props: SchemaEditorProps,
  { status, now }: { status: number; now: number },
) {
  const { params } = findScript(deps, String(script.id))
  const page = await pageProps(deps, script, params, now)
  return html(<ScriptPage {...page} tab="parameters" content={<SchemaEditor {...props} />} />, { status })
}
