/** What the dashboard does to scripts: one at a time, or many that were chosen. */
import { scriptName } from '../../views/parts.tsx'
import { DeletePage, type Doomed, doomText, doomTitle, keepText } from '../../views/script-delete.tsx'
import { plural, say, type Text } from '../../views/texts.ts'
import { mayDo } from '../../views/viewer.ts'
import { GatewayError } from '../errors.ts'
import type { Right } from '../http/caller.ts'
import type { Script } from '../scripts/model.ts'
import type { ScriptActs } from './callers-scripts.ts'
import type { PageDeps } from './deps.ts'
import { oneOf, textIn } from './form.ts'
import { errorPage, html, seeOther } from './html.tsx'
import { findScript } from './script.tsx'

/** What a browser with scripts is answered: it stays where it is. */
export interface Answer {
  /** What was done, in a sentence; null: nothing was. */
  said: string | null
  /** What takes it back. */
  undo: { action: string; fields: [string, string][] } | null
  /** What was not done, and why. */
  refused: { name: string; message: string }[]
  /** Whose rows are other ones now. */
  ids: number[]
}

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
  return [
    say('{name} is inactive.', { name }),
    ...(alive > 0 ? [alive === 1 ? say('Its run goes on.') : say('Its {n} runs go on.', { n: alive })] : []),
    ...(scheduled ? [say('Its schedules start nothing until it is active again.')] : []),
  ].join(' ')
}

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
  await deps.acts.one.remove(script.id)
  const said = say('{name} is deleted.', { name: scriptName(script) })
  return answer(request, form, { said, undo: null, refused: [], ids: [script.id] })
}

// Many

const batchMax = 200

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
      if (!(error instanceof GatewayError)) deps.report(error)
      else if (error.type === 'forbidden') deps.acts.each.refused(script.id, batch.action)
      const message =
        error instanceof GatewayError ? error.message : 'The gateway made a mistake. Its log says which one.'
      refused.push({ name: scriptName(script), message })
    }
  }
  const ids = changed.map(({ id }) => id)
  const fields: [string, string][] = [...ids.map((id): [string, string] => ['id', String(id)]), ['tag', tag]]
  return answer(request, form, {
    said:
      ids.length > 0
        ? plural(ids.length, batch.one, batch.many)
        : refused.length > 0
          ? null
          : say('Nothing to change.'),
    undo: batch.inverse && ids.length > 0 ? { action: '/batch', fields: [...fields, ['act', batch.inverse]] } : null,
    ...{ refused, ids },
  })
}

const notYours = 'You may not do that to this script.'

/** Those that there are, and that the visitor sees. Throws `validation` for none or too many. */
export function chosen(deps: PageDeps, form: URLSearchParams): Script[] {
  const ids = [...new Set(form.getAll('id'))]
  if (ids.length === 0) throw new GatewayError('validation', 'Choose some scripts first.')
  if (ids.length > batchMax) throw new GatewayError('validation', `Choose at most ${batchMax} scripts at once.`)
  return ids.flatMap((id) => (/^\d+$/.test(id) ? (deps.scripts.find(id)?.script ?? []) : []))
}

// Answers

function answer(request: Request, form: URLSearchParams, done: Answer): Response {
  if (wantsJson(request)) return Response.json(done, { headers: { 'cache-control': 'no-store' } })
  if (done.refused.length === 0) return seeOther(backOf(form.get('back')))
  return errorPage(409, done.refused.map(({ name, message }) => `${name}: ${message}`).join(' '))
}

const wantsJson = ({ headers }: Request) => (headers.get('accept') ?? '').includes('application/json')

/** A page of ours: anybody may have written the address. */
function backOf(asked: string | null): string {
  return asked !== null && /^\/(\?|$|executions|scripts\/)/.test(asked) ? asked : '/'
}
