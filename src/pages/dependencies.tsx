/** Packages on the page of a script: what is shown, and what becomes of posted forms. */

import type { DependenciesTabProps } from '../../views/dependencies-tab.tsx'
import type { RefusedPackages } from '../../views/packages-form.tsx'
import { say, type Text } from '../../views/texts.ts'
import { mayDo } from '../../views/viewer.ts'
import type { CallersDependencies, WriteScope } from '../dependencies/for-caller.ts'
import type { Installation } from '../dependencies/model.ts'
import type { DependenciesView, Dependency } from '../dependencies/view-model.ts'
import { GatewayError, type Problem } from '../errors.ts'
import type { LogLine } from '../logs/model.ts'
import type { RuntimeName, Script } from '../scripts/model.ts'
import type { PageDeps } from './deps.ts'
import { oneOf, sentence, textIn } from './form.ts'
import { seeOther } from './html.tsx'

/** What a form was refused for, with the status of the answer. */
export type Refused = RefusedPackages & { status: number }

const doneWords: Record<string, Text> = {
  saved: 'It is written down. What is new is installed in the background.',
  ready: 'Everything that is declared is installed.',
  removed: 'It is not declared any more.',
}

/** What has just been done, as the address says it. */
export function doneIn(search: URLSearchParams): string | null {
  const word = search.get('done') ?? ''
  return Object.hasOwn(doneWords, word) ? say(doneWords[word]!) : null
}

export interface Shown {
  search: URLSearchParams
  refused?: Refused | null
  now: number
}

export async function dependenciesTab(
  { dependencies, viewer }: PageDeps,
  script: Script,
  { search, refused = null, now }: Shown,
): Promise<DependenciesTabProps> {
  const id = String(script.id)
  const mayEdit = mayDo(viewer, 'edit', script)
  const isChecked = mayEdit && search.has('check')
  const [view, environment, check] = await Promise.all([
    dependencies.view(id),
    mayEdit ? dependencies.environment(id) : null,
    isChecked ? dependencies.check(id) : null,
  ])
  const name = search.get('package')
  return {
    ...{ scriptId: script.id, view, environment, check, mayEdit, refused, now },
    mayRun: mayDo(viewer, 'run', script),
    tail: view.state === 'installing' ? tailOf(dependencies, view.installation) : [],
    done: refused ? null : doneIn(search),
    removed: refused ? null : removedIn(search),
    start: name === null ? undefined : { name, version: search.get('version') ?? '' },
  }
}

const tailLines = 5

function tailOf({ installations }: CallersDependencies, installation: Installation | null): LogLine[] {
  if (!installation) return []
  const from = Math.max(0, installations.get(installation.id).log_lines - tailLines)
  return installations.follow(installation.id).cursor(from).next(tailLines)
}

const scopes = ['script', 'folder', 'global'] as const

/** Where to go on, or what was refused. `update` installs; the other acts write down. */
export async function savePackages(
  dependencies: CallersDependencies,
  script: Pick<Script, 'id' | 'runtime'>,
  form: URLSearchParams,
): Promise<string | Refused> {
  const id = String(script.id)
  const scope: WriteScope | undefined = oneOf(scopes, form.get('scope')) ?? undefined
  const tab = `/scripts/${script.id}?tab=dependencies`
  return refusable(form, async () => {
    const act = form.get('act')
    if (act === 'update') {
      const installation = await dependencies.install(id, { isUpdate: true })
      return installation ? `/dependencies/installations/${installation.id}` : `${tab}&done=ready`
    }
    if (act === 'add') await dependencies.add(id, typedIn(form), scope)
    else if (act === 'remove') {
      const removed = packageIn(await dependencies.view(id), textIn(form, 'name'))
      await dependencies.remove(id, textIn(form, 'name'), scope)
      return `${tab}&done=removed${removed}`
    } else if (act === 'replace') await dependencies.replace(id, linesIn(form, script.runtime), scope)
    else throw new GatewayError('validation', 'Choose what to do: "act" must be add, remove, replace or update.')
    return `${tab}&done=saved`
  })
}

/** 303 to the installation, or back where there is nothing to do. Throws what is refused: there is no form to show it in. */
export async function installPackages({ dependencies }: PageDeps, script: Pick<Script, 'id'>): Promise<Response> {
  const installation = await dependencies.install(String(script.id))
  return seeOther(
    installation
      ? `/dependencies/installations/${installation.id}`
      : `/scripts/${script.id}?tab=dependencies&done=ready`,
  )
}

/** What a form was refused for is data; anything else is thrown on. */
export async function refusable(form: URLSearchParams, act: () => Promise<string>): Promise<string | Refused> {
  try {
    return await act()
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    return {
      ...{ act: form.get('act') ?? '', name: textIn(form, 'name'), version: textIn(form, 'version') },
      ...{ text: form.get('text'), problems: error.details.map(asSentence), status: error.status },
      message: sentence(error.message),
    }
  }
}

const asSentence = ({ path, message }: Problem): Problem => ({ path, message: sentence(message) })

export const typedIn = (form: URLSearchParams): Dependency => ({
  name: textIn(form, 'name'),
  version: textIn(form, 'version'),
})

/** For an address: what was declared, so that it can come back. What a form cannot say cannot. */
export function packageIn({ dependencies }: Pick<DependenciesView, 'dependencies'>, name: string): string {
  const found = dependencies.find((one) => one.name === name)
  if (!found || found.marker !== null || found.url !== null) return ''
  return `&${new URLSearchParams({ gone: found.name, version: found.version })}`
}

/** What was removed just now, as the address says it. */
export function removedIn(search: URLSearchParams): Dependency | null {
  const name = search.get('gone')
  return name === null ? null : { name, version: search.get('version') ?? '' }
}

const shapes: Record<RuntimeName, RegExp> = {
  python: /^([A-Za-z\d][\w.-]*(?:\s*\[[^\]]*\])?)\s*(.*)$/,
  js: /^((?:@[^\s@/]+\/)?[^\s@]+)[\s@]*(.*)$/,
}

/** One package a line. What has not the shape of one is taken as a name, which is refused in words. */
function linesIn(form: URLSearchParams, runtime: RuntimeName): Dependency[] {
  const lines = (form.get('text') ?? '').split(/\r?\n/).map((line) => line.trim())
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = line, version = ''] = shapes[runtime].exec(line) ?? []
      return { name, version }
    })
}
