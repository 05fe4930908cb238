/** What the dashboard does to scripts: one at a time, or many that were chosen. */
import { scriptName } from '../../views/parts.tsx'
import { plural, say, sentences, type Text } from '../../views/texts.ts'
import { mayDo } from '../../views/viewer.ts'
import { GatewayError } from '../errors.ts'
import type { Right } from '../http/caller.ts'
import type { Script } from '../scripts/model.ts'
import type { ScriptActs } from './callers-scripts.ts'
import type { PageDeps } from './deps.ts'
import { oneOf, textIn } from './form.ts'
import { findScript } from './script.tsx'
import { type Answer, answer, batchMax, toldOf } from './script-answers.ts'
import { deletedIn, undoDelete } from './script-delete.tsx'

const states = ['active', 'inactive'] as const

/** 303 to where one came from, or what was done as JSON. */
export function postState(deps: PageDeps, idOrSlug: string, request: Request, form: URLSearchParams): Response {
  const { script } = findScript(deps, idOrSlug)
  const state = oneOf(states, form.get('state'))
  if (!state) throw new GatewayError('validation', '"state" must be "active" or "inactive".')
  deps.acts.one.describe(script.id, { state })
  const after = findScript(deps, String(script.id)).script
  const fields: [string, string][] = [['state', state === 'active' ? 'inactive' : 'active']]
  return answer(request, form, {
    said: saidOfState(deps, after, state),
    undo: { action: `/scripts/${script.id}/state`, fields },
    ...{ refused: [], ids: [script.id] },
  })
}

/** What runs goes on, and what is scheduled waits: said, because one might think otherwise. */
function saidOfState(deps: PageDeps, script: Script, state: 'active' | 'inactive'): string {
  const name = scriptName(script)
  if (state === 'active')
    return script.state === 'active'
      ? say('{name} is active.', { name })
      : say('{name} is switched on, but cannot run: see its page.', { name })
  const alive = deps.runs.active().filter((run) => run.script_id === script.id).length
  const scheduled = deps.schedules.soonest({ scriptId: script.id }, { limit: 1 }).length > 0
  return sentences([
    say('{name} is inactive.', { name }),
    ...(alive > 0 ? [alive === 1 ? say('Its run goes on.') : say('Its {n} runs go on.', { n: alive })] : []),
    ...(scheduled ? [say('Its schedules start nothing until it is active again.')] : []),
  ])
}

// Many

interface BatchAct {
  right: Right
  /** In the audit log. */
  action: string
  one: Text
  many: Text
  /** Answers whether anything changed. */
  act(acts: ScriptActs, script: Script, tag: string): boolean | Promise<boolean>
  /** What takes it back. */
  inverse?: string
}

const setState =
  (state: 'active' | 'inactive'): BatchAct['act'] =>
  (acts, { id, state: before }) => {
    if (before === state) return false
    acts.describe(id, { state })
    return true
  }

const batchActs: Record<string, BatchAct> = {
  run: {
    ...{ right: 'run', action: 'run.start', one: '1 run started.', many: '{n} runs started.' },
    act: async (acts, { id }) => Boolean(await acts.run(id)),
  },
  activate: {
    ...{
      right: 'edit',
      action: 'script.describe',
      one: '1 script activated.',
      many: '{n} scripts activated.',
      inverse: 'deactivate',
    },
    act: setState('active'),
  },
  deactivate: {
    ...{
      right: 'edit',
      action: 'script.describe',
      one: '1 script deactivated.',
      many: '{n} scripts deactivated.',
      inverse: 'activate',
    },
    act: setState('inactive'),
  },
  tag: {
    ...{
      right: 'edit',
      action: 'script.describe',
      one: '1 script tagged.',
      many: '{n} scripts tagged.',
      inverse: 'untag',
    },
    act(acts, { id, tags }, tag) {
      if (tags.some((one) => one.toLowerCase() === tag.toLowerCase())) return false
      acts.describe(id, { tags: [...tags, tag] })
      return true
    },
  },
  untag: {
    ...{
      right: 'edit',
      action: 'script.describe',
      one: 'The tag of 1 script removed.',
      many: 'The tag of {n} scripts removed.',
      inverse: 'tag',
    },
    act(acts, { id, tags }, tag) {
      const left = tags.filter((one) => one.toLowerCase() !== tag.toLowerCase())
      if (left.length === tags.length) return false
      acts.describe(id, { tags: left })
      return true
    },
  },
  delete: {
    ...{ right: 'edit', action: 'script.delete', one: '1 script deleted.', many: '{n} scripts deleted.' },
    act: async (acts, { id }) => {
      await acts.remove(id)
      return true
    },
  },
}

/** One act on each script that was chosen: what cannot be done to one is told, and the others are done. */
export async function postBatch(deps: PageDeps, request: Request, form: URLSearchParams): Promise<Response> {
  const name = form.get('act') ?? ''
  const batch = Object.hasOwn(batchActs, name) ? batchActs[name]! : undefined
  if (!batch) throw new GatewayError('validation', `"act" must be one of ${Object.keys(batchActs).join(', ')}.`)
  const tag = textIn(form, 'tag')
  if (name.endsWith('tag') && tag === '') throw new GatewayError('validation', 'Say which tag: "tag" is empty.')
  const [changed, refused]: [Script[], Answer['refused']] = [[], []]
  for (const script of chosen(deps, form)) {
    try {
      if (!mayDo(deps.viewer, batch.right, script)) throw new GatewayError('forbidden', notYours)
      if (await batch.act(deps.acts.each, script, tag)) changed.push(script)
    } catch (error) {
      if (error instanceof GatewayError && error.type === 'forbidden') deps.acts.each.refused(script.id, batch.action)
      refused.push({ name: scriptName(script), message: toldOf(deps, error) })
    }
  }
  const ids = changed.map(({ id }) => id)
  const fields: [string, string][] = [...ids.map((id): [string, string] => ['id', String(id)]), ['tag', tag]]
  const undone = batch.inverse && { action: '/batch', fields: [...fields, ['act', batch.inverse] as [string, string]] }
  const comesBack = name === 'delete' ? ids.filter((id) => deps.acts.each.deletedName(id) !== null) : []
  return answer(
    request,
    form,
    {
      said:
        ids.length > 0
          ? plural(ids.length, batch.one, batch.many)
          : refused.length > 0
            ? null
            : say('Nothing to change.'),
      undo: comesBack.length > 0 ? undoDelete(comesBack) : (ids.length > 0 && undone) || null,
      ...{ refused, ids },
    },
    comesBack.length > 0 ? deletedIn(comesBack) : '',
  )
}

const notYours = 'You may not do that to this script.'

/** Those that there are, and that the visitor sees. Throws `validation` for none or too many. */
export function chosen(deps: PageDeps, form: URLSearchParams): Script[] {
  const ids = [...new Set(form.getAll('id'))]
  if (ids.length === 0) throw new GatewayError('validation', 'Choose some scripts first.')
  if (ids.length > batchMax) throw new GatewayError('validation', `Choose at most ${batchMax} scripts at once.`)
  return ids.flatMap((id) => (/^\d+$/.test(id) ? (deps.scripts.find(id)?.script ?? []) : []))
}
