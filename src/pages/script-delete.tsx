/** Deleting scripts: what is asked before, and the way back. */
import { scriptName } from '../../views/parts.tsx'
import { DeletePage, type Doomed, doomText, doomTitle, keepText } from '../../views/script-delete.tsx'
import { plural, say } from '../../views/texts.ts'
import type { DoneProps } from '../../views/toast.tsx'
import { GatewayError } from '../errors.ts'
import type { Script } from '../scripts/model.ts'
import type { PageDeps } from './deps.ts'
import { html } from './html.tsx'
import { findScript } from './script.tsx'
import { type Answer, answer, backOf, batchMax, toldOf, wantsJson } from './script-answers.ts'

/** Asks first: what would go with it. As JSON for a dialog, or a page with the form. */
export function askDelete(deps: PageDeps, scripts: Script[], request: Request, now: number): Response {
  const back = backOf(new URL(request.url).searchParams.get('back'))
  const doomed = scripts.map((script) => doomOf(deps, script))
  if (wantsJson(request))
    return Response.json({ title: doomTitle(doomed), text: doomText(doomed), yes: say('Delete'), no: keepText(doomed) })
  return html(<DeletePage doomed={doomed} back={back} now={now} viewer={deps.viewer} />)
}

const doomOf = (deps: PageDeps, script: Script): Doomed => ({
  ...{ id: script.id, name: scriptName(script), filename: script.filename },
  runs: deps.acts.one.runCount(script.id),
  alive: deps.runs.active().filter((run) => run.script_id === script.id).length,
  schedules: deps.schedules.list({ scriptId: script.id }, { limit: 1, offset: 0 }).total,
})

/** 303 to where one came from, or what was done as JSON. */
export async function postDelete(deps: PageDeps, idOrSlug: string, request: Request, form: URLSearchParams) {
  const { script } = findScript(deps, idOrSlug)
  const ids = [script.id]
  const undo = (await deps.acts.one.remove(script.id)) ? undoDelete(ids) : null
  const said = say('{name} is deleted.', { name: scriptName(script) })
  return answer(request, form, { said, undo, refused: [], ids }, undo ? deletedIn(ids) : '')
}

/** What takes the deletion of these back. */
export const undoDelete = (ids: number[]): Answer['undo'] => ({
  action: '/scripts/restore',
  fields: ids.map((id): [string, string] => ['id', String(id)]),
})

/** What the address of the dashboard says of them after a form: see `deletedDone`. */
export const deletedIn = (ids: number[]) => `deleted=${ids.join(',')}`

/** What the visitor has just deleted, with the way back; null: nothing that can come back. */
export function deletedDone({ acts }: PageDeps, search: URLSearchParams): DoneProps | null {
  const named = (search.get('deleted') ?? '').split(',').slice(0, batchMax)
  const gone = named.flatMap((text) => {
    const name = /^[1-9]\d{0,14}$/.test(text) ? acts.one.deletedName(Number(text)) : null
    return name === null ? [] : { id: Number(text), name }
  })
  const [first] = gone
  if (!first) return null
  const text =
    gone.length === 1
      ? say('{name} is deleted.', { name: first.name })
      : plural(gone.length, '1 script deleted.', '{n} scripts deleted.')
  return { text, undo: { action: '/scripts/restore', fields: { ids: gone.map(({ id }) => id).join(',') } } }
}

/** Brings back what was deleted a moment ago; `id`, or `ids` with commas between them. 303, or what was done as JSON. */
export async function postRestore(deps: PageDeps, request: Request, form: URLSearchParams): Promise<Response> {
  const ids = [...form.getAll('id'), ...(form.get('ids') ?? '').split(',')].filter((id) => /^[1-9]\d{0,14}$/.test(id))
  if (ids.length === 0 || ids.length > batchMax)
    throw new GatewayError('validation', `"id" must name 1 to ${batchMax} scripts.`)
  const [back, refused]: [number[], Answer['refused']] = [[], []]
  for (const id of new Set(ids.map(Number))) {
    const name = deps.acts.each.deletedName(id) ?? say('Script {id}', { id })
    try {
      await deps.acts.each.bringBack(id)
      back.push(id)
    } catch (error) {
      deps.acts.each.refused(id, 'script.bring-back', error instanceof GatewayError ? error.status : 500)
      refused.push({ name, message: toldOf(deps, error) })
    }
  }
  const said = back.length === 0 ? null : plural(back.length, '1 script is back.', '{n} scripts are back.')
  return answer(request, form, { said, undo: null, refused, ids: back, isBack: true })
}
